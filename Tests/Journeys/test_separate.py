"""Ledger and gateway as two processes: keys between them, an outage, a killed gateway, receipts exactly once."""

import json
import subprocess
import time

import pytest

from house import BINARY, House, Refused, cli

pytestmark = pytest.mark.alone


def start_pair(tmp_path):
    ledger = House(tmp_path / "ledger", "--sandbox", command=("ledger", "serve")).start()
    made = ledger.call("POST", "/v1/keys", {"scope": "gateway"}, ledger.operator_key)
    (tmp_path / "gateway.key").write_text(made["key"])
    (tmp_path / "gateway.key").chmod(0o600)
    gateway = House(
        tmp_path / "gateway", "--set", f"ledger.url={ledger.url}",
        "--set", f"ledger.keyFile={tmp_path / 'gateway.key'}", "--set", f"gateway.id={made['subject']}", "--set", f"public.url={ledger.url}",
        command=("gateway", "serve")).start()
    return ledger, gateway


def receipts(ledger):
    return ledger.call("GET", "/v1/receipts?limit=1000", key=ledger.operator_key)["receipts"]


def eventually(what, patience=15):
    deadline = time.monotonic() + patience
    while True:
        try:
            return what()
        except (AssertionError, Refused, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def listen(gateway, token, out, seconds):
    return subprocess.Popen(
        [BINARY, "listen", "--server", gateway.url, "--ticket", token, "--out", str(out), "--seconds", str(seconds)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kinds(ledger, ticket):
    return [r["kind"] for r in receipts(ledger) if r["ticket"] == ticket]


def test_receipts_reach_the_ledger_exactly_once_through_an_outage_and_a_kill(tmp_path, talk):
    ledger, gateway = start_pair(tmp_path)
    try:
        host = ledger.host()
        room = ledger.room(host)
        wallet = ledger.wallet()
        sale = ledger.buy(room, wallet)

        def enters(seconds, out):
            listener = listen(gateway, sale["token"], tmp_path / out, seconds)
            stdout, stderr = listener.communicate(timeout=40)
            assert listener.returncode == 0, stdout + stderr

        # The gateway learns of the room from the feed.
        eventually(lambda: enters(1, "one.opus"))

        def entered_and_left(times):
            assert kinds(ledger, sale["ticket"]) == ["entered", "left"] * times, receipts(ledger)

        eventually(lambda: entered_and_left(1))

        # The ledger goes down; people still enter and leave; it comes back and hears of it once.
        ledger.kill()
        enters(1, "two.opus")
        ledger.start()
        eventually(lambda: entered_and_left(2))

        # The gateway is killed with a listener inside: after its return the leaving is told, once.
        listener = listen(gateway, sale["token"], tmp_path / "three.opus", 30)
        time.sleep(1.5)
        gateway.kill()
        listener.kill()
        listener.communicate()
        gateway.start()
        eventually(lambda: entered_and_left(3))

        # Both go down, and the gateway comes back first: it knows what it knew, and says what it did afterwards. Of a ticket
        # that was refunded before, it had heard by the feed.
        refunded = ledger.buy(room, wallet)
        ledger.refund(refunded["ticket"], wallet["key"])

        def is_refused(code):
            listener = listen(gateway, refunded["token"], tmp_path / "refused.opus", 1)
            _, error = listener.communicate(timeout=40)
            assert listener.returncode != 0 and code in error, error

        eventually(lambda: is_refused("ticket_revoked"))
        ledger.kill()
        gateway.kill()
        gateway.start()
        enters(1, "four.opus")
        is_refused("ticket_revoked")
        ledger.start()
        eventually(lambda: entered_and_left(4))
        assert "refused" in kinds(ledger, refunded["ticket"])
        sequences = [r["sequence"] for r in receipts(ledger)]
        assert sequences == sorted(set(sequences))
        gateway.stop()
        ledger.stop()
    finally:
        gateway.end()
        ledger.end()


def test_a_gateway_without_a_good_key_is_refused(tmp_path):
    ledger = House(tmp_path / "ledger", command=("ledger", "serve")).start()
    try:
        for path in ("/v1/gateway/snapshot", "/v1/gateway/feed?after=0"):
            for key in (None, "gk_gateway_" + "A" * 43, ledger.host()["key"]):
                try:
                    ledger.call("GET", path, key=key)
                    raise AssertionError("answered without a gateway key")
                except Refused as refusal:
                    assert refusal.status in (401, 403), refusal
    finally:
        ledger.end()
