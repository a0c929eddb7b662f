"""The stage with real browsers: a hand, an invitation, a voice, a mute, stepping down; events over broken lines; a host
who is gone."""

import json
import re
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, by, errors, listened_page, silent_after, tone_on_stage, until_heard
from house import House, Refused, cli
from lines import Events, Proxy

pytestmark = pytest.mark.alone

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


def visitor(browser, locale="en-GB"):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale=locale)
    context.grant_permissions(["microphone"])
    return listened_page(context)


def until(condition, patience=10):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("did not come true in time")


def acts(house, room, host):
    return house.call("GET", f"/v1/rooms/{room['room']}/acts", key=host["key"])["acts"]


def listens(house, page, room, url=None):
    """Comes in with a bought ticket and listens; returns the ticket's token."""
    token = house.buy(room, house.wallet())["token"]
    page.goto(f"{url or house.url}/r/{room['room']}#ticket={token}")
    by(page, "listen").click()
    expect(by(page, "connection")).to_have_attribute("data-state", "connected")
    expect(by(page, "taking-part")).to_be_visible()
    return token


def test_a_listener_raises_a_hand_is_invited_speaks_is_muted_and_steps_down(house, browser):
    host = house.host("Ana")
    room = house.room(host, capacity=5)
    stage = visitor(browser)
    stage.goto(f"{house.url}/h/{room['room']}#pass={house.host_pass(host, room)['token']}")
    ann, ben = visitor(browser), visitor(browser, "fr-FR")
    listens(house, ann, room)
    listens(house, ben, room)

    # By keyboard: the button has the focus, says whether it is pressed, and the place in the queue is told.
    by(ann, "hand").focus()
    ann.keyboard.press("Enter")
    expect(by(ann, "hand")).to_have_attribute("aria-pressed", "true")
    expect(by(ann, "my-stage")).to_contain_text("number 1")
    by(ben, "hand").click()
    expect(by(ben, "my-stage")).to_contain_text("numéro 2")
    hands = by(stage, "hands").get_by_role("listitem")
    expect(hands).to_have_count(2)
    expect(hands.nth(0)).to_contain_text("number 1")
    by(hands.nth(0), "invite").click()
    expect(hands).to_have_count(1)
    expect(by(ben, "my-stage")).to_contain_text("numéro 1")

    # Nothing is heard before she accepts, and nothing opens by itself.
    expect(by(ann, "invitation")).to_be_visible()
    assert ben.evaluate("window.inbound()")["packets"] == 0
    by(ann, "accept").click()
    expect(by(ann, "on-stage")).to_be_visible()
    expect(by(ann, "my-stage")).to_contain_text("hears you")
    until_heard(ben)
    # Her listening line is the one she had: one connection receives, one sends.
    assert ann.evaluate("window.peers.filter((peer) => peer.connectionState === 'connected').length") == 2
    assert ann.evaluate("window.inbound()")["packets"] == 0, "she hears herself"
    expect(by(ben, "speaking")).to_contain_text("Intervenant")
    expect(by(ben, "listeners")).to_contain_text("2")

    row = by(stage, "people").locator('li[data-role="speaker"]')
    moment = ben.evaluate("Date.now()")
    by(row, "mute-person").click()
    by(stage, "confirm-yes").click()
    expect(by(ann, "my-stage")).to_contain_text("muted you")
    expect(by(ann, "mute-mine")).to_be_disabled()
    assert silent_after(ben, moment) < 1.5, "a muted voice was still heard"
    by(row, "mute-person").click()
    expect(by(ann, "mute-mine")).to_be_enabled()
    before = ben.evaluate("window.inbound()")["packets"]
    until(lambda: ben.evaluate("window.inbound()")["packets"] > before + 20)

    moment = ben.evaluate("Date.now()")
    by(ann, "step-down").click()
    expect(by(ann, "hand")).to_be_visible()
    assert silent_after(ben, moment) < 1.5, "she was still heard after stepping down"
    expect(by(ann, "connection")).to_have_attribute("data-state", "connected")

    by(stage, "stage-lock").click()
    expect(by(ann, "my-stage")).to_contain_text("locked")
    expect(by(ann, "hand")).to_be_hidden()
    until(lambda: len(acts(house, room, host)) >= 8)
    assert [act["kind"] for act in acts(house, room, host)] == [
        "hand_raised", "hand_raised", "invited", "accepted", "muted", "unmuted", "stepped_down", "locked"]
    for page in (stage, ann, ben):
        assert not errors(page), page.console
        page.context.close()


def test_a_broken_line_goes_on_behind_the_last_event(house, browser):
    host = house.host()
    room = house.room(host, capacity=5)
    stage = house.host_pass(host, room)["token"]
    command = lambda name, body: house.call("POST", f"/rooms/{room['room']}/stage/{name}", body, stage)
    proxy = Proxy(house.port)
    page = visitor(browser)
    token = listens(house, page, room, proxy.url)
    until(lambda: proxy.heads)
    assert "last-event-id" not in proxy.heads[0].lower()
    reader = Events(house, room["room"], token)
    until(lambda: reader.events)
    heard = []
    for round in range(4):
        command("lock", {"locked": round % 2 == 0})
        until(lambda: any(json.loads(one[2]).get("locked") is (round % 2 == 0) for one in reader.events if one[1] == "state"))
        heard += reader.numbers()
        seen = reader.last
        reader.stop()
        known = len(proxy.heads)
        assert proxy.cut() >= 1
        command("mode", {"mode": "invited" if round % 2 == 0 else "on_request"})
        until(lambda: len(proxy.heads) > known)
        found = re.search(r"(?im)^last-event-id: (\S+)", proxy.heads[-1])
        assert found, "the page did not say what it had seen"
        reader = Events(house, room["room"], token, seen)
        until(lambda: reader.events)
        assert reader.numbers()[0] == heard[-1] + 1, "something was lost or came twice"
        assert all(one[1] != "reset" for one in reader.events)
    expect(by(page, "my-stage")).to_contain_text("listening")
    reader.stop()
    # What is too old to be known brings everything anew.
    again = Events(house, room["room"], token, "zzz-1")
    until(lambda: again.events)
    assert again.events[0][1] == "reset"
    again.stop()
    assert all("ERR_" in line for line in errors(page)), page.console
    page.context.close()
    proxy.close()


def test_a_room_whose_host_is_gone_is_led_paused_cleared_and_goes_on(tmp_path, browser):
    house = House(tmp_path / "data", "--set", "stage.graceSeconds=2", "--set", "stage.pauseSeconds=4").start()
    try:
        host = house.host("Ana")
        room = house.room(host, capacity=5)
        passes = {role: house.host_pass(host, room, role)["token"] for role in ("host", "cohost")}
        page = visitor(browser)
        listens(house, page, room)
        with tone_on_stage(house, passes["cohost"], 440, tmp_path):
            with tone_on_stage(house, passes["host"], 523, tmp_path):
                until_heard(page)
                view = lambda: json.loads(cli("stage", "show", "--json", "--ticket", passes["host"], server=house.url).stdout)
                until(lambda: view()["lead"]["state"] == "host")
                refused = cli("stage", "mode", "invited", "--ticket", passes["cohost"], server=house.url, check=1)
                assert "stage_not_permitted" in refused.stderr
            expect(by(page, "room-lead")).to_contain_text("co-host leads")
            cli("stage", "mode", "everyone", "--ticket", passes["cohost"], server=house.url)
            expect(by(page, "come-up")).to_be_visible()
        expect(by(page, "room-lead")).to_contain_text("paused")
        expect(by(page, "refusal")).to_have_attribute("data-code", "room_abandoned")
        with tone_on_stage(house, passes["host"], 523, tmp_path):
            until(lambda: view()["lead"]["state"] == "host")
            by(page, "listen").click()
            expect(by(page, "connection")).to_have_attribute("data-state", "connected")
            until_heard(page)
            expect(by(page, "room-lead")).to_be_hidden()
        wanted = {"lead_passed", "room_paused", "room_cleared", "room_resumed"}
        until(lambda: wanted <= {act["kind"] for act in acts(house, room, host)})
        page.context.close()
    finally:
        house.end()


def test_a_host_in_a_terminal_orders_the_stage(house, tmp_path):
    host = house.host("Ana")
    room = house.room(host, capacity=5)
    stage = house.host_pass(host, room)["token"]
    token = house.buy(room, house.wallet())["token"]

    def run(*arguments, ticket=stage, check=0):
        return cli("stage", *arguments, "--ticket", ticket, server=house.url, check=check)

    assert "not_in_room" in run("raise", ticket=token, check=1).stderr
    import subprocess

    from house import BINARY

    listening = subprocess.Popen(
        [BINARY, "listen", "--server", house.url, "--ticket", token, "--out", str(tmp_path / "heard.opus")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        until(lambda: json.loads(run("show", "--json").stdout)["participants"])
        assert "hand up" in run("raise", ticket=token).stdout
        shown = run("show").stdout
        assert "hands      1: 1" in shown and "hand 1" in shown, shown
        run("invite", "1", "--reason", "a good question")
        assert "may speak" in run("accept", ticket=token).stdout
        with tone_on_stage(house, token, 440, tmp_path):
            until(lambda: any(one["direction"] == "speaking" for one in json.loads(run("show", "--json").stdout)["participants"]))
            assert "done" in run("mute", "1").stdout
            assert "muted" in run("show").stdout
            run("unmute", "1")
            run("step-down", ticket=token)
        assert "not_on_stage" in run("step-down", ticket=token, check=1).stderr
        assert "locked" in run("lock").stdout
        assert "stage_locked" in run("raise", ticket=token, check=1).stderr
        run("unlock")
        assert run("invite", "99", check=64).stderr
        until(lambda: len(acts(house, room, host)) >= 11)
        table = cli("room", "acts", room["room"], key=host["key"], server=house.url).stdout
        assert "a good question" in table and "stage_locked" in table
        log = json.loads(cli("room", "acts", room["room"], "--json", key=host["key"], server=house.url).stdout)["acts"]
        assert [act["n"] for act in log] == list(range(1, len(log) + 1))
        stranger = house.host("Bo")
        with pytest.raises(Refused) as refusal:
            house.call("GET", f"/v1/rooms/{room['room']}/acts", key=stranger["key"])
        assert refusal.value.code == "key_scope"
    finally:
        listening.terminate()
        listening.communicate(timeout=20)
