"""Keys of tickets change while a gateway runs, and API keys reach as far as their scope."""

import base64
import json
import subprocess

from house import BINARY, Refused, cli
from test_separate import eventually, start_pair


def kid(token):
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


def test_tickets_from_before_and_after_a_rotation_both_enter_a_gateway_that_kept_running(tmp_path):
    ledger, gateway = start_pair(tmp_path)
    try:
        room = ledger.room(ledger.host())
        wallet = ledger.wallet()
        before = ledger.buy(room, wallet)["token"]

        def enter(token):
            try:
                gateway.call("GET", f"/rooms/{room['room']}/stage", key=token)
            except Refused as refusal:
                # The ticket is good; listeners just have no business there.
                if refusal.code != "stage_not_permitted":
                    raise

        eventually(lambda: enter(before))
        rotated = json.loads(cli(
            "ticket", "key", "rotate", "--signs-in", "0", "--json", "--data", str(ledger.data),
            server=ledger.url).stdout)
        after = ledger.buy(room, wallet)["token"]
        assert kid(after) == rotated["kid"] != kid(before)
        # At once: the feed tells of the key, and a gateway whose feed lags asks.
        enter(after)
        enter(before)
        published = {key["kid"] for key in ledger.call("GET", "/.well-known/jwks.json")["keys"]}
        assert published == {kid(before), kid(after)}
        listed = cli("ticket", "key", "list", "--data", str(ledger.data), server=ledger.url).stdout
        assert "verifying" in listed and "signing" in listed
        # The old key's ticket is still good, so it stays; a stolen key goes at once, and its tickets with it.
        kept = cli(
            "ticket", "key", "retire", kid(before), "--data", str(ledger.data), server=ledger.url, check=1)
        assert "ticket_key_in_use" in kept.stderr
        cli("ticket", "key", "retire", kid(before), "--compromised", "--data", str(ledger.data), server=ledger.url)

        def refused():
            try:
                enter(before)
            except Refused as refusal:
                assert refusal.code == "ticket_key_unknown"
                return
            raise AssertionError("a ticket of a stolen key still enters")

        eventually(refused)
        enter(after)
        # A restart finds both files; a file that others can read stops it.
        ledger.stop()
        ledger.start()
        assert ledger.buy(room, wallet)["token"]
        ledger.stop()
        (ledger.data / "ticket-keys" / f"{kid(after)}.pem").chmod(0o644)
        done = subprocess.run(ledger.arguments, capture_output=True, text=True, timeout=30)
        assert done.returncode == 78 and "chmod 600" in done.stderr, done.stderr
        gateway.stop()
    finally:
        gateway.end()
        ledger.end()


def test_keys_are_made_listed_and_revoked_by_the_command_line(house):
    ana = house.host()
    made = cli(
        "key", "create", "--scope", "moderator", "--name", "Phone", "--expires", "+1h", key=ana["key"],
        server=house.url)
    moderator = made.stdout.strip()
    assert moderator.startswith("gk_moderator_")
    room = house.room(ana)
    assert house.host_pass({"key": moderator}, room, role="speaker")["role"] == "speaker"
    listed = json.loads(cli("key", "list", "--json", key=ana["key"], server=house.url).stdout)["keys"]
    assert [key["scope"] for key in listed] == ["host", "moderator"] and listed[1]["name"] == "Phone"
    cli("key", "revoke", "--id", listed[1]["id"], key=ana["key"], server=house.url)
    try:
        house.host_pass({"key": moderator}, room, role="speaker")
        raise AssertionError("a revoked key still works")
    except Refused as refusal:
        assert refusal.code == "key_unknown"
