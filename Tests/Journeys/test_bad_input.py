"""Bad input of every kind: a clear 4xx with a code or a counted drop, no crash, nothing changed."""

import http.client
import json
import random
import re
import socket
import sqlite3

import pytest

from house import House, Refused, euros, free_port, rfc3339


@pytest.fixture
def store(tmp_path):
    media_port = free_port()
    house = House(tmp_path / "data", "--sandbox", media_port=media_port)
    house.media_port = media_port
    house.start()
    yield house
    house.end()


def contents(house):
    """Everything in the ledger's database, as one text."""
    with sqlite3.connect(f"file:{house.data / 'ledger.sqlite'}?mode=ro", uri=True) as database:
        return "\n".join(database.iterdump())


def refused(house, method, path, body, key=None, headers=None):
    with pytest.raises(Refused) as refusal:
        house.raw(method, path, body, key, {"Content-Type": "application/json", **(headers or {})})
    assert 400 <= refusal.value.status < 500, refusal.value
    assert refusal.value.headers["Content-Type"].startswith("application/problem+json")
    problem = refusal.value.problem
    assert re.fullmatch(r"[a-z][a-z0-9_]+", problem["code"]), problem
    assert problem["title"] and problem["status"] == refusal.value.status
    return refusal.value


def test_hostile_bodies_are_refused_and_change_nothing(store):
    host = store.host()
    room = store.room(host)
    wallet = store.wallet()
    begins = rfc3339(60)
    good = {
        "title": "T", "startsAt": begins, "endsAt": rfc3339(600), "doorsOpenAt": begins, "capacity": 3,
        "price": euros(500),
    }
    before = contents(store)

    def room_with(**changes):
        body = {**good, **changes}
        return json.dumps({name: value for name, value in body.items() if value is not ...}).encode()

    key = host["key"]
    cases = [
        (b"", None), (b"{", None), (b'{"title": "T", "st', None), (b"null", None), (b"[]", None), (b"\xff\xfe", None),
        (b"[" * 20_000, None), (room_with(title=7), None), (room_with(title=None), None),
        (room_with(title=""), None), (room_with(title="x" * 10_000), None), (room_with(title="bell\u0007"), None),
        (room_with(startsAt="tomorrow"), None), (room_with(endsAt=rfc3339(30)), None),
        (room_with(doorsOpenAt=rfc3339(-90), startsAt=rfc3339(-60), endsAt=rfc3339(-30)), None),
        (room_with(capacity=0), None), (room_with(capacity=-3), None), (room_with(capacity=1.5), None),
        (room_with(capacity=10**30), None), (room_with(capacity="3"), None),
        (room_with(price=5), None), (room_with(price={"amount": 500}), None),
        (room_with(price={"amount": -1, "currency": "EUR"}), None),
        (room_with(price={"amount": 10**18, "currency": "EUR"}), None),
        (room_with(price={"amount": 500, "currency": "XXX"}), None),
        (room_with(price={"amount": 5.5, "currency": "EUR"}), None),
        (room_with(surprise=1), "unknown_member"), (room_with(capacity=...), None),
    ]
    for body, code in cases:
        refusal = refused(store, "POST", "/v1/rooms", body, key)
        assert code is None or refusal.code == code, (body[:80], refusal)
    assert refused(store, "POST", "/v1/rooms", b" " * 5_000_000 + room_with(), key).status == 413
    assert refused(store, "POST", "/v1/rooms", room_with(), key, {"Content-Type": "text/plain"}).status == 415
    order = json.dumps({"room": room["room"], "price": euros(500)}).encode()
    assert refused(store, "POST", "/v1/orders", order, wallet["key"]).code == "idempotency_key_missing"
    for bad in ("", "x" * 300, "sp ace"):
        refused(store, "POST", "/v1/orders", order, wallet["key"], {"Idempotency-Key": bad})
    for bad_key in (None, "gk_wallet_" + "A" * 43, "Bearer", key):
        assert refused(store, "POST", "/v1/orders", order, bad_key, {"Idempotency-Key": "k"}).status in (401, 403)
    for path in ("/v1/rooms/nonsense", "/v1/rooms/room_01h455vb4pex5vsknk084sn02q", "/v1/rooms/%00", "/v1/nothing"):
        refused(store, "GET", path, None)
    for amount in (0, -5, 10**17, "5"):
        body = json.dumps({"amount": {"amount": amount, "currency": "EUR"}}).encode()
        refused(store, "POST", f"/v1/wallets/{wallet['holder']}/topups", body, wallet["key"], {"Idempotency-Key": "k"})
    assert contents(store) == before
    store.buy(room, wallet)


def test_sale_refusals_are_stable_and_each_its_own(store):
    host = store.host()
    open_room = store.room(host, capacity=1)
    rich, poor, dollars = store.wallet(5000), store.wallet(100), store.call("POST", "/v1/wallets", {})
    store.call(
        "POST", f"/v1/wallets/{dollars['holder']}/topups", {"amount": {"amount": 5000, "currency": "USD"}},
        dollars["key"], idempotency="dollars")

    def code(room, wallet, price=500, key=None):
        with pytest.raises(Refused) as refusal:
            store.buy(room, wallet, price, idempotency=key)
        assert refusal.value.problem["next"], "a refusal says what to do next"
        return refusal.value.code

    assert code(open_room, poor) == "insufficient_funds"
    assert code(open_room, rich, 400) == "price_changed"
    with pytest.raises(Refused) as refusal:
        store.call(
            "POST", "/v1/orders", {"room": open_room["room"], "price": {"amount": 500, "currency": "USD"}},
            dollars["key"], idempotency="usd")
    assert refusal.value.code == "currency_mismatch"
    sale = store.buy(open_room, rich, idempotency="same")
    assert store.buy(open_room, rich, idempotency="same") == sale
    other = store.room(host, capacity=5)
    assert code(other, rich, key="same") == "idempotency_mismatch"
    assert code(open_room, rich) == "sold_out"
    store.call("POST", f"/v1/rooms/{other['room']}/close", {}, host["key"])
    assert code(other, rich) == "room_closed"
    cancelled = store.room(host)
    store.call("POST", f"/v1/rooms/{cancelled['room']}/cancel", {}, host["key"])
    assert code(cancelled, rich) == "room_cancelled"
    store.refund(sale["ticket"], rich["key"])
    with pytest.raises(Refused) as refusal:
        store.refund(sale["ticket"], rich["key"])
    assert refusal.value.code == "already_refunded"
    french = {"Accept-Language": "fr", "Content-Type": "application/json", "Idempotency-Key": "fr"}
    with pytest.raises(Refused) as refusal:
        store.raw("POST", "/v1/orders", json.dumps({"room": other["room"], "price": euros(500)}).encode(), rich["key"], french)
    english = code(other, rich)
    assert refusal.value.code == english and re.search("salle|salon|fermé", refusal.value.problem["title"], re.I)


def test_hostile_sdp_and_http_are_refused(store):
    host = store.host()
    room = store.room(host)
    token = store.buy(room, store.wallet())["token"]
    path = f"/rooms/{room['room']}/whep"
    sdp = {"Content-Type": "application/sdp"}
    for body in (
        b"", b"v=0", b"v=0\r\n" * 3, b"\x00" * 500, b"m=audio " * 2000, b"v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\n"
        b"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n",
    ):
        assert refused(store, "POST", path, body, token, sdp).status in (400, 406, 422)
    assert refused(store, "POST", path, b"v=0\r\n" + b"a=x\r\n" * 200_000, token, sdp).status == 413
    assert refused(store, "POST", path, b"v=0", token, {"Content-Type": "text/plain"}).status == 415
    # Without a ticket nothing is parsed at all.
    assert refused(store, "POST", path, b"\xff" * 100, None, sdp).status == 401
    # Slow and broken HTTP does not disturb the next request.
    for junk in (b"GARBAGE\r\n\r\n", b"POST /v1/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", b"\x16\x03\x01"):
        with socket.create_connection(("127.0.0.1", store.port)) as plug:
            plug.sendall(junk)
    store.call("GET", "/healthz")


def test_random_datagrams_are_counted_and_nothing_else(store):
    chance = random.Random(7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        for _ in range(2000):
            first = chance.choice([0, 1, 20, 22, 63, 64, 79, 128, 144, 191, 192, 255])
            body = bytes([first]) + chance.randbytes(chance.choice([0, 3, 19, 40, 200, 1199]))
            plug.sendto(body, ("127.0.0.1", store.media_port))
        plug.settimeout(0.3)
        with pytest.raises(TimeoutError):
            plug.recv(2048)  # nothing is ever answered to a stranger
    metrics = store.raw("GET", "/metrics")[1].decode()
    dropped = sum(
        float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if re.match(r"guichet_\w*dropped\w*", line))
    assert dropped >= 1000, metrics
    connection = http.client.HTTPConnection("127.0.0.1", store.port)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
