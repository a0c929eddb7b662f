"""The host's office on the host's page: prices, vouchers, tips, moving and cancelling, each to its end."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page
from house import Refused, euros

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="en-GB", timezone_id="UTC")
    yield listened_page(context)
    context.close()


def office(house, page, host, room, *parts):
    page.goto(f"{house.url}/h/{room['room']}")
    by(page, "host-key").fill(host["key"])
    by(page, "use-key").click()
    for part in parts:
        by(page, f"office-{part}").locator("summary").click()


def local(seconds):
    """As a date and time field takes it; the page of these tests lives in UTC."""
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M")


def test_only_a_hosts_key_opens_the_office_and_only_for_their_room(house, page):
    host, other = house.host("Ana"), house.host("Eve")
    room = house.room(host)
    page.goto(f"{house.url}/h/{room['room']}")
    by(page, "host-key").fill("gk_wallet_nonsense")
    by(page, "use-key").click()
    expect(by(page, "host-key-wrong")).to_contain_text("gk_host_")
    assert page.evaluate("Object.keys(sessionStorage)") == []
    by(page, "host-key").fill(other["key"])
    by(page, "use-key").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "key_scope")
    by(page, "key-forget").click()
    expect(by(page, "host-key")).to_be_visible()
    by(page, "host-key").fill(host["key"])
    by(page, "use-key").click()
    by(page, "office-prices").locator("summary").click()
    expect(by(page, "price-rows").locator("tr")).to_have_count(1)
    # It stays for a reload of this tab, and nowhere else.
    page.reload()
    expect(by(page, "office-prices")).to_be_visible()
    assert host["key"] not in page.evaluate("JSON.stringify(localStorage)")


def test_a_host_sets_and_withdraws_prices_and_listeners_see_them(house, page, browser):
    host = house.host("Ana")
    room = house.room(host, price=800)
    office(house, page, host, room, "prices")
    by(page, "price-name").fill("early")
    by(page, "price-amount").fill("five")
    by(page, "price-send").click()
    expect(by(page, "price-amount")).to_have_attribute("aria-invalid", "true")
    by(page, "price-amount").fill("5,50")
    by(page, "price-places").fill("2")
    by(page, "price-until").fill(local(3600))
    by(page, "price-send").click()
    expect(by(page, "office-note")).to_contain_text("early")
    rows = by(page, "price-rows").locator("tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("€5.50")
    expect(rows.first).to_contain_text("2 / 2")
    # The room's own refusal, in its own words.
    by(page, "price-name").fill("Early Bird")
    by(page, "price-send").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "tier_name")
    elsewhere = browser.new_context(locale="en-GB")
    listener = listened_page(elsewhere)
    listener.goto(f"{house.url}/r/{room['room']}")
    expect(by(listener, "tier-early")).to_contain_text("2 left")
    elsewhere.close()
    page.get_by_role("button", name="Withdraw the price early").click()
    by(page, "confirm-yes").click()
    expect(rows).to_have_count(1)
    # A floor, by changing what is there.
    page.get_by_role("button", name="Change the price regular").click()
    expect(by(page, "price-amount")).to_have_value("8")
    by(page, "price-most").fill("50")
    by(page, "price-send").click()
    expect(rows.first).to_contain_text("€8.00 – €50.00")


def test_a_voucher_is_made_used_and_revoked(house, page):
    host = house.host("Ana")
    room = house.room(host)
    office(house, page, host, room, "vouchers")
    by(page, "voucher-value").fill("120")
    by(page, "voucher-send").click()
    expect(by(page, "voucher-value")).to_have_attribute("aria-invalid", "true")
    by(page, "voucher-value").fill("12,5")
    by(page, "voucher-uses").fill("3")
    by(page, "voucher-send").click()
    expect(by(page, "voucher-code")).to_be_visible()
    code = re.search(r"is (\w{16})", by(page, "voucher-code").text_content())[1]
    order = {"room": room["room"], "price": euros(500), "voucher": code}
    bought = house.call("POST", "/v1/orders", order, house.wallet()["key"], idempotency="with-code")
    assert bought["price"] == euros(437)
    page.reload()
    by(page, "office-vouchers").locator("summary").click()
    row = by(page, "voucher-rows").locator("tr")
    expect(row).to_contain_text("−12.5%")
    expect(row).to_contain_text("1 / 3")
    row.get_by_role("button").click()
    expect(row).to_contain_text("revoked")
    with pytest.raises(Refused) as refused:
        house.call("POST", "/v1/orders", order, house.wallet()["key"], idempotency="too-late")
    assert refused.value.code == "voucher_over"


def test_tips_are_listed_given_back_and_switched_off(house, page):
    host = house.host("Ana")
    room = house.room(host)
    wallet = house.wallet()
    house.buy(room, wallet)
    for amount, message in ((500, "What a <b>voice</b>"), (200, "")):
        house.call(
            "POST", f"/v1/rooms/{room['room']}/tips", {"amount": euros(amount), "message": message}, wallet["key"],
            idempotency=f"tip-{amount}")
    office(house, page, host, room, "tips")
    expect(by(page, "tips-sum")).to_have_text("2 tips · €7.00")
    rows = by(page, "tip-rows").get_by_role("listitem")
    expect(rows.last).to_contain_text("What a <b>voice</b>")
    rows.last.get_by_role("button").click()
    by(page, "confirm-yes").click()
    expect(rows.last).to_contain_text("given back")
    expect(by(page, "tips-sum")).to_have_text("2 tips · €2.00")
    by(page, "tips-switch").click()
    expect(by(page, "office-note")).to_have_text("This room takes no tips.")
    assert house.call("GET", f"/v1/rooms/{room['room']}/tips/terms")["accepts"] is False
    assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(1300)]
    assert not errors(page), page.console


def test_a_room_is_moved_and_the_answers_are_counted(house, page):
    host = house.host("Ana")
    room = house.room(host, starts=86_400, ends=90_000, opened=False)
    wallet = house.wallet()
    ticket = house.buy(room, wallet)["ticket"]
    office(house, page, host, room, "move")
    by(page, "move-starts").fill(local(172_800))
    by(page, "move-ends").fill(local(176_400))
    by(page, "move-send").click()
    by(page, "confirm-yes").click()
    # Without a word to the holders the rule says no.
    expect(by(page, "refusal")).to_have_attribute("data-code", re.compile("move_notice|body_wrong_type"))
    by(page, "move-notice").fill("The speaker is ill")
    by(page, "move-send").click()
    by(page, "confirm-yes").click()
    expect(by(page, "office-note")).to_contain_text("starts on")
    expect(by(page, "move-answers")).to_contain_text("1 have not answered")
    house.call("POST", f"/v1/tickets/{ticket}/answer", {"answer": "refund"}, wallet["key"], idempotency="back")
    page.reload()
    by(page, "office-move").locator("summary").click()
    expect(by(page, "move-answers")).to_contain_text("1 took the price back")


@pytest.mark.parametrize("sold", [1, 3])
def test_a_room_is_cancelled_by_a_plan_and_above_the_limit_by_two(house, page, sold):
    host = house.host("Ana")
    # Of this policy one person gives back 100.00 at most.
    room = house.room(host, price=5000, opened=False, starts=3600, ends=7200)
    wallets = [house.wallet(5000) for _ in range(sold)]
    for wallet in wallets:
        house.buy(room, wallet, price=5000)
    office(house, page, host, room, "cancel")
    by(page, "plan-make").click()
    expect(by(page, "plan-lines")).to_contain_text(f"€{50 * sold}.00 go back")
    number = by(page, "plan-number").text_content()
    if sold == 3:
        expect(by(page, "plan-second")).to_contain_text("two people")
        expect(by(page, "plan-run")).to_be_hidden()
        plan = house.call("GET", f"/v1/cancellations/{number}", key=host["key"])
        house.call(
            "POST", f"/v1/cancellations/{number}/approve", {"digest": plan["digest"]}, house.operator_key,
            idempotency="second")
        page.reload()
        by(page, "office-cancel").locator("summary").click()
        expect(by(page, "plan-number")).to_have_text(number)
    by(page, "plan-run").click()
    expect(by(page, "confirm-no")).to_be_focused()
    by(page, "confirm-yes").click()
    expect(by(page, "plan")).to_have_attribute("data-state", "done")
    expect(by(page, "office-note")).to_contain_text("cancelled")
    for wallet in wallets:
        assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(5000)]
    assert house.call("GET", f"/v1/rooms/{room['room']}")["state"] == "cancelled"
    assert not errors(page), page.console
