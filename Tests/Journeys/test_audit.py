"""guichet audit: a real house is clean, and every kind of table that somebody changed behind its back is found."""

import json
import shutil
import sqlite3
import time
import uuid

import pytest

from house import House, cli, euros


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """A house after an evening: sales, a refund, a room in escrow, two nights, suspense; its server stopped."""
    folder = tmp_path_factory.mktemp("audit") / "data"
    house = House(folder, "--set", "webhooks.allow=127.0.0.1").start()
    try:
        host = house.host()
        house.call(
            "POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/nobody"}, host["key"], idempotency=uuid.uuid4().hex)
        first = house.room(host, capacity=5)
        second = house.room(host, capacity=5, price=700)
        wallets = [house.wallet(5000) for _ in range(3)]
        sales = [house.buy(first, wallet) for wallet in wallets]
        for wallet in wallets[:2]:
            house.buy(second, wallet, 700)
        house.refund(sales[2]["ticket"], wallets[2]["key"])
        gateway = house.call("POST", "/v1/keys", {"scope": "gateway"}, house.operator_key)
        assert gateway["subject"].startswith("gateway_")
        stage = house.host_pass(host, second)["token"]
        for locked in (True, False):
            house.call("POST", f"/rooms/{second['room']}/stage/lock", {"locked": locked}, stage)
        log = f"/v1/rooms/{second['room']}/acts"
        deadline = time.monotonic() + 10
        while len(house.call("GET", log, key=host["key"])["acts"]) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        house.call("POST", f"/v1/rooms/{first['room']}/close", {}, host["key"])
        house.night()
        house.call(
            "POST", f"/v1/tickets/{sales[0]['ticket']}/refund", {}, house.operator_key, idempotency=uuid.uuid4().hex)
        report = json.loads(cli("audit", "--data", str(folder), "--json").stdout)
        assert all(line["broken"] == 0 for line in report["lines"]), "not clean beside the running server"
        over_http = house.call("GET", "/v1/audit", key=house.operator_key)
        assert over_http["clean"] and over_http["hash"] == report["hash"]
        house.stop()
    finally:
        house.end()
    return folder / "ledger.sqlite"


def audit(path, check=None):
    return json.loads(cli("audit", "--database", str(path), "--json", check=check).stdout)


def test_a_stopped_house_is_clean_and_says_what_was_counted(books):
    report = audit(books, check=0)
    counted = {line["check"]: line["counted"] for line in report["lines"]}
    assert counted["J9"] == report["sequence"] >= 10
    assert counted["orders"] == 5 and counted["reversals"] == 2 and counted["heads"] >= 1
    words = cli("audit", "--database", str(books)).stdout
    assert "clean" in words and "BROKEN" not in words


# What somebody with the file and an editor may do, the table and the check that must find it.
CORRUPTIONS = [
    ("UPDATE entries SET posted_us = posted_us - 1 WHERE seq = 3", "entries", "J9"),
    ("UPDATE entries SET effective_on = '2020-01-01' WHERE seq = 4", "entries", "J9"),
    ("UPDATE entries SET hash = prev_hash WHERE seq = 2", "entries", "J9"),
    ("UPDATE entries SET kind = 'refund' WHERE seq = 1", "entries", "J9"),
    ("DELETE FROM entries WHERE seq = 2", "entries", "J2"),
    ("DELETE FROM legs WHERE seq = 4 AND leg = 1", "legs", "J1"),
    ("UPDATE legs SET amount = amount + 1 WHERE seq = 1", "entries", "J9"),
    ("UPDATE legs SET credit = 'liabilities:wallet:nobody' WHERE seq = 1", "accounts", "accounts"),
    ("INSERT INTO legs SELECT shard, 999, leg, debit, credit, currency, amount FROM legs WHERE seq = 1", "legs", "J3"),
    ("DELETE FROM legs WHERE seq = (SELECT max(seq) FROM entries)", "entries", "J6"),
    ("UPDATE heads SET sequence = sequence - 1", "heads", "J9"),
    ("UPDATE heads SET feed = feed + 1", "heads", "feed"),
    ("DELETE FROM heads", "heads", "J9"),
    ("INSERT INTO balance_marks SELECT shard, account, currency, 3, 12345 FROM accounts LIMIT 1", "balance_marks", "J13"),
    ("DELETE FROM accounts WHERE account = 'assets:psp'", "accounts", "accounts"),
    ("UPDATE accounts SET class = 'income' WHERE account = 'assets:psp'", "accounts", "accounts"),
    ("INSERT INTO accounts VALUES ('0', 'assets:bank', 'JPY', 'asset')", "accounts", "accounts"),
    ("UPDATE orders SET holder = (SELECT min(holder) FROM wallets) WHERE order_id = (SELECT max(order_id) FROM orders)",
     "orders", "orders"),
    ("UPDATE orders SET gross = gross + 1, price = price + 1, base = base + 1", "entries", "orders"),
    ("UPDATE orders SET vat = vat - 1, base = base + 1", "entries", "orders"),
    ("UPDATE orders SET sold_on = '2020-01-01'", "orders", "orders"),
    ("DELETE FROM orders WHERE order_id = (SELECT max(order_id) FROM orders)", "entries", "orders"),
    ("UPDATE tickets SET subject = 'holder_x' WHERE seat = 1", "orders", "tickets"),
    ("DELETE FROM tickets WHERE seat = 1", "orders", "tickets"),
    ("UPDATE tickets SET seat = 5 WHERE seat = 2", "tickets", "seats"),
    ("UPDATE seats SET ticket = NULL WHERE seat = 2", "tickets", "seats"),
    ("INSERT INTO seats (shard, room, seat) SELECT '0', room, 9 FROM rooms", "seats", "capacity"),
    ("UPDATE rooms SET capacity = 1", "rooms", "capacity"),
    ("UPDATE order_reversals SET after = after - 1, delta = delta - 1", "entries", "reversals"),
    ("UPDATE order_reversals SET before = 5", "order_reversals", "reversals"),
    ("DELETE FROM order_reversals", "entries", "reversals"),
    ("DELETE FROM revocations", "tickets", "seats"),
    ("UPDATE order_splits SET platform = platform + 1", "order_splits", "splits"),
    ("UPDATE order_splits SET parts = '1,2'", "order_splits", "splits"),
    ("DELETE FROM order_splits WHERE order_id = (SELECT max(order_id) FROM order_splits)", "orders", "ratings"),
    ("DELETE FROM releases", "entries", "releases"),
    ("UPDATE releases SET seq = 1", "releases", "releases"),
    ("DELETE FROM escrowed", "order_splits", "escrowed"),
    ("INSERT INTO escrowed SELECT r.shard, o.room, r.order_id FROM releases r JOIN orders o USING (shard, order_id)",
     "escrowed", "escrowed"),
    ("UPDATE accruals SET amount = amount + 1", "legs", "hosts"),
    ("DELETE FROM accruals", "legs", "hosts"),
    (
        "INSERT INTO owed SELECT a.shard, a.host, a.currency, a.accrual, a.amount, a.available_on, a.accrued_on"
        " FROM payout_lines l JOIN accruals a ON a.shard = l.shard AND a.accrual = l.accrual",
        "owed",
        "owed",
    ),
    ("UPDATE payout_items SET gross = gross + 1, net = net + 1", "payout_items", "payouts"),
    ("UPDATE payout_lines SET amount = amount - 1", "payout_lines", "payouts"),
    ("DELETE FROM payout_items", "entries", "payouts"),
    ("UPDATE payout_batches SET digest = replace(digest, substr(digest, 1, 1), 'x')", "night_results", "nights"),
    ("UPDATE nights SET cut_sequence = 99999", "nights", "nights"),
    ("UPDATE night_progress SET rated = rated + 1", "night_progress", "nights"),
    ("UPDATE night_results SET head_hash = '%s'" % ("0" * 64), "night_results", "heads"),
    ("UPDATE tier_use SET used = '1'", "tier_use", "tiers"),
    ("DELETE FROM feed WHERE sequence = 2", "feed", "feed"),
    ("DELETE FROM feed WHERE kind = 'revoked'", "revocations", "revocations"),
    ("DELETE FROM audit_log WHERE n = 2", "audit_log", "facts"),
    ("DELETE FROM room_facts WHERE n = 1", "room_facts", "facts"),
    ("UPDATE price_versions SET version = 7 WHERE version = 1", "price_versions", "facts"),
    ("DELETE FROM outbox WHERE sequence = 2", "outbox", "events"),
    ("DELETE FROM outbox WHERE sequence = (SELECT max(sequence) FROM outbox WHERE kind = 'order.sold')", "orders",
     "events"),
    ("UPDATE outbox SET body = replace(body, '\"amount\":500', '\"amount\":501') WHERE kind = 'order.sold'", "outbox",
     "events"),
    ("UPDATE outbox SET body = replace(body, '\"amount\":500', '\"amount\":400') WHERE kind = 'order.refunded'", "outbox",
     "events"),
    ("UPDATE outbox SET subject = 'order_x' WHERE kind = 'order.sold'", "outbox", "events"),
    ("UPDATE outbox SET subject = 'ticket_x' WHERE kind = 'ticket.revoked'", "outbox", "events"),
    ("UPDATE outbox SET kind = 'order.sold' WHERE kind = 'order.refunded'", "outbox", "events"),
    ("UPDATE stage_acts SET kind = 'unlocked' WHERE kind = 'locked'", "stage_acts", "acts"),
    ("DELETE FROM stage_acts WHERE n = 1", "stage_acts", "acts"),
    ("UPDATE webhook_progress SET sequence = 99999", "webhook_progress", "webhooks"),
    ("DELETE FROM webhook_progress", "webhook_progress", "webhooks"),
    ("DELETE FROM webhook_facts", "webhook_facts", "webhooks"),
    ("DELETE FROM wallets WHERE holder = (SELECT min(holder) FROM wallets)", "accounts", "accounts"),
    ("DELETE FROM hosts", "accounts", "accounts"),
    ("DELETE FROM rooms", "accounts", "accounts"),
]


@pytest.mark.parametrize("sql, table, check", CORRUPTIONS, ids=[text[0][:60] for text in CORRUPTIONS])
def test_a_planted_corruption_is_found(books, tmp_path, sql, table, check):
    copy = tmp_path / "copy.sqlite"
    shutil.copy(books, copy)
    connection = sqlite3.connect(copy)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    with connection:
        changed = connection.execute(sql).rowcount
    connection.close()
    assert changed > 0, "nothing was planted: the story does not reach this table"
    report = audit(copy, check=1)
    found = {(line["check"], finding["table"]) for line in report["lines"] for finding in line["findings"]}
    assert (check, table) in found, sorted(found)


def test_a_damaged_page_and_a_file_of_another_kind_are_told_apart(books, tmp_path):
    copy = tmp_path / "copy.sqlite"
    data = bytearray(books.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4096] = b"\xff" * 4096
    copy.write_bytes(data)
    assert cli("audit", "--database", str(copy), check=None).returncode in (1, 74)
    copy.write_bytes(b"not a database")
    assert cli("audit", "--database", str(copy), check=74).stderr
    assert cli("audit", "--database", str(tmp_path / "missing"), check=74).stderr
    assert cli("audit", check=64).stderr


def test_derived_tables_are_made_anew_and_facts_are_left_alone(books, tmp_path):
    copy = tmp_path / "copy.sqlite"
    shutil.copy(books, copy)
    with sqlite3.connect(copy) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        planted = connection.execute(
            "INSERT INTO owed SELECT a.shard, a.host, a.currency, a.accrual, a.amount, a.available_on, a.accrued_on "
            "FROM accruals a JOIN payout_lines l USING (shard, accrual)").rowcount
        assert planted > 0
    assert "BROKEN" in cli("audit", "--database", str(copy), check=1).stdout
    facts = lambda: {
        name: sorted(map(str, connection.execute(f"SELECT * FROM {name}")))
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if name not in ("owed", "audit_log") and not name.startswith("sqlite_")}
    connection = sqlite3.connect(copy)
    before = facts()
    connection.close()
    said = cli("audit", "--rebuild", "--database", str(copy), check=0).stdout
    assert f"rebuilt  owed: {planted} removed, 0 added" in said and "ok       open_passages" in said and "clean" in said
    connection = sqlite3.connect(copy)
    assert facts() == before
    assert connection.execute("SELECT count(*) FROM audit_log WHERE act = 'derived_rebuilt'").fetchone() == (1,)
    connection.close()
    again = cli("audit", "--rebuild", "--database", str(copy), check=0).stdout
    assert "rebuilt" not in again
    told = json.loads(cli("audit", "--rebuild", "--json", "--database", str(copy), check=0).stdout)
    assert {"owed", "open_passages"} <= {one["table"] for one in told["rebuilt"]}
    assert all(one["removed"] == one["added"] == 0 for one in told["rebuilt"]) and told["audit"]["lines"]
    assert "--rebuild works on the database itself" in cli(
        "audit", "--rebuild", "--record", "--database", str(copy), check=64).stderr


def test_a_house_that_sells_is_not_rebuilt_beside_its_server(tmp_path):
    house = House(tmp_path / "data").start()
    try:
        refused = cli("audit", "--rebuild", "--data", str(tmp_path / "data"), check=None)
        assert refused.returncode not in (0, 1) and "can't be rebuilt" in refused.stderr
    finally:
        house.end()
