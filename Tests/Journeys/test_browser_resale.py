"""A ticket that is given back if it is resold, on its page: listed, taken off, taken over, and the money back."""

import re

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page
from house import euros, rfc3339

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


def room_with(house, host, terms, capacity=1, price=999):
    return house.call("POST", "/v1/rooms", {
        "title": "Night talk", "startsAt": rfc3339(7200), "endsAt": rfc3339(10_800), "capacity": capacity,
        "price": euros(price), "terms": terms}, host["key"])


def buy(house, page, room):
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()


def test_a_ticket_is_put_on_the_list_taken_off_and_resold(house, two):
    seller, buyer = two
    room = room_with(house, house.host(), "resale-95")
    buy(house, seller, room)
    by(seller, "resale").locator("summary").click()
    expect(by(seller, "resale-more")).to_contain_text("95% of its price")
    by(seller, "resale-offer").click()
    expect(by(seller, "resale-more")).to_contain_text("€9.49 comes back to your wallet as soon as")
    expect(by(seller, "resale-more")).to_contain_text("the next that is taken")
    expect(by(seller, "resale-keep")).to_be_focused()
    # Off the list again, and on it once more; a reload forgets nothing.
    by(seller, "resale-keep").click()
    expect(by(seller, "resale-offer")).to_be_focused()
    expect(by(seller, "resale-more")).to_contain_text("95% of its price")
    buyer.goto(f"{house.url}/r/{room['room']}")
    expect(by(buyer, "wait-join")).to_be_visible()
    by(seller, "resale-offer").click()
    expect(by(seller, "resale-keep")).to_be_visible()
    seller.reload()
    by(seller, "resale").locator("summary").click()
    expect(by(seller, "resale-more")).to_contain_text("On the list")
    # The seat is on sale for whoever finds no other, and the seller's page says so by itself.
    buyer.reload()
    by(buyer, "buy").click()
    expect(by(buyer, "seat")).to_have_text("1")
    expect(by(seller, "note")).to_have_text("Your ticket was resold. €9.49 is in your wallet again.")
    expect(by(seller, "held")).to_be_hidden()
    wallet = seller.evaluate("JSON.parse(localStorage['guichet.wallet'])")
    assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(949)]
    assert seller.evaluate("Object.keys(localStorage).filter(key => key.includes('resales'))") == []
    # What stands there now is the list of those who wait: the seller may come back.
    expect(by(seller, "wait-join")).to_be_visible()
    assert not errors(seller) and not errors(buyer), (seller.console, buyer.console)


def test_a_seat_that_is_lent_to_whoever_waits_cannot_be_taken_off(house, two):
    seller, waits = two
    room = room_with(house, house.host(), "resale")
    buy(house, seller, room)
    waits.goto(f"{house.url}/r/{room['room']}?lang=fr")
    by(waits, "wait-join").click()
    expect(by(waits, "wait-place")).to_have_text("1")
    seller.goto(f"{house.url}/r/{room['room']}?lang=fr")
    by(seller, "resale").locator("summary").click()
    expect(by(seller, "resale-more")).to_contain_text("100")
    by(seller, "resale-offer").click()
    expect(by(seller, "resale-more")).to_contain_text("en train de payer")
    by(seller, "resale-keep").click()
    expect(by(seller, "refusal")).to_have_attribute("data-code", "resale_lent")
    expect(by(seller, "refusal-next")).to_contain_text("Attendez quelques minutes")
    by(waits, "wait-pay").click()
    expect(by(waits, "held")).to_be_visible()
    expect(by(seller, "note")).to_contain_text(re.compile("revendu.*9,99"))
    assert not errors(waits), waits.console
    assert all("409" in line for line in errors(seller)), seller.console


def test_where_tickets_are_not_resold_nothing_is_offered(house, two):
    page, _ = two
    buy(house, page, room_with(house, house.host(), "personal"))
    expect(by(page, "give-back")).to_be_visible()
    expect(by(page, "resale")).to_be_hidden()
    assert not errors(page), page.console
