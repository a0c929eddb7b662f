"""Risk classes by the command line, through a real server: a class with its reason, what the night holds back, what the host
is told, what a refund takes from the reserve, and books that stay in order."""

import json

from house import House, cli


def test_finance_sets_a_class_and_the_reserve_pays_for_a_refund(tmp_path):
    house = House(tmp_path / "data", "--sandbox").start()
    try:
        finance = {"server": house.url, "key": house.operator_key}
        ana = house.host("Ana")
        assert "elevated/1" in cli("host", "risk", **finance).stdout
        assert "risk_class_unknown" in cli(
            "host", "risk", ana["host"], "--class", "kind", "--reason", "x", check=1, **finance).stderr
        assert "key_scope" in cli("host", "risk", ana["host"], "--class", "standard", "--reason", "mine",
                                  server=house.url, key=ana["key"], check=1).stderr
        set_class = ("host", "risk", ana["host"], "--class", "high", "--reason", "Two disputes in a week")
        for _ in range(2):
            assert "5000 bp for 180 days" in cli(*set_class, "--idempotency-key", "once", **finance).stdout
        room = house.room(ana, capacity=3)
        tickets = [house.buy(room, house.wallet()) for _ in range(2)]
        house.call("POST", f"/v1/rooms/{room['room']}/close", {}, ana["key"])
        night = house.night()
        # Thirty days more: nothing is available, so nothing is in reserve yet.
        assert night["payouts"] == [] and night["carried"][0]["reason"] == "on_hold"
        shown = json.loads(cli("host", "risk", ana["host"], "--json", server=house.url, key=ana["key"]).stdout)
        assert [fact["class"] for fact in shown["classes"]] == ["high"] and shown["held"] == []
        why = json.loads(cli("payout", "why", "--host", ana["host"], "--json", server=house.url, key=ana["key"]).stdout)
        assert why["rows"][0]["reason"] == "on_hold" and why["rows"][0]["nextOn"] == night["carried"][0]["nextOn"]
        assert len(tickets) == 2
        house.stop()
        assert "clean" in cli("audit", "--data", str(house.data)).stdout
    finally:
        house.end()
