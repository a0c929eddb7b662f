"""After the sale, by the command line: terms and refunds, transfers and gifts."""

import json
import subprocess
import time

import pytest

from house import BINARY, cli, euros


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
    # A cancelled room gives back what its tickets cost, and what stayed of one that was given up for less.
    for name in (made, never):
        cli("room", "cancel", name, **as_host)
    assert "50.00 EUR" in cli("wallet", "show", **ana).stdout
    assert "terms_unknown" in cli(
        "room", "create", "X", "--starts", "+1h", "--ends", "+2h", "--capacity", "1", "--price", "1.00 EUR", "--terms",
        "generous", check=1, **as_host).stderr
    assert cli("audit", "--data", str(house.data)).stdout


def test_a_ticket_passes_on_and_who_listens_with_the_old_one_falls_silent(evening):
    house, room, buyer, as_host = evening
    made = room(starts="now", ends="+1h")
    cli("room", "open", made, **as_host)
    ana, bea = buyer("ana"), buyer("bea")
    sold = json.loads(cli("ticket", "buy", made, "--json", **ana).stdout)
    listener = subprocess.Popen(
        [BINARY, "listen", "--server", house.url, "--ticket", sold["token"], "--out", "/dev/null", "--seconds", "20"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.5)
    assert listener.poll() is None
    offer = cli("transfer", "offer", sold["ticket"], **ana)
    code, transfer = offer.stdout.strip(), offer.stderr.split(":")[0]
    assert len(code) == 16 and transfer.startswith("transfer_")
    assert "open" in cli("transfer", "show", transfer, **ana).stdout
    assert "transfer_own" in cli("transfer", "accept", code, check=1, **ana).stderr
    moment = time.monotonic()
    taken = json.loads(cli("transfer", "accept", code, "--json", **bea).stdout)
    listener.communicate(timeout=10)
    assert time.monotonic() - moment < 6, "the old ticket went on listening"
    assert (taken["seat"], taken["order"]) == (sold["seat"], sold["order"])
    again = cli("listen", "--ticket", sold["token"], "--out", "/dev/null", "--seconds", "2", check=1, server=house.url)
    assert "ticket_revoked" in again.stderr
    heard = cli("listen", "--ticket", taken["token"], "--out", "/dev/null", "--seconds", "1", check=None, server=house.url)
    assert "ticket_" not in heard.stderr
    assert "replaced" in cli("ticket", "show", sold["ticket"], **ana).stdout
    # Who holds it now is who gets what comes back.
    assert "9.99 EUR" in cli("ticket", "refund", taken["ticket"], **bea).stdout
    assert "59.99 EUR" in cli("wallet", "show", **bea).stdout
    gift = cli("transfer", "gift", made, "--count", "2", **ana)
    codes = gift.stdout.split()
    assert len(codes) == 2
    friend = {"server": house.url, "wallet": ana["wallet"].parent / "friend.json"}
    token = cli("transfer", "accept", codes[0], **friend).stdout.strip()
    assert cli("ticket", "verify", token, "--room", made, server=house.url).stdout.startswith("valid")
    second = gift.stderr.splitlines()[1].split(":")[0]
    assert "withdrawn" in cli("transfer", "withdraw", second, **ana).stdout
    assert "transfer_withdrawn" in cli("transfer", "accept", codes[1], check=1, **friend).stderr
    personal = room("--terms", "personal")
    assert "transfer_never" in cli("transfer", "gift", personal, check=1, **ana).stderr
    cli("audit", "--data", str(house.data))
