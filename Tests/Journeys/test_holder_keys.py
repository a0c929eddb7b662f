"""A copied ticket is worth nothing: rooms whose tickets are bound to a key of their holder, by command line, by hand."""

import json
import time
import uuid

import pytest

from books import check_books
from house import Refused, cli
from planted import check_planted
from proofs import HolderKey, claims_of
from test_door import ends, inside, listen


def claim(house, ticket, wallet, key, **said):
    url = f"{house.url}/v1/tickets/{ticket}/claim"
    _, answer, _ = house.raw("POST", f"/v1/tickets/{ticket}/claim", b"", wallet["key"], {
        "DPoP": key.proof("POST", url, **said), "Idempotency-Key": uuid.uuid4().hex,
    })
    return json.loads(answer)


def test_a_copied_ticket_opens_nothing_and_its_holder_enters_with_a_key_file(house, tmp_path):
    host = house.host()
    as_host = {"server": house.url, "key": host["key"]}
    made = cli(
        "room", "create", "Bound", "--starts", "now", "--ends", "+1h", "--capacity", "3", "--price", "5.00 EUR",
        "--holder-key", "required", "--json", **as_host)
    room = json.loads(made.stdout)["room"]
    assert "key       required" in cli("room", "open", room, **as_host).stdout
    buyer = {"server": house.url, "wallet": tmp_path / "buyer.json"}
    cli("wallet", "topup", "10.00 EUR", **buyer)
    sale = json.loads(cli("ticket", "buy", room, "--json", **buyer).stdout)
    mine, theirs = str(tmp_path / "mine.pem"), str(tmp_path / "theirs.pem")

    def refused(token, *more):
        listener = listen(house, token, tmp_path / "no.opus", *more)
        _, error = listener.communicate(timeout=20)
        assert listener.returncode != 0
        return error

    assert "holder_key_missing" in refused(sale["token"])
    token = cli("ticket", "claim", sale["ticket"], "--holder-key", mine, **buyer).stdout.strip()
    thumbprint = claims_of(token)["cnf"]["jkt"]
    assert f"bound   {thumbprint}" in cli("ticket", "show", sale["ticket"], **buyer).stdout
    # A copy of the ticket, of the ticket with another key, and the ticket from before it was bound, wherever it is shown.
    assert "proof_missing" in refused(token)
    late = cli("ticket", "claim", sale["ticket"], "--holder-key", theirs, check=None, **buyer)
    assert late.returncode == 1 and "ticket_claimed" in late.stderr, late.stderr
    assert "proof_other_key" in refused(token, "--holder-key", theirs)
    assert "proof_missing" in refused(sale["token"])
    assert "proof_other_key" in refused(sale["token"], "--holder-key", theirs)
    for act in ("raise", "lower", "step-down"):
        copy = cli("stage", act, "--server", house.url, "--ticket", sale["token"], check=None)
        assert copy.returncode != 0 and "proof_missing" in copy.stderr, (act, copy.stderr)
    listener = listen(house, token, tmp_path / "heard.opus", "--holder-key", mine)
    inside(listener)
    stage = ["--server", house.url, "--ticket", token]
    cli("stage", "raise", *stage, "--holder-key", mine)
    assert "proof_missing" in cli("stage", "lower", *stage, check=None).stderr
    ends(listener)

    # Passing it on frees it for a key of whoever has it then, and the key of before opens nothing any more.
    friend = {"server": house.url, "wallet": tmp_path / "friend.json"}
    offer = json.loads(cli("transfer", "offer", sale["ticket"], "--json", **buyer).stdout)
    taken = json.loads(cli("transfer", "accept", offer["code"], "--json", **friend).stdout)
    assert "ticket_revoked" in refused(token, "--holder-key", mine)
    theirs_token = cli("ticket", "claim", taken["ticket"], "--holder-key", theirs, **friend).stdout.strip()
    listener = listen(house, theirs_token, tmp_path / "heard.opus", "--holder-key", theirs)
    inside(listener)
    ends(listener)

    assert "key       none" in cli("room", "holder-key", room, "none", **as_host).stdout
    told = house.call("GET", "/v1/events?limit=1000", key=host["key"])["events"]
    kinds = [event["type"] for event in told]
    assert kinds.count("room.holder_key") == 2 and kinds.count("ticket.bound") == 2, kinds
    check_books(house, tmp_path)
    house.stop()
    check_planted(house.data / "ledger.sqlite", tmp_path, [
        ("UPDATE room_holder_keys SET holder_key = 'none' WHERE n = 1", "holder keys"),
        ("DELETE FROM room_holder_keys WHERE n = 2", "holder keys"),
        ("UPDATE feed SET body = replace(body, '\"holderKey\":\"required\"', '\"holderKey\":\"none\"')", "holder keys"),
        ("DELETE FROM outbox WHERE kind = 'room.holder_key'", "holder keys"),
        ("DELETE FROM outbox WHERE kind = 'ticket.bound'", "holder keys"),
        ("DELETE FROM ticket_bindings", "holder keys"),
        ("UPDATE ticket_bindings SET actor = 'operator'", "holder keys"),
        (f"UPDATE ticket_bindings SET inherited_from = '{sale['ticket']}' WHERE ticket = '{taken['ticket']}'", "holder keys"),
    ])


def test_every_forged_proof_is_refused_with_its_own_code(house):
    host = house.host()
    room = house.room(host)
    house.call("PUT", f"/v1/rooms/{room['room']}/holder-key", {"holderKey": "required"}, host["key"])
    wallet = house.wallet()
    sale = house.buy(room, wallet)
    mine, theirs = HolderKey(), HolderKey()

    def claimed(key, **said):
        with pytest.raises(Refused) as refusal:
            claim(house, sale["ticket"], wallet, key, **said)
        return refusal.value.code

    assert claimed(mine, iat=int(time.time()) - 90) == "proof_stale"
    assert claimed(mine, htu=f"{house.url}/v1/orders") == "proof_target"
    assert claimed(mine, ath="AAAA") == "proof_ticket"
    bound = claim(house, sale["ticket"], wallet, mine)
    assert bound["boundTo"] == mine.thumbprint and claims_of(bound["token"])["cnf"] == {"jkt": mine.thumbprint}
    assert claimed(theirs) == "ticket_claimed"

    token, path = bound["token"], f"/rooms/{room['room']}/whep"
    url = house.url + path

    def knock(proof, **more):
        headers = {"Content-Type": "application/sdp", **({"DPoP": proof} if proof is not None else {}), **more}
        with pytest.raises(Refused) as refusal:
            house.raw("POST", path, b"v=0\r\n", token, headers)
        return refusal.value

    def door(*given, key=mine, ticket=token, **said):
        return knock(key.proof(*(given or ("POST", url)), ticket, **said)).code

    bare = knock(None)
    assert bare.code == "proof_missing" and bare.status == 401 and bare.headers["WWW-Authenticate"].startswith("DPoP ")
    assert bare.problem["title"] == "This ticket is bound to another device"
    french = knock(None, **{"Accept-Language": "fr"})
    assert french.problem["title"] == "Ce billet est lié à un autre appareil"
    assert knock("").code in ("proof_malformed", "proof_missing") and knock("a.b.c").code == "proof_malformed"
    assert door(key=theirs) == "proof_other_key"
    assert door("GET", url) == "proof_target"
    assert door("POST", url.replace("/whep", "/whip")) == "proof_target"
    assert door("POST", url.replace("127.0.0.1", "evil.example")) == "proof_target"
    # An attacker who relays to here can say any Host; only a stated address stands against that.
    assert door(iat=int(time.time()) - 90) == "proof_stale" and door(iat=int(time.time()) + 90) == "proof_stale"
    assert door(ath=None) == "proof_ticket" and door(ticket=sale["token"]) == "proof_ticket"
    assert door(jti=None) == "proof_malformed" and door(jti="") == "proof_malformed"
    assert door(header={"typ": "JWT"}) == "proof_type"
    assert door(header={"alg": "none"}) == "proof_algorithm"
    assert door(header={"jwk": theirs.jwk}) == "proof_signature"
    assert door(header={"jwk": {**mine.jwk, "d": "AAAA"}}) == "proof_private_key"
    assert door(header={"jwk": {**mine.jwk, "y": mine.jwk["x"]}}) == "proof_key"
    # Good ones get as far as the offer, which is none; the same one again does not.
    good = mine.proof("POST", url, token)
    assert knock(good).code not in ("proof_replayed", None) and knock(good).code == "proof_replayed"
    assert door(jti="twice") != "proof_replayed" and door(jti="twice") == "proof_replayed"
    # The memory of one ticket is bounded, and so is how often its holder may ask.
    def look():
        proof = mine.proof("GET", f"{house.url}/rooms/{room['room']}/stage", token)
        with pytest.raises(Refused) as refusal:
            house.raw("GET", f"/rooms/{room['room']}/stage", key=token, headers={"DPoP": proof})
        return refusal.value

    for _ in range(300):
        last = look()
    assert last.code == "too_many_proofs" and last.status == 429 and last.headers["Retry-After"], last
