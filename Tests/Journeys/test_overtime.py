"""A room that goes on, by the command line: who pays in time hears on without a cut, who does not is cut at the old end."""

import json
import subprocess
import time
from datetime import datetime, timezone

import pytest

from books import check_books
from house import BINARY, cli
from planted import check_planted
from sound import tone_file

pytestmark = pytest.mark.alone


def listen(house, token, path):
    return subprocess.Popen(
        [BINARY, "listen", "--server", house.url, "--ticket", token, "--out", str(path), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_who_pays_in_time_hears_on(house, tmp_path):
    host = house.host()
    started = time.monotonic()
    room = house.room(host, capacity=5, ends=12)["room"]
    as_host = {"server": house.url, "key": host["key"]}
    buyers = []
    for number in range(3):
        buyer = {"server": house.url, "wallet": tmp_path / f"buyer-{number}.json"}
        cli("wallet", "topup", "10.00 EUR", **buyer)
        buyers.append((buyer, json.loads(cli("ticket", "buy", room, "--json", **buyer).stdout)))
    (stays, longer), (leaves, plain), (regrets, given) = buyers
    old_end = datetime.fromisoformat(plain["expiresAt"])
    assert "extension_none" in cli("ticket", "extend", longer["ticket"], check=1, **stays).stderr
    sound = tone_file(tmp_path / "tone.opus", 440, 2)
    stage = cli("room", "pass", room, **as_host).stdout.strip()
    publisher = subprocess.Popen(
        [BINARY, "publish", "--server", house.url, "--ticket", stage, "--file", str(sound), "--loop"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ears = [listen(house, ticket["token"], tmp_path / f"heard-{number}.opus")
            for number, ticket in enumerate((longer, plain))]
    # On a quick machine the time would be bought before anybody was warned that it ends.
    warned = []
    while not warned or not warned[-1].startswith("less than a minute left"):
        warned.append(ears[0].stderr.readline())
        assert warned[-1], warned
    assert time.monotonic() - started < 9, "the machine is too slow for a room of twelve seconds"
    announced = cli("room", "overtime", "announce", room, "--until", "+20s", "--price", "1.20 EUR", **as_host).stdout
    assert "overtime  1" in announced and announced.count("posting") == 2
    preview = cli("ticket", "extend", longer["ticket"], "--preview", **stays).stdout
    assert "price     1.20 EUR" in preview and preview.count("posting") == 2
    assert "extension_price" in cli(
        "ticket", "extend", longer["ticket"], "--price", "1.00 EUR", check=1, **stays).stderr
    quote = next(line.split()[1] for line in preview.splitlines() if line.startswith("quote"))
    token = cli("ticket", "extend", longer["ticket"], "--quote", quote, **stays).stdout.strip()
    again = json.loads(cli("ticket", "extend", given["ticket"], "--json", **regrets).stdout)
    assert "refunded  1.20 EUR" in cli("room", "overtime", "refund", again["extension"], **as_host).stdout
    assert datetime.now(timezone.utc) < old_end, "the machine is too slow for a room of twelve seconds"

    out, error = ears[1].communicate(timeout=30)
    cut = datetime.now(timezone.utc)
    assert ears[1].returncode == 0, out + error
    short = json.loads(out)["packets"]
    assert -1 < (cut - old_end).total_seconds() < 1.5, cut - old_end
    assert ears[0].poll() is None and publisher.poll() is None
    time.sleep(1.5)
    assert ears[0].poll() is None, "the listener who paid was cut"
    assert cli("ticket", "verify", token, "--room", room, server=house.url).stdout.startswith("valid")
    assert cli("ticket", "verify", plain["token"], check=1, server=house.url).stdout.startswith("ticket_expired")
    assert "extension_too_late" in cli("ticket", "extend", plain["ticket"], check=1, **leaves).stderr
    out, error = ears[0].communicate(timeout=30)
    error = "".join(warned) + error
    heard = json.loads(out)
    assert ears[0].returncode == 0, out + error
    # One admission from beginning to end: the cut listener's whole time, and seconds more than that.
    assert heard["packets"] > short + 100, (heard, short)
    # Warned, told of the time that was bought, warned again for the new end, and told why it is quiet.
    said = [line.split(";")[0].split(":")[0] for line in error.splitlines()]
    assert said.count("less than a minute left") == 2 and said[-1] == "ended", error
    assert any(line.startswith("the ticket now ends at") for line in error.splitlines()), error
    publisher.terminate()
    publisher.communicate(timeout=10)

    assert "3.80 EUR" in cli("wallet", "show", **stays).stdout
    assert "5.00 EUR" in cli("wallet", "show", **regrets).stdout
    listed = cli("room", "overtime", "extensions", room, **as_host).stdout
    assert listed.count("bought") == 1 and listed.count("refunded") == 1
    assert "1.20 EUR" in cli("room", "overtime", "show", room, server=house.url).stdout
    check_books(house, tmp_path)
    house.stop()
    check_planted(house.data / "ledger.sqlite", tmp_path, [
        ("UPDATE rooms SET ends_us = ends_us + 1", "overtimes"),
        ("UPDATE room_overtimes SET first_us = first_us - 1", "overtimes"),
        ("UPDATE room_overtimes SET amount = amount + 1", "overtimes"),
        ("DELETE FROM outbox WHERE kind = 'room.overtime'", "overtimes"),
        ("UPDATE ticket_extensions SET after_us = after_us + 1 WHERE kind = 'extended' AND order_id IS NOT NULL", "extensions"),
        ("UPDATE ticket_extensions SET order_id = NULL WHERE kind = 'extended' AND order_id IS NOT NULL", "extensions"),
        ("DELETE FROM ticket_extensions WHERE kind = 'extended' AND order_id IS NOT NULL", "extensions"),
        ("DELETE FROM ticket_extensions WHERE kind = 'shortened'", "extensions"),
        ("UPDATE extensions SET ticket_order = (SELECT max(order_id) FROM extensions)", "extensions"),
        ("DELETE FROM extensions", "extensions"),
        ("DELETE FROM outbox WHERE kind = 'ticket.extended'", "extensions"),
        ("UPDATE entries SET kind = 'sale' WHERE kind = 'overtime'", "extensions"),
        ("UPDATE tickets SET not_after_us = not_after_us + 1", "extensions"),
        ("DELETE FROM order_reversals WHERE order_id IN (SELECT order_id FROM extensions)", "extensions"),
    ])
