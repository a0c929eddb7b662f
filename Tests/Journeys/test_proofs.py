"""Proofs for sceptics: the stand-alone verifier on real exports, receipts, kept heads, backups during a rush."""

import csv
import io
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest

from house import House, Refused, cli

VERIFIER = pathlib.Path(__file__).parents[2] / "Scripts" / "verify-journal"


def verify(*arguments, check):
    done = subprocess.run(
        [sys.executable, str(VERIFIER), *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == check, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """A house after two nights: journal, balances, signed heads, keys and a receipt in a folder; its server stopped."""
    folder = tmp_path_factory.mktemp("proofs")
    house = House(folder / "data").start()
    try:
        host = house.host()
        room = house.room(host, capacity=9)
        wallets = [house.wallet(2000) for _ in range(5)]
        sales = [house.buy(room, wallet) for wallet in wallets]
        house.refund(sales[4]["ticket"], wallets[4]["key"])
        house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
        with pytest.raises(Refused) as none:
            house.call("GET", f"/v1/journal/heads/{house.business_day()}")
        assert none.value.code == "head_unknown"
        day = house.business_day()
        house.night(day)
        for name, data in house.night_files(day).items():
            (folder / name).write_bytes(data)
        head = house.call("GET", f"/v1/journal/heads/{day}")
        (folder / "head.jws").write_text(head["statement"] + "\n")
        kept = folder / "data" / "heads" / f"{head['shard']}-{day}.jws"
        assert kept.read_text() == head["statement"] + "\n"
        (folder / "jwks.json").write_bytes(house.raw("GET", "/.well-known/jwks.json")[1])
        for index in range(5):
            receipt = house.raw("GET", f"/v1/orders/{sales[index]['order']}/receipt", key=wallets[index]["key"])[1]
            (folder / f"receipt-{index}.json").write_bytes(receipt)
        wallet_file = folder / "wallet.json"
        wallet_file.write_text(json.dumps({"holder": wallets[0]["holder"], "key": wallets[0]["key"]}))
        wallet_file.chmod(0o600)
        out = folder / "by-cli.json"
        cli("ticket", "receipt", sales[0]["order"], "--out", str(out), server=house.url, wallet=wallet_file)
        assert json.loads(out.read_text()) == json.loads((folder / "receipt-0.json").read_text())
        assert day in cli("journal", "heads", server=house.url).stdout
        house.stop()
    finally:
        house.end()
    return folder


def test_the_verifier_finds_a_real_export_sound_without_us(night):
    words = verify(
        night / "journal.csv", "--balances", night / "balances.csv", "--head", night / "head.jws", "--keys",
        night / "jwks.json", check=0)
    assert words.startswith("sound:") and "passed" in words


def rows(night):
    with open(night / "journal.csv", newline="") as file:
        return list(csv.DictReader(file))


def chained(entries):
    """Hashes made right again after a change, as a forger with the script would: only the signed head can tell."""
    import hashlib

    previous, number, groups = "0" * 64, 0, []
    for row in entries:
        if not groups or groups[-1][0]["entry"] != row["entry"]:
            groups.append([])
        groups[-1].append(row)
    for number, group in enumerate(groups, 1):
        for row in group:
            row["seq"], row["prev_hash"] = str(number), previous
        head = "|".join(group[0][name] for name in ("seq", "entry", "posted_at", "effective_on", "kind", "reverses"))
        body = "\n".join(f"{row['account']}|{row['currency']}|{row['amount']}" for row in group)
        previous = hashlib.sha256(f"{previous}\n{head}\n{body}".encode()).hexdigest()
        for row in group:
            row["hash"] = previous
    return entries


def edited_amount(entries):
    entries[0]["amount"], entries[1]["amount"] = "999999", "-999999"
    return entries


def lopsided_amount(entries):
    entries[0]["amount"] = str(int(entries[0]["amount"]) + 1)
    return entries


def removed_entry(entries):
    return [row for row in entries if row["seq"] != "3"]


def removed_row(entries):
    return entries[:3] + entries[4:]


def cut_off_end(entries):
    last = entries[-1]["seq"]
    return [row for row in entries if row["seq"] != last]


def swapped_rows(entries):
    return entries[2:4] + entries[0:2] + entries[4:]


def late_date(entries):
    for row in entries[-2:]:
        row["effective_on"] = "2020-01-01"
    return entries


@pytest.mark.parametrize(
    "tamper", [edited_amount, lopsided_amount, removed_entry, removed_row, cut_off_end, swapped_rows, late_date])
@pytest.mark.parametrize("again", [False, True], ids=["as it is", "with the hashes made right"])
def test_each_tampering_is_found(night, tmp_path, tamper, again):
    changed = tamper(rows(night))
    if again:
        changed = chained(changed)
    path = tmp_path / "journal.csv"
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(changed[0]))
        writer.writeheader()
        writer.writerows(changed)
    words = verify(path, "--head", night / "head.jws", "--keys", night / "jwks.json", check=1)
    assert words.startswith("BROKEN"), words


def test_balances_and_signatures_are_compared(night, tmp_path):
    balances = tmp_path / "balances.csv"
    text = (night / "balances.csv").read_text()
    first = list(csv.DictReader(io.StringIO(text)))[0]
    balances.write_text(text.replace(f"{first['currency']},{first['balance']}", f"{first['currency']},1", 1))
    assert "J13" in verify(night / "journal.csv", "--balances", balances, check=1)
    forged = tmp_path / "head.jws"
    head, claims, signature = (night / "head.jws").read_text().strip().split(".")
    forged.write_text(f"{head}.{claims}.{'A' * len(signature)}")
    assert "signature" in verify(night / "journal.csv", "--head", forged, "--keys", night / "jwks.json", check=1)
    assert verify(night / "journal.csv", "--head", night / "missing", "--keys", night / "jwks.json", check=2) == ""


def test_every_receipt_is_under_the_signed_head_and_no_changed_one_is(night, tmp_path):
    for index in range(5):
        assert "is under the head" in verify(
            "--receipt", night / f"receipt-{index}.json", "--keys", night / "jwks.json", check=0)
    receipt = json.loads((night / "receipt-2.json").read_text())
    for change in ("amount", "hash", "path", "index"):
        copy = json.loads(json.dumps(receipt))
        if change == "amount":
            copy["entry"]["postings"][0]["amount"] += 1
        elif change == "hash":
            copy["entry"]["hash"] = "0" * 64
        elif change == "path":
            copy["proof"]["path"][0] = "0" * 64
        else:
            copy["proof"]["leafIndex"] += 1
        path = tmp_path / "receipt.json"
        path.write_text(json.dumps(copy))
        assert verify("--receipt", path, "--keys", night / "jwks.json", check=1).startswith("BROKEN")


def test_the_audit_compares_the_heads_that_were_kept(night, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(night / "data", data)
    report = json.loads(cli("audit", "--data", str(data), "--json").stdout)
    signatures = next(line for line in report["lines"] if line["check"] == "signatures")
    assert signatures["counted"] == 2 and signatures["broken"] == 0
    connection = sqlite3.connect(data / "ledger.sqlite")
    with connection:
        connection.execute("DELETE FROM published_heads")
    connection.close()
    report = json.loads(cli("audit", "--data", str(data), "--json", check=1).stdout)
    assert [line["check"] for line in report["lines"] if line["broken"]] == ["signatures"]


def test_a_backup_during_a_rush_of_sales_holds_every_sale_that_was_answered_before(tmp_path):
    house = House(tmp_path / "data").start()
    try:
        host = house.host()
        room = house.room(host, capacity=10_000, price=100)
        wallets = [house.wallet(5000) for _ in range(3)]
        stop, lock, acknowledged = threading.Event(), threading.Lock(), []

        def sell(wallet):
            while not stop.is_set():
                try:
                    sale = house.buy(room, wallet, 100)
                except Refused:
                    return  # the wallet is empty
                with lock:
                    acknowledged.append(sale["ticket"])

        sellers = [threading.Thread(target=sell, args=(wallet,)) for wallet in wallets]
        for seller in sellers:
            seller.start()
        try:
            enough = threading.Event()
            while len(acknowledged) < 30 and any(seller.is_alive() for seller in sellers) and not enough.wait(0.01):
                pass
            with lock:
                before = list(acknowledged)
            copy = tmp_path / "copy.sqlite"
            cli("backup", str(copy), "--data", str(house.data))
        finally:
            stop.set()
            for seller in sellers:
                seller.join(30)
        assert cli("backup", str(copy), "--data", str(house.data), check=74).stderr
        house.stop()
    finally:
        house.end()
    place = tmp_path / "restored"
    place.mkdir(mode=0o700)
    for name in ("ticket-signing.pem", "operator.key"):
        shutil.copy(house.data / name, place / name)
    assert "clean" in cli("restore", str(copy), "--data", str(place), "--check").stdout
    assert not (place / "ledger.sqlite").exists()
    cli("restore", str(copy), "--data", str(place))
    assert cli("restore", str(copy), "--data", str(place), check=74).stderr
    restored = House(place).start()
    try:
        held = {
            ticket["ticket"]
            for wallet in wallets
            for ticket in restored.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["tickets"]
        }
        missing = set(before) - held
        assert not missing, f"{len(missing)} of {len(before)} sales answered before the backup are not in it"
        assert restored.call("GET", "/v1/audit", key=restored.operator_key)["clean"]
        restored.top_up(wallets[0], 500)
        restored.buy(room, wallets[0], 100)
        restored.stop()
    finally:
        restored.end()


def test_a_backup_that_lacks_what_was_published_is_not_restored(night, tmp_path):
    place = tmp_path / "place"
    shutil.copytree(night / "data", place)
    (place / "ledger.sqlite").unlink()
    copy = tmp_path / "copy.sqlite"
    house = House(tmp_path / "other").start()
    house.stop()
    cli("backup", str(copy), "--data", str(house.data))
    refused = cli("restore", str(copy), "--data", str(place), check=1)
    assert "was published" in refused.stdout and not (place / "ledger.sqlite").exists()
    broken = tmp_path / "broken.sqlite"
    shutil.copy(night / "data" / "ledger.sqlite", broken)
    connection = sqlite3.connect(broken)
    with connection:
        connection.execute("UPDATE heads SET feed = feed + 1")
    connection.close()
    assert "BROKEN" in cli("restore", str(broken), "--data", str(place), check=1).stdout
    assert not os.path.exists(place / "ledger.sqlite")
