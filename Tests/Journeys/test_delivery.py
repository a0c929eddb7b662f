"""A room that is held in part: the report says how much, the night pays the rest back, and both can be checked."""

import base64
import hashlib
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from books import check_books
from house import House, cli, euros, rfc3339
from planted import check_planted
from test_separate import eventually, listen, receipts


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims(house, statement):
    """The claims of a statement, checked with the published keys and nothing of ours."""
    head, body, signature = statement.split(".")
    header = json.loads(decoded(head))
    assert (header["alg"], header["typ"]) == ("EdDSA", "room-report+jwt")
    keys = {key["kid"]: key for key in house.call("GET", "/.well-known/jwks.json")["keys"]}
    Ed25519PublicKey.from_public_bytes(decoded(keys[header["kid"]]["x"])).verify(
        decoded(signature), f"{head}.{body}".encode())
    return json.loads(decoded(body))


@pytest.fixture
def house(tmp_path):
    """One that does not wait two days for gateways that have lost their line."""
    house = House(tmp_path / "data", "--sandbox", "--set", "night.patienceHours=0").start()
    yield house
    house.end()


def test_half_a_room_is_half_paid_back_and_the_report_says_why(house, tmp_path, talk):
    host = house.host()
    ends = 25
    starts = 4
    body = {
        "title": "Short talk", "startsAt": rfc3339(starts), "endsAt": rfc3339(starts + ends), "doorsOpenAt": rfc3339(-1),
        "capacity": 3, "price": euros(500), "terms": "metered-final",
    }
    room = house.call("POST", "/v1/rooms", body, host["key"])
    began = time.monotonic()
    house.call("POST", f"/v1/rooms/{room['room']}/open", {}, host["key"])
    wallet = house.wallet(500)
    sale = house.buy(room, wallet)
    token = house.host_pass(host, room)["token"]
    listener = listen(house, sale["token"], tmp_path / "heard.opus", 8)
    # The host is there from before the start, speaks for some ten of twenty-five seconds and leaves.
    cli(
        "publish", "--file", str(talk), "--loop", "--server", house.url, "--ticket", token, "--seconds", "14", timeout=60)
    assert listener.wait(30) == 0, listener.stderr.read()
    time.sleep(max(0, starts + ends + 1 - (time.monotonic() - began)))

    def all_told():
        told = [r for r in receipts(house) if r["room"] == room["room"]]
        assert sorted(r["kind"] for r in told) == ["entered", "entered", "left", "left"], told
        return told

    told = eventually(all_told)
    for receipt in told:
        if receipt["kind"] == "left":
            assert receipt["media"]["heard"] and receipt["packets"] > 100, receipt
    report = house.call("GET", f"/v1/rooms/{room['room']}/report", key=host["key"])
    assert report["state"] == "final" and report["promisedSeconds"] == ends
    assert 7 <= report["deliveredSeconds"] <= 14, report
    assert [(line["ticket"], line["entries"]) for line in report["lines"]] == [(sale["ticket"], 1)]
    assert 4 <= report["lines"][0]["heardSeconds"] <= 9
    signed = claims(house, report["statement"])
    lines = "".join(
        "|".join(str(line[name]) for name in (
            "ticket", "entries", "refusals", "connectedSeconds", "heardSeconds", "lostPackets", "jitterMicroseconds"))
        + "\n" for line in report["lines"])
    assert signed["lines_sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    chain = sorted((r["gateway"], r["sequence"], r["hash"]) for r in told)
    bound = "".join(f"{gateway}|{sequence}|{digest}\n" for gateway, sequence, digest in chain)
    assert signed["receipts_sha256"] == hashlib.sha256(bound.encode()).hexdigest()
    assert signed["delivered_seconds"] == report["deliveredSeconds"]

    night = house.night()
    held = report["deliveredSeconds"]
    back = (2 * 500 * (ends - held) + ends) // (2 * ends)
    balance = house.call("GET", f"/v1/wallets/{wallet['holder']}", key=wallet["key"])["balances"]
    assert balance == [euros(back)], (balance, held)
    assert night["released"] == 1
    text = cli("room", "report", room["room"], server=house.url, key=host["key"]).stdout
    assert f"Held: 0 min {held:02d} s of 0 min {ends} s promised" in text
    assert "paid back on 1 orders" in text and "those that were signed" in text
    assert "key_scope" in cli("room", "report", room["room"], server=house.url, key=wallet["key"], check=1).stderr
    events = house.call("GET", "/v1/events?limit=1000", key=house.operator_key)["events"]
    assert [e["data"]["deliveredSeconds"] for e in events if e["type"] == "room.delivered"] == [held], events[-3:]
    check_books(house, tmp_path)
    house.stop()
    check_planted(house.data / "ledger.sqlite", tmp_path, [
        ("UPDATE deliveries SET delivered_s = delivered_s + 1", "held"),
        ("DELETE FROM room_receipts WHERE stage = 0", "room receipts"),
        ("DELETE FROM delivery_orders", "deliveries"),
    ])
