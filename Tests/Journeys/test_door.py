"""The door by the command line: on how many devices a ticket is used, and who comes back to their own seat."""

import json
import signal
import subprocess
import time

import pytest

from books import check_books
from house import BINARY, cli
from planted import check_planted

pytestmark = pytest.mark.patient


def listen(house, token, path, *more):
    return subprocess.Popen(
        [BINARY, "listen", "--server", house.url, "--ticket", token, "--out", str(path), "--json", *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def inside(listener):
    assert listener.stderr.readline().strip() == "connected", listener.communicate()


def ends(listener, how=signal.SIGINT):
    listener.send_signal(how)
    out, error = listener.communicate(timeout=20)
    assert listener.returncode == 0, out + error
    return json.loads(out)


def receipts(house, ticket):
    told = house.call("GET", "/v1/receipts?limit=1000", key=house.operator_key)["receipts"]
    return [receipt for receipt in told if receipt["ticket"] == ticket]


def test_a_ticket_is_used_where_the_room_says_and_a_reconnect_is_no_second_entry(house, tmp_path):
    host = house.host()
    as_host = {"server": house.url, "key": host["key"]}
    room = json.loads(cli(
        "room", "create", "At the door", "--starts", "now", "--ends", "+1h", "--capacity", "2", "--price", "5.00 EUR",
        "--sharing", "first", "--json", **as_host).stdout)["room"]
    assert "sharing   first" in cli("room", "open", room, **as_host).stdout
    buyer = {"server": house.url, "wallet": tmp_path / "buyer.json"}
    cli("wallet", "topup", "10.00 EUR", **buyer)
    sale = json.loads(cli("ticket", "buy", room, "--json", **buyer).stdout)

    first = listen(house, sale["token"], tmp_path / "first.opus")
    inside(first)
    refused = listen(house, sale["token"], tmp_path / "second.opus")
    _, error = refused.communicate(timeout=20)
    assert refused.returncode != 0 and "ticket_in_use" in error, error

    # Two devices now, and the third is refused.
    assert "sharing   devices-2" in cli("room", "sharing", room, "devices-2", **as_host).stdout
    assert "devices-11" in cli("room", "sharing", room, "devices-11", check=None, **as_host).stderr
    deadline = time.monotonic() + 10
    while True:
        second = listen(house, sale["token"], tmp_path / "second.opus")
        line = second.stderr.readline()
        if line.strip() == "connected":
            break
        second.communicate()
        assert time.monotonic() < deadline, line
        time.sleep(0.2)
    third = listen(house, sale["token"], tmp_path / "third.opus")
    _, error = third.communicate(timeout=20)
    assert "ticket_in_use" in error, error
    assert ends(second)["rebuilds"] == 0

    # The first one loses its network for longer than a connection lives. It comes back to its own seat.
    cli("room", "sharing", room, "first", **as_host)
    first.send_signal(signal.SIGSTOP)
    time.sleep(34)
    first.send_signal(signal.SIGCONT)
    # Whichever comes first: its own finding that nobody answers, or the gateway's word that nobody was heard.
    line = first.stderr.readline().strip()
    assert line == "connected" or ("(consent_lost)" in line and first.stderr.readline().strip() == "connected"), line
    summary = ends(first)
    assert summary["rebuilds"] == 1 and summary["end"] in ("finished", "cancelled"), summary

    deadline = time.monotonic() + 15
    while [r["kind"] for r in receipts(house, sale["ticket"])].count("left") < 3 and time.monotonic() < deadline:
        time.sleep(0.2)
    told = receipts(house, sale["ticket"])
    entered = [r["admission"] for r in told if r["kind"] == "entered"]
    resumed = [r for r in told if r["kind"] == "resumed"]
    assert len(entered) == 2 and [r["resumes"] for r in resumed] == [entered[0]], told
    lost = next(r for r in told if r["kind"] == "left" and r["admission"] == entered[0])
    assert lost["reason"] == "consent_lost", told

    check_books(house, tmp_path)
    house.stop()
    check_planted(house.data / "ledger.sqlite", tmp_path, [
        ("UPDATE room_sharing SET sharing = 'devices-9' WHERE n = 1", "doors"),
        ("UPDATE room_sharing SET before = 'devices-9' WHERE n = 2", "doors"),
        ("DELETE FROM room_sharing WHERE n = 2", "doors"),
        ("UPDATE feed SET body = replace(body, 'devices-2', 'newest') WHERE body LIKE '%devices-2%'", "doors"),
        ("DELETE FROM outbox WHERE kind = 'room.sharing'", "doors"),
    ])
