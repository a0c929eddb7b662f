"""Browsers behind a router that swallows UDP hear by ICE-TCP, and find that way by themselves."""

import shutil
import socket
import stat

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import ANALYSE, CHROMIUM, HOOK, PROTOCOLS, by, errors, listened_page, tone_on_stage, until_heard
from house import House
from marionette import Firefox
from networks import inside_of, network_without_udp, reached_at
from sound import RATE, loudness, peak_hertz
from test_attacks import counters
from test_firefox import HEARD, PLAYED, STATE, recorded

pytestmark = pytest.mark.alone


@pytest.fixture
def stage(tmp_path):
    """A server, and the namespace of a machine from which no datagram gets here."""
    with network_without_udp() as (inside, address):
        plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        plug.bind(("0.0.0.0", 0))
        plug.settimeout(0.5)
        inside_of(inside, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
            b"anybody?", (address, plug.getsockname()[1])))
        with pytest.raises(TimeoutError):
            plug.recv(100)
        plug.close()
        house = House(tmp_path / "data", "--sandbox", *reached_at(address)).start()
        house.inside, house.outer = inside, f"http://{address}:{house.port}"
        yield house
        house.end()


def test_chromium_hears_by_tcp_where_udp_is_swallowed(stage, tmp_path):
    host = stage.host("Ana")
    room = stage.room(host)
    wrapped = tmp_path / "chromium"
    wrapped.write_text(f'#!/bin/sh\nexec ip netns exec {stage.inside} {CHROMIUM["executable_path"]} "$@"\n')
    wrapped.chmod(wrapped.stat().st_mode | stat.S_IXUSR)
    arguments = [*CHROMIUM["args"], f"--unsafely-treat-insecure-origin-as-secure={stage.outer}"]
    with sync_playwright() as playwright, tone_on_stage(stage, stage.host_pass(host, room)["token"], 440, tmp_path):
        browser = playwright.chromium.launch(executable_path=wrapped, args=arguments)
        page = listened_page(browser.new_context(locale="en-GB"))
        page.add_init_script(PROTOCOLS)
        page.goto(f"{stage.outer}/r/{room['room']}")
        by(page, "buy").click()
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "connected", timeout=30_000)
        until_heard(page)
        assert page.evaluate("window.protocols()") == ["tcp"]
        hertz, level = page.evaluate(ANALYSE)
        assert abs(hertz - 440) < 12 and level > -60, (hertz, level)
        assert counters(stage)["guichet_streams"] >= 1
        assert not errors(page), page.console
        browser.close()


@pytest.mark.skipif(not shutil.which("firefox-esr"), reason="Firefox ESR is not installed")
def test_firefox_hears_by_tcp_where_udp_is_swallowed(stage, tmp_path):
    host = stage.host("Ana")
    room = stage.room(host)
    with tone_on_stage(stage, stage.host_pass(host, room)["token"], 440, tmp_path, seconds=60):
        with Firefox(tmp_path, namespace=stage.inside) as firefox:
            firefox.goto(f"{stage.outer}/r/{room['room']}")
            firefox.evaluate("(() => { %s })()" % HOOK)
            firefox.tap("buy")
            firefox.tap("listen")
            firefox.until(STATE + " === 'connected'", patience=40)
            firefox.until(HEARD)
            *_, track = firefox.evaluate(PLAYED)
            heard = recorded(firefox, track, 4)
            assert counters(stage)["guichet_streams"] >= 1
    assert len(heard) > 2 * RATE and loudness(heard) > 1000, (len(heard), loudness(heard))
    assert abs(peak_hertz(heard[RATE // 2 :]) - 440) < 12
