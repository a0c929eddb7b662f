"""Tickets that are given back if they are resold, by the command line; and what the audit says to whoever changes them."""

import json

from books import check_books
from house import cli
from planted import check_planted


def test_a_ticket_is_sold_on_when_no_other_seat_is_left(house, tmp_path):
    host = house.host()
    as_host = {"server": house.url, "key": host["key"]}
    made = cli(
        "room", "create", "Sold out", "--starts", "+2h", "--ends", "+3h", "--capacity", "2", "--price", "9.99 EUR",
        "--terms", "resale", "--json", **as_host)
    room = json.loads(made.stdout)["room"]
    assert "resale" in cli("room", "terms", server=house.url).stdout

    def person(name, amount="50.00 EUR"):
        me = {"server": house.url, "wallet": tmp_path / f"{name}.json"}
        cli("wallet", "topup", amount, **me)
        return me

    seller, buyer, waits = person("seller"), person("buyer"), person("waits")
    first, second = [
        ticket["ticket"]
        for ticket in json.loads(cli("ticket", "buy", room, "--count", "2", "--json", **seller).stdout)["tickets"]]
    assert "resale_not_offered" in cli("ticket", "keep", first, check=1, **seller).stderr
    assert "sold_out" in cli("ticket", "buy", room, check=1, **buyer).stderr
    shown = cli("ticket", "resell", first, **seller).stdout
    assert "offered" in shown and "9.99 EUR" in shown
    assert "resale_open" in cli("ticket", "resell", first, check=1, **seller).stderr
    cli("ticket", "resell", second, **seller)
    assert "kept" in cli("ticket", "keep", second, **seller).stdout
    cli("ticket", "buy", room, **buyer)
    assert "resold" in cli("ticket", "resale", first, **seller).stdout
    assert "40.01 EUR" in cli("wallet", "show", **seller).stdout
    # Who waits is asked before whoever comes along, and only borrows the seat until the money is here.
    party = cli("waiting", "join", room, **waits).stdout.strip()
    cli("ticket", "resell", second, **seller)
    assert "lent" in cli("ticket", "resale", second, **seller).stdout
    assert "resale_lent" in cli("ticket", "keep", second, check=1, **seller).stderr
    assert "sold_out" in cli("ticket", "buy", room, check=1, **buyer).stderr
    assert "bought" in cli("waiting", "pay", party, **waits).stdout
    assert "50.00 EUR" in cli("wallet", "show", **seller).stdout
    events = cli("events", "--limit", "500", **as_host).stdout
    for kind in ("offered", "kept", "sold"):
        assert f'"resale.{kind}"' in events, events
    # Another one stays open, so that there is something to change behind the ledger's back.
    kept = json.loads(cli("wallet", "show", "--json", **buyer).stdout)["holder"]
    tickets = house.call("GET", f"/v1/wallets/{kept}/tickets", key=json.loads((tmp_path / "buyer.json").read_text())["key"])
    cli("ticket", "resell", tickets["tickets"][0]["ticket"], **buyer)
    check_books(house, tmp_path)
    house.stop()
    check_planted(house.data / "ledger.sqlite", tmp_path, [
        ("UPDATE resales SET holder = 'holder_x' WHERE place = 1", "resales"),
        ("UPDATE resales SET place = 9 WHERE place = 2", "resales"),
        ("DELETE FROM resale_ends WHERE outcome = 'resold'", "resales"),
        ("UPDATE resale_ends SET outcome = 'resold', successor = (SELECT min(order_id) FROM orders) WHERE outcome = 'kept'",
         "resales"),
        ("UPDATE order_reversals SET delta = delta - 1, after = after - 1", "resales"),
        ("DELETE FROM open_resales", "resales"),
        ("UPDATE open_resales SET seat = 9", "resales"),
        ("UPDATE revocations SET reason = 'refunded' WHERE reason = 'resold'", "resales"),
        ("UPDATE outbox SET kind = 'resale.kept' WHERE kind = 'resale.sold'", "resales"),
    ])
