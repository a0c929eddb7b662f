"""What meets what on the room's page: groups with moves, refunds and sound; payments with cancelling; cards with vouchers."""

import re

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page, tone_on_stage, until_heard
from house import euros, rfc3339

pytestmark = pytest.mark.alone

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    yield listened_page(context)
    context.close()


def buy_two(house, page, room):
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "more").click()
    expect(by(page, "buy")).to_contain_text("10.00")
    by(page, "buy").click()
    expect(by(page, "choices").get_by_role("radio")).to_have_count(2)


def choose(page, seat):
    by(page, "choices").get_by_text(f"Seat {seat}").click()
    expect(by(page, "seat")).to_have_text(str(seat))


def balance(house, page):
    wallet = page.evaluate("JSON.parse(localStorage['guichet.wallet'])")
    [money] = house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"]
    return money


def test_one_ticket_of_two_is_given_back_while_the_other_goes_on_sounding(house, page, tmp_path):
    host = house.host("Ana")
    room = house.room(host)
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        buy_two(house, page, room)
        choose(page, 1)
        by(page, "listen").click()
        until_heard(page)
        choose(page, 2)
        by(page, "give-back").locator("summary").click()
        by(page, "refund").click()
        by(page, "confirm-yes").click()
        expect(by(page, "note")).to_contain_text("5.00")
        expect(by(page, "choice")).to_be_hidden()
        expect(by(page, "seat")).to_have_text("1")
        expect(by(page, "connection")).to_have_attribute("data-state", "connected")
        before = page.evaluate("window.inbound()")["packets"]
        page.wait_for_timeout(600)
        assert page.evaluate("window.inbound()")["packets"] > before
        assert balance(house, page) == euros(500)
    assert not errors(page), page.console


def test_each_ticket_of_a_room_that_moved_is_asked_about(house, page):
    host = house.host()
    room = house.room(host, starts=3600, ends=7200, opened=False)
    buy_two(house, page, room)
    house.call(
        "POST", f"/v1/rooms/{room['room']}/moves",
        {"startsAt": rfc3339(86_400), "endsAt": rfc3339(90_000), "notice": "The speaker is ill"}, host["key"],
        idempotency="move")
    page.reload()
    choose(page, 1)
    expect(by(page, "moved")).to_be_visible()
    by(page, "moved-keep").click()
    expect(by(page, "moved")).to_be_hidden()
    choose(page, 2)
    expect(by(page, "moved")).to_be_visible()
    by(page, "moved-refund").click()
    expect(by(page, "note")).to_contain_text("5.00")
    expect(by(page, "choice")).to_be_hidden()
    expect(by(page, "seat")).to_have_text("1")
    assert balance(house, page) == euros(500)
    assert not errors(page), page.console


def test_a_room_that_is_cancelled_takes_the_payment_that_waits_with_it(house, page):
    host = house.host()
    room = house.room(host)
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "pay-sandbox").click()
    by(page, "pay-left").click()
    expect(by(page, "payment")).to_have_attribute("data-state", "left")
    house.call("POST", f"/v1/rooms/{room['room']}/cancel", {}, host["key"])
    expect(by(page, "payment")).to_have_attribute("data-state", "cancelled")
    # Money that comes all the same goes back.
    [charge] = house.call("GET", "/v1/charges", key=house.operator_key)["charges"]
    house.call("POST", f"/v1/providers/sandbox/checkouts/sandbox_{charge['charge']}", {"outcome": "pay"})
    page.reload()
    expect(by(page, "payment")).to_have_attribute("data-state", "returned")
    expect(by(page, "state")).to_have_attribute("data-phase", "cancelled")
    expect(by(page, "buy")).to_be_hidden()


def test_a_card_pays_what_the_voucher_leaves(house, page):
    host = house.host()
    room = house.room(host)
    made = house.call(
        "POST", "/v1/vouchers", {"kind": "amount", "amount": euros(125), "uses": 2}, host["key"], idempotency="voucher")
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "more").click()
    by(page, "voucher-field").locator("summary").click()
    by(page, "voucher").fill(made["code"].lower())
    by(page, "use-voucher").click()
    expect(by(page, "buy")).to_contain_text("7.50")
    by(page, "pay-sandbox").click()
    expect(by(page, "pay-amount")).to_contain_text("7.50")
    by(page, "play-pay").click()
    expect(by(page, "choices").get_by_role("radio")).to_have_count(2)
    expect(by(page, "paid")).to_contain_text("3.75")
    [voucher] = house.call("GET", "/v1/vouchers", key=host["key"])["vouchers"]
    assert voucher["used"] == 2
    audit = house.call("GET", "/v1/audit", key=house.operator_key)
    assert audit["clean"], [check for check in audit["checks"] if check["findings"]]
    assert not errors(page), page.console


def test_a_room_that_sells_out_while_somebody_decides_says_so_and_offers_nothing(house, page):
    room = house.room(house.host(), capacity=1)
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "buy")).to_be_visible()
    house.buy(room, house.wallet())
    by(page, "pay-sandbox").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "sold_out")
    expect(by(page, "seats")).to_have_text(re.compile("sold out", re.I))
    expect(by(page, "buy")).to_be_hidden()
    expect(by(page, "payment")).to_be_hidden()
    # Looked at anew it asks for no price of what is not sold.
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/v1/quotes") else None)
    page.reload()
    expect(by(page, "seats")).to_have_text(re.compile("sold out", re.I))
    page.wait_for_timeout(900)
    assert not asked


def test_a_seat_for_which_a_group_waits_is_not_offered_and_the_page_says_why(house, page):
    host = house.host()
    room = house.room(host, capacity=2)
    seller, group = house.wallet(), house.wallet()
    bought = house.call(
        "POST", "/v1/orders", {"room": room["room"], "count": 2, "price": euros(500)}, seller["key"], idempotency="both")
    house.call("POST", f"/v1/rooms/{room['room']}/waiting", {"count": 2}, group["key"], idempotency="join")
    house.refund(bought["tickets"][0]["ticket"], seller["key"])
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "charge")).to_contain_text("wait")
    expect(by(page, "buy")).to_be_hidden()
    expect(by(page, "pay-sandbox")).to_be_hidden()
