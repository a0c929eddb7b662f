"""A room at another time, by the command line: holders keep or give back, a server answers for whoever does not."""

import json
import time

from books import check_books
from house import cli
from planted import check_planted


def test_a_room_moves_and_its_holders_choose(house, tmp_path):
    host = house.host()
    room = house.room(host, capacity=5, starts=7200, ends=10800, opened=False)["room"]
    as_host = {"server": house.url, "key": host["key"]}
    buyers = []
    for number in range(3):
        buyer = {"server": house.url, "wallet": tmp_path / f"buyer-{number}.json"}
        cli("wallet", "topup", "10.00 EUR", **buyer)
        buyers.append((buyer, json.loads(cli("ticket", "buy", room, "--json", **buyer).stdout)["ticket"]))
    moved = cli(
        "move", "room", room, "--starts", "+6s", "--ends", "+1h", "--notice", "The speaker is early", **as_host).stdout
    assert "notice    The speaker is early" in moved and "then keep" in moved
    kept = cli("move", "answer", buyers[0][1], "keep", **buyers[0][0]).stdout.strip()
    assert "refunded 5.00 EUR" in cli("move", "answer", buyers[1][1], "refund", **buyers[1][0]).stdout
    assert "10.00 EUR" in cli("wallet", "show", **buyers[1][0]).stdout
    assert "1 kept, 1 refunded, 0 of them by default, 1 open" in cli("move", "show", room, **as_host).stdout
    assert "answered" not in cli("move", "show", room, server=house.url).stdout
    deadline = time.monotonic() + 30
    while "0 open" not in (shown := cli("move", "show", room, **as_host).stdout):
        assert time.monotonic() < deadline, shown
        time.sleep(0.5)
    assert "2 kept, 1 refunded, 1 of them by default, 0 open" in shown
    cli("room", "open", room, **as_host)
    assert cli("ticket", "verify", kept, "--room", room, server=house.url).stdout.startswith("valid")
    cli("room", "close", room, **as_host)
    check_books(house, tmp_path)
    house.stop()
    check_planted(house.data / "ledger.sqlite", tmp_path, [
        ("UPDATE rooms SET ends_us = ends_us + 1", "moves"),
        ("UPDATE move_answers SET answer = 'refund' WHERE answer = 'keep'", "moves"),
        ("DELETE FROM move_answers WHERE is_default = 1", "moves"),
        ("UPDATE move_answers SET n = 2", "moves"),
        ("UPDATE tickets SET not_after_us = not_after_us + 1", "moves"),
    ])
