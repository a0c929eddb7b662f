"""What to buy, on the page: prices and their phases, how many, more than the floor, vouchers, countries; quote = postings."""

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
def context(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    yield context
    context.close()


@pytest.fixture
def page(context):
    return listened_page(context)


def set_tier(house, host, room, tier, price, **more):
    return house.call("PUT", f"/v1/rooms/{room['room']}/prices/{tier}", {"price": euros(price), **more}, host["key"])


def voucher(house, host, **benefit):
    return house.call("POST", "/v1/vouchers", benefit, host["key"], idempotency=f"v-{len(benefit)}-{benefit}"[:60].replace(" ", ""))


def wallet_of(page):
    return page.evaluate("JSON.parse(localStorage['guichet.wallet'])")


def held_of(page, room):
    return page.evaluate(
        "(room) => [localStorage['guichet.ticket.' + room], localStorage['guichet.others.' + room]]"
        ".flatMap(text => JSON.parse(text ?? '[]'))", room["room"])


def by_account(legs):
    """The sum of postings by account, each leg two-sided."""
    sums = {}
    for leg in legs:
        for account, sign in ((leg["debit"], 1), (leg["credit"], -1)):
            sums[account] = sums.get(account, 0) + sign * leg["amount"]["amount"]
    return sums


def lines(page):
    return [row.inner_text().replace("\t", " ") for row in by(page, "lines").locator("tr").all()]


def test_the_price_list_is_there_with_what_is_left_and_until_when(house, page):
    host = house.host()
    room = house.room(host, capacity=9, price=800)
    set_tier(house, host, room, "early", 500, places=2, until=rfc3339(3000))
    set_tier(house, host, room, "gone", 300, until=rfc3339(-10))
    set_tier(house, host, room, "supporter-2", 2000, **{"from": rfc3339(86_400)})
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "tier-early")).to_contain_text("2 left at this price")
    expect(by(page, "tier-early")).to_contain_text(re.compile(r"until .*\d"))
    expect(by(page, "tier-early").locator("input")).to_be_checked()
    expect(by(page, "tier-supporter-2")).to_contain_text("Supporter 2")
    expect(by(page, "tier-supporter-2").locator("input")).to_be_disabled()
    expect(by(page, "tier-gone")).to_contain_text("over")
    expect(by(page, "buy")).to_contain_text("5.00")

    # Three of two: all or none, and the page says beside the number why.
    for _ in range(2):
        by(page, "more").click()
    expect(by(page, "count-wrong")).to_contain_text("2 are left")
    expect(by(page, "quote")).to_be_hidden()
    by(page, "tier-regular").click()
    expect(by(page, "count-wrong")).to_be_hidden()
    expect(by(page, "buy")).to_contain_text("24.00")
    assert lines(page) == ["3 × Regular £24.00".replace("£", "€"), "Total €24.00", "of which tax €3.99"]
    with page.expect_response(re.compile("/v1/orders$")) as bought:
        by(page, "buy").click()
    assert bought.value.status == 201
    expect(by(page, "held")).to_be_visible()
    assert sorted(ticket["seat"] for ticket in held_of(page, room)) == [1, 2, 3]
    assert house.call("GET", f"/v1/rooms/{room['room']}")["seatsLeft"] == 6
    # The browser notes the refusal itself.
    assert all("409" in line for line in errors(page)), page.console


def test_a_sale_posts_what_the_page_showed_and_nothing_else(house, page):
    host = house.host()
    room = house.room(host, capacity=9, price=500)
    code = voucher(house, host, kind="percent", percentBp=2500, uses=9)["code"]
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "more").click()
    by(page, "voucher-field").locator("summary").click()
    by(page, "voucher").fill(code)
    by(page, "voucher").press("Enter")
    expect(by(page, "buy")).to_contain_text("7.50")
    assert lines(page) == ["2 × Regular €10.00", "Voucher -€2.50", "Total €7.50", "of which tax €1.26"]
    quotes = []
    page.on("response", lambda answer: quotes.append(answer.json()) if answer.url.endswith("/v1/quotes") else None)
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()
    quote = quotes[-1]
    wallet = wallet_of(page)
    assert quote["quote"] and quote["total"] == euros(750)
    listed = house.call("GET", f"/v1/wallets/{wallet['holder']}/tickets", key=wallet["key"])["tickets"]
    quoted = by_account(quote["postings"])
    assert sum(amount for account, amount in quoted.items() if "vat" in account) == -63
    for ticket in listed:
        receipt = house.call("GET", f"/v1/orders/{ticket['order']}/receipt", key=wallet["key"])
        assert receipt["price"] == quote["gross"] == euros(375)
        posted = {}
        for posting in receipt["entry"]["postings"]:
            posted[posting["account"]] = posted.get(posting["account"], 0) + posting["amount"]
        assert {a: n for a, n in posted.items() if n} == {a: n for a, n in quoted.items() if n}


def test_each_of_several_tickets_has_its_link_its_code_and_its_calendar_file(house, context, page):
    room = house.room(house.host(), capacity=9)
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "more").click()
    expect(by(page, "buy")).to_contain_text("10.00")
    by(page, "buy").click()
    expect(by(page, "choices").get_by_role("radio")).to_have_count(2)
    by(page, "other-device").locator("summary").click()
    seen = set()
    for seat in ("1", "2"):
        by(page, "choices").get_by_text(f"Seat {seat}").click()
        expect(by(page, "seat")).to_have_text(seat)
        number = by(page, "ticket-number").text_content()
        by(page, "show-code").click()
        expect(by(page, "code")).to_be_visible()
        drawn = by(page, "code").locator("path").get_attribute("d")
        with page.expect_download() as saved:
            by(page, "add-calendar").click()
        assert saved.value.suggested_filename == f"{number}.ics"
        assert "BEGIN:VEVENT" in open(saved.value.path()).read()
        seen.add((number, drawn))
    assert len({number for number, _ in seen}) == 2 and len({drawn for _, drawn in seen}) == 2
    # The link of the second one opens it elsewhere.
    token = next(ticket["token"] for ticket in held_of(page, room) if ticket["seat"] == 2)
    other = listened_page(context.browser.new_context(locale="en-GB"))
    other.goto(f"{house.url}/r/{room['room']}#ticket={token}")
    expect(by(other, "held")).to_be_visible()
    # More can be bought beside them.
    by(page, "buy-more").click()
    by(page, "buy").click()
    expect(by(page, "choices").get_by_role("radio")).to_have_count(3)
    page.reload()
    expect(by(page, "choices").get_by_role("radio")).to_have_count(3)
    assert not errors(page), page.console
    other.context.close()


def test_above_a_floor_the_buyer_chooses(house, page):
    host = house.host()
    room = house.room(host, price=500)
    set_tier(house, host, room, "regular", 500, most=euros(5000))
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "price")).to_have_text("€5.00 or more")
    expect(by(page, "floor")).to_have_value("5")
    for text, fits in (("4.99", False), ("fifty", False), ("50.01", False), ("7,50", True)):
        by(page, "floor").fill(text)
        by(page, "floor").press("Tab")
        if fits:
            expect(by(page, "floor-wrong")).to_be_hidden()
        else:
            expect(by(page, "floor-wrong")).to_contain_text("€5.00 to €50.00")
    expect(by(page, "buy")).to_contain_text("7.50")
    by(page, "buy").click()
    expect(by(page, "paid")).to_contain_text("7.50")
    assert not errors(page), page.console


def test_a_voucher_is_refused_in_plain_words_or_makes_the_ticket_free(house, page):
    host = house.host()
    room = house.room(host, capacity=9)
    once = voucher(house, host, kind="free", uses=1)["code"]
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "voucher-field").locator("summary").click()
    by(page, "voucher").fill("NOSUCHCODE")
    by(page, "use-voucher").click()
    expect(by(page, "voucher-wrong")).to_contain_text("No voucher for this room has this code")
    # What it costs without it still stands there.
    expect(by(page, "buy")).to_contain_text("5.00")
    by(page, "voucher").fill(once)
    by(page, "use-voucher").click()
    expect(by(page, "voucher-wrong")).to_be_hidden()
    expect(by(page, "buy")).to_have_text("Get a free ticket")
    expect(by(page, "pay-sandbox")).to_be_hidden()
    by(page, "buy").click()
    expect(by(page, "paid")).to_have_text("Free")
    by(page, "buy-more").click()
    by(page, "use-voucher").click()
    expect(by(page, "voucher-wrong")).to_contain_text("makes 0 more tickets")
    assert all("404" in line or "409" in line or "422" in line for line in errors(page)), page.console


@pytest.mark.parametrize("way", ["buy", "pay-sandbox"])
def test_another_price_meanwhile_is_shown_and_asked_about_again(house, page, way):
    host = house.host()
    room = house.room(host)
    page.goto(f"{house.url}/r/{room['room']}")
    # The button has its words before the quote is there, and is shown with it.
    expect(by(page, "buy")).to_be_visible()
    expect(by(page, "buy")).to_contain_text("5.00")
    house.call("PUT", f"/v1/rooms/{room['room']}/price", {"price": euros(900)}, host["key"])
    by(page, way).click()
    expect(by(page, "quote-changed")).to_be_visible()
    expect(by(page, "buy")).to_contain_text("9.00")
    assert house.call("GET", f"/v1/rooms/{room['room']}")["seatsLeft"] == 3
    by(page, way).click()
    if way == "pay-sandbox":
        expect(by(page, "pay-amount")).to_contain_text("9.00")
        by(page, "play-pay").click()
    expect(by(page, "paid")).to_contain_text("9.00")


def test_tax_follows_the_country_that_the_buyer_names(house, page):
    host = house.host()
    begins = rfc3339(-1)
    room = house.call("POST", "/v1/rooms", {
        "title": "Night talk", "startsAt": begins, "endsAt": rfc3339(3600), "doorsOpenAt": begins, "capacity": 3,
        "price": euros(500), "policy": "guichet-eu-2026"}, host["key"])
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "lines")).to_contain_text("0.83")
    by(page, "country").select_option(label="Germany")
    expect(by(page, "lines")).to_contain_text("0.80")
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()
    wallet = wallet_of(page)
    [ticket] = house.call("GET", f"/v1/wallets/{wallet['holder']}/tickets", key=wallet["key"])["tickets"]
    receipt = house.call("GET", f"/v1/orders/{ticket['order']}/receipt", key=wallet["key"])
    assert any("DE" in posting["account"].upper() for posting in receipt["entry"]["postings"])
    assert not errors(page), page.console


def test_all_or_none_of_a_group_and_no_mouse_needed(house, page):
    room = house.room(house.host(), capacity=3)
    page.goto(f"{house.url}/r/{room['room']}")
    expect(by(page, "quote")).to_be_visible()

    def tab_to(name):
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.dataset.test") == name:
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline not in ("none", ""), f"nobody sees that {name} has the focus"
                return
        raise AssertionError(f"Tab does not reach {name}")

    tab_to("count")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(by(page, "count-wrong")).to_contain_text("3 seats are left")
    expect(by(page, "count")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+A")
    page.keyboard.type("99")
    page.keyboard.press("Enter")
    expect(by(page, "count-wrong")).to_contain_text("1 to 20")
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(by(page, "buy")).to_contain_text("15.00")
    tab_to("buy")
    page.keyboard.press("Enter")
    expect(by(page, "listen")).to_be_focused()
    assert house.call("GET", f"/v1/rooms/{room['room']}")["seatsLeft"] == 0
