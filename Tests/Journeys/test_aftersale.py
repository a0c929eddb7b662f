"""After the sale, by the command line: terms and refunds, transfers and gifts, the waiting list, resale."""

import json

import pytest

from house import cli, euros


@pytest.fixture
def evening(house, tmp_path):
    """A maker of rooms in two days, its host, and buyers with 50.00 EUR each."""
    host = house.host()
    as_host = {"server": house.url, "key": host["key"]}

    def room(*options, capacity=2, starts="+48h", ends="+50h"):
        made = cli(
            "room", "create", "Night talk", "--starts", starts, "--ends", ends, "--capacity", str(capacity), "--price",
            "9.99 EUR", "--json", *options, **as_host)
        return json.loads(made.stdout)["room"]

    def buyer(name):
        person = {"server": house.url, "wallet": tmp_path / f"{name}.json"}
        cli("wallet", "topup", "50.00 EUR", **person)
        return person

    return house, room, buyer, as_host


def test_terms_say_what_comes_back_and_the_refund_gives_exactly_that(evening):
    house, room, buyer, as_host = evening
    listed = cli("room", "terms", server=house.url).stdout
    assert "steps-7d-1d/1" in listed and "full-until-start/1" in listed
    made = room("--terms", "steps-7d-1d")
    assert "steps-7d-1d/1" in cli("room", "show", made, server=house.url).stdout
    ana = buyer("ana")
    sold = json.loads(cli("ticket", "buy", made, "--json", **ana).stdout)
    assert "+steps-7d-1d/1" in cli("ticket", "show", sold["ticket"], **ana).stdout
    shown = cli("ticket", "refund", sold["ticket"], "--preview", **ana).stdout
    assert "5.00 EUR (50.00 %)" in shown and "liabilities:vat" in shown
    offer = json.loads(cli("ticket", "refund", sold["ticket"], "--preview", "--json", **ana).stdout)
    assert (offer["amount"], offer["kept"]) == (euros(500), euros(499))
    changed = cli("ticket", "refund", sold["ticket"], "--amount", "9.99 EUR", check=1, **ana)
    assert "refund_changed" in changed.stderr and "5.00 EUR" in changed.stderr
    assert "5.00 EUR" in cli("ticket", "refund", sold["ticket"], "--amount", "5.00 EUR", **ana).stdout
    assert "45.01 EUR" in cli("wallet", "show", **ana).stdout
    assert "already_refunded" in cli("ticket", "refund", sold["ticket"], check=1, **ana).stderr
    never = room("--terms", "none")
    kept = json.loads(cli("ticket", "buy", never, "--json", **ana).stdout)
    assert "refund_never" in cli("ticket", "refund", kept["ticket"], "--preview", check=1, **ana).stderr
    # A cancelled room gives back what its tickets cost, but not what stayed of one that was given back before.
    for name in (made, never):
        cli("room", "cancel", name, **as_host)
    assert "45.01 EUR" in cli("wallet", "show", **ana).stdout
    assert "terms_unknown" in cli(
        "room", "create", "X", "--starts", "+1h", "--ends", "+2h", "--capacity", "1", "--price", "1.00 EUR", "--terms",
        "generous", check=1, **as_host).stderr
    assert cli("audit", "--data", str(house.data)).stdout
