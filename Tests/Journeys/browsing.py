"""A page in Chromium and what the browser itself says about the sound that reaches it."""

import contextlib
import subprocess
import time

from house import BINARY
from sound import tone_file

# A microphone that beeps once a second; sound that starts without a tap, as the tests' taps are not a person's.
CHROMIUM = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required",
    ],
}

# Keeps a hand on the page's peer connections and notes ten times a second how many packets of sound have arrived:
# what getStats and the receivers' tracks say is the browser's word, not the page's.
HOOK = """
window.peers = [];
window.arrivals = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...given) { super(...given); window.peers.push(this); }
};
window.inbound = async () => {
    let packets = 0, energy = 0;
    for (const peer of window.peers)
        for (const report of (await peer.getStats()).values())
            if (report.type === "inbound-rtp" && report.kind === "audio") {
                packets += report.packetsReceived;
                energy += report.totalAudioEnergy || 0;
            }
    return { packets, energy };
};
setInterval(async () => {
    const { packets } = await window.inbound();
    window.arrivals.push([Date.now(), packets]);
}, 100);
"""

# The strongest frequency that a Web Audio analyser finds in the tracks that the page receives, and its level in dB.
ANALYSE = """
async () => {
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    for (const peer of window.peers)
        for (const receiver of peer.getReceivers())
            context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser);
    const levels = new Float32Array(analyser.frequencyBinCount);
    let hertz = 0, level = -Infinity;
    for (let round = 0; round < 30 && level < -60; round++) {
        await new Promise(done => setTimeout(done, 200));
        analyser.getFloatFrequencyData(levels);
        let best = 0;
        for (let bin = 1; bin < levels.length; bin++) if (levels[bin] > levels[best]) best = bin;
        [hertz, level] = [best * context.sampleRate / analyser.fftSize, levels[best]];
    }
    await context.close();
    return [hertz, level];
}
"""

# By which protocols the browser's peers are connected, as it says itself.
PROTOCOLS = """
window.protocols = async () => {
    const found = [];
    for (const peer of window.peers) {
        const stats = await peer.getStats();
        for (const report of stats.values())
            if (report.type === "candidate-pair" && report.nominated && report.state === "succeeded")
                found.push(stats.get(report.remoteCandidateId).protocol);
    }
    return found;
};
"""

# Milliseconds from a moment (as Date.now tells it) to the last look at which more packets had arrived than at the one
# before. A closed connection reports no packets any more: that is fewer, not more.
LAST_ARRIVAL = """
(moment) => {
    let last = -Infinity;
    for (let n = 1; n < window.arrivals.length; n++)
        if (window.arrivals[n][1] > window.arrivals[n - 1][1]) last = window.arrivals[n][0];
    return last - moment;
}
"""


def by(page, name):
    return page.locator(f'[data-test="{name}"]')


def listened_page(context):
    """A new page whose console and connections are watched."""
    page = context.new_page()
    page.add_init_script(HOOK)
    page.console = []
    page.on("console", lambda message: page.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.console.append(f"error: {error}"))
    return page


def errors(page):
    """What a visitor's console shows in red: faults of scripts, breaches of the policy, what could not be fetched."""
    return [line for line in page.console if line.startswith("error")]


def until_heard(page, packets=50, patience=20):
    """Waits until sound arrives that is more than silence."""
    deadline = time.monotonic() + patience
    heard = None
    while time.monotonic() < deadline:
        heard = page.evaluate("window.inbound()")
        if heard["packets"] >= packets and heard["energy"] > 0:
            return heard
        page.wait_for_timeout(100)
    raise AssertionError(f"last heard {heard}; console {page.console}")


def silent_after(page, moment, look=1500):
    """Watches for a while; returns the seconds from the moment to the last packet's arrival."""
    page.wait_for_timeout(look)
    return page.evaluate(LAST_ARRIVAL, moment) / 1000


@contextlib.contextmanager
def tone_on_stage(house, token, hertz, folder, seconds=5):
    """Our own client speaks a tone for as long as the block runs; where it begins anew it clicks."""
    file = tone_file(folder / f"{hertz}.opus", hertz, seconds)
    publisher = subprocess.Popen(
        [BINARY, "publish", "--server", house.url, "--ticket", token, "--loop", "--file", str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield
        assert publisher.poll() in (None, 0), publisher.communicate()
    finally:
        publisher.terminate()
        publisher.communicate(timeout=20)
