"""The door as the page meets it: one ticket on two devices, and a line that dies and comes back to its own seat."""

import os
import signal
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page, tone_on_stage, until_heard

pytestmark = pytest.mark.patient

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


def told(house, ticket):
    receipts = house.call("GET", "/v1/receipts?limit=1000", key=house.operator_key)["receipts"]
    return [receipt for receipt in receipts if receipt["ticket"] == ticket]


def test_a_second_device_is_refused_and_a_line_that_died_has_its_seat_again(house, browser, tmp_path):
    host = house.host()
    room = house.room(host, capacity=1)
    house.call("PUT", f"/v1/rooms/{room['room']}/sharing", {"sharing": "first"}, host["key"])
    sale = house.buy(room, house.wallet())
    address = f"{house.url}/r/{room['room']}#ticket={sale['token']}"
    first, second = [browser.new_context(locale=locale) for locale in ("en-GB", "fr-FR")]
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        page, other = listened_page(first), listened_page(second)
        page.goto(address)
        expect(by(page, "sharing")).to_have_text("This ticket works on one device at a time.")
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "connected")
        until_heard(page)

        other.goto(address)
        expect(by(other, "sharing")).to_have_text("Ce billet sert sur un seul appareil à la fois.")
        by(other, "listen").click()
        expect(by(other, "refusal")).to_have_attribute("data-code", "ticket_in_use")
        expect(by(other, "refusal-title")).to_have_text("Ce billet sert déjà ailleurs")
        expect(by(page, "connection")).to_have_attribute("data-state", "connected")

        # The network is away for long enough that the page gives the line up.
        os.kill(house.process.pid, signal.SIGSTOP)
        try:
            expect(by(page, "connection")).to_have_attribute("data-state", "reconnecting", timeout=20_000)
            time.sleep(1)
        finally:
            os.kill(house.process.pid, signal.SIGCONT)
        expect(by(page, "connection")).to_have_attribute("data-state", "connected", timeout=30_000)
        before = page.evaluate("window.inbound().then(({ packets }) => packets)")
        deadline = time.monotonic() + 15
        while page.evaluate("window.inbound().then(({ packets }) => packets)") < before + 50:
            assert time.monotonic() < deadline, "no sound on the new line"
            page.wait_for_timeout(200)
        # The path was renewed under the same admission (test_healing has the case where it can't be).
        assert [receipt["kind"] for receipt in told(house, sale["ticket"]) if receipt["kind"] != "refused"] == ["entered"]

        # Whoever stops listening gives the seat back, and the other device comes in.
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "ended")
        by(other, "listen").click()
        expect(by(other, "connection")).to_have_attribute("data-state", "connected")
        assert not errors(page), page.console
    first.close()
    second.close()
