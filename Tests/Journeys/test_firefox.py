"""A real Firefox: buys on the page and hears, with frames merged and without."""

import base64
import io
import shutil

import av
import numpy
import pytest

from browsing import HOOK, tone_on_stage
from house import House, reached_from_outside
from marionette import Firefox
from sound import RATE, loudness, peak_hertz

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(not shutil.which("firefox-esr"), reason="Firefox ESR is not installed"),
]

STATE = "document.querySelector('[data-test=\"connection\"]').dataset.state"
HEARD = "window.inbound().then(({ packets, energy }) => packets >= 50 && energy > 0)"
# Samples that the loudest track has played so far, and how many of them were made up.
PLAYED = """(async () => {
    let most = [0, 0, 0], found = null;
    for (const peer of window.peers)
        for (const report of (await peer.getStats()).values())
            if (report.type === "inbound-rtp" && report.totalAudioEnergy > most[2]) {
                most = [report.totalSamplesReceived, report.concealedSamples, report.totalAudioEnergy];
                found = report.trackIdentifier;
            }
    return [...most, found];
})()"""
# What a track plays, as Firefox's own recorder takes it down: Ogg Opus in base64. Web Audio wants a sound card.
RECORDED = """(async () => {
    const [id, milliseconds] = given;
    const track = window.peers.flatMap((peer) => peer.getReceivers()).map(({ track }) => track)
        .find((track) => track.id === id);
    const recorder = new MediaRecorder(new MediaStream([track]), { mimeType: "audio/ogg;codecs=opus" });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
})()"""


@pytest.fixture(params=["at-once..20ms", "merged"])
def house(tmp_path, request):
    house = House(
        tmp_path / "data", "--sandbox", "--set", f"media.pace={request.param}", *reached_from_outside()).start()
    yield house
    house.end()


def listening(firefox, house, room):
    """The page of the room, bought into and connected."""
    firefox.goto(f"{house.url}/r/{room['room']}")
    firefox.evaluate("(() => { %s })()" % HOOK)
    firefox.tap("buy")
    firefox.tap("listen")
    firefox.until(STATE + " === 'connected'")
    firefox.until(HEARD)


def recorded(firefox, track, seconds):
    """What the track plays for so long, as samples of one channel."""
    file = base64.b64decode(firefox.evaluate(RECORDED, track, seconds * 1000))
    with av.open(io.BytesIO(file)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        blocks = [
            block.to_ndarray().reshape(-1)
            for frame in container.decode(audio=0) for block in resampler.resample(frame)]
    return numpy.concatenate(blocks)


def test_firefox_buys_hears_the_tone_and_makes_up_next_to_nothing(house, tmp_path):
    host = house.host("Ana")
    room = house.room(host)
    with Firefox(tmp_path) as firefox:
        with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path, seconds=60):
            listening(firefox, house, room)
            before = firefox.evaluate(PLAYED)
            sound = recorded(firefox, before[3], 4)
            after = firefox.evaluate(PLAYED)
            firefox.until("document.querySelector('[data-test=\"speaking\"]').textContent.includes('Ana')")
    middle = sound[RATE : 3 * RATE]
    assert len(middle) == 2 * RATE, f"{len(sound) / RATE} s were recorded"
    assert abs(peak_hertz(middle) - 440) < 2
    blocks = [loudness(middle[begin : begin + 480]) for begin in range(0, len(middle) - 480, 480)]
    assert min(blocks) > 0.7 * max(blocks), "a hole of 10 ms or more"
    samples, concealed = after[0] - before[0], after[1] - before[1]
    assert samples > 2 * RATE, (before, after)
    assert concealed < 0.02 * samples, (before, after)
