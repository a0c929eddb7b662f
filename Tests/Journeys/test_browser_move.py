"""A room that moved, on its page: the holder is asked, keeps one ticket and gives another back."""

import re

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page
from house import rfc3339


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


def move(house, host, room, starts):
    return house.call(
        "POST", f"/v1/rooms/{room['room']}/moves",
        {"startsAt": rfc3339(starts), "endsAt": rfc3339(starts + 3600), "notice": "The speaker is <b>ill</b>"},
        host["key"], idempotency=f"move-{starts}")


@pytest.mark.parametrize("answer", ["keep", "refund"])
def test_a_holder_is_asked_on_the_page(house, browser, answer):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = listened_page(context)
    host = house.host("Ana")
    room = house.room(host, starts=3600, ends=7200, opened=False)
    page.goto(f"{house.url}/r/{room['room']}")
    by(page, "buy").click()
    expect(by(page, "held")).to_be_visible()
    expect(by(page, "moved")).to_be_hidden()
    move(house, host, room, 86_400)
    page.reload()
    expect(by(page, "moved")).to_be_visible()
    expect(by(page, "moved-notice")).to_have_text("The speaker is <b>ill</b>")
    expect(by(page, "moved-more")).to_contain_text("you keep it")
    by(page, f"moved-{answer}").click()
    expect(by(page, "note")).to_contain_text(re.compile("new times" if answer == "keep" else r"5[.,]00"))
    expect(by(page, "moved")).to_be_hidden()
    held = page.evaluate("(room) => JSON.parse(localStorage['guichet.ticket.' + room] ?? 'null')", room["room"])
    if answer == "keep":
        assert held["token"]
        wallet = page.evaluate("JSON.parse(localStorage['guichet.wallet'])")
        assert house.call("GET", f"/v1/tickets/{held['ticket']}", key=wallet["key"])["state"] == "not_yet_valid"
        # Kept again, elsewhere: the page takes the ticket in its place.
        move(house, host, room, 172_800)
        house.call(
            "POST", f"/v1/tickets/{held['ticket']}/answer", {"answer": "keep"}, wallet["key"], idempotency="elsewhere")
        page.reload()
        expect(by(page, "note")).to_contain_text("new times")
        after = page.evaluate("(room) => JSON.parse(localStorage['guichet.ticket.' + room])", room["room"])
        assert after["ticket"] != held["ticket"]
        expect(by(page, "moved")).to_be_hidden()
    else:
        assert held is None
        expect(by(page, "buy")).to_be_visible()
    assert not errors(page), page.console
    context.close()
