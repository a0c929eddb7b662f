"""Tones to send and the measuring of what was heard."""

import pathlib
import subprocess
import wave

import numpy

RATE = 48_000


def tone_samples(hertz, seconds, amplitude=0.4):
    moments = numpy.arange(int(RATE * seconds)) / RATE
    return (numpy.sin(2 * numpy.pi * hertz * moments) * amplitude * 32767).astype(numpy.int16)


def tone_file(path, hertz, seconds):
    """An Ogg Opus file of one tone, encoded by opusenc."""
    source = pathlib.Path(path).with_suffix(".wav")
    with wave.open(str(source), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(tone_samples(hertz, seconds).tobytes())
    subprocess.run(["opusenc", "--quiet", "--bitrate", "48", source, path], check=True)
    return path


def decode_file(path):
    """The samples of an Ogg Opus file as opusdec (not our code) decodes them, mono, 48 kHz."""
    target = pathlib.Path(path).with_suffix(".decoded.wav")
    subprocess.run(["opusdec", "--quiet", "--rate", str(RATE), path, target], check=True)
    with wave.open(str(target), "rb") as heard:
        samples = numpy.frombuffer(heard.readframes(heard.getnframes()), dtype=numpy.int16)
        return samples.reshape(-1, heard.getnchannels()).mean(axis=1)


def peak_hertz(samples):
    """The strongest frequency of some sound, in Hz."""
    windowed = samples * numpy.hanning(len(samples))
    spectrum = numpy.abs(numpy.fft.rfft(windowed))
    return float(numpy.argmax(spectrum) * RATE / len(samples))


def loudness(samples):
    """Root mean square of 16-bit samples."""
    return float(numpy.sqrt(numpy.mean(numpy.square(samples.astype(numpy.float64))))) if len(samples) else 0.0
