"""A fund and a correction by the command line, through a real server: terms, enrolment, links, and what the night pays."""

import json
import os
import subprocess
from datetime import date, timedelta

from house import BINARY, House, cli


def test_finance_keeps_funds_and_corrects_hosts(tmp_path):
    house = House(tmp_path / "data", "--sandbox").start()
    try:
        finance = {"server": house.url, "key": house.operator_key}
        ana = house.host("Ana")
        assert "spark-2021, version 1 (stipend)" in cli("fund", "set", "spark-2021", **finance).stdout
        assert "version 1" in cli("fund", "set", "spark-2021", **finance).stdout
        terms = {"name": "pot", "kind": "pot", "currency": "EUR", "amount": 100_000, "host_cap_bp": 5_000}
        (tmp_path / "pot.json").write_text(json.dumps(terms))
        cli("fund", "set", "--file", str(tmp_path / "pot.json"), **finance)
        assert [fund["name"] for fund in json.loads(cli("fund", "list", "--json", **finance).stdout)["funds"]] == [
            "pot", "spark-2021"]
        today = date.fromisoformat(house.business_day())
        days = ("--from", today.isoformat(), "--to", (today + timedelta(days=62)).isoformat())
        short = cli("fund", "enroll", "spark-2021", ana["host"], *days, check=1, **finance).stderr
        assert "fund_short" in short and "guichet fund endow" in short
        cli("fund", "endow", "spark-2021", "--amount", "10000.00 USD", "--reason", "Board", **finance)
        cli("fund", "enroll", "spark-2021", ana["host"], *days, **finance)
        assert "fund_takes_nobody" in cli("fund", "enroll", "pot", ana["host"], *days, check=1, **finance).stderr
        assert "fund_unknown" in cli("fund", "show", "none", check=1, **finance).stderr
        wallet = house.wallet(0)
        cli("fund", "link", ana["host"], wallet["holder"], "--reason", "Same phone", **finance)
        room = house.room(ana)
        cli("fund", "exclude", room["room"], "--reason", "A test", **finance)
        left_out = cli("fund", "exclusions", "pot", today.isoformat()[:7], **finance).stdout
        assert "open, terms of version 1" in left_out
        assert "parameter_malformed" in cli("fund", "exclusions", "pot", "2026-3", check=1, **finance).stderr
        correct = ("host", "adjust", ana["host"], "--by", "12.50 EUR", "--reason", "Promised")
        for _ in range(2):
            cli(*correct, "--idempotency-key", "once", **finance)
        cli("host", "adjust", ana["host"], "--by", "-2.50 EUR", "--reason", "Too much", **finance)
        listed = json.loads(cli("host", "adjust", ana["host"], "--json", **finance).stdout)["adjustments"]
        assert [row["amount"]["amount"] for row in listed] == [-250, 1250]
        assert "adjustment_amount" in cli(
            "host", "adjust", ana["host"], "--by", "0.00 EUR", "--reason", "x", check=1, **finance).stderr
        paid = house.night()["payouts"]
        assert [row["gross"]["amount"] for row in paid] == [1000]
        house.stop()
        assert "clean" in cli("audit", "--data", str(house.data)).stdout
    finally:
        house.end()


def test_a_cohort_applies_is_chosen_and_is_never_promised_more_than_there_is(tmp_path):
    house = House(tmp_path / "data", "--sandbox").start()
    try:
        finance = {"server": house.url, "key": house.operator_key}
        hosts = [house.host(name) for name in ("Ana", "Bea", "Cid")]
        ana, bea, cid = ({"server": house.url, "key": host["key"]} for host in hosts)
        terms = {
            "name": "spark", "kind": "stipend", "currency": "EUR", "stipend": 10_000, "mode": "prorata",
            "rooms_per_week": 1, "min_room_minutes": 30, "min_room_listeners": 1, "close_lag_days": 2,
            "cohort": {"places": 2, "months": 2, "min_age": 18, "min_followers": 100}}
        (tmp_path / "spark.json").write_text(json.dumps(terms))
        cli("fund", "set", "--file", str(tmp_path / "spark.json"), **finance)
        cli("fund", "endow", "spark", "--amount", "500.00 EUR", "--reason", "Board", **finance)
        shown = cli("fund", "application", "spark", "--host", hosts[0]["host"], **ana).stdout
        assert "not declared to be 18 years or older" in shown and "0 of 100 followers" in shown
        for key in (ana, bea, cid):
            applied = cli("fund", "apply", "spark", "--age", "--followers", "250", **key).stdout
            assert "applied" in applied and "250 of 100 followers (declared)" in applied
        assert "fund_applied" in cli("fund", "apply", "spark", check=1, **ana).stderr
        def accept(host, check=0):
            return cli("fund", "decide", "spark", host["host"], "accept", "--followers", "240", "--reason", "Heard",
                       check=check, **finance)
        assert "place     1" in accept(hosts[0]).stdout
        # Two finance people at once: one place each, or one refusal; never more than the cap.
        racing = [subprocess.Popen(
            [BINARY, "fund", "decide", "spark", host["host"], "accept", "--followers", "240", "--reason", "Heard",
             "--server", house.url], env={**os.environ, "GUICHET_KEY": house.operator_key},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for host in hosts[1:]]
        outcomes = [process.communicate(timeout=60)[1] for process in racing]
        assert sorted(process.returncode for process in racing) == [0, 1]
        assert any("fund_full" in words for words in outcomes)
        book = json.loads(cli("fund", "book", "spark", "--json", **finance).stdout)
        assert [row["kind"] for row in book["rows"]] == ["endowed", "admitted", "admitted"]
        account = book["account"]
        assert (account["places"], account["committed"]["amount"], account["free"]["amount"]) == (2, 40_000, 10_000)
        assert "fund_committed" in cli(
            "fund", "endow", "spark", "--amount", "-100.01 EUR", "--reason", "x", check=1, **finance).stderr
        assert "outside" in cli("fund", "leave", "spark", **ana).stdout
        assert "1 of 2 held" in cli("fund", "book", "spark", **finance).stdout
        waiting = [host for host, process in zip(hosts[1:], racing) if process.returncode == 1]
        assert "place     3" in accept(waiting[0]).stdout
        progress = cli("fund", "progress", "spark", "--host", waiting[0]["host"], **finance).stdout
        assert "asked     1 rooms a week of 30 minutes and 1 listeners" in progress
        listed = cli("fund", "applications", "spark", **finance).stdout
        assert listed.count("placed") == 2
        house.stop()
        assert "clean" in cli("audit", "--data", str(house.data)).stdout
    finally:
        house.end()
