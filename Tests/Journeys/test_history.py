"""What another policy would have paid, over the history of a real house: its facts are exported, played under its own
policy with the very same payouts, and under another one with a comparison that adds up."""

import csv
import io
import json

from house import House, cli


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_the_history_of_a_house_is_played_under_another_policy(tmp_path):
    house = House(tmp_path / "data", "--sandbox").start()
    try:
        ana, bea = house.host("Ana"), house.host("Bea")
        for host, price in ((ana, 6000), (bea, 700)):
            room = house.room(host, price=price)
            tickets = [house.buy(room, house.wallet(price), price=price) for _ in range(2)]
            assert len(tickets) == 2
            house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
        cli("host", "adjust", ana["host"], "--by", "-2.50 EUR", "--reason", "Paid twice", server=house.url,
            key=house.operator_key)
        night = house.night()
        paid = sorted((row["host"], row["gross"]["amount"], row["net"]["amount"]) for row in night["payouts"])
        # Beside a server that goes on.
        out = tmp_path / "history"
        told = json.loads(cli("replay", "export", "--data", str(house.data), "--out", str(out), "--json").stdout)
        assert told["nights"] == 1 and told["facts"] > 4 and told["firstDay"] == night["day"]
        again = tmp_path / "again"
        cli("replay", "export", "--data", str(house.data), "--out", str(again))
        for name in ("config.json", "events.ndjson"):
            assert (out / name).read_bytes() == (again / name).read_bytes()
        played = tmp_path / "played"
        cli("replay", str(out / "config.json"), str(out / "events.ndjson"), "--out", str(played), "--quiet")
        assert sorted(
            (row["host"], int(row["gross"]), int(row["net"])) for row in rows(played / "payouts.csv")) == paid
        assert json.loads((played / "result.json").read_text())["rejected"] == []
        other = "guichet-default-2026" if told["policy"].startswith("guichet-demo") else "guichet-demo-2026"
        shown = cli("replay", str(out / "config.json"), str(out / "events.ndjson"), "--out", str(tmp_path / "if"),
                    "--policy", other, "--quiet").stdout
        assert "DIFFERENCE" in shown
        comparison = json.loads((tmp_path / "if" / "comparison.json").read_text())
        months = rows(tmp_path / "if" / "comparison-by-month.csv")
        by_host = rows(tmp_path / "if" / "comparison.csv")
        assert len(months) == len(comparison["months"]) and len(by_host) == len(comparison["hosts"])
        before = sum(int(row["gross"]) for row in rows(tmp_path / "if" / "payouts.csv"))
        after = sum(int(row["gross"]) for row in rows(tmp_path / "if" / other / "payouts.csv"))
        for table in (months, by_host):
            assert sum(int(row["before"]) for row in table) == before
            assert sum(int(row["difference"]) for row in table) == after - before
        empty = House(tmp_path / "empty", "--sandbox").start()
        empty.stop()
        assert "replay_no_nights" in cli(
            "replay", "export", "--data", str(empty.data), "--out", str(tmp_path / "none"), check=1).stderr
        house.stop()
    finally:
        house.end()
