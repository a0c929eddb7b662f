"""The host's page in Chromium: the door is set, somebody is banned from all rooms, and sound is tested before the start."""

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import ANALYSE, CHROMIUM, by, errors, listened_page
from test_browser_office import office

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
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="en-GB", timezone_id="UTC")
    yield listened_page(context)
    context.close()


def test_the_door_is_set_on_the_hosts_page(house, page):
    host = house.host()
    room = house.room(host)
    office(house, page, host, room, "door")
    expect(by(page, "door-sharing")).to_have_value("newest")
    expect(by(page, "door-key")).to_have_value("none")
    by(page, "door-sharing").select_option("devices-3")
    by(page, "door-key").select_option("required")
    by(page, "door-send").click()
    expect(by(page, "office-note")).to_have_text("The door is set. Whoever is inside stays inside.")
    told = house.call("GET", f"/v1/rooms/{room['room']}")
    assert (told["sharing"], told["holderKey"]) == ("devices-3", "required")
    page.reload()
    by(page, "office-door").locator("summary").click()
    expect(by(page, "door-sharing")).to_have_value("devices-3")
    expect(by(page, "door-key")).to_have_value("required")
    # What the ledger refuses is said in its words.
    house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    by(page, "door-key").select_option("none")
    by(page, "door-send").click()
    expect(by(page, "refusal")).to_have_attribute("data-code", "room_closed")


def test_somebody_is_banned_from_all_rooms_and_let_in_again(house, browser, page):
    host = house.host()
    room, second = house.room(host), house.room(host)
    wallet = house.wallet()
    sale, other = house.buy(room, wallet), house.buy(second, wallet)
    guest = listened_page(browser.new_context(locale="en-GB"))
    guest.goto(f"{house.url}/r/{room['room']}#ticket={sale['token']}")
    by(guest, "listen").click()
    expect(by(guest, "connection")).to_have_attribute("data-state", "connected")

    page.goto(f"{house.url}/h/{room['room']}#pass={house.host_pass(host, room)['token']}")
    row = by(page, "people").locator("li[data-role=listener]")
    expect(row).to_have_count(1)
    # The pass is for this room; the key of the account opens the other way.
    expect(by(page, "ban")).to_have_count(0)
    by(page, "host-key").fill(host["key"])
    by(page, "use-key").click()
    by(page, "office-door").locator("summary").click()
    expect(by(page, "bans-empty")).to_be_visible()
    by(page, "ban").click()
    page.locator("#confirm-yes").click()
    expect(by(page, "ban-rows").locator("li")).to_have_count(1)
    expect(by(guest, "refusal")).to_have_attribute("data-code", "banned")
    guest.goto(f"{house.url}/r/{second['room']}#ticket={other['token']}")
    by(guest, "listen").click()
    expect(by(guest, "refusal")).to_have_attribute("data-code", "banned_by_host")
    expect(by(guest, "refusal-title")).to_have_text("You are not let into this room")

    by(page, "ban-lift").click()
    expect(by(page, "ban-rows").locator("li")).to_have_count(0)
    by(guest, "listen").click()
    expect(by(guest, "connection")).to_have_attribute("data-state", "connected")
    # By number, and what is none.
    by(page, "ban-person").fill("somebody")
    by(page, "ban-send").click()
    expect(page.locator("#ban-person-wrong")).to_be_visible()
    by(page, "ban-person").fill(wallet["holder"])
    by(page, "ban-reason").fill("Once more")
    by(page, "ban-send").click()
    page.locator("#confirm-yes").click()
    expect(by(page, "ban-rows").locator("li")).to_contain_text("Once more")
    expect(by(guest, "refusal")).to_have_attribute("data-code", "banned")
    assert not errors(page), page.console
    guest.context.close()


def test_the_host_hears_the_own_microphone_before_the_room_begins(house, page):
    host = house.host()
    room = house.room(host, starts=3600, ends=7200, opened=False)
    page.goto(f"{house.url}/h/{room['room']}#pass={house.host_pass(host, room)['token']}")
    expect(by(page, "rehearse")).to_have_text("Test the sound")
    expect(by(page, "rehearse-more")).to_contain_text("3 seconds later")
    by(page, "rehearse").click()
    expect(by(page, "rehearse")).to_have_attribute("data-state", "connected")
    expect(by(page, "rehearse")).to_have_text("Stop testing")
    # The way of the sound is Web Audio, which the browser's own statistics of energy know nothing of.
    _, level = page.evaluate(ANALYSE)
    assert level > -60, level
    by(page, "rehearse").click()
    expect(by(page, "rehearse")).to_have_attribute("aria-pressed", "false")
    assert house.call("GET", "/v1/receipts?limit=10", key=house.operator_key)["receipts"] == []
    # Begun: the button goes, and whoever was in the midst of it is told.
    by(page, "rehearse").click()
    expect(by(page, "rehearse")).to_have_attribute("data-state", "connected")
    by(page, "speak").click()
    expect(by(page, "air")).to_have_attribute("data-air", "live")
    expect(by(page, "rehearse")).to_have_attribute("aria-pressed", "false")
    assert not errors(page), page.console
