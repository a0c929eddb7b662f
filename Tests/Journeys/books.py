"""A second opinion on the books: the chain recomputed here, hledger and beancount adding the exported journal."""

import csv
import hashlib
import io
import os
import pathlib
import subprocess
from collections import defaultdict


def check_books(house, folder):
    """Runs the night and checks its journal three ways against balances.csv; returns the night's files."""
    day = house.business_day()
    house.night(day)
    files = house.night_files(day)
    postings = list(csv.DictReader(io.StringIO(files["journal.csv"].decode())))
    balances = {
        (row["account"], row["currency"]): int(row["balance"])
        for row in csv.DictReader(io.StringIO(files["balances.csv"].decode()))
    }
    check_chain(postings)
    sums = defaultdict(int)
    for row in postings:
        sums[row["account"], row["currency"]] += int(row["amount"])
    assert {key: value for key, value in sums.items() if value} == {
        key: value for key, value in balances.items() if value}
    assert sum(balances.values()) == 0
    check_hledger(files["journal.hledger"], balances, pathlib.Path(folder))
    check_beancount(files["journal.beancount"], pathlib.Path(folder))
    return files


def check_chain(postings):
    """J1, J2, J6 and J9 of the payout rules, written again from their text."""
    entries = []
    for row in postings:
        if not entries or entries[-1][0]["seq"] != row["seq"]:
            entries.append([])
        entries[-1].append(row)
    previous = "0" * 64
    for number, rows in enumerate(entries, start=1):
        head = rows[0]
        assert int(head["seq"]) == number, "a gap in the sequence"
        totals = defaultdict(int)
        for row in rows:
            assert row["entry"] == head["entry"]
            totals[row["currency"]] += int(row["amount"])
        assert len(rows) >= 2 and not any(totals.values()), f"entry {head['entry']} does not balance"
        assert head["prev_hash"] == previous
        fields = "|".join(head[name] for name in ("seq", "entry", "posted_at", "effective_on", "kind", "reverses"))
        body = "\n".join(f"{row['account']}|{row['currency']}|{row['amount']}" for row in rows)
        previous = hashlib.sha256(f"{previous}\n{fields}\n{body}".encode()).hexdigest()
        assert head["hash"] == previous, f"the chain breaks at {number}"
    return previous


def check_hledger(journal, balances, folder):
    path = folder / "books.hledger"
    path.write_bytes(journal)
    answer = subprocess.run(
        ["hledger", "-f", path, "bal", "--flat", "--empty", "-O", "csv", "--no-total"],
        capture_output=True, text=True, check=True)
    added = {}
    for row in csv.DictReader(io.StringIO(answer.stdout)):
        for amount in row["balance"].split(","):
            if amount.strip() not in ("", "0"):
                number, currency = amount.split()
                added[row["account"], currency] = round(float(number) * 100)
    ours = {key: value for key, value in balances.items() if value}
    assert {key: value for key, value in added.items() if value} == ours


def check_beancount(journal, folder):
    path = folder / "books.beancount"
    path.write_bytes(journal)
    checker = pathlib.Path(os.environ["GUICHET_PYTHON"]).parent / "bean-check"
    done = subprocess.run([checker, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
