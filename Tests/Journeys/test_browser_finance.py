"""The finance page in Chromium: a batch that is held and why, down to its postings, agreed to by two, saved as files."""

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page
from house import House, euros
from test_payments import assert_clean

expect.set_options(timeout=15_000)


# Whoever looks for lamps waits a second longer than others.
SLOW_LAMPS = """
() => {
    const fetched = window.fetch;
    window.fetch = async (...asked) => {
        if (String(asked[0]?.url ?? asked[0]).includes("find=lamp")) await new Promise(done => setTimeout(done, 1000));
        return fetched(...asked);
    };
}
"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path):
    house = House(
        tmp_path / "data", "--sandbox", "--set", "payments.manual=true", "--set", "payouts.reasonItemAbove=4.00 EUR",
        "--set", "payouts.suspenseDays=0").start()
    yield house
    house.end()


class Desk:
    """A person of finance with a window and a key of their own."""

    def __init__(self, browser, house, key, **options):
        self.context = browser.new_context(
            viewport={"width": 1100, "height": 900}, locale="en-GB", timezone_id="UTC", **options)
        self.page = listened_page(self.context)
        self.asked = []
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.house = house
        self.page.goto(f"{house.url}/finance")
        by(self.page, "fin-key").fill(key)
        by(self.page, "fin-use-key").press("Enter")

    def open(self, day):
        self.page.locator(f'tr[data-day="{day}"] a').click()
        expect(by(self.page, "fin-batch-heading")).to_be_focused()

    def agree(self, reason):
        by(self.page, "fin-reason").fill(reason)
        by(self.page, "fin-approve").click()
        expect(by(self.page, "confirm-no")).to_be_focused()
        by(self.page, "confirm-yes").click()

    def close(self):
        assert not errors(self.page), self.page.console
        assert all(url.startswith((self.house.url, "blob:", "about:")) for url in self.asked), self.asked
        self.context.close()


def story(house):
    """A night with one payout, one payee who waits, and money that nobody can explain."""
    people = {name: house.second_key() for name in ("timer", "ana", "bea")}
    host, other = house.host("Ana <b>Morel</b>"), house.host("Bea")
    wallet = house.wallet(5000)
    room = house.room(host, capacity=3)
    order = house.buy(room, wallet)["order"]
    house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    house.call("PUT", f"/v1/hosts/{host['host']}/destination", {"provider": "manual", "destination": "her bank"},
               host["key"])
    house.call("POST", f"/v1/hosts/{other['host']}/adjustments", {"amount": euros(-300), "reason": "a broken lamp"},
               house.operator_key, idempotency="lamp")
    item = house.call("POST", "/v1/suspense", {
        "source": "bank", "reference": "x1", "amount": euros(700), "reason": "who is it"}, house.operator_key,
        idempotency="s")
    day = house.business_day()
    house.night_by(people["timer"], day)
    return people, host, other, wallet, order, item, day


def test_a_held_batch_is_understood_agreed_to_by_two_sent_and_saved(house, browser):
    people, host, other, wallet, order, item, day = story(house)
    ana = Desk(browser, house, people["ana"])
    page = ana.page
    expect(by(page, "fin-batches").locator("tr")).to_have_count(1)
    expect(by(page, "fin-batches")).to_contain_text("€4.04")
    expect(by(page, "fin-charts").locator("svg")).to_have_count(2)
    expect(by(page, "fin-charts")).to_contain_text("€3.00")
    ana.open(day)
    expect(by(page, "fin-gates-word")).to_contain_text("This batch is held: Money without a place")
    expect(page.locator('tr[data-gate="suspense"]')).to_have_attribute("data-passed", "false")
    expect(page.locator('tr[data-gate="suspense"]')).to_contain_text(item["item"])
    # Nobody has audited this night yet: that holds it too, until somebody does.
    expect(page.locator('tr[data-gate="books"]')).to_contain_text("no audit")
    by(page, "fin-audit").click()
    expect(by(page, "fin-note")).to_contain_text("The books are clean up to entry")
    expect(page.locator('tr[data-gate="books"]')).to_have_attribute("data-passed", "true")
    batch = house.call("GET", f"/v1/payout-batches/{day}", key=people["ana"])
    expect(by(page, "fin-digest")).to_have_text(batch["digest"])
    expect(by(page, "fin-finding-rows")).to_contain_text("€4.04")

    # Down: everybody has a reason; a payee, their order, its postings.
    rows = by(page, "fin-payee-rows").locator("tr")
    expect(rows).to_have_count(2)
    expect(page.locator(f'tr[data-host="{other["host"]}"]')).to_contain_text("Your balance is -3.00 EUR")
    rows.get_by_role("link", name="Ana <b>Morel</b>").click()
    expect(by(page, "fin-payee-heading")).to_have_text("Ana <b>Morel</b>")
    expect(by(page, "fin-payee-reason")).to_have_text("Waits for people")
    expect(by(page, "fin-payee")).to_have_attribute("data-adds-up", "true")
    by(page, "fin-payee-tree").get_by_role("link", name=order).click()
    expect(by(page, "fin-order-heading")).to_be_focused()
    expect(by(page, "fin-order")).to_have_attribute("data-adds-up", "true")
    sale = page.locator('li[data-kind="sale"] tr[data-amount]')
    amounts = [int(row.get_attribute("data-amount")) for row in sale.all()]
    told = house.call("GET", f"/v1/explanations/{order}", key=people["ana"])
    assert amounts == [p["amount"]["amount"] for p in told["tree"]["steps"][0]["postings"]] and sum(amounts) == 500
    for total in told["sums"]:
        assert sum(part["amount"] for part in total["parts"]) == total["total"]["amount"]
        shown = page.locator(f'[data-test="fin-order-sums"] tr[data-sum="{total["name"]}"]')
        expect(shown).to_have_attribute("data-holds", "true")

    # Up again, and agree: not without a reason.
    page.go_back()
    page.go_back()
    expect(by(page, "fin-batch-heading")).to_be_focused()
    by(page, "fin-approve").click()
    expect(by(page, "fin-reason-wrong")).to_be_visible()
    ana.agree("a full house")
    expect(by(page, "fin-note")).to_contain_text("One more person")
    expect(by(page, "fin-batch")).to_have_attribute("data-state", "partly_approved")
    expect(by(page, "fin-approval-rows")).to_contain_text("a full house")

    bea = Desk(browser, house, people["bea"])
    bea.open(day)
    bea.agree("I have seen the room")
    expect(by(bea.page, "fin-batch")).to_have_attribute("data-state", "approved")
    # Nobody sends what is held: the gate is mended first.
    house.call("POST", f"/v1/suspense/{item['item']}/resolve", {"holder": wallet["holder"]}, house.operator_key,
               idempotency="r")
    by(bea.page, "fin-send").click()
    by(bea.page, "confirm-yes").click()
    expect(by(bea.page, "fin-batch")).to_have_attribute("data-state", "sent")
    expect(by(bea.page, "fin-gates-word")).to_contain_text("nothing holds this batch")

    # What is saved is what the interface gives, byte for byte.
    for name in ("payouts.csv", "result.json"):
        with bea.page.expect_download() as saving:
            bea.page.locator(f'button[data-file="{name}"]').click()
        _, told, _ = house.raw("GET", f"/v1/reports/{name}?day={day}", key=people["bea"])
        assert saving.value.suggested_filename == name
        with open(saving.value.path(), "rb") as file:
            assert file.read() == told
    assert f"{day},{host['host']},EUR,404,0,404" in house.raw(
        "GET", f"/v1/reports/payouts.csv?day={day}", key=people["bea"])[1].decode()
    ana.close()
    bea.close()
    assert_clean(house)


def test_only_keys_of_finance_open_the_page_and_auditors_only_read(house, browser):
    people, host, *_, day = story(house)
    auditor = house.call("POST", "/v1/keys", {"scope": "auditor"}, house.operator_key)["key"]
    desk = Desk(browser, house, host["key"])
    page = desk.page
    expect(by(page, "fin-key-wrong")).to_contain_text("gk_finance_")
    assert page.evaluate("Object.keys(sessionStorage)") == []
    by(page, "fin-key").fill(auditor)
    by(page, "fin-use-key").click()
    desk.open(day)
    expect(page.get_by_text("Your key only reads.")).to_be_visible()
    expect(by(page, "fin-approve")).to_be_hidden()
    expect(by(page, "fin-send")).to_be_hidden()
    # It stays for a reload of this tab and nowhere else, and goes when it is put away.
    page.reload()
    expect(by(page, "fin-batch")).to_be_visible()
    assert auditor not in page.evaluate("JSON.stringify(localStorage)") + page.url
    by(page, "fin-close").click()
    expect(by(page, "fin-key")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage)") == [] and "€" not in page.inner_text("main")
    desk.close()


def crowd(house, count):
    """As many hosts who owe for a lamp, one of them with accents in her name, and one night that looked at them."""
    people = {name: house.second_key() for name in ("timer", "ana")}
    names = ["Zoé Durand", *(f"Lamp owner {n}" for n in range(1, count))]
    for name in names:
        host = house.host(name)
        house.call("POST", f"/v1/hosts/{host['host']}/adjustments", {"amount": euros(-300), "reason": "a broken lamp"},
                   house.operator_key, idempotency=f"lamp-{host['host']}")
    host = house.host("Ana Morel")
    room = house.room(host, capacity=1)
    house.buy(room, house.wallet(500))
    house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    day = house.business_day()
    house.night_by(people["timer"], day)
    return people, day


def test_one_payee_is_found_among_many(house, browser):
    people, day = crowd(house, 120)
    desk = Desk(browser, house, people["ana"])
    page = desk.page
    desk.open(day)
    rows, reasons = by(page, "fin-payee-rows").locator("tr"), by(page, "fin-reasons")
    expect(rows).to_have_count(50)
    expect(by(page, "fin-payees-count")).to_have_text("50 shown; there are more.")
    expect(reasons.get_by_role("button")).to_have_text(["All 121", "Negative 120", "No payout details 1"])
    expect(reasons.get_by_role("button", name="All 121")).to_have_attribute("aria-pressed", "true")
    # What has to be explained is found beside it: her payout is above the limit.
    expect(by(page, "fin-finding-rows").get_by_role("link")).to_have_text(["Ana Morel"])

    # By name, without the accent; from the payee back to the same list; and by the address alone.
    by(page, "fin-find").fill("zoe")
    by(page, "fin-find").press("Enter")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Zoé Durand")
    expect(page.locator("#announcer")).to_have_text("1 shown.")
    page.get_by_role("link", name="Zoé Durand").click()
    expect(by(page, "fin-payee-heading")).to_have_text("Zoé Durand")
    page.go_back()
    expect(by(page, "fin-batch-heading")).to_be_focused()
    expect(rows).to_have_count(1)
    assert page.evaluate("location.hash") == f"#/{day}?find=zoe"
    page.reload()
    expect(by(page, "fin-batch-heading")).to_be_visible()
    expect(rows).to_have_count(1)
    expect(by(page, "fin-find")).to_have_value("zoe")
    by(page, "fin-find").fill("nobody of this name")
    by(page, "fin-find-go").click()
    expect(rows).to_have_count(0)
    expect(by(page, "fin-payees-empty")).to_contain_text("Nobody of this night fits")

    # By reason, page by page; each is there once.
    by(page, "fin-find").fill("")
    by(page, "fin-find-go").click()
    reasons.get_by_role("button", name="Negative 120").click()
    expect(reasons.get_by_role("button", name="Negative 120")).to_have_attribute("aria-pressed", "true")
    for count in (100, 120):
        by(page, "fin-payees-more").click()
        expect(rows).to_have_count(count)
    expect(by(page, "fin-payees-more")).to_be_hidden()
    assert len({row.get_attribute("data-host") for row in rows.all()}) == 120
    assert page.evaluate("location.hash") == f"#/{day}?reason=negative"
    # An address that was written by hand may ask for what there is not: it opens the batch and everybody.
    page.goto("about:blank")
    page.goto(f"{house.url}/finance#/{day}?reason=broke&find=%20")
    expect(by(page, "fin-batch")).to_be_visible()
    expect(rows).to_have_count(50)
    # The last wish wins, however late the answer to the first.
    page.evaluate(SLOW_LAMPS)
    by(page, "fin-find").fill("lamp owner 7")
    by(page, "fin-find").press("Enter")
    by(page, "fin-find").fill("zoe")
    by(page, "fin-find").press("Enter")
    expect(rows).to_contain_text(["Zoé Durand"])
    page.wait_for_timeout(1500)
    expect(rows).to_have_count(1)
    # Who goes on to a payee before the answer is there stays at the payee.
    by(page, "fin-find").fill("lamp owner 7")
    by(page, "fin-find").press("Enter")
    page.get_by_role("link", name="Zoé Durand").click()
    expect(by(page, "fin-payee-heading")).to_have_text("Zoé Durand")
    page.wait_for_timeout(1500)
    assert "find" not in page.evaluate("location.hash")
    assert not errors(page), page.console
    desk.context.close()


def test_the_page_speaks_french_fits_a_phone_and_prints(house, browser):
    people, host, *_, day = story(house)
    desk = Desk(browser, house, people["ana"], color_scheme="dark")
    page = desk.page
    page.set_viewport_size({"width": 360, "height": 740})
    by(page, "lang-fr").click()
    expect(page.get_by_role("heading", name="Versements", level=1)).to_be_visible()
    expect(by(page, "fin-batches")).to_contain_text("4,04")
    desk.open(day)
    expect(by(page, "fin-gates-word")).to_contain_text("Ce lot est retenu")
    expect(by(page, "fin-payee-rows")).to_contain_text("deux personnes de la maison")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways on a phone"
    assert page.pdf(format="A4").startswith(b"%PDF")
    by(page, "fin-payee-rows").get_by_role("link", name="Ana").click()
    with desk.context.expect_page() as opening:
        by(page, "fin-statement").click()
    statement = opening.value
    expect(statement.get_by_role("heading", level=1)).to_have_text("Statement")
    expect(statement.locator("main")).to_contain_text("4.04")
    assert statement.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    desk.close()
