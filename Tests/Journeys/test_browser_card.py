"""Paying on the page through a provider: there and back, declined, late, interrupted; with test money and by hand."""

import re

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page
from house import House, euros
from test_clock import SteppedHouse
from test_payments import served, stripe  # noqa: F401: fixtures
from test_separate import eventually

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
    yield context
    context.close()


@pytest.fixture
def page(context):
    return listened_page(context)


def charges(house):
    return house.call("GET", "/v1/charges", key=house.operator_key)["charges"]


def play(house, charge, outcome):
    name = f"sandbox_{charge['charge']}"
    return house.call("POST", f"/v1/providers/sandbox/checkouts/{name}", {"outcome": outcome})


def assert_captured(house):
    assert charges(house)[0]["state"] == "captured"


def assert_clean(house):
    audit = house.call("GET", "/v1/audit", key=house.operator_key)
    assert audit["clean"], [check for check in audit["checks"] if check["findings"]]


def seats_left(house, room):
    return house.call("GET", f"/v1/rooms/{room['room']}")["seatsLeft"]


def pay_page(house, page, room):
    """From the room's page to the provider's."""
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "pay-sandbox").click()
    page.wait_for_url(re.compile("/pay/sandbox_"))
    expect(by(page, "pay-amount")).to_contain_text("5.00")


@pytest.mark.parametrize("outcome", ["pay", "pay_twice", "pay_reordered"])
def test_a_card_pays_and_the_ticket_appears(house, page, outcome):
    room = house.room(house.host("Ana"), title="Night <b>talk</b>")
    pay_page(house, page, room)
    expect(by(page, "pay-title")).to_have_text("Night <b>talk</b>")
    by(page, f"play-{outcome}").click()
    expect(by(page, "held")).to_be_visible()
    expect(by(page, "seat")).to_have_text("1")
    expect(by(page, "paid")).to_contain_text("5.00")
    expect(by(page, "payment")).to_be_hidden()
    assert "payment" not in page.url
    assert seats_left(house, room) == 2
    page.reload()
    expect(by(page, "held")).to_be_visible()
    assert [charge["state"] for charge in charges(house)] == ["captured"]
    assert not errors(page), page.console
    assert_clean(house)


def test_who_comes_back_without_paying_keeps_the_seat_and_may_go_again(house, page):
    room = house.room(house.host(), capacity=1)
    pay_page(house, page, room)
    by(page, "pay-left").click()
    expect(by(page, "payment")).to_have_attribute("data-state", "left")
    expect(by(page, "payment-heading")).to_be_focused()
    expect(by(page, "payment-left")).to_have_text(re.compile(r"^\d+:\d\d$"))
    expect(by(page, "buy")).to_be_hidden()
    assert seats_left(house, room) == 0
    page.reload()
    expect(by(page, "payment")).to_have_attribute("data-state", "open")
    by(page, "payment-go").click()
    by(page, "play-pay").click()
    expect(by(page, "seat")).to_have_text("1")
    assert len(charges(house)) == 1
    assert not errors(page), page.console


def test_seats_that_are_given_up_are_sold_again_and_money_that_still_comes_is_not_lost(house, page):
    room = house.room(house.host(), capacity=1)
    pay_page(house, page, room)
    by(page, "pay-left").click()
    by(page, "payment-give-up").click()
    expect(by(page, "confirm-no")).to_be_focused()
    by(page, "confirm-yes").click()
    expect(by(page, "buy")).to_be_visible()
    assert seats_left(house, room) == 1
    # The payment page was open in another tab after all.
    [charge] = charges(house)
    play(house, charge, "pay")
    # The event is read a moment after it was taken; a payment that was put aside is looked at when the page opens.
    eventually(lambda: assert_captured(house))
    page.reload()
    expect(by(page, "payment")).to_have_attribute("data-state", "returned")
    expect(by(page, "payment-more")).to_contain_text("given up")
    expect(by(page, "payment-number")).to_have_text(charge["charge"])
    [back] = house.call("GET", f"/v1/charges/{charge['charge']}", key=house.operator_key)["repayments"]
    assert back["amount"] == charge["amount"]
    by(page, "payment-again").click()
    expect(by(page, "buy")).to_be_focused()
    page.reload()
    expect(by(page, "payment")).to_be_hidden()
    assert not errors(page), page.console
    assert_clean(house)


def test_a_declined_payment_says_so_and_the_next_attempt_works(house, page):
    room = house.room(house.host(), capacity=1)
    pay_page(house, page, room)
    by(page, "play-expire").click()
    expect(by(page, "payment")).to_have_attribute("data-state", "declined")
    expect(by(page, "payment-more")).to_contain_text("Nothing was charged")
    by(page, "payment-again").click()
    # Its only seat is free for this attempt.
    by(page, "pay-sandbox").click()
    by(page, "play-pay").click()
    expect(by(page, "seat")).to_have_text("1")
    assert sorted(charge["state"] for charge in charges(house)) == ["captured", "ended"]
    assert not errors(page), page.console


def test_a_bank_that_takes_its_time_is_waited_for_in_a_closed_tab_too(house, context, page):
    room = house.room(house.host())
    pay_page(house, page, room)
    by(page, "play-process").click()
    expect(by(page, "payment")).to_have_attribute("data-state", "processing")
    expect(by(page, "payment-next")).to_contain_text("close this page")
    page.close()
    [charge] = charges(house)
    play(house, charge, "pay")
    later = listened_page(context)
    later.goto(f"{house.url}/r/{room['room']}")
    expect(by(later, "held")).to_be_visible()
    assert not errors(later), later.console


# What can happen to an answer on its way: nothing arrives, some proxy puts in a page of its own, it is cut off.
WAYS = {
    "network": lambda route: route.abort(),
    "server": lambda route: route.fulfill(status=403, content_type="text/html", body="<h1>Forbidden</h1>"),
    "cut": lambda route: route.fulfill(status=201, content_type="application/json", body='{"charge": "char'),
}


def losing(page, path, way):
    """Lets the server do what is asked and loses its answer."""

    def lose(route):
        route.fetch()
        WAYS[way](route)

    page.route(re.compile(path), lose)
    return lambda: page.unroute(re.compile(path))


@pytest.mark.parametrize("way", WAYS)
def test_a_checkout_whose_answer_is_lost_is_the_same_one_after_a_reload(house, page, way):
    room = house.room(house.host())
    found = losing(page, "/v1/checkouts$", way)
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "pay-sandbox").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "server" if way == "server" else "network")
    expect(by(page, "payment")).to_have_attribute("data-state", "starting")
    found()
    page.reload()
    expect(by(page, "payment")).to_have_attribute("data-state", "open")
    assert len(charges(house)) == 1 and seats_left(house, room) == 2
    by(page, "payment-go").click()
    by(page, "play-pay").click()
    expect(by(page, "held")).to_be_visible()


@pytest.mark.parametrize("way", WAYS)
def test_a_purchase_from_the_wallet_whose_answer_is_lost_is_found_after_a_reload(house, page, way):
    room = house.room(house.host())
    found = losing(page, "/v1/orders$", way)
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "buy").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "server" if way == "server" else "network")
    found()
    page.reload()
    expect(by(page, "seat")).to_have_text("1")
    assert seats_left(house, room) == 2


def stripes_page(house, stripe, page):
    """From the page of a new room to Stripe's; the room, and the only session there."""
    room = house.room(house.host())
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "pay-stripe").click()
    page.wait_for_url(f"{stripe.url}/pay/*")
    [(name, session)] = stripe.sessions.items()
    return room, name, session


def test_stripes_page_is_left_and_paid_and_its_word_is_waited_for(served, stripe, page):
    house = served
    _, name, session = stripes_page(house, stripe, page)
    assert page.url == session["url"]
    page.goto(session["cancel_url"])
    expect(by(page, "payment")).to_have_attribute("data-state", "left")
    by(page, "payment-go").click()
    page.wait_for_url(session["url"])
    stripe.pay(name)
    stripe.is_down = True
    page.goto(session["success_url"])
    # The buyer is back before Stripe's event, and Stripe does not answer: that they came back proves nothing.
    expect(by(page, "payment")).to_have_attribute("data-state", "confirming")
    expect(by(page, "payment-next")).to_contain_text("Do not pay a second time")
    stripe.deliver(house)
    expect(by(page, "seat")).to_have_text("1")


def test_who_has_paid_has_the_ticket_though_stripe_never_tells(served, stripe, page):
    house = served
    room, name, session = stripes_page(house, stripe, page)
    page.goto(session["success_url"])
    # Nobody has paid: whoever says so by an address alone gets nothing.
    expect(by(page, "payment")).to_have_attribute("data-state", "confirming")
    stripe.pay(name)
    expect(by(page, "seat")).to_have_text("1")
    assert seats_left(house, room) == 2 and len(stripe.events) == 3
    # The events come after all, twice.
    stripe.deliver(house, copies=2)
    eventually(lambda: assert_captured(house))
    page.reload()
    expect(by(page, "held")).to_be_visible()
    assert seats_left(house, room) == 2
    assert_clean(house)


def test_payments_by_hand_name_their_number_and_wait(tmp_path, page):
    house = House(tmp_path / "data", "--set", "payments.manual=true").start()
    try:
        room = house.room(house.host())
        page.goto(f"{house.url}/r/{room['room']}")
        expect(by(page, "pay-sandbox")).to_have_count(0)
        by(page, "pay-manual").click()
        expect(by(page, "payment")).to_have_attribute("data-state", "desk")
        expect(by(page, "payment-more")).to_contain_text("5.00")
        [charge] = charges(house)
        expect(by(page, "payment-number")).to_have_text(charge["charge"])
        house.call(
            "POST", f"/v1/charges/{charge['charge']}/confirmation", {"amount": euros(500), "reference": "statement 7"},
            house.operator_key, idempotency="received")
        expect(by(page, "seat")).to_have_text("1")
        assert not errors(page), page.console
    finally:
        house.end()


def test_money_that_comes_too_late_makes_tickets_or_goes_back(tmp_path, browser):
    house = SteppedHouse(tmp_path).start()
    contexts = [browser.new_context(locale="en-GB") for _ in range(2)]
    try:
        room = house.room(house.host(), capacity=2, ends=7200)
        pages = [listened_page(context) for context in contexts]
        late = []
        for page in pages:
            before = {charge["charge"] for charge in charges(house)}
            pay_page(house, page, room)
            late += [charge for charge in charges(house) if charge["charge"] not in before]
            by(page, "pay-left").click()
            expect(by(page, "payment")).to_have_attribute("data-state", "left")
        house.shift(11 * 60)
        for page in pages:
            page.reload()
            expect(by(page, "payment")).to_have_attribute("data-state", "expired")
        # Somebody else takes one of the two seats; the money of both comes all the same.
        house.buy(room, house.wallet())
        for charge in late:
            play(house, charge, "pay")
        expect(by(pages[0], "held")).to_be_visible()
        expect(by(pages[1], "payment")).to_have_attribute("data-state", "returned")
        expect(by(pages[1], "payment-more")).to_contain_text("every seat was sold")
        expect(by(pages[1], "payment-next")).to_contain_text("on its way to the card")
        [back] = house.call("GET", f"/v1/charges/{late[1]['charge']}", key=house.operator_key)["repayments"]
        assert back["amount"] == late[1]["amount"]
        assert_clean(house)
    finally:
        for context in contexts:
            context.close()
        house.end()


def test_every_state_of_a_payment_has_its_words(house, page):
    room = house.room(house.host())
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "buy")).to_be_visible()
    found = page.evaluate("""
        async () => {
            const assets = document.querySelector("script[type=module]").src.replace(/[^/]+$/, "");
            const { isOver, isWaiting, pause, standing } = await import(`${assets}charge.js`);
            const { t } = await import(`${assets}i18n.js`);
            const silent = [], words = new Set();
            for (const state of ["created", "open", "processing", "ended", "captured"])
                for (const purchase of ["held", "expired", "cancelled", "paid", "ticketed", "suspended", "refunded"])
                    for (const url of ["/pay/x", undefined])
                        for (const provider of ["stripe", "manual"])
                            for (const [back, repayments] of [
                                [null, []], ["done", [{ state: "succeeded" }]], ["left", [{ state: "failed" }]]]) {
                                const word = standing({ state, purchase, url, provider, repayments }, back);
                                words.add(word);
                                const keys = word === "tickets" ? [] : ["heading", "next"];
                                if (!["suspended", "returned", "tickets"].includes(word)) keys.push("more");
                                for (const part of keys)
                                    if (t(`pay_${word}_${part}`) === `pay_${word}_${part}`) silent.push(`${word} ${part}`);
                                // Nothing is looked for when nothing can come.
                                if (isOver(word, { state }) && isWaiting(word, { state }) && word !== "tickets") silent.push(word);
                            }
            let looks = 0, sum = 0;
            for (let wait; (wait = pause(looks)) !== null; looks++) sum += wait;
            return { silent, words: [...words].sort(), looks, minutes: sum / 60000 };
        }
    """)
    assert not found["silent"], found
    assert len(found["words"]) == 13, found["words"]
    assert found["looks"] == 30 and 5 < found["minutes"] < 8, found
