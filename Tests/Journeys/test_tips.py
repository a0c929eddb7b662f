"""Tips by the command line: sent, read, refused, paid by the night, and found by the audit when somebody changes them."""

import csv
import io
import json

from books import check_books
from house import cli
from planted import check_planted


def test_a_listener_tips_the_host_and_the_night_pays_it(house, tmp_path):
    host = house.host()
    room = house.room(host, capacity=5)["room"]
    as_host = {"server": house.url, "key": host["key"]}
    buyer = {"server": house.url, "wallet": tmp_path / "buyer.json"}
    cli("wallet", "topup", "100.00 EUR", **buyer)
    assert "tip_no_ticket" in cli("tip", "send", room, "2.00 EUR", check=1, **buyer).stderr
    cli("ticket", "buy", room, **buyer)
    sent = cli("tip", "send", room, "10.00 EUR", "--message", "Merci pour la soirée", **buyer).stdout
    assert "10.00 EUR" in sent and "given" in sent
    seen = cli("tip", "send", room, "3.00 EUR", "--preview", **buyer).stdout
    assert seen.count("posting") == 2 and "liabilities:escrow:" in seen
    [quote] = [line.split()[1] for line in seen.splitlines() if line.startswith("quote")]
    key = ("--idempotency-key", "one")
    twice = [json.loads(cli("tip", "send", room, "--quote", quote, "--json", *key, **buyer).stdout) for _ in range(2)]
    assert twice[0] == twice[1]
    assert "82.00 EUR" in cli("wallet", "show", **buyer).stdout
    listed = cli("tip", "list", room, **as_host).stdout
    assert "Merci pour la soirée" in listed and listed.count("given") == 2
    assert "refunded" in cli("tip", "refund", twice[0]["tip"], **as_host).stdout
    assert "85.00 EUR" in cli("wallet", "show", **buyer).stdout
    assert "takes no tips" in cli("tip", "accept", room, "--no-tips", **as_host).stdout
    assert "tips_off" in cli("tip", "send", room, "1.00 EUR", check=1, **buyer).stderr
    cli("room", "close", room, **as_host)
    files = check_books(house, tmp_path)
    paid = list(csv.DictReader(io.StringIO(files["payouts.csv"].decode())))
    # 97 % of the base of a ticket (4.17) and of a tip (8.33).
    assert [(row["host"], row["gross"]) for row in paid] == [(host["host"], "1212")]
    sales = list(csv.DictReader(io.StringIO(files["sales.csv"].decode())))
    assert [(row["tickets"], row["gross"], row["refunded"]) for row in sales] == [("1", "1800", "300")]
    house.stop()
    check_planted(house.data / "ledger.sqlite", tmp_path, [
        ("UPDATE tips SET holder = 'holder_x'", "tips"),
        ("DELETE FROM tips WHERE order_id = (SELECT min(order_id) FROM tips)", "tips"),
        ("UPDATE tip_totals SET delta = delta + 1, after = after + 1 WHERE n = 1", "tips"),
        ("UPDATE tip_totals SET most = 5", "tips"),
        ("DELETE FROM tip_totals WHERE n = 1", "tips"),
        ("UPDATE tip_switches SET n = 2", "tips"),
        ("UPDATE entries SET kind = 'sale' WHERE kind = 'tip'", "tips"),
        ("UPDATE orders SET gross = gross + 1, extra = extra + 1, base = base + 1 WHERE extra > 0", "orders"),
    ])
