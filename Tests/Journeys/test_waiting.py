"""The waiting list by the command line: a group waits for its seats, nobody slips past it, and offers lapse."""

import json
import time

import pytest

from books import check_books
from house import House, cli
from planted import check_planted


@pytest.mark.patient
def test_a_group_gets_its_seats_together_and_before_everybody_else(tmp_path):
    house = House(tmp_path / "data", "--sandbox", "--set", "waiting.offerMinutes=1").start()
    try:
        host = house.host()
        room = house.room(host, capacity=3)["room"]
        as_host = {"server": house.url, "key": host["key"]}

        def person(name):
            me = {"server": house.url, "wallet": tmp_path / f"{name}.json"}
            cli("wallet", "topup", "50.00 EUR", **me)
            return me

        seller, group, single, late = (person(name) for name in ("seller", "group", "single", "late"))
        not_needed = cli("waiting", "join", room, check=1, **single)
        assert "waiting_not_needed" in not_needed.stderr
        bought = json.loads(cli("ticket", "buy", room, "--count", "3", "--json", **seller).stdout)
        assert "waiting_too_many" in cli("waiting", "join", room, "--count", "4", check=1, **group).stderr
        full = cli("ticket", "buy", room, check=1, **single)
        assert "sold_out" in full.stderr and "waiting list" in full.stderr
        pair = cli("waiting", "join", room, "--count", "2", "--most", "6.00 EUR", **group).stdout.strip()
        assert pair.startswith("waiting_")
        assert "waiting_already" in cli("waiting", "join", room, check=1, **group).stderr
        behind = cli("waiting", "join", room, **single).stdout.strip()
        assert "position  2" in cli("waiting", "show", behind, **single).stdout
        assert "waiting_not_offered" in cli("waiting", "pay", pair, check=1, **group).stderr
        listed = cli("waiting", "list", room, **as_host)
        assert pair in listed.stdout and behind in listed.stdout and "2 wait for 3 tickets" in listed.stderr
        assert "holder_" not in cli("waiting", "list", room, "--json", **as_host).stdout
        # One seat is no use to two: it waits for them, and nobody else gets it.
        cli("ticket", "refund", bought["tickets"][0]["ticket"], **seller)
        first = cli("ticket", "buy", room, check=1, **late)
        assert "waiting_first" in first.stderr and "guichet waiting join" in first.stderr
        cli("ticket", "refund", bought["tickets"][1]["ticket"], **seller)
        offered = cli("waiting", "show", pair, **group).stdout
        assert "offered" in offered and "10.00 EUR together" in offered
        assert "waiting_unknown" in cli("waiting", "show", pair, **single, check=1).stderr
        paid = cli("waiting", "pay", pair, **group).stdout
        assert "bought" in paid and paid.count("token") == 2
        # The next one lets its offer go: by leaving, or by letting the time pass.
        cli("ticket", "refund", bought["tickets"][2]["ticket"], **seller)
        assert "offered" in cli("waiting", "show", behind, **single).stdout
        assert "withdrawn" in cli("waiting", "leave", behind, **single).stdout
        token = json.loads(cli("ticket", "buy", room, "--json", **late).stdout)["ticket"]
        again = cli("waiting", "join", room, **single).stdout.strip()
        cli("ticket", "refund", token, **late)
        charge = json.loads(cli("waiting", "checkout", again, "--provider", "sandbox", "--json", **single).stdout)
        assert charge["amount"]["amount"] == 500 and charge["purchase"] == "held"
        last = cli("waiting", "join", room, **late).stdout.strip()
        deadline = time.monotonic() + 100
        while "lapsed" not in cli("waiting", "show", again, **single).stdout:
            assert time.monotonic() < deadline
            time.sleep(2)
        while "offered" not in cli("waiting", "show", last, **late).stdout:
            assert time.monotonic() < deadline
            time.sleep(1)
        cli("waiting", "pay", last, **late)
        events = cli("events", "--limit", "500", **as_host).stdout
        for kind in ("joined", "offered", "bought", "withdrawn", "lapsed"):
            assert f'"waiting.{kind}"' in events, events
        cli("room", "close", room, **as_host)
        check_books(house, tmp_path)
        house.stop()
        check_planted(house.data / "ledger.sqlite", tmp_path, [
            ("UPDATE waits SET holder = 'holder_x' WHERE place = 1", "waiting"),
            ("UPDATE waits SET most = 100 WHERE place = 1", "waiting"),
            ("UPDATE waits SET place = 9 WHERE place = 2", "waiting"),
            ("UPDATE wait_facts SET step = 99 WHERE step = 2", "waiting"),
            ("UPDATE wait_facts SET state = 'lapsed' WHERE state = 'bought'", "waiting"),
            ("DELETE FROM wait_facts WHERE state = 'withdrawn'", "waiting"),
            ("UPDATE outbox SET kind = 'waiting.lapsed' WHERE kind = 'waiting.bought'", "waiting"),
            ("INSERT INTO open_waits SELECT shard, room, place, wait, holder, count, NULL FROM waits WHERE place = 1",
             "waiting"),
        ])
    finally:
        house.end()
