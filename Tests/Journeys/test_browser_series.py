"""Passes for a series of rooms in the browser: found on a room's page, bought line by line, used in each room, given back."""

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page, tone_on_stage, until_heard
from house import euros
from test_payments import served, stripe, wait_for  # noqa: F401: fixtures

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


def winter(house, host, passes=2):
    rooms = [house.room(host, capacity=5, price=price, title=title) for price, title in [(500, "One"), (700, "Two")]]
    series = house.call("POST", "/v1/series", {
        "title": "Winter", "rooms": [room["room"] for room in rooms], "price": euros(900), "passes": passes},
        host["key"], idempotency="winter")
    return rooms, series


def wallet_of(page):
    return page.evaluate("JSON.parse(localStorage['guichet.wallet'])")


def test_a_pass_is_bought_and_opens_each_room(house, two, tmp_path):
    page, other = two
    host = house.host("Ana")
    rooms, series = winter(house, host, passes=1)
    # Whoever comes for one room reads of the others.
    page.goto(f"{house.url}/r/{rooms[0]['room']}")
    expect(by(page, "passes")).to_contain_text("Winter")
    expect(by(page, "passes")).to_contain_text("A pass for 2 rooms instead of €12.00 one by one")
    by(page, "pass-link-to").click()
    expect(by(page, "title")).to_have_text("Winter")
    expect(by(page, "price")).to_have_text("€9.00")
    expect(by(page, "seats")).to_have_text("1 pass left")
    shown = [row.inner_text().replace("\t", " ") for row in by(page, "lines").locator("tr").all()]
    assert shown == ["One €3.75", "Two €5.25", "Total €9.00", "of which tax €1.51"], shown
    by(page, "postings-more").locator("summary").click()
    booked = sorted(
        (row.locator("code").inner_text(), row.locator("td").inner_text())
        for row in by(page, "postings").locator("tr").all())
    by(page, "buy").click()
    expect(page.locator("#held-heading")).to_be_focused()
    expect(by(page, "rooms").locator('[data-test="enter"]')).to_have_count(2)
    # What was booked is what was shown.
    wallet = wallet_of(page)
    [listed] = house.call("GET", "/v1/passes", key=wallet["key"])["passes"]
    bought = house.call("GET", f"/v1/passes/{listed['pass']}", key=wallet["key"])
    posted = []
    for ticket in bought["tickets"]:
        receipt = house.call("GET", f"/v1/orders/{ticket['order']}/receipt", key=wallet["key"])
        posted += [
            (posting["account"], f"€{abs(posting['amount']) / 100:.2f}") for posting in receipt["entry"]["postings"]
            if "wallet" not in posting["account"]]
    assert sorted(posted) == booked
    assert house.call("GET", f"/v1/rooms/{rooms[1]['room']}/series") == {"series": []}, "a sold-out series is offered"
    # Another visitor comes too late, and reads it in the page's words.
    other.goto(f"{house.url}/s/{series['series']}?lang=fr")
    expect(by(other, "seats")).to_have_text("Tous les abonnements sont vendus.")
    expect(by(other, "buy")).to_be_hidden()
    # Each room lets in with its own ticket, which its page has already.
    for room, number in zip(rooms, range(2)):
        with tone_on_stage(house, house.host_pass(host, room)["token"], 440 + 110 * number, tmp_path):
            page.goto(f"{house.url}/s/{series['series']}")
            by(page, "rooms").locator('[data-test="enter"]').nth(number).click()
            expect(by(page, "held")).to_be_visible()
            expect(by(page, "seat")).to_have_text("1")
            by(page, "listen").click()
            until_heard(page)
            by(page, "listen").click()
    assert not errors(page) and not errors(other), (page.console, other.console)


def test_a_pass_is_given_back_room_by_room(house, two):
    page, _ = two
    rooms, series = winter(house, house.host("Ana"))
    page.goto(f"{house.url}/s/{series['series']}")
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()
    # A browser that lost the tickets, but not the wallet, has them again.
    page.evaluate("Object.keys(localStorage).filter(key => key.includes('ticket')).forEach(key => localStorage.removeItem(key))")
    page.reload()
    expect(by(page, "held")).to_be_visible()
    assert page.evaluate("(room) => localStorage['guichet.ticket.' + room]", rooms[1]["room"])
    by(page, "refund").click()
    expect(by(page, "confirm")).to_contain_text("€9.00 goes back")
    expect(by(page, "confirm-no")).to_be_focused()
    by(page, "confirm-yes").click()
    expect(by(page, "note")).to_contain_text("€9.00 is in your wallet again")
    expect(by(page, "buy")).to_be_visible()
    wallet = wallet_of(page)
    assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(900)]
    assert not page.evaluate("(room) => localStorage['guichet.ticket.' + room]", rooms[1]["room"])
    assert not errors(page), page.console


def test_another_price_meanwhile_is_shown_and_asked_about_again(house, two):
    page, _ = two
    host = house.host("Ana")
    _, series = winter(house, host)
    page.goto(f"{house.url}/s/{series['series']}")
    expect(by(page, "buy")).to_contain_text("9.00")
    house.call(
        "PUT", f"/v1/series/{series['series']}/offer", {"price": euros(1000), "passes": 2}, host["key"])
    by(page, "buy").click()
    expect(by(page, "quote-changed")).to_be_visible()
    expect(by(page, "buy")).to_contain_text("10.00")
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()
    assert not errors(page), page.console


def test_a_pass_is_paid_by_card_over_the_wallet(served, stripe, two):
    house, page = served, two[0]
    host = house.host("Ana")
    _, series = winter(house, host)
    page.goto(f"{house.url}/s/{series['series']}")
    by(page, "buy").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "insufficient_funds")
    expect(by(page, "topup-amount")).to_have_value("9")
    by(page, "topup-pay").click()
    page.wait_for_url(f"{stripe.url}/pay/*")
    [(name, session)] = stripe.sessions.items()
    assert session["amount_total"] == 900
    # Back without paying: the same payment is still open, and can be gone on with.
    page.goto(session["cancel_url"])
    expect(by(page, "topup")).to_have_attribute("data-state", "open")
    expect(by(page, "topup-go")).to_have_attribute("href", session["url"])
    stripe.pay(name)
    page.goto(session["success_url"])
    expect(by(page, "topup-state")).to_contain_text("do not pay a second time")
    stripe.deliver(house, copies=2)
    expect(by(page, "note")).to_contain_text("€9.00 are in your wallet")
    expect(by(page, "balance")).to_have_text("€9.00")
    expect(by(page, "topup")).to_have_attribute("data-state", "form")
    by(page, "buy").click()
    expect(by(page, "rooms").locator('[data-test="enter"]')).to_have_count(2)
    assert house.call("GET", f"/v1/wallets/{wallet_of(page)['holder']}", key=wallet_of(page)["key"])["balances"] == [
        euros(0)]
    # The browser notes the refused purchase itself, and that the double has no page to show.
    assert all("402" in line or "401" in line for line in errors(page)), page.console


def test_a_tip_is_paid_by_card_and_a_declined_card_says_so(served, stripe, two):
    house, page = served, two[0]
    room = house.room(house.host("Ana"))
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "pay-stripe").click()
    page.wait_for_url(f"{stripe.url}/pay/*")
    [(ticket, session)] = stripe.sessions.items()
    stripe.pay(ticket)
    stripe.deliver(house)
    page.goto(session["success_url"])
    expect(by(page, "seat")).to_have_text("1")
    by(page, "tip-amount").fill("5")
    by(page, "tip-send").click()
    expect(by(page, "topup-amount")).to_have_value("5")
    by(page, "topup-amount").fill("0")
    by(page, "topup-pay").click()
    expect(by(page, "topup-amount-wrong")).to_contain_text("Say an amount")
    by(page, "topup-amount").fill("0.99")
    by(page, "topup-pay").click()
    expect(by(page, "topup-amount-wrong")).to_contain_text("Between €1.00 and ")
    by(page, "topup-amount").fill("7,50")
    by(page, "topup-pay").click()
    page.wait_for_url(f"{stripe.url}/pay/*")
    [name] = [one for one in stripe.sessions if one != ticket]
    session = stripe.sessions[name]
    stripe.expire(name)
    stripe.deliver(house)
    page.goto(session["cancel_url"])
    expect(by(page, "topup-state")).to_contain_text("Nothing was charged")
    expect(by(page, "topup")).to_have_attribute("data-state", "form")
    by(page, "topup-amount").fill("5")
    by(page, "topup-pay").click()
    page.wait_for_url(f"{stripe.url}/pay/*")
    [second] = [one for one in stripe.sessions if one not in (ticket, name)]
    # Another amount after all; the page that was left takes the money all the same, and the wallet has it.
    page.goto(stripe.sessions[second]["cancel_url"])
    by(page, "topup-other").click()
    expect(by(page, "topup-amount")).to_be_focused()
    stripe.pay(second)
    stripe.deliver(house)
    mine = wallet_of(page)
    wait_for(lambda: house.call("GET", f"/v1/wallets/{mine['holder']}", key=mine["key"])["balances"] == [euros(500)])
    page.get_by_role("button", name="Check again").click()
    expect(by(page, "balance")).to_have_text("€5.00")
    by(page, "tip-amount").fill("5")
    by(page, "tip-send").click()
    expect(by(page, "note")).to_contain_text("Ana")
    assert all("402" in line or "401" in line for line in errors(page)), page.console
