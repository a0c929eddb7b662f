"""GStreamer's webrtcbin (libnice, libsrtp, its own jitter buffer) speaks and listens."""

import pathlib
import subprocess
import wave

import numpy
import pytest

from browsing import tone_on_stage
from house import BINARY, House, reached_from_outside
from sound import RATE, decode_file, loudness, peak_hertz

pytestmark = pytest.mark.alone

PEER = ["/usr/bin/python3", str(pathlib.Path(__file__).with_name("gst_peer.py"))]


def samples_of(file):
    with wave.open(str(file), "rb") as heard:
        return numpy.frombuffer(heard.readframes(heard.getnframes()), dtype=numpy.int16)


def is_whole(samples):
    """No block of 10 ms in the middle is much quieter than the loudest."""
    blocks = [loudness(samples[begin : begin + 480]) for begin in range(0, len(samples) - 480, 480)]
    return min(blocks) > 0.7 * max(blocks)


@pytest.fixture(params=["at-once", "merged"])
def house(tmp_path, request):
    house = House(
        tmp_path / "data", "--sandbox", "--set", f"media.pace={request.param}", *reached_from_outside()).start()
    yield house
    house.end()


def test_gstreamer_hears_a_tone_whole(house, tmp_path):
    host = house.host()
    room = house.room(host)
    token, file = house.buy(room, house.wallet())["token"], tmp_path / "heard.wav"
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        done = subprocess.run(
            [*PEER, "listen", f"{house.url}/rooms/{room['room']}/whep", token, "5", str(file)],
            capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    heard = samples_of(file)
    loud = numpy.flatnonzero(numpy.abs(heard) > 1000)
    assert len(loud), "only silence was heard"
    heard = heard[loud[0] : loud[-1]]
    assert len(heard) > 3 * RATE, f"{len(heard) / RATE} s were heard"
    middle = heard[RATE : 3 * RATE]
    assert abs(peak_hertz(middle) - 440) < 2 and is_whole(middle)


@pytest.mark.parametrize("house", ["at-once"], indirect=True)
def test_gstreamer_speaks_and_our_client_records_it(house, tmp_path):
    host = house.host()
    room = house.room(host)
    token, stage = house.buy(room, house.wallet())["token"], house.host_pass(host, room)["token"]
    out = tmp_path / "heard.opus"
    publisher = subprocess.Popen(
        [*PEER, "publish", f"{house.url}/rooms/{room['room']}/whip", stage, "12", "660"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert publisher.stdout.readline().strip() == "connected", publisher.communicate()
        listener = subprocess.run(
            [BINARY, "listen", "--server", house.url, "--ticket", token, "--out", str(out), "--seconds", "4"],
            capture_output=True, text=True, timeout=40)
    finally:
        publisher.terminate()
        publisher.communicate(timeout=20)
    assert listener.returncode == 0, listener.stderr
    samples = decode_file(out)
    assert len(samples) > 2 * RATE
    assert abs(peak_hertz(samples[RATE : 2 * RATE]) - 660) < 5
