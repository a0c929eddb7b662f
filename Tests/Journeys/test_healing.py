"""The path of a listener's page dies: the page renews it by PATCH under the same admission, or takes its seat up again."""

import re
import shutil
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import ANALYSE, CHROMIUM, by, listened_page, tone_on_stage, until_heard
from house import House, free_port, own_address
from lossy import LossyProxy
from marionette import Firefox

pytestmark = pytest.mark.patient

expect.set_options(timeout=15_000)


@pytest.fixture
def house(tmp_path):
    """A server that is reached through a network which can be cut."""
    media_port = free_port()
    with LossyProxy(media_port) as network:
        house = House(
            tmp_path / "data", "--sandbox", "--set", f"media.announce=127.0.0.1:{network.port}", media_port=media_port)
        house.start()
        house.network = network
        yield house
        house.end()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


def kinds(house, ticket, wanted, patience=20):
    """What the ledger was told of the ticket, once it was told all that is wanted."""
    deadline = time.monotonic() + patience
    while True:
        told = house.call("GET", "/v1/receipts?limit=1000", key=house.operator_key)["receipts"]
        found = [receipt["kind"] for receipt in told if receipt["ticket"] == ticket]
        if found == wanted or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def somebody_talks(network, patience=20):
    deadline = time.monotonic() + patience
    while network.carried < 50:
        assert time.monotonic() < deadline, "the speaker is not on the air"
        time.sleep(0.1)


def listening(browser, house, room, sale):
    page = listened_page(browser.new_context(locale="en-GB"))
    page.asked = []
    page.on("request", lambda request: page.asked.append((request.method, request.url.rsplit("/", 2)[-1])))
    page.others = house.network.talking()
    page.goto(f"{house.url}/r/{room['room']}#ticket={sale['token']}")
    by(page, "listen").click()
    expect(by(page, "connection")).to_have_attribute("data-state", "connected")
    until_heard(page)
    return page


def asked(page, method):
    return [name for verb, name in page.asked if verb == method]


def hears_again(page, patience=40):
    """Seconds from now until packets of sound arrive again, as the browser counts them."""
    began = time.monotonic()
    before = page.evaluate("window.inbound().then(({ packets }) => packets)")
    while page.evaluate("window.inbound().then(({ packets }) => packets)") < before + 50:
        assert time.monotonic() - began < patience, "no sound came back"
        page.wait_for_timeout(100)
    hertz, level = page.evaluate(ANALYSE)
    assert abs(hertz - 440) < 12 and level > -60, (hertz, level)
    return time.monotonic() - began


def test_a_path_that_died_is_renewed_by_patch_and_nobody_enters_twice(house, browser, tmp_path):
    host = house.host("Ana")
    room = house.room(host, capacity=1)
    sale = house.buy(room, house.wallet())
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        somebody_talks(house.network)
        page = listening(browser, house, room, sale)
        house.network.cut_off(house.network.talking() - page.others)
        expect(by(page, "connection")).to_have_attribute("data-state", "reconnecting", timeout=20_000)
        expect(by(page, "connection")).to_have_attribute("data-state", "connected", timeout=20_000)
        hears_again(page)
        assert asked(page, "PATCH") and asked(page, "POST").count("whep") == 1, page.asked
        assert page.evaluate("window.peers.length") == 1, "another connection was made"
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "ended")
    assert kinds(house, sale["ticket"], ["entered", "left"]) == ["entered", "left"]
    page.context.close()


def test_where_no_path_can_be_renewed_the_seat_is_taken_up_again(house, browser, tmp_path):
    host = house.host("Ana")
    room = house.room(host, capacity=1)
    sale = house.buy(room, house.wallet())
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        somebody_talks(house.network)
        page = listening(browser, house, room, sale)
        # As a gateway of another make answers (RFC 9725, section 4.3.3).
        page.route("**/sessions/*", lambda route: route.fulfill(status=405) if route.request.method == "PATCH" else route.continue_())
        house.network.cut_off(house.network.talking() - page.others)
        expect(by(page, "connection")).to_have_attribute("data-state", "reconnecting", timeout=20_000)
        expect(by(page, "connection")).to_have_attribute("data-state", "connected", timeout=20_000)
        hears_again(page)
        assert asked(page, "POST").count("whep") == 2, page.asked
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "ended")
    told = kinds(house, sale["ticket"], ["entered", "resumed", "left", "left"])
    assert told.count("entered") == 1 and told.count("resumed") == 1, told
    page.context.close()


def test_a_page_with_a_dead_line_leaves_the_seat_to_the_device_that_its_owner_moved_to(house, browser, tmp_path):
    host = house.host("Ana")
    room = house.room(host, capacity=1)
    sale = house.buy(room, house.wallet())
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        somebody_talks(house.network)
        page = listening(browser, house, room, sale)
        house.network.cut_off(house.network.talking() - page.others)
        expect(by(page, "connection")).to_have_attribute("data-state", "reconnecting", timeout=20_000)
        # Sound and events are away: what is said now the page does not hear.
        page.context.set_offline(True)
        house.network.cut_off(set())
        phone = listening(browser, house, room, sale)
        page.context.set_offline(False)
        expect(by(page, "refusal")).to_have_attribute("data-code", re.compile("^(resume_)?replaced$"), timeout=60_000)
        expect(by(page, "refusal-title")).to_have_text("You came in somewhere else")
        expect(by(page, "connection")).to_have_attribute("data-state", "ended")
        # Nobody takes the seat from the phone, now or later.
        phone.wait_for_timeout(10_000)
        expect(by(phone, "connection")).to_have_attribute("data-state", "connected")
        hears_again(phone)
        by(phone, "listen").click()
        expect(by(phone, "connection")).to_have_attribute("data-state", "ended")
    assert [kind for kind in kinds(house, sale["ticket"], None, patience=3) if kind == "entered"] == ["entered"] * 2
    phone.context.close()
    page.context.close()


@pytest.mark.skipif(not shutil.which("firefox-esr"), reason="Firefox ESR is not installed")
def test_firefox_renews_its_path_too(tmp_path):
    from test_firefox import STATE, listening

    address, media_port = own_address(), free_port()
    with LossyProxy(media_port, host=address) as network:
        house = House(
            tmp_path / "data", "--sandbox", "--set", f"media.announce={address}:{network.port}", media_port=media_port)
        house.start()
        try:
            host = house.host("Ana")
            room = house.room(host, capacity=1)
            with Firefox(tmp_path) as firefox:
                with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
                    somebody_talks(network)
                    speaker = network.talking()
                    listening(firefox, house, room)
                    ticket = firefox.evaluate(
                        "JSON.parse(localStorage['guichet.ticket.' + given[0]]).ticket", room["room"])
                    network.cut_off(network.talking() - speaker)
                    firefox.until(STATE + " === 'reconnecting'", patience=30)
                    firefox.until(STATE + " === 'connected'", patience=30)
                    before = firefox.evaluate("window.inbound()")["packets"]
                    firefox.until("window.inbound().then(({ packets }) => packets > given[0])", before + 50)
                    assert firefox.evaluate("window.peers.length") == 1, "another connection was made"
                    firefox.tap("listen")
            assert kinds(house, ticket, ["entered", "left"]) == ["entered", "left"]
        finally:
            house.end()
