"""Before the sale, by the command line: price lists, quotes, groups, vouchers, holds, and money from outside."""

import json

import pytest

from house import House, Refused, cli, euros


@pytest.fixture
def stage(house, tmp_path):
    """A room on sale, its host and a buyer with 100.00 EUR."""
    host = house.host()
    room = house.room(host, capacity=8, price=800)["room"]
    as_host = {"server": house.url, "key": host["key"]}
    buyer = {"server": house.url, "wallet": tmp_path / "buyer.json"}
    cli("wallet", "topup", "100.00 EUR", **buyer)
    return house, room, as_host, buyer


def test_a_price_list_a_quote_and_a_group(stage):
    house, room, as_host, buyer = stage
    early = cli("room", "price", room, "5.00 EUR", "--tier", "early", "--places", "2", **as_host).stdout
    assert early.splitlines()[1].split()[:4] == ["early", "5.00", "EUR", "2"]
    cli("room", "price", room, "10.00 EUR", "--tier", "supporter", "--most", "50.00 EUR", **as_host)
    quote = cli("quote", room, "--count", "2", server=house.url).stdout
    assert "10.00 EUR for 2" in quote and "liabilities:vat" in quote and "liabilities:escrow:" in quote
    tokens = cli("ticket", "buy", room, "--count", "2", **buyer).stdout.split()
    assert len(set(tokens)) == 2
    for token in tokens:
        assert cli("ticket", "verify", token, "--room", room, server=house.url).stdout.startswith("valid")
    # The early places are gone: the room shows the next price.
    assert "8.00 EUR" in cli("room", "show", room, server=house.url).stdout
    assert "tier_full" in cli("ticket", "buy", room, "--tier", "early", check=1, **buyer).stderr
    few = cli("ticket", "buy", room, "--tier", "supporter", "--price", "9.99 EUR", check=1, **buyer)
    assert "price_below_floor" in few.stderr
    chosen = cli("ticket", "buy", room, "--tier", "supporter", "--price", "12.34 EUR", "--json", **buyer)
    assert json.loads(chosen.stdout)["price"] == euros(1234)
    assert "77.66 EUR" in cli("wallet", "show", **buyer).stdout
    many = cli("ticket", "buy", room, "--count", "6", check=1, **buyer)
    assert "not_enough_seats" in many.stderr


def test_vouchers_take_off_a_part_or_all(stage):
    house, room, as_host, buyer = stage
    cli("voucher", "create", "--percent", "25", "--uses", "2", "--code", "friends", **as_host)
    free = cli("voucher", "create", "--free", "--room", room, **as_host).stdout.strip()
    assert len(free) == 16
    half = json.loads(cli("ticket", "buy", room, "--voucher", "Friends", "--json", **buyer).stdout)
    assert half["price"] == euros(600)
    nothing = json.loads(cli("ticket", "buy", room, "--voucher", free, "--json", **buyer).stdout)
    assert (nothing["price"], nothing["seat"]) == (euros(0), 2)
    assert "voucher_used_up" in cli("ticket", "buy", room, "--voucher", free, check=1, **buyer).stderr
    assert "94.00 EUR" in cli("wallet", "show", **buyer).stdout
    listed = cli("voucher", "list", **as_host).stdout
    assert "25.00 %" in listed and "1/2" in listed and free not in listed
    friends = next(line.split()[0] for line in listed.splitlines() if "25.00 %" in line)
    assert "revoked" in cli("voucher", "revoke", friends, **as_host).stdout
    assert "voucher_over" in cli("ticket", "buy", room, "--voucher", "friends", check=1, **buyer).stderr


def test_holds_survive_a_killed_server_and_money_makes_their_tickets_once(stage, tmp_path):
    house, room, as_host, buyer = stage
    held = json.loads(cli("hold", "create", room, "--count", "3", "--json", **buyer).stdout)
    other = json.loads(cli("hold", "create", room, "--json", **buyer).stdout)
    assert (held["state"], held["seats"], other["seats"]) == ("held", [1, 2, 3], [4])
    assert "4 of 8 left" in cli("room", "show", room, server=house.url).stdout
    house.kill()
    again = House(house.data, "--sandbox").start()
    try:
        buyer["server"] = again.url
        operator = {"server": again.url, "key": again.operator_key}
        assert json.loads(cli("hold", "show", held["hold"], "--json", **buyer).stdout)["seats"] == [1, 2, 3]
        for _ in range(2):
            paid = cli(
                "hold", "receive", held["hold"], "--provider", "bank", "--reference", "tx 1", "--amount", "24.00 EUR",
                "--json", **operator)
            assert json.loads(paid.stdout)["state"] == "ticketed"
        assert len(json.loads(cli("hold", "show", held["hold"], "--json", **buyer).stdout)["tickets"]) == 3
        assert "100.00 EUR" in cli("wallet", "show", **buyer).stdout
        with pytest.raises(Refused) as conflict:
            again.call(
                "POST", f"/v1/holds/{other['hold']}/payments",
                {"provider": "bank", "reference": "tx 1", "amount": euros(2400)}, again.operator_key, "another")
        assert conflict.value.code == "payment_conflict"
        # Not what the ticket costs: the money waits, and the hold too.
        wrong = cli(
            "hold", "receive", other["hold"], "--provider", "bank", "--reference", "tx 2", "--amount", "1.00 EUR",
            **operator).stdout
        assert "held" in wrong and "suspense (amount)" in wrong
        assert "ticketed" in cli("hold", "pay", other["hold"], **buyer).stdout
        assert "hold_paid" in cli("hold", "cancel", other["hold"], check=1, **buyer).stderr
        assert "4 of 8 left" in cli("room", "show", room, server=again.url).stdout
        again.stop()
    finally:
        again.end()
