"""The waiting list of a sold-out room on its page: a group joins, sees its place, is offered its seats and takes them."""

import json
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page
from house import House, euros

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


def sold_out(house, host, capacity, **more):
    """A room of which one wallet has every ticket."""
    room = house.room(host, capacity=capacity, **more)
    seller = house.wallet(5000)
    bought = house.call(
        "POST", "/v1/orders", {"room": room["room"], "price": euros(500), "count": capacity}, seller["key"],
        idempotency="all-of-them")
    return room, seller, [one["ticket"] for one in bought.get("tickets") or [bought]]


def join(page, count=1, most=None):
    for _ in range(count - 1):
        by(page, "wait-more").click()
    if most:
        by(page, "wait-most").fill(most)
    by(page, "wait-join").click()
    expect(by(page, "waiting-heading")).to_have_text("You are on the waiting list")


def offered(page):
    """The page looks every eight seconds; a visitor who comes back to it need not wait."""
    page.reload()
    expect(by(page, "waiting")).to_have_attribute("data-state", "offered")


def lines(page):
    return [row.inner_text().replace("\t", " ") for row in by(page, "wait-lines").locator("tr").all()]


def test_a_group_waits_is_offered_its_seats_together_and_takes_them(house, two):
    group, single = two
    host = house.host()
    room, seller, tickets = sold_out(house, host, 3)
    for page in two:
        page.goto(f"{house.url}/r/{room['room']}")
        expect(by(page, "waiting-heading")).to_have_text("Wait for seats")
        expect(by(page, "buy")).to_be_hidden()
    # More than the room has: said beside the number, and nothing is joined.
    by(group, "wait-count").fill("4")
    by(group, "wait-join").click()
    expect(by(group, "wait-count-wrong")).to_contain_text("3 seats")
    by(group, "wait-count").fill("1")
    by(group, "wait-most").fill("much")
    by(group, "wait-join").click()
    expect(by(group, "wait-most-wrong")).to_be_visible()
    join(group, 2, "6.00")
    expect(by(group, "wait-place")).to_have_text("1")
    expect(by(group, "waiting-more")).to_contain_text("You are next")
    join(single)
    expect(by(single, "wait-place")).to_have_text("2")
    expect(by(single, "waiting-more")).to_contain_text("1 party comes before you")

    # One seat is no use to two: it gathers, and whoever comes along reads why it is not for sale.
    house.refund(tickets[0], seller["key"])
    group.reload()
    expect(by(group, "waiting-more")).to_contain_text("gather for you")
    house.refund(tickets[1], seller["key"])
    offered(group)
    expect(group.locator("#offer")).to_be_hidden()
    assert lines(group) == ["2 tickets €10.00", "Total €10.00", "of which tax €1.66"]
    expect(by(group, "wait-seats")).to_have_text("1, 2")
    expect(by(group, "wait-left")).to_have_text(re.compile(r"^(29|30):\d\d$"))
    assert group.title().startswith("Seats for you")
    by(group, "wait-postings-more").locator("summary").click()
    expect(by(group, "wait-postings")).to_contain_text("liabilities:escrow:" + room["room"])
    shown = {
        row.locator("code").inner_text(): row.locator("td").inner_text()
        for row in by(group, "wait-postings").locator("tr").all()}
    # The postings name the wallet: the host, who sees the list, sees none of them.
    [seen] = [one for one in house.call("GET", f"/v1/rooms/{room['room']}/waiting", key=host["key"])["waiting"]
              if one["state"] == "offered"]
    assert seen["offer"]["vat"] == euros(83) and "postings" not in seen["offer"] and "holder" not in seen
    # A reload loses nothing, in French neither.
    group.goto(f"{house.url}/r/{room['room']}?lang=fr")
    expect(by(group, "waiting-heading")).to_have_text("Des places pour vous")
    expect(by(group, "wait-pay")).to_contain_text("10,00")
    by(group, "wait-pay").click()
    expect(by(group, "held")).to_be_visible()
    expect(by(group, "waiting")).to_be_hidden()
    assert group.title().startswith("Night talk")
    wallet = group.evaluate("JSON.parse(localStorage['guichet.wallet'])")
    mine = house.call("GET", f"/v1/wallets/{wallet['holder']}/tickets", key=wallet["key"])["tickets"]
    assert len(mine) == 2
    # What was booked is what was shown.
    receipt = house.call("GET", f"/v1/orders/{mine[0]['order']}/receipt", key=wallet["key"])
    booked = {
        posting["account"]: f"€{abs(posting['amount']) / 100:.2f}" for posting in receipt["entry"]["postings"]
        if "wallet" not in posting["account"]}
    assert booked == shown
    assert single.evaluate("document.title").startswith("Night talk")
    expect(by(single, "wait-place")).to_have_text("1")
    # What does not fit, and the price that was asked for while the seats gathered.
    assert all("422" in line or "409" in line for line in errors(group) + errors(single)), (group.console, single.console)


def test_seats_are_paid_by_card_and_a_declined_card_leaves_them_offered(house, two):
    page, _ = two
    room, seller, tickets = sold_out(house, house.host(), 1)
    page.goto(f"{house.url}/r/{room['room']}")
    join(page)
    house.refund(tickets[0], seller["key"])
    offered(page)
    by(page, "wait-pay-sandbox").click()
    expect(by(page, "pay-amount")).to_contain_text("5.00")
    by(page, "play-expire").click()
    expect(by(page, "payment")).to_have_attribute("data-state", "declined")
    by(page, "payment-again").click()
    expect(by(page, "waiting")).to_have_attribute("data-state", "offered")
    by(page, "wait-pay-sandbox").click()
    by(page, "play-pay").click()
    expect(by(page, "held")).to_be_visible()
    expect(by(page, "seat")).to_have_text("1")
    expect(by(page, "waiting")).to_be_hidden()
    assert not errors(page), page.console


def test_who_leaves_or_gives_up_makes_room_for_the_next(house, two):
    first, second = two
    room, seller, tickets = sold_out(house, house.host(), 1)
    for page in two:
        page.goto(f"{house.url}/r/{room['room']}")
        join(page)
    house.refund(tickets[0], seller["key"])
    offered(first)
    # Escape means no: the seats stay.
    by(first, "wait-leave").click()
    expect(by(first, "confirm-no")).to_have_text("Stay on the list")
    first.keyboard.press("Escape")
    expect(by(first, "waiting")).to_have_attribute("data-state", "offered")
    by(first, "wait-leave").click()
    by(first, "confirm-yes").click()
    expect(by(first, "note")).to_contain_text("on the waiting list no more")
    expect(by(first, "wait-join")).to_be_visible()
    # The next one hears of it without touching the page.
    expect(by(second, "waiting")).to_have_attribute("data-state", "offered")
    expect(by(second, "announcer")).to_contain_text("Seats for you")
    join(first)
    by(first, "wait-leave").click()
    by(first, "confirm-yes").click()
    expect(by(first, "wait-join")).to_be_visible()
    by(second, "wait-pay").click()
    expect(by(second, "seat")).to_have_text("1")
    # Its ticket's other words are those of any ticket.
    by(second, "give-back").locator("summary").click()
    expect(by(second, "give-back-more")).to_contain_text("€5.00 would go back")
    assert not errors(first) and not errors(second), (first.console, second.console)


@pytest.mark.patient
def test_an_offer_that_nobody_pays_lapses_on_the_page(browser, tmp_path):
    house = House(tmp_path / "data", "--sandbox", "--set", "waiting.offerMinutes=1").start()
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    try:
        page = listened_page(context)
        room, seller, tickets = sold_out(house, house.host(), 1)
        page.goto(f"{house.url}/r/{room['room']}")
        join(page)
        house.refund(tickets[0], seller["key"])
        offered(page)
        expect(by(page, "wait-left")).to_have_class(re.compile("short"))
        expect(by(page, "note")).to_contain_text("not paid in time", timeout=80_000)
        expect(by(page, "waiting")).to_be_hidden()
        expect(by(page, "buy")).to_be_visible()
        # Nobody else waits: the seat is on sale again, and joining is refused with what to do instead.
        assert page.evaluate("localStorage.length") >= 1
        assert not errors(page), page.console
    finally:
        context.close()
        house.end()


def test_waiting_needs_no_mouse(house, two):
    page, _ = two
    room, seller, tickets = sold_out(house, house.host(), 1)
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "wait-join")).to_be_visible()

    def tab_to(name):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.dataset.test") == name:
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline not in ("none", ""), f"nobody sees that {name} has the focus"
                return
        raise AssertionError(f"Tab does not reach {name}")

    tab_to("wait-count")
    page.keyboard.press("Enter")
    expect(by(page, "waiting-heading")).to_have_text("You are on the waiting list")
    expect(by(page, "waiting-heading")).to_be_focused()
    house.refund(tickets[0], seller["key"])
    expect(by(page, "waiting")).to_have_attribute("data-state", "offered")
    tab_to("wait-pay")
    page.keyboard.press("Enter")
    expect(by(page, "listen")).to_be_focused()
    assert not errors(page), json.dumps(page.console)


def test_tax_follows_the_country_that_whoever_waits_names(house, two):
    page, other = two
    host = house.host()
    room, seller, tickets = sold_out(house, host, 1, policy="guichet-eu-2026")
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "wait-country").select_option(label="Germany")
    join(page)
    house.refund(tickets[0], seller["key"])
    offered(page)
    # 19 % of Germany, and not what falls on a buyer who says nothing.
    assert "of which tax €0.80" in lines(page)
    by(page, "wait-pay").click()
    expect(by(page, "held")).to_be_visible()
    # Where nobody asks for a country, nobody sees the field.
    plain, _, _ = sold_out(house, host, 1)
    other.goto(f"{house.url}/r/{plain['room']}")
    expect(by(other, "wait-join")).to_be_visible()
    expect(by(other, "wait-country")).to_be_hidden()
    assert not errors(page) and not errors(other), (page.console, other.console)
