"""Cancelling without fear: a plan, a second person, a server killed in the middle, and books that an audit believes."""

import http.client
import json
import random
import threading
import time
import uuid

import pytest

from books import check_books
from house import House, Refused, cli, euros
from planted import check_planted

GROUPS = 25  # of twenty tickets: more than two batches


def sell(house, room, groups=GROUPS):
    wallets = []
    for _ in range(groups):
        wallet = house.wallet(2000)
        house.call(
            "POST", "/v1/orders", {"room": room["room"], "count": 20, "price": euros(100)}, wallet["key"],
            idempotency=uuid.uuid4().hex)
        wallets.append(wallet)
    return wallets


def test_a_room_is_cancelled_by_two_people_over_a_killed_server(house, tmp_path):
    host = house.host()
    room = house.room(host, capacity=1000, price=100)
    wallets = sell(house, room)
    finance = house.call("POST", "/v1/keys", {"scope": "finance"}, house.operator_key)["key"]
    as_host = {"server": house.url, "key": host["key"]}
    shown = cli("cancellation", "plan", room["room"], **as_host).stdout
    assert "ends      500 tickets" in shown and "back      500.00 EUR" in shown and "second    needed" in shown
    assert "liabilities:vat -> liabilities:wallet:holders" in shown
    fields = {line.split()[0]: line.split()[1] for line in shown.splitlines()}
    plan, digest = fields["plan"], fields["digest"]
    assert "cancellation_approval_needed" in cli(
        "cancellation", "run", plan, "--digest", digest, check=1, **as_host).stderr
    assert "cancellation_plan_needed" in cli("room", "cancel", room["room"], check=1, **as_host).stderr
    listed = json.loads(cli("cancellation", "recipients", plan, "--json", **as_host).stdout)["recipients"]
    assert {row["holder"]: row["amount"] for row in listed} == {w["holder"]: euros(2000) for w in wallets}
    approved = cli(
        "cancellation", "approve", plan, "--digest", digest, server=house.url, key=finance).stdout
    assert "approved by key_" in approved
    part = cli("cancellation", "run", plan, "--digest", digest, "--batches", "1", **as_host).stdout
    assert "state     underway" in part and "progress  200 orders in 1 batches" in part
    house.kill()
    again = House(house.data, "--sandbox").start()
    try:
        as_host["server"] = again.url
        assert "underway" in cli("cancellation", "show", plan, **as_host).stdout
        done = cli("cancellation", "run", plan, "--digest", digest, **as_host).stdout
        assert "state     done" in done and "refunded  500.00 EUR" in done
        assert cli("cancellation", "run", plan, "--digest", digest, **as_host).stdout == done
        for wallet in wallets:
            view = again.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])
            assert view["balances"] == [euros(2000)]
            assert {ticket["state"] for ticket in view["tickets"]} == {"refunded"}
        check_books(again, tmp_path)
        again.stop()
    finally:
        again.end()
    check_planted(house.data / "ledger.sqlite", tmp_path, CORRUPTIONS)


# What somebody with the file and an editor may do, and the check that must find it.
CORRUPTIONS = [
    ("UPDATE cancellations SET body = replace(body, '500', '501')", "plans"),
    ("UPDATE cancellation_runs SET approver = NULL", "cancellations"),
    ("UPDATE cancellation_approvals SET approver = made_by", "cancellations"),
    ("DELETE FROM cancellation_approvals", "cancellations"),
    ("DELETE FROM cancellation_steps WHERE n = 2", "cancellations"),
    ("DELETE FROM room_facts WHERE state = 'cancelled'", "cancellations"),
    ("DELETE FROM revocations WHERE ticket = (SELECT min(ticket) FROM revocations)", "cancellations"),
    ("DELETE FROM order_reversals WHERE order_id = (SELECT min(order_id) FROM orders)", "cancellations"),
]


def test_a_server_killed_again_and_again_gives_each_order_back_once(house, tmp_path):
    chance = random.Random(seed := random.randrange(1 << 32))
    print(f"seed {seed}")
    host = house.host()
    room = house.room(host, capacity=1000, price=100)
    wallets = sell(house, room)
    finance = house.call("POST", "/v1/keys", {"scope": "finance"}, house.operator_key)["key"]
    plan = house.call("POST", f"/v1/rooms/{room['room']}/cancellations", {}, host["key"], idempotency="plan")
    path = f"/v1/cancellations/{plan['cancellation']}"
    named = {"digest": plan["digest"]}
    house.call("POST", path + "/approve", named, finance, idempotency="yes")

    def run():
        try:
            house.call("POST", path + "/run", named, host["key"])
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server is gone

    seen = []
    for _ in range(8):
        runner = threading.Thread(target=run)
        runner.start()
        time.sleep(chance.uniform(0.01, 0.15))
        house.kill()
        runner.join(30)
        house.start()
        progress = house.call("GET", path, key=host["key"]).get("progress") or {"orders": 0}
        seen.append(progress["orders"])
    assert seen == sorted(seen), seen
    done = house.call("POST", path + "/run", named, host["key"], timeout=60)
    assert done["state"] == "done" and done["progress"]["orders"] == 500
    assert done["progress"]["refunded"] == [euros(50_000)]
    for wallet in wallets:
        assert house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"] == [euros(2000)]
    check_books(house, tmp_path)
    assert house.call("GET", "/v1/audit", key=house.operator_key)["clean"]


def test_one_step_still_cancels_a_small_room(house):
    host = house.host()
    room = house.room(host, capacity=3)
    sale = house.buy(room, house.wallet())
    assert "cancelled" in cli("room", "cancel", room["room"], server=house.url, key=host["key"]).stdout
    with pytest.raises(Refused) as refused:
        house.refund(sale["ticket"], host["key"])
    assert refused.value.code == "already_refunded"
    assert house.call("GET", "/v1/audit", key=house.operator_key)["clean"]
