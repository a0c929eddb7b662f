"""A room that goes on, on the listener's page: the warning offers the time with its price, who buys it hears on without a
cut, and who does not is cut at the old end."""

from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page, silent_after, tone_on_stage, until_heard
from house import House, euros

expect.set_options(timeout=15_000)

# The longest time in milliseconds without a packet between two moments, as the browser counts them ten times a second.
LONGEST_SILENCE = """
([from, to]) => {
    let last = from, longest = 0;
    for (let n = 1; n < window.arrivals.length; n++) {
        const [at, packets] = window.arrivals[n];
        if (at < from || at > to || packets <= window.arrivals[n - 1][1]) continue;
        longest = Math.max(longest, at - last);
        last = at;
    }
    return Math.max(longest, to - last);
}
"""


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


def announce(house, host, room, longer, price=120):
    """Lets the room go on for some seconds behind its own end; returns its new end."""
    until = datetime.fromisoformat(room["endsAt"]) + timedelta(seconds=longer)
    house.call(
        "POST", f"/v1/rooms/{room['room']}/overtimes", {"until": until.isoformat(), "price": euros(price)}, host["key"],
        idempotency="overtime")
    return until


def buy(house, page, room):
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()


def held_of(page, room):
    return page.evaluate("(room) => JSON.parse(localStorage['guichet.ticket.' + room] ?? 'null')", room["room"])


@pytest.mark.alone
def test_who_buys_the_time_hears_on_without_a_cut(house, two, tmp_path):
    stays, leaves = two
    host = house.host("Ana")
    room = house.room(host, capacity=5, ends=50)
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        for page in two:
            buy(house, page, room)
            expect(by(page, "extend")).to_be_hidden()
            by(page, "listen").click()
            until_heard(page)
        before = held_of(stays, room)
        old_end = stays.evaluate("(text) => Date.parse(text)", before["expiresAt"])
        new_end = announce(house, host, room, 25)
        expect(by(stays, "extend")).to_be_visible()
        expect(by(stays, "extend-more")).to_contain_text("€1.20")
        expect(by(stays, "announcer")).to_contain_text("The room goes on until")
        shown = {
            row.locator("code").inner_text(): row.locator("td").inner_text()
            for row in by(stays, "extend-postings").locator("tr").all()}
        assert shown.pop("liabilities:escrow:" + room["room"]) == "€1.00" and list(shown.values()) == ["€0.20"], shown
        by(stays, "extend-buy").click()
        expect(by(stays, "extend")).to_be_hidden()
        expect(by(stays, "note")).to_contain_text("Your ticket is good until")
        expect(by(stays, "listen")).to_be_focused()
        after = held_of(stays, room)
        assert after["ticket"] == before["ticket"] and after["token"] != before["token"]
        assert stays.evaluate("Date.now()") < old_end, "the machine is too slow for a room of fifty seconds"
        # Both hear up to the old end; behind it one goes on as if nothing had been.
        stays.wait_for_timeout(max(0, old_end - stays.evaluate("Date.now()")) + 4000)
        assert stays.evaluate(LONGEST_SILENCE, [old_end - 3000, old_end + 3000]) < 700
        expect(by(stays, "connection")).to_have_attribute("data-state", "connected")
        expect(by(stays, "refusal")).to_be_hidden()
        assert silent_after(leaves, old_end, look=100) < 1.5
        expect(by(leaves, "refusal")).to_have_attribute("data-code", "ticket_expired")
        expect(by(leaves, "extend")).to_be_hidden()
        # The new time ends as well, with its own warning before it.
        expect(by(stays, "time-warning")).to_contain_text("Less than a minute")
        left = (new_end - datetime.now(timezone.utc)).total_seconds()
        expect(by(stays, "refusal")).to_have_attribute("data-code", "ticket_expired", timeout=(left + 10) * 1000)
    wallet = stays.evaluate("JSON.parse(localStorage['guichet.wallet'])")
    [extension] = house.call("GET", f"/v1/rooms/{room['room']}/extensions", key=host["key"])["extensions"]
    assert extension["holder"] == wallet["holder"] and extension["price"] == euros(120)
    assert not [line for line in errors(stays) if "401" not in line and "403" not in line], stays.console


@pytest.mark.patient
def test_a_ticket_that_is_bought_meanwhile_is_offered_nothing(house, two):
    page, _ = two
    host = house.host("Ana")
    room = house.room(host, ends=312)
    announce(house, host, room, 600, price=0)
    page.goto(f"{house.url}/r/{room['room']}?lang=fr")
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()
    # A ticket that is bought now has the new end already: there is nothing to offer.
    expect(by(page, "extend")).to_be_hidden()
    assert not errors(page), page.console


@pytest.mark.patient
def test_five_minutes_before_the_end_it_is_said_aloud(house, two):
    page, _ = two
    host = house.host("Ana")
    room = house.room(host, ends=322)
    buy(house, page, room)
    announce(house, host, room, 600)
    # Whoever looks sees it before; it is pressed upon nobody.
    expect(by(page, "extend")).to_be_visible()
    expect(by(page, "time-warning")).to_be_hidden()
    assert "warn" not in by(page, "extend").get_attribute("class").split()
    expect(by(page, "time-warning")).to_contain_text("Less than five minutes", timeout=30_000)
    expect(by(page, "announcer")).to_contain_text("Stay for €1.20 more")
    assert "warn" in by(page, "extend").get_attribute("class").split()
    by(page, "extend-buy").click()
    expect(by(page, "extend")).to_be_hidden()
    expect(by(page, "time-warning")).to_be_hidden()
    assert not errors(page), page.console


@pytest.mark.patient
def test_a_wallet_without_the_money_is_told_where_to_fill_it(browser, tmp_path):
    house = House(tmp_path / "data").start()
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    try:
        page = listened_page(context)
        host = house.host("Ana")
        room = house.room(host, ends=200)
        page.goto(f"{house.url}/r/{room['room']}")
        by(page, "counter").locator("summary").click()
        by(page, "wallet-open").click()
        expect(by(page, "holder")).to_contain_text("holder_")
        house.top_up({"holder": by(page, "holder").inner_text()}, 550)
        by(page, "buy").click()
        expect(by(page, "held")).to_be_visible()
        announce(house, host, room, 600)
        by(page, "extend-buy").click()
        expect(by(page, "refusal")).to_have_attribute("data-code", "insufficient_funds")
        expect(by(page, "counter")).to_be_visible()
        house.top_up({"holder": by(page, "holder").inner_text()}, 100)
        by(page, "extend-buy").click()
        expect(by(page, "note")).to_contain_text("Your ticket is good until")
        assert all("402" in line or "409" in line for line in errors(page)), page.console
    finally:
        context.close()
        house.end()
