"""After the sale, on the page: what a refund gives, passing a ticket on by a link, tips."""

import re

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page, silent_after, tone_on_stage, until_heard
from house import House, euros, rfc3339

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def two(browser):
    """Two visitors, each with a browser of their own."""
    contexts = [browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB") for _ in range(2)]
    yield [listened_page(context) for context in contexts]
    for context in contexts:
        context.close()


@pytest.fixture
def page(two):
    return two[0]


def room_with(house, host, terms, starts=-1, ends=3600, capacity=3):
    begins = rfc3339(starts)
    room = house.call("POST", "/v1/rooms", {
        "title": "Night talk", "startsAt": begins, "endsAt": rfc3339(ends), "doorsOpenAt": begins, "capacity": capacity,
        "price": euros(500), "terms": terms}, host["key"])
    return house.call("POST", f"/v1/rooms/{room['room']}/open", {}, host["key"]) if starts < 0 else room


def buy(house, page, room):
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()


def offer(page):
    by(page, "pass-on").locator("summary").click()
    by(page, "pass-make").click()
    expect(by(page, "pass-link")).to_be_visible()
    return by(page, "pass-link").input_value()


def test_a_refund_says_beforehand_what_it_gives_and_until_when(house, page):
    host = house.host()
    # Half of the price comes back from seven days before until one day before.
    room = room_with(house, host, "steps-7d-1d", starts=3 * 86_400, ends=3 * 86_400 + 3600)
    buy(house, page, room)
    by(page, "give-back").locator("summary").click()
    more = by(page, "give-back-more")
    expect(more).to_contain_text("€2.50 would go back to your wallet now")
    expect(more).to_contain_text("€2.50 would stay with the room")
    expect(more).to_contain_text(re.compile(r"until \w+.* \d"))
    by(page, "refund").click()
    expect(by(page, "confirm")).to_contain_text("€2.50")
    by(page, "confirm-yes").click()
    expect(by(page, "note")).to_contain_text("€2.50")
    wallet = page.evaluate("JSON.parse(localStorage['guichet.wallet'])")
    assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(250)]
    assert not errors(page), page.console


def test_tickets_that_are_not_taken_back_or_passed_on_say_so(house, page):
    room = room_with(house, house.host(), "personal")
    buy(house, page, room)
    expect(by(page, "pass-on")).to_be_hidden()
    by(page, "give-back").locator("summary").click()
    expect(by(page, "give-back-more")).to_contain_text("not taken back")
    expect(by(page, "refund")).to_be_hidden()


def test_a_ticket_goes_to_whoever_opens_the_link_and_accepts(house, two, tmp_path):
    giver, taker = two
    host = house.host("Ana")
    room = house.room(host)
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        buy(house, giver, room)
        by(giver, "listen").click()
        until_heard(giver)
        link = offer(giver)
        assert "#accept=" in link
        expect(by(giver, "pass-code")).to_have_text(link.split("=")[1])
        # A reload loses nothing: the code is told only once.
        taker.goto(link)
        expect(by(taker, "gift")).to_be_visible()
        assert "accept" not in taker.url
        taker.reload()
        expect(by(taker, "gift")).to_be_visible()
        by(taker, "gift-accept").click()
        moment = giver.evaluate("Date.now()")
        expect(by(taker, "seat")).to_have_text("1")
        expect(by(taker, "gift")).to_be_hidden()
        expect(by(giver, "note")).to_contain_text("accepted by somebody else")
        expect(by(giver, "held")).to_be_hidden()
        assert silent_after(giver, moment) < 1.2, "the giver still heard the room"
        by(taker, "listen").click()
        until_heard(taker)
        # Theirs alone: they may give it back, and the money is theirs.
        by(taker, "give-back").locator("summary").click()
        by(taker, "refund").click()
        by(taker, "confirm-yes").click()
        expect(by(taker, "note")).to_contain_text("5.00")
    for page in two:
        assert not errors(page), page.console


def test_an_offer_that_was_taken_back_is_refused_and_the_giver_keeps_the_ticket(house, two):
    giver, taker = two
    room = house.room(house.host())
    buy(house, giver, room)
    link = offer(giver)
    giver.reload()
    by(giver, "pass-on").locator("summary").click()
    expect(by(giver, "pass-link")).to_have_value(link)
    by(giver, "pass-back").click()
    expect(by(giver, "note")).to_contain_text("stays yours")
    # By hand, as somebody to whom the code was read out.
    taker.goto(f"{house.url}/r/{room['room']}")
    by(taker, "have-ticket").locator("summary").click()
    by(taker, "token").fill(link.split("=")[1])
    by(taker, "use-token").click()
    by(taker, "gift-accept").click()
    expect(by(taker, "refusal")).to_have_attribute("data-code", "transfer_withdrawn")
    expect(by(taker, "gift")).to_be_hidden()
    expect(by(giver, "held")).to_be_visible()
    # Another offer of the same ticket works.
    by(giver, "pass-make").click()
    expect(by(giver, "pass-link")).not_to_have_value(link)
    taker.goto(by(giver, "pass-link").input_value())
    by(taker, "gift-accept").click()
    expect(by(taker, "held")).to_be_visible()
    # Of the listener's own tickets none can be accepted twice.
    own = offer(taker)
    taker.goto("about:blank")
    taker.goto(own)
    by(taker, "gift-accept").click()
    expect(by(taker, "refusal")).to_have_attribute("data-code", "transfer_own")
    expect(by(taker, "held")).to_be_visible()


def test_an_offer_whose_answer_was_lost_is_made_anew(house, page):
    room = house.room(house.host())
    buy(house, page, room)

    def lose(route):
        route.fetch()
        route.abort()

    page.route(re.compile("/transfers$"), lose)
    by(page, "pass-on").locator("summary").click()
    by(page, "pass-make").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "network")
    page.unroute(re.compile("/transfers$"))
    by(page, "pass-make").click()
    expect(by(page, "pass-link")).to_have_value(re.compile("#accept=[0-9A-Z]{16}$"))


def test_a_listener_tips_while_the_room_is_open_and_after(house, page):
    host = house.host("Ana")
    room = house.room(host)
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "buy")).to_be_visible()
    expect(by(page, "tip")).to_be_hidden()
    by(page, "buy").click()
    expect(by(page, "tip")).to_be_visible()
    by(page, "tip-amount").fill("0,10")
    by(page, "tip-send").click()
    expect(by(page, "tip-amount-wrong")).to_contain_text("€0.50")
    expect(by(page, "tip-amount")).to_be_focused()
    page.get_by_role("button", name="€5.00", exact=True).click()
    # What it posts is there to be read before it is given, and changes with the amount.
    expect(by(page, "tip-postings")).to_contain_text("€4.17")
    by(page, "tip-amount").fill("2")
    expect(by(page, "tip-postings")).to_contain_text("€1.67")
    by(page, "tip-amount").fill("5")
    expect(by(page, "tip-postings")).to_contain_text("€4.17")
    by(page, "tip-message").fill("What a <b>voice</b>")
    by(page, "tip-send").click()
    expect(by(page, "note")).to_contain_text("€5.00 are on their way to Ana")
    house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    page.reload()
    expect(by(page, "state")).to_have_attribute("data-phase", "ended")
    by(page, "tip-amount").fill("2")
    by(page, "tip-send").click()
    expect(by(page, "note")).to_contain_text("€2.00")
    tips = house.call("GET", f"/v1/rooms/{room['room']}/tips", key=host["key"])["tips"]
    assert [tip["amount"] for tip in tips] == [euros(500), euros(200)]
    assert [tip["message"] for tip in tips] == ["What a <b>voice</b>", ""]
    house.call("PUT", f"/v1/rooms/{room['room']}/tips", {"accepts": False}, host["key"])
    page.reload()
    expect(by(page, "held")).to_be_visible()
    expect(by(page, "tip")).to_be_hidden()
    assert not errors(page), page.console


def test_a_tip_without_money_leads_to_the_counter(tmp_path, page):
    house = House(tmp_path / "data").start()
    try:
        room = house.room(house.host())
        page.goto(f"{house.url}/r/{room['room']}")
        by(page, "buy").click()
        expect(by(page, "holder")).to_be_visible()
        wallet = {"holder": by(page, "holder").text_content()}
        house.top_up(wallet, 500)
        by(page, "buy").click()
        expect(by(page, "tip")).to_be_visible()
        by(page, "tip-send").click()
        expect(by(page, "refusal")).to_have_attribute("data-code", "insufficient_funds")
        house.top_up(wallet, 200)
        by(page, "tip-send").click()
        expect(by(page, "note")).to_contain_text("€2.00")
        expect(by(page, "refusal")).to_be_hidden()
    finally:
        house.end()
