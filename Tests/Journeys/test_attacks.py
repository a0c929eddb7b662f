"""Attacks on a house in which somebody speaks and somebody listens: refused, counted, bounded, and nobody hears them."""

import collections
import contextlib
import http.client
import json
import pathlib
import random
import re
import socket
import subprocess
import threading
import time

import pytest

from house import BINARY, House, Refused, free_port
from sound import tone_file

pytestmark = pytest.mark.alone

OFFER_LIMIT = 64 * 1024


@pytest.fixture
def stage(tmp_path):
    media_port = free_port()
    house = House(tmp_path / "data", "--sandbox", "--set", "http.idleSeconds=2", media_port=media_port)
    house.media_port = media_port
    house.start()
    yield house
    house.end()


def resident(house):
    status = pathlib.Path(f"/proc/{house.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


def counters(house):
    metrics = house.raw("GET", "/metrics")[1].decode()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if line[0] != "#"}


def dropped(house):
    return sum(value for name, value in counters(house).items() if name.startswith("guichet_datagrams_dropped"))


@contextlib.contextmanager
def concert(house, tmp_path, seconds):
    """Sound flows for some seconds; afterwards the listener must have heard it without a loss."""
    host = house.host()
    room = house.room(host, capacity=50)
    tokens = [house.buy(room, house.wallet())["token"] for _ in range(2)]
    tone = tone_file(tmp_path / "tone.opus", 440, seconds + 20)
    speaker = subprocess.Popen(
        [BINARY, "publish", "--server", house.url, "--ticket", house.host_pass(host, room)["token"], "--file", str(tone)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert "live" in speaker.stderr.readline()
        listener = subprocess.Popen(
            [BINARY, "listen", "--probe", "--server", house.url, "--ticket", tokens[0], "--seconds", str(seconds),
             "--json", "--max-loss", "0", "--max-jitter", "1000", "--max-round-trip", "5000"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert "connected" in listener.stderr.readline()
        before = resident(house)
        yield host, room, tokens
        out, error = listener.communicate(timeout=seconds + 60)
        assert listener.returncode == 0, f"the listener suffered: {out} {error}"
        report = json.loads(out)
        assert report["lost"] == 0 and report["packets"] > seconds * 40, report
        # What a few thousand refused requests leave in the allocator, and no more.
        assert resident(house) - before < 96 << 20, "memory grew with the attack"
    finally:
        speaker.kill()
        speaker.communicate()


def flood(count, threads, one):
    """Calls `one(connection-local state, number)` count times; returns how often it answered what."""
    seen, lock = collections.Counter(), threading.Lock()

    def work(first):
        state = {}
        for number in range(first, count, threads):
            answer = one(state, number)
            with lock:
                seen[answer] += 1

    crowd = [threading.Thread(target=work, args=(first,)) for first in range(threads)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return seen


def knock(house, state, path, token, body=b"v=0\r\n"):
    connection = state.setdefault("http", http.client.HTTPConnection("127.0.0.1", house.port, timeout=30))
    headers = {"Content-Type": "application/sdp"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())["code"]
    except (OSError, http.client.HTTPException):
        connection.close()
        state.pop("http")
        return "closed", None


def test_ten_thousand_joins_with_bad_tickets_are_refused_and_nobody_hears_them(stage, tmp_path):
    with concert(stage, tmp_path, 25) as (host, room, tokens):
        other = stage.room(host, title="Another")
        stranger = stage.buy(other, stage.wallet())["token"]
        head, claims, signature = tokens[1].split(".")
        bad = [
            None, "x", f"{head}.{claims}.{'A' * len(signature)}", f"{head}.{claims[:-4]}AAAA.{signature}",
            "eyJhbGciOiJub25lIn0." + claims + ".", stranger, "A" * 5000,
        ]
        path = f"/rooms/{room['room']}/whep"
        seen = flood(10_000, 6, lambda state, number: knock(stage, state, path, bad[number % len(bad)]))
        statuses = collections.Counter()
        for (status, _), count in seen.items():
            statuses[status] += count
        assert set(statuses) <= {400, 401, 403, 429, 431, "closed"}, seen
        assert statuses[401] + statuses[403] > 50 and statuses[429] > 1000, seen
        assert (429, "too_many_joins") in seen and (403, "ticket_room") in seen
        refused = sum(value for name, value in counters(stage).items() if "refus" in name)
        assert refused >= 9_000, "refusals are counted"
        # Who has a good ticket is kept out no longer than the limit lasts.
        deadline = time.monotonic() + 20
        while True:
            status, code = knock(stage, {}, path, tokens[1])
            if status != 429 or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        assert (status, code) == (400, "sdp_malformed"), (status, code)
    stage.stop()


def test_floods_of_datagrams_are_dropped_by_reason(stage, tmp_path):
    with concert(stage, tmp_path, 12):
        before = dropped(stage)
        chance = random.Random(11)

        def binding(fragment):
            name = f"{fragment}:abcd".encode()
            padded = name + b"\0" * (-len(name) % 4)
            body = b"\x00\x06" + len(name).to_bytes(2, "big") + padded
            body += b"\x00\x08\x00\x14" + chance.randbytes(20)
            return b"\x00\x01" + len(body).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + chance.randbytes(12) + body

        plugs = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
        sent = 0
        end = time.monotonic() + 5
        while time.monotonic() < end:
            # In the measure of a real flood's share of one core, not of a full one: 20 us each leave the machine alive.
            for plug in plugs:
                body = chance.choice([
                    binding("".join(chance.choices("ABCDEFGH", k=8))), b"\x16\xfe\xfd" + chance.randbytes(200),
                    b"\x80\x6f" + chance.randbytes(160), b"\x80\xc8" + chance.randbytes(60), chance.randbytes(30)])
                plug.sendto(body, ("127.0.0.1", stage.media_port))
                sent += 1
            time.sleep(0.005)
        time.sleep(0.5)
        for plug in plugs:
            plug.setblocking(False)
            with pytest.raises(BlockingIOError):
                plug.recv(2048)  # nothing is answered to a stranger
            plug.close()
        assert dropped(stage) - before >= sent * 0.99
    stage.stop()


def test_slow_and_huge_bodies_take_nothing_from_others(stage, tmp_path):
    with concert(stage, tmp_path, 15) as (_, room, tokens):
        path = f"/rooms/{room['room']}/whep"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tokens[1]}\r\n"
            "Content-Type: application/sdp\r\nContent-Length: 60000\r\n\r\nv=0").encode()
        slow = []
        for number in range(300):
            plug = socket.create_connection(("127.0.0.1", stage.port))
            # A third says nothing at all, a third half a head, a third the beginning of a body.
            plug.sendall([b"", head[:40], head][number % 3])
            slow.append(plug)
        begun = time.monotonic()
        for _ in range(20):
            stage.call("GET", "/healthz")
        assert time.monotonic() - begun < 5, "others wait for the slow ones"
        # Megabytes of SDP, declared and undeclared.
        for body in (b"v=0\r\n" + b"a=x\r\n" * 1_000_000, b"v=0\r\n" + b"a" * (OFFER_LIMIT + 1)):
            status, code = knock(stage, {}, path, tokens[1], body)
            assert (status, code) in ((413, "body_too_large"), (429, "too_many_joins")), (status, code)
        # After two seconds of silence each of them is closed (http.idleSeconds).
        time.sleep(max(0, begun + 5 - time.monotonic()))
        closed = 0
        for plug in slow:
            plug.settimeout(2)
            with contextlib.suppress(OSError):
                while plug.recv(4096):
                    pass
                closed += 1
            plug.close()
        assert closed >= 290, f"only {closed} of 300 idle connections were closed"
    stage.stop()


def test_an_entry_that_is_repeated_replaces_the_first_and_opens_no_second_seat(stage, tmp_path):
    host = stage.host()
    room = stage.room(host, capacity=5)
    token = stage.buy(room, stage.wallet())["token"]
    listen = [BINARY, "listen", "--probe", "--server", stage.url, "--ticket", token, "--maybe-silent", "--json"]
    first = subprocess.Popen([*listen, "--seconds", "20"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert "connected" in first.stderr.readline()
    second = subprocess.run([*listen, "--seconds", "2"], capture_output=True, text=True, timeout=30)
    assert second.returncode == 0, second.stderr
    out, _ = first.communicate(timeout=30)
    assert first.returncode == 2 and json.loads(out)["end"] == "ended_by_server"
    with pytest.raises(Refused) as refusal:
        stage.raw("POST", f"/rooms/{room['room']}/whip", b"v=0", token, {"Content-Type": "application/sdp"})
    assert (refusal.value.status, refusal.value.code) == (403, "ticket_role")
