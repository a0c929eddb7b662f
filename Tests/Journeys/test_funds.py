"""A fund and a correction by the command line, through a real server: terms, enrolment, links, and what the night pays."""

import json

from house import House, cli


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
        days = ("--from", "2026-01-05", "--to", "2026-03-29")
        cli("fund", "enroll", "spark-2021", ana["host"], *days, **finance)
        assert "fund_takes_nobody" in cli("fund", "enroll", "pot", ana["host"], *days, check=1, **finance).stderr
        assert "fund_unknown" in cli("fund", "show", "none", check=1, **finance).stderr
        wallet = house.wallet(0)
        cli("fund", "link", ana["host"], wallet["holder"], "--reason", "Same phone", **finance)
        room = house.room(ana)
        cli("fund", "exclude", room["room"], "--reason", "A test", **finance)
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
