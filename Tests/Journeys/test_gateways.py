"""Two gateways behind one ledger: rooms are shared out, and one that changes takes its listeners along."""

import contextlib
import time

import pytest
from playwright.sync_api import expect, sync_playwright

from books import check_books
from browsing import CHROMIUM, by, errors, listened_page, tone_on_stage, until_heard
from house import House, Refused, cli
from planted import check_planted
from test_healing import hears_again

pytestmark = pytest.mark.alone

expect.set_options(timeout=15_000)


def start_gateway(tmp_path, ledger, name):
    """A gateway of which the ledger was told by command, with its key in a file."""
    made = ledger.call("POST", "/v1/keys", {"scope": "gateway"}, ledger.operator_key)
    key = tmp_path / f"{name}.key"
    key.write_text(made["key"])
    key.chmod(0o600)
    gateway = House(
        tmp_path / name, "--set", f"ledger.url={ledger.url}", "--set", f"ledger.keyFile={key}",
        "--set", f"gateway.id={made['subject']}", "--set", f"public.url={ledger.url}", command=("gateway", "serve")).start()
    gateway.id = made["subject"]
    shown = cli("gateway", "tell", gateway.id, "--url", gateway.url, server=ledger.url, key=ledger.operator_key).stdout
    assert gateway.url in shown, shown
    return gateway


@pytest.fixture
def houses(tmp_path):
    ledger = House(tmp_path / "ledger", "--sandbox", command=("ledger", "serve")).start()
    gateways = []
    try:
        gateways += [start_gateway(tmp_path, ledger, "one"), start_gateway(tmp_path, ledger, "two")]
        yield ledger, *gateways
    finally:
        for each in (*gateways, ledger):
            each.end()


def refusal_at(gateway, room, token):
    """What the door of a gateway says to somebody who looks at a room."""
    try:
        gateway.call("GET", f"/rooms/{room}/stage", key=token)
        return None
    except Refused as refusal:
        return refusal.code


def eventually(what, patience=15):
    deadline = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@contextlib.contextmanager
def new_page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        try:
            yield listened_page(browser.new_context(locale="en-GB"))
        finally:
            browser.close()


def listen(page, ledger, room, sale):
    page.goto(f"{ledger.url}/r/{room['room']}#ticket={sale['token']}")
    by(page, "listen").click()
    expect(by(page, "connection")).to_have_attribute("data-state", "connected")
    until_heard(page)


def hears_on(page):
    hears_again(page)
    expect(by(page, "connection")).to_have_attribute("data-state", "connected")
    expect(by(page, "refusal")).to_be_hidden()


def test_a_room_changes_its_gateway_and_its_listener_hears_on(houses, tmp_path):
    ledger, one, two = houses
    host = ledger.host()
    room, other = ledger.room(host), ledger.room(host)
    urls = {each["room"]: ledger.call("GET", f"/v1/rooms/{each['room']}")["gatewayURL"] for each in (room, other)}
    assert sorted(urls.values()) == sorted([one.url, two.url])
    old, new = (one, two) if urls[room["room"]] == one.url else (two, one)
    listed = cli("gateway", "list", server=ledger.url, key=ledger.operator_key).stdout
    assert one.id in listed and two.id in listed

    token = ledger.host_pass(host, room)["token"]
    eventually(lambda: refusal_at(old, room["room"], token) is None)
    assert refusal_at(new, room["room"], token) == "room_elsewhere"
    sale = ledger.buy(room, ledger.wallet())
    with new_page() as page:
        with tone_on_stage(old, token, 440, tmp_path):
            listen(page, ledger, room, sale)
            cli("gateway", "place", room["room"], new.id, server=ledger.url, key=ledger.operator_key)
            eventually(lambda: refusal_at(old, room["room"], token) == "room_elsewhere")
        with tone_on_stage(new, token, 440, tmp_path):
            hears_on(page)
        by(page, "listen").click()
        expect(by(page, "connection")).to_have_attribute("data-state", "ended")
        # 421 is the one answer that a console shows in red on the way.
        assert all("421" in line for line in errors(page)), page.console

    def told():
        receipts = ledger.call("GET", "/v1/receipts?limit=1000", key=ledger.operator_key)["receipts"]
        mine = [receipt for receipt in receipts if receipt["ticket"] == sale["ticket"]]
        kinds = [(receipt["gateway"], receipt["kind"]) for receipt in mine if receipt["kind"] != "refused"]
        wanted = [(old.id, "entered"), (old.id, "left"), (new.id, "entered"), (new.id, "left")]
        return kinds == wanted and [receipt.get("reason") for receipt in mine if receipt["kind"] == "left"][0] == "room_moved"

    eventually(told)
    cli("room", "close", room["room"], server=ledger.url, key=host["key"])
    check_books(ledger, tmp_path)
    for each in (one, two, ledger):
        each.stop()
    check_planted(ledger.data / "ledger.sqlite", tmp_path, [
        ("UPDATE gateway_facts SET n = 3 WHERE n = 1", "gateways"),
        ("UPDATE room_gateways SET before = 'gateway_x' WHERE n = 2", "gateways"),
        ("UPDATE room_gateways SET gateway = 'gateway_x' WHERE n = 1", "gateways"),
        ("UPDATE room_gateways SET known = 9 WHERE n = 1", "gateways"),
        ("UPDATE room_gateways SET feed = 0 WHERE n = 2", "gateways"),
        ("DELETE FROM room_gateways WHERE n = 1", "gateways"),
    ])


def test_a_room_is_taken_from_a_gateway_that_died_and_its_listener_finds_it(houses, tmp_path):
    ledger, one, two = houses
    host = ledger.host()
    room = ledger.room(host)
    old, new = (one, two) if ledger.call("GET", f"/v1/rooms/{room['room']}")["gatewayURL"] == one.url else (two, one)
    token = ledger.host_pass(host, room)["token"]
    sale = ledger.buy(room, ledger.wallet())
    eventually(lambda: refusal_at(old, room["room"], token) is None)
    with new_page() as page:
        with tone_on_stage(old, token, 440, tmp_path):
            listen(page, ledger, room, sale)
            # It says no goodbye, and nobody says there where the room is.
            old.kill()
            expect(by(page, "connection")).to_have_attribute("data-state", "reconnecting")
            cli("gateway", "place", room["room"], new.id, server=ledger.url, key=ledger.operator_key)
        with tone_on_stage(new, token, 440, tmp_path):
            hears_on(page)
