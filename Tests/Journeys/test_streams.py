"""Media over TCP: a real Chromium in a network without UDP, and attacks on the port that nobody else hears."""

import random
import socket
import subprocess
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import ANALYSE, CHROMIUM, PROTOCOLS, by, errors, listened_page, silent_after, tone_on_stage, until_heard
from house import BINARY, House
from sound import decode_file, loudness
from test_attacks import concert, counters, stage  # noqa: F401

pytestmark = pytest.mark.alone

expect.set_options(timeout=15_000)

# What a network that lets no UDP through leaves of an answer.
WITHOUT_UDP = """
const whole = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.split("\\r\\n").filter(line => !/^a=candidate:\\S+ \\d+ udp /.test(line)).join("\\r\\n");
    return whole.call(this, { type: description.type, sdp });
};
"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.grant_permissions(["microphone"])
    page = listened_page(context)
    page.add_init_script(WITHOUT_UDP + PROTOCOLS)
    yield page
    context.close()


def test_chromium_without_udp_hears_over_tcp_and_is_silent_after_a_refund(house, page, tmp_path):
    host = house.host("Ana")
    room = house.room(host, capacity=3)
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        page.goto(f"{house.url}/r/{room['room']}")
        by(page, "buy").click()
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "connected")
        until_heard(page)
        assert page.evaluate("window.protocols()") == ["tcp"]
        hertz, level = page.evaluate(ANALYSE)
        assert abs(hertz - 440) < 12 and level > -60, (hertz, level)
        # It may have tried from more than one interface.
        assert counters(house)["guichet_streams"] >= 1
        by(page, "give-back").locator("summary").click()
        by(page, "refund").click()
        moment = page.evaluate("Date.now()")
        by(page, "confirm-yes").click()
        expect(by(page, "buy")).to_be_visible()
        assert silent_after(page, moment) < 1.2, "packets still arrived long after the refund"
        assert not errors(page), page.console
        page.wait_for_timeout(1_000)
        assert counters(house)["guichet_streams"] == 0


def test_a_host_without_udp_speaks_over_tcp(house, page, tmp_path):
    host = house.host("Ana")
    room = house.room(host)
    token = house.buy(room, house.wallet())["token"]
    page.goto(f"{house.url}/h/{room['room']}#pass={house.host_pass(host, room)['token']}")
    by(page, "speak").click()
    expect(by(page, "air")).to_have_attribute("data-air", "live")
    out = tmp_path / "heard.opus"
    heard = subprocess.run(
        [BINARY, "listen", "--server", house.url, "--ticket", token, "--out", str(out), "--seconds", "5"],
        capture_output=True, text=True, timeout=60)
    assert heard.returncode == 0, heard.stderr
    assert page.evaluate("window.protocols()") == ["tcp"]
    samples = decode_file(out)
    assert len(samples) > 2 * 48_000 and abs(samples).max() > 1000, (len(samples), loudness(samples))


def test_an_answer_names_what_the_operator_chose(tmp_path):
    house = House(
        tmp_path / "data", "--sandbox", "--set", "media.host=127.0.0.1,127.0.0.2", "--set", "media.tcpPort=off",
        "--set", "media.threads=2").start()
    try:
        host = house.host()
        room = house.room(host)
        token = house.buy(room, house.wallet())["token"]
        heard = subprocess.run(
            [BINARY, "listen", "--server", house.url, "--ticket", token, "--probe", "--seconds", "1"],
            capture_output=True, text=True, timeout=60)
        assert "connected" in heard.stderr, heard.stderr
        assert counters(house)["guichet_media_threads"] == 2
        assert "guichet_streams" in counters(house) and counters(house)["guichet_streams_accepted_total"] == 0
    finally:
        house.end()


def test_thousands_of_connections_half_frames_and_endless_ones_are_cut_and_nobody_hears_them(stage, tmp_path):  # noqa: F811
    chance = random.Random(7)
    with concert(stage, tmp_path, 16):
        plugs = []

        def connect(source):
            plug = socket.socket()
            plug.bind((source, 0))
            plug.settimeout(5)
            try:
                plug.connect(("127.0.0.1", stage.media_port))
                plugs.append(plug)
                return plug
            except OSError:
                plug.close()
                return None

        for number in range(3_000):
            plug = connect(f"127.0.0.{1 + number % 30}")
            try:
                if plug and number % 4 == 0:
                    plug.sendall(b"\x05\xdc" + chance.randbytes(100))  # a frame that never ends
                elif plug and number % 4 == 1:
                    plug.sendall(b"\xff\xff" + chance.randbytes(3_000))  # one that is too long
                elif plug and number % 4 == 2:
                    plug.sendall(b"\x00\x50" + chance.randbytes(80) + b"\x00")  # one that means nothing, half a length
            except OSError:
                pass
        reasons = ("full", "network", "oversized", "unauthenticated")

        def refusals():
            return {reason: counters(stage)[f'guichet_streams_refused_total{{reason="{reason}"}}'] for reason in reasons}

        # Counters are published five times a second, and the last connections may still wait to be taken.
        deadline = time.monotonic() + 4
        while sum(refusals().values()) <= 2_000 and time.monotonic() < deadline:
            time.sleep(0.1)
        refused, seen = refusals(), counters(stage)
        # Too long, or no check: cut at once. Silence: cut when the next stranger wants the place.
        assert refused["oversized"] > 50 and refused["unauthenticated"] > 50, refused
        assert sum(refused.values()) > 2_000, refused
        assert seen["guichet_streams"] <= 512
        deadline = time.monotonic() + 9
        while counters(stage)["guichet_streams"] > 0 and time.monotonic() < deadline:
            time.sleep(0.2)
        seen = counters(stage)
        assert seen["guichet_streams"] == 0
        assert seen['guichet_streams_refused_total{reason="unauthenticated"}'] > 100
        for plug in plugs:
            plug.close()
        # The door is open again for honest people.
        assert connect("127.0.0.1")
    stage.stop()
