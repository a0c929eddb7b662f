"""Frames of a voice in packets of 60 ms: foreign decoders (opusdec, libopus in PyAV, Chromium) play the same sound."""

import asyncio
import subprocess

import av
import numpy
import pytest
from playwright.sync_api import expect, sync_playwright

import rtc
from browsing import ANALYSE, CHROMIUM, by, listened_page, tone_on_stage, until_heard
from house import BINARY, House
from sound import RATE, decode_file, loudness, peak_hertz

pytestmark = pytest.mark.alone


@pytest.fixture
def merging(tmp_path):
    house = House(tmp_path / "data", "--sandbox", "--set", "media.pace=merged").start()
    yield house
    house.end()


def metric(house, name):
    page = house.raw("GET", "/metrics")[1].decode()
    return next(int(line.split()[-1]) for line in page.splitlines() if line.startswith(name + " "))


def packet_lengths(file):
    """Samples of each packet of an Ogg Opus file, as FFmpeg reads them."""
    with av.open(str(file)) as container:
        return [packet.duration for packet in container.demux(audio=0) if packet.size]


def alike(heard, sent):
    """Correlation of what was heard with the part of what was sent that fits best; 1 is the same."""
    size = 1 << (len(heard) + len(sent)).bit_length()
    product = numpy.fft.rfft(sent, size) * numpy.conj(numpy.fft.rfft(heard, size))
    lag = int(numpy.argmax(numpy.fft.irfft(product, size)[: len(sent)]))
    length = min(len(heard), len(sent) - lag)
    return float(numpy.corrcoef(heard[:length], sent[lag : lag + length])[0, 1]), length


def test_a_recording_of_merged_packets_decodes_to_the_talk_that_was_sent(merging, talk, tmp_path):
    host = merging.host()
    room = merging.room(host)
    token = merging.buy(room, merging.wallet())["token"]
    stage = merging.host_pass(host, room)["token"]
    out = tmp_path / "heard.opus"
    listener = subprocess.Popen(
        [BINARY, "listen", "--server", merging.url, "--ticket", token, "--out", str(out), "--seconds", "7"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    publisher = subprocess.Popen(
        [BINARY, "publish", "--server", merging.url, "--ticket", stage, "--loop", "--file", str(talk)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, error = listener.communicate(timeout=40)
    publisher.terminate()
    publisher.communicate(timeout=20)
    assert listener.returncode == 0, error
    assert metric(merging, "guichet_frame_merging") == 1
    lengths = packet_lengths(out)
    assert sum(lengths) > 3 * RATE
    long = [length for length in lengths if length == 2880]
    assert sum(long) > 0.8 * sum(lengths), f"{len(long)} of {len(lengths)} packets have 60 ms"
    # A decoder that comes in the midst needs a moment to agree with one that began at the beginning.
    heard = decode_file(out)[RATE // 2 : RATE // 2 + 2 * RATE]
    likeness, length = alike(heard, decode_file(talk))
    assert length > RATE and likeness > 0.99, (likeness, length)


def test_aiortc_hears_a_tone_without_holes(merging):
    host = merging.host()
    room = merging.room(host)
    token = merging.buy(room, merging.wallet())["token"]
    stage = merging.host_pass(host, room)["token"]

    async def both():
        listening = asyncio.ensure_future(rtc.listen(merging, room["room"], token, 3, 7))
        await asyncio.sleep(1)
        await rtc.publish(merging, room["room"], stage, 440, 6)
        return await listening

    sound = max(asyncio.run(both()), key=loudness)
    loud = numpy.flatnonzero(numpy.abs(sound) > 1000)
    sound = sound[loud[0] : loud[-1]]
    assert len(sound) > 3 * RATE, "less than three seconds were heard"
    middle = sound[RATE : 3 * RATE]
    assert abs(peak_hertz(middle) - 440) < 2
    blocks = [loudness(middle[begin : begin + 480]) for begin in range(0, len(middle) - 480, 480)]
    assert min(blocks) > 0.7 * max(blocks), "a hole of 10 ms or more"


def test_chromium_hears_a_tone_and_makes_up_next_to_nothing(merging, tmp_path):
    host = merging.host("Ana")
    room = merging.room(host)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        page = listened_page(browser.new_context(locale="en-GB"))
        with tone_on_stage(merging, merging.host_pass(host, room)["token"], 440, tmp_path):
            page.goto(f"{merging.url}/r/{room['room']}")
            by(page, "buy").click()
            by(page, "listen").click()
            expect(by(page, "connection")).to_have_attribute("data-state", "connected", timeout=15_000)
            until_heard(page, packets=40)
            hertz, level = page.evaluate(ANALYSE)
            assert abs(hertz - 440) < 12 and level > -60, (hertz, level)
            before, after = [played(page, wait) for wait in (0, 4_000)]
        browser.close()
    samples, concealed = after[0] - before[0], after[1] - before[1]
    assert samples > 2 * RATE, (before, after)
    assert concealed < 0.02 * samples, (before, after)


def played(page, wait):
    """Samples that the loudest track has played so far, and how many of them were made up."""
    page.wait_for_timeout(wait)
    return page.evaluate("""async () => {
        let most = [0, 0, 0];
        for (const peer of window.peers)
            for (const report of (await peer.getStats()).values())
                if (report.type === "inbound-rtp" && report.totalAudioEnergy > most[2])
                    most = [report.totalSamplesReceived, report.concealedSamples, report.totalAudioEnergy];
        return most;
    }""")
