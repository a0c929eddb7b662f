"""A real Chromium: buys on the page, hears, is refunded; speaks from the host's page and is heard."""

import re
import subprocess

import pytest
from playwright.sync_api import expect, sync_playwright

from house import BINARY
from sound import decode_file, loudness, tone_file

# Keeps a hand on the page's peer connections: what getStats and the receivers' tracks say is the browser's word.
HOOK = """
window.peers = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...given) { super(...given); window.peers.push(this); }
};
"""

INBOUND = """
async () => {
    let packets = 0, energy = 0;
    for (const peer of window.peers)
        for (const report of (await peer.getStats()).values())
            if (report.type === "inbound-rtp" && report.kind === "audio") {
                packets += report.packetsReceived;
                energy += report.totalAudioEnergy || 0;
            }
    return [packets, energy];
}
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
    await new Promise(done => setTimeout(done, 1500));
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    let best = 0;
    for (let bin = 1; bin < levels.length; bin++) if (levels[bin] > levels[best]) best = bin;
    const answer = [best * context.sampleRate / analyser.fftSize, levels[best]];
    await context.close();
    return answer;
}
"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required",
            ])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.grant_permissions(["microphone"])
    page = context.new_page()
    page.add_init_script(HOOK)
    page.console = []
    page.on("console", lambda message: page.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.console.append(f"error: {error}"))
    yield page
    context.close()


def by(page, name):
    return page.locator(f'[data-test="{name}"]')


def until(page, script, good, patience=20):
    """Asks the page until the answer is good; returns it."""
    answer = None
    for _ in range(patience * 4):
        answer = page.evaluate(script)
        if good(answer):
            return answer
        page.wait_for_timeout(250)
    raise AssertionError(f"last answer {answer}; console {page.console}")


def test_a_listener_buys_hears_is_refunded_and_falls_silent(house, page, tmp_path):
    host = house.host("Ana")
    room = house.room(host, title="Night talk <b>live</b>", capacity=3)
    stage = house.host_pass(host, room)["token"]
    publisher = subprocess.Popen(
        [BINARY, "publish", "--server", house.url, "--ticket", stage, "--loop",
         "--file", str(tone_file(tmp_path / "tone.opus", 440, 5))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        page.goto(f"{house.url}/r/{room['room']}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Night talk <b>live</b>")
        expect(by(page, "price")).to_contain_text(re.compile("5[.,]00"))
        expect(by(page, "seats")).to_contain_text("3")
        by(page, "buy").click()
        expect(by(page, "listen")).to_be_visible(timeout=10_000)
        by(page, "listen").click()
        until(page, INBOUND, lambda answer: answer[0] > 100 and answer[1] > 0)
        hertz, level = page.evaluate(ANALYSE)
        assert abs(hertz - 440) < 12 and level > -60, (hertz, level)
        expect(by(page, "speaking")).to_contain_text(re.compile("host", re.I))
        expect(by(page, "time-left")).to_be_visible()
        ticket = house.call("GET", f"/v1/rooms/{room['room']}")
        assert ticket["seatsLeft"] == 2

        page.on("dialog", lambda dialog: dialog.accept())
        by(page, "refund").first.click()
        confirm = by(page, "refund-confirm")
        if confirm.count():
            confirm.click()
        page.wait_for_timeout(1500)
        before = page.evaluate(INBOUND)[0]
        page.wait_for_timeout(1500)
        assert page.evaluate(INBOUND)[0] - before <= 2, "packets still arrive after the refund"
        assert not [line for line in page.console if line.startswith("error") and "status of" not in line], page.console
    finally:
        publisher.terminate()
        publisher.communicate()


def test_the_host_speaks_from_the_page_and_is_heard_and_sees_who_is_there(house, page, tmp_path):
    host = house.host("Ana")
    room = house.room(host)
    token = house.buy(room, house.wallet())["token"]
    stage = house.host_pass(host, room)["token"]
    page.goto(f"{house.url}/h/{room['room']}#pass={stage}")
    assert stage not in page.url or page.evaluate("location.hash") == ""
    by(page, "speak").click()
    out = tmp_path / "heard.opus"
    listener = subprocess.Popen(
        [BINARY, "listen", "--server", house.url, "--ticket", token, "--out", str(out), "--seconds", "7"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    expect(by(page, "listeners")).to_contain_text("1", timeout=10_000)
    _, error = listener.communicate(timeout=30)
    assert listener.returncode == 0, error
    samples = decode_file(out)
    # Chromium's fake microphone beeps once a second.
    assert len(samples) > 3 * 48_000 and numpy_peak(samples) > 1000, (len(samples), loudness(samples))


def numpy_peak(samples):
    return float(abs(samples).max()) if len(samples) else 0.0


def test_a_sold_out_room_says_so_in_both_languages(house, browser):
    room = house.room(house.host(), capacity=1)
    house.buy(room, house.wallet())
    for locale, words in (("en-GB", "sold out"), ("fr-FR", "complet")):
        context = browser.new_context(locale=locale)
        page = context.new_page()
        answer = page.goto(f"{house.url}/r/{room['room']}")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        expect(page.locator("html")).to_have_attribute("lang", locale[:2])
        expect(page.locator("main")).to_contain_text(re.compile(words, re.I))
        context.close()


def test_a_room_that_does_not_exist_is_a_page_too(house, page):
    answer = page.goto(f"{house.url}/r/room_01h455vb4pex5vsknk084sn02q")
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
