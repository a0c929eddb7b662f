"""A room that wants a key of each holder, in Chromium: whoever bought it listens, and a copied link is worthless."""

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page, tone_on_stage, until_heard
from proofs import claims_of

expect.set_options(timeout=15_000)

# The key as the browser keeps it, and whether anybody could read it.
KEY = """
async () => {
    const db = await new Promise((done, fail) => {
        const request = indexedDB.open("guichet", 1);
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
    });
    const pair = await new Promise((done) => {
        const request = db.transaction("keys").objectStore("keys").get("holder");
        request.onsuccess = () => done(request.result);
    });
    const told = await crypto.subtle.exportKey("jwk", pair.privateKey).then(() => "told", (error) => error.name);
    return [pair.privateKey.extractable, told];
}
"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


def kept(page, name):
    return page.evaluate("(name) => JSON.parse(localStorage.getItem(name))", name)


def test_a_copied_link_is_worthless(house, browser, tmp_path):
    host = house.host()
    room = house.room(host, capacity=3)
    house.call("PUT", f"/v1/rooms/{room['room']}/holder-key", {"holderKey": "required"}, host["key"])
    address = f"{house.url}/r/{room['room']}"
    mine, other, third = [browser.new_context(locale=locale) for locale in ("en-GB", "en-GB", "fr-FR")]
    with tone_on_stage(house, house.host_pass(host, room)["token"], 440, tmp_path):
        page = listened_page(mine)
        page.goto(address)
        by(page, "buy").click()
        expect(by(page, "bound")).to_contain_text("bound to this browser")
        expect(by(page, "other-device")).to_be_hidden()
        ticket = kept(page, f"guichet.ticket.{room['room']}")
        assert claims_of(ticket["token"])["cnf"]["jkt"]
        assert page.evaluate(KEY) == [False, "InvalidAccessError"]
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "connected")
        until_heard(page)

        # The same link in another browser, which has no key, and later one of its own.
        copy = listened_page(other)
        copy.goto(f"{address}#ticket={ticket['token']}")
        by(copy, "listen").click()
        expect(by(copy, "refusal")).to_have_attribute("data-code", "proof_missing")
        expect(by(copy, "refusal-title")).to_have_text("This ticket is bound to another device")
        expect(by(copy, "refusal-detail")).to_contain_text("no proof of that key came")
        copy.evaluate("() => import(document.querySelector('script[type=module]').src.replace(/[^/]+$/, 'holder-key.js'))"
                      ".then(({ proofToClaim }) => proofToClaim('/x', Date.now()))")
        by(copy, "listen").click()
        expect(by(copy, "refusal")).to_have_attribute("data-code", "proof_other_key")

        # With the wallet of the buyer as well: the first device that claimed the ticket has it.
        copy.evaluate("(wallet) => localStorage.setItem('guichet.wallet', JSON.stringify(wallet))",
                      kept(page, "guichet.wallet"))
        copy.evaluate("([name, ticket]) => localStorage.setItem(name, JSON.stringify(ticket))",
                      [f"guichet.ticket.{room['room']}", {**ticket, "token": house.call(
                          "GET", f"/v1/tickets/{ticket['ticket']}", key=kept(page, "guichet.wallet")["key"])["token"]}])
        copy.reload()
        by(copy, "listen").click()
        expect(by(copy, "refusal")).to_have_attribute("data-code", "proof_other_key")

        # A ticket that nobody has claimed yet opens nothing as a link either.
        unclaimed = house.buy(room, house.wallet())
        guest = listened_page(third)
        guest.goto(f"{address}#ticket={unclaimed['token']}")
        by(guest, "listen").click()
        expect(by(guest, "refusal")).to_have_attribute("data-code", "holder_key_missing")
        expect(by(guest, "refusal-title")).to_have_text("Cette salle veut un billet avec une clé")

        # The holder comes back after a reload, with the key that the browser kept.
        expect(by(page, "connection")).to_have_attribute("data-state", "connected")
        page.reload()
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "connected")
        until_heard(page)
        assert not errors(page), page.console
    for context in (mine, other, third):
        context.close()
