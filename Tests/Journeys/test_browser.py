"""A real Chromium: buys on the page, hears, is refunded; speaks from the host's page and is heard."""

import re
import subprocess
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import ANALYSE, CHROMIUM, by, errors, listened_page, silent_after, tone_on_stage, until_heard
from house import BINARY, House
from sound import decode_file, loudness

pytestmark = pytest.mark.alone

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.grant_permissions(["microphone"])
    yield context
    context.close()


@pytest.fixture
def page(context):
    return listened_page(context)


def test_a_listener_buys_hears_is_refunded_and_falls_silent(house, page, tmp_path):
    host = house.host("Ana")
    room = house.room(host, title="Night talk <b>live</b>", capacity=3)
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        page.goto(f"{house.url}/r/{room['room']}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Night talk <b>live</b>")
        expect(by(page, "price")).to_contain_text(re.compile("5[.,]00"))
        expect(by(page, "seats")).to_contain_text("3")
        by(page, "buy").click()
        expect(by(page, "held")).to_be_visible()
        expect(by(page, "seat")).to_have_text("1")
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "connected")
        until_heard(page)
        hertz, level = page.evaluate(ANALYSE)
        assert abs(hertz - 440) < 12 and level > -60, (hertz, level)
        expect(by(page, "speaking")).to_contain_text("Ana")
        expect(by(page, "speaking")).to_contain_text("speaking")
        expect(by(page, "listeners")).to_contain_text("1 person")
        expect(by(page, "time-left")).to_have_text(re.compile(r"^\d+:\d\d"))
        assert house.call("GET", f"/v1/rooms/{room['room']}")["seatsLeft"] == 2

        by(page, "give-back").locator("summary").click()
        by(page, "refund").click()
        moment = page.evaluate("Date.now()")
        by(page, "confirm-yes").click()
        expect(by(page, "note")).to_contain_text("5.00")
        expect(by(page, "note")).to_be_in_viewport()
        expect(by(page, "buy")).to_be_visible()
        assert silent_after(page, moment) < 1.2, "packets still arrived long after the refund"
        expect(by(page, "refusal")).to_be_hidden()
        assert house.call("GET", f"/v1/rooms/{room['room']}")["seatsLeft"] == 3
        assert not errors(page), page.console


def test_a_refund_elsewhere_silences_even_a_page_that_is_told_nothing(house, page, tmp_path):
    host = house.host()
    room = house.room(host)
    # The page learns nothing of the refund: what falls silent is the relay, not the page's own good manners.
    page.route(re.compile("/rooms/[^/]+/events"), lambda route: route.abort())
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        page.goto(f"{house.url}/r/{room['room']}")
        by(page, "buy").click()
        by(page, "listen").click()
        until_heard(page)
        wallet, ticket = page.evaluate(
            "(room) => [JSON.parse(localStorage['guichet.wallet']), JSON.parse(localStorage['guichet.ticket.' + room])]",
            room["room"])
        moment = page.evaluate("Date.now()")
        house.refund(ticket["ticket"], wallet["key"])
        expect(by(page, "connection")).not_to_have_attribute("data-state", "connected")
        assert silent_after(page, moment) < 1.2, "packets still arrived long after the refund"
        # Coming back it is refused, and says why.
        expect(by(page, "refusal")).to_have_attribute("data-code", "ticket_revoked")
        expect(by(page, "refusal")).to_be_visible()


def test_the_sound_and_the_page_end_with_the_ticket(house, page, tmp_path):
    host = house.host()
    page.goto(house.url)
    room = house.room(host, ends=10)
    token = house.buy(room, house.wallet())["token"]
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        page.goto(f"{house.url}/r/{room['room']}#ticket={token}")
        expect(by(page, "held")).to_be_visible()
        assert token not in page.url
        by(page, "listen").click()
        until_heard(page, packets=25, patience=8)
        expires = page.evaluate("(token) => JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).exp", token)
        page.wait_for_timeout(max(0, (expires - time.time()) * 1000))
        expect(by(page, "refusal")).to_be_visible()
        assert by(page, "refusal").get_attribute("data-code") in ("ticket_expired", "room_closed")
        expect(by(page, "state")).to_have_attribute("data-phase", "ended")
        expect(by(page, "listen")).to_be_hidden()
        expect(by(page, "time-left")).to_have_text("0:00")
        assert -1.5 < silent_after(page, expires * 1000) < 1.5, "the sound did not end with the ticket"
        assert not errors(page), page.console


def test_a_room_that_its_host_closes_says_so_on_both_pages(house, browser, page):
    host = house.host("Ana")
    room = house.room(host)
    page.goto(f"{house.url}/h/{room['room']}#pass={house.host_pass(host, room)['token']}")
    by(page, "speak").click()
    expect(by(page, "air")).to_have_attribute("data-air", "live")
    elsewhere = browser.new_context(locale="en-GB")
    visitor = listened_page(elsewhere)
    visitor.goto(f"{house.url}/r/{room['room']}#ticket={house.buy(room, house.wallet())['token']}")
    by(visitor, "listen").click()
    until_heard(visitor)
    moment = visitor.evaluate("Date.now()")
    house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    for one in (visitor, page):
        expect(by(one, "refusal")).to_have_attribute("data-code", "room_closed")
        expect(by(one, "state")).to_have_attribute("data-phase", "ended", timeout=4_000)
    assert silent_after(visitor, moment) < 1.2, "packets still arrived long after the room was closed"
    expect(by(page, "air")).to_have_attribute("data-air", "off")
    expect(by(page, "people").get_by_role("listitem")).to_have_count(0)
    elsewhere.close()


def test_a_purchase_and_a_refund_need_no_mouse(house, page):
    room = house.room(house.host())
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "buy")).to_be_visible()

    def tab_to(name):
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.dataset.test") == name:
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline not in ("none", ""), f"nobody sees that {name} has the focus"
                return
        raise AssertionError(f"Tab does not reach {name}")

    tab_to("buy")
    page.keyboard.press("Enter")
    # What comes next has the focus already.
    expect(by(page, "listen")).to_be_focused()
    page.keyboard.press("Enter")
    expect(by(page, "connection")).to_have_attribute("data-state", "connected")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-test=\"give-back\"]') !== null"):
            break
    page.keyboard.press("Enter")
    tab_to("refund")
    page.keyboard.press("Enter")
    # The harmless answer comes first: a second Enter by habit gives nothing back.
    expect(by(page, "confirm-no")).to_be_focused()
    page.keyboard.press("Escape")
    expect(by(page, "confirm")).to_be_hidden()
    expect(by(page, "held")).to_be_visible()
    expect(by(page, "refund")).to_be_focused()
    page.keyboard.press("Enter")
    expect(by(page, "confirm-no")).to_be_focused()
    tab_to("confirm-yes")
    page.keyboard.press("Enter")
    expect(by(page, "note")).to_be_visible()
    expect(by(page, "held")).to_be_hidden()
    assert not errors(page), page.console


def test_an_empty_wallet_is_filled_at_the_counter_and_pays(tmp_path, page):
    house = House(tmp_path / "data").start()
    try:
        room = house.room(house.host())
        page.goto(f"{house.url}/r/{room['room']}")
        expect(by(page, "sandbox")).to_have_count(0)
        by(page, "buy").click()
        expect(by(page, "refusal")).to_have_attribute("data-code", "insufficient_funds")
        expect(by(page, "holder")).to_be_visible()
        house.top_up({"holder": by(page, "holder").text_content()}, 700)
        page.get_by_role("button", name="Check again").click()
        expect(by(page, "balance")).to_contain_text("7.00")
        by(page, "buy").click()
        expect(by(page, "seat")).to_have_text("1")
        expect(by(page, "paid")).to_contain_text("5.00")
        expect(by(page, "refusal")).to_be_hidden()
    finally:
        house.end()


def test_a_forged_ticket_is_refused_in_plain_words(house, page):
    room = house.room(house.host())
    token = house.buy(room, house.wallet())["token"]
    forged = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
    page.goto(f"{house.url}/r/{room['room']}#ticket={forged}")
    by(page, "listen").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "ticket_signature")
    for part in ("refusal-title", "refusal-detail", "refusal-next"):
        expect(by(page, part)).to_have_text(re.compile(r"\w{2,}.* \w{2,}"))
    expect(by(page, "connection")).to_have_attribute("data-state", "ended")
    assert page.evaluate("window.inbound()")["packets"] == 0
    # The page tells its visitor; besides that the browser notes the 401 itself, and nothing else may be red.
    assert all("401" in line for line in errors(page)), page.console


def test_the_host_speaks_from_the_page_and_is_heard_and_sees_who_is_there(house, page, tmp_path):
    host = house.host("Ana")
    room = house.room(host)
    token = house.buy(room, house.wallet())["token"]
    stage = house.host_pass(host, room)["token"]
    page.goto(f"{house.url}/h/{room['room']}#pass={stage}")
    expect(by(page, "speak")).to_be_visible()
    assert stage not in page.url
    expect(by(page, "air")).to_have_attribute("data-air", "off")
    by(page, "speak").click()
    expect(by(page, "air")).to_have_attribute("data-air", "live")
    expect(by(page, "level")).not_to_have_attribute("aria-valuenow", "0")
    out = tmp_path / "heard.opus"
    listener = subprocess.Popen(
        [BINARY, "listen", "--server", house.url, "--ticket", token, "--out", str(out), "--seconds", "5"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    expect(by(page, "listeners")).to_contain_text("1 person")
    people = by(page, "people").get_by_role("listitem")
    expect(people).to_have_count(2)
    expect(people.first).to_contain_text("Ana")
    expect(people.first).to_have_attribute("data-role", "host")
    by(page, "mute-me").click()
    expect(by(page, "air")).to_have_attribute("data-air", "muted")
    by(page, "mute-me").click()
    expect(by(page, "air")).to_have_attribute("data-air", "live")
    _, error = listener.communicate(timeout=30)
    assert listener.returncode == 0, error
    samples = decode_file(out)
    # The beep of Chromium's fake microphone, as opusdec hears it.
    assert len(samples) > 2 * 48_000 and abs(samples).max() > 1000, (len(samples), loudness(samples))
    expect(by(page, "listeners")).to_contain_text("0 people")
    by(page, "speak").click()
    expect(by(page, "air")).to_have_attribute("data-air", "off")
    assert not errors(page), page.console


def test_who_is_removed_hears_no_more_reads_why_and_does_not_come_back(house, browser, page):
    host = house.host("Ana")
    room = house.room(host)
    page.goto(f"{house.url}/h/{room['room']}#pass={house.host_pass(host, room)['token']}")
    by(page, "speak").click()
    expect(by(page, "air")).to_have_attribute("data-air", "live")
    # Another device: pages of one window would share it, and the browser slows down the one that is covered.
    elsewhere = browser.new_context(locale="en-GB")
    visitor = listened_page(elsewhere)
    visitor.goto(f"{house.url}/r/{room['room']}#ticket={house.buy(room, house.wallet())['token']}")
    by(visitor, "listen").click()
    until_heard(visitor)
    by(page, "remove").click()
    with page.expect_response(re.compile("/remove$")) as answer:
        by(page, "confirm-yes").click()
    expect(by(visitor, "refusal")).to_have_attribute("data-code", "removed")
    moment = answer.value.request.timing["startTime"]
    assert silent_after(visitor, moment) < 1.2, "packets still arrived long after the removal"
    by(visitor, "listen").click()
    expect(by(visitor, "refusal")).to_have_attribute("data-code", "removed_from_room")
    expect(by(page, "remove")).to_have_count(0)
    assert not errors(page), page.console
    elsewhere.close()


def test_a_sold_out_room_says_so_in_both_languages(house, browser):
    room = house.room(house.host(), capacity=1)
    house.buy(room, house.wallet())
    for locale, words in (("en-GB", "sold out"), ("fr-FR", "complet")):
        context = browser.new_context(locale=locale)
        page = listened_page(context)
        answer = page.goto(f"{house.url}/r/{room['room']}")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        expect(page.locator("html")).to_have_attribute("lang", locale[:2])
        expect(by(page, "seats")).to_have_text(re.compile(words, re.I))
        expect(by(page, "buy")).to_be_hidden()
        assert not errors(page), page.console
        context.close()


def test_a_room_that_does_not_exist_is_a_page_too(house, page):
    answer = page.goto(f"{house.url}/r/room_01h455vb4pex5vsknk084sn02q")
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(by(page, "error")).to_have_attribute("data-status", "404")
