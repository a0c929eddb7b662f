"""Two ledger processes on one PostgreSQL database: the last seats, the same key through both, kill -9 of everything."""

import http.client
import random
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from books import check_books
from cluster import Cluster
from house import House, Refused, cli
from test_kill import tickets

ROUNDS = 10


@pytest.fixture
def cluster():
    cluster = Cluster().start()
    yield cluster
    cluster.end()


@pytest.fixture
def pair(cluster, tmp_path):
    """Both have one data folder and one public address, so that they sign the same ticket."""
    houses = []
    try:
        for _ in range(2):
            houses.append(
                House(
                    tmp_path / "data", "--sandbox", "--database", cluster.address,
                    "--set", "public.url=https://tickets.example", command=("ledger", "serve")))
            houses[-1].start()
        yield houses
    finally:
        for house in houses:
            house.end()


def attempt(house, room, wallet, price, key):
    try:
        return house.buy(room, wallet, price, idempotency=key)
    except Refused as refused:
        return refused.code


def test_two_processes_sell_the_last_seats_once(pair, tmp_path):
    first, second = pair
    host = first.host()
    room = second.room(host, capacity=20, price=100)
    wallets = [first.wallet(100) for _ in range(30)]
    with ThreadPoolExecutor(12) as pool:
        # Every buyer asks both processes at once under one key: one intention, one ticket.
        asked = [
            [pool.submit(attempt, house, room, wallet, 100, "one-intention") for house in pair] for wallet in wallets
        ]
        answers = [[answer.result() for answer in both] for both in asked]
    sold = [both for both in answers if isinstance(both[0], dict)]
    assert len(sold) == 20
    for one, other in sold:
        assert one == other
    assert {code for both in answers if both not in sold for code in both} == {"sold_out"}
    assert sorted(both[0]["seat"] for both in sold) == list(range(1, 21))
    assert len({both[0]["ticket"] for both in sold}) == 20

    # What one books the other's long poll hears.
    made = first.call("POST", "/v1/keys", {"scope": "gateway"}, first.operator_key)
    cursor = second.call("GET", "/v1/gateway/snapshot", key=made["key"])["cursor"]
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(second.call, "GET", f"/v1/gateway/feed?after={cursor}&wait=20", key=made["key"])
        started = time.monotonic()
        buyer = next(wallet for wallet, both in zip(wallets, answers) if both in sold)
        ticket = next(both[0] for wallet, both in zip(wallets, answers) if wallet is buyer)
        first.refund(ticket["ticket"], buyer["key"])
        events = poll.result(30)["events"]
    assert any(ticket["ticket"] in str(event) for event in events)
    assert time.monotonic() - started < 15, "the poll only came back at its end"

    # Two nights at once: one runs it, both show the same.
    for house in pair:
        assert house.call("GET", "/healthz")
    first.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    with ThreadPoolExecutor(2) as pool:
        nights = [night.result() for night in [pool.submit(house.night) for house in pair]]
    assert nights[0] == nights[1]
    assert nights[0]["state"] == "done"
    check_books(second, tmp_path)
    for house in pair:
        house.stop()


def test_kills_of_servers_and_of_the_database_lose_nothing_acknowledged(cluster, pair, tmp_path):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    first = pair[0]
    host = first.host()
    room = first.room(host, capacity=100_000, price=100)
    wallets = [first.wallet(1_000_000) for _ in range(4)]
    acknowledged, uncertain, lock = {}, {}, threading.Lock()

    def sell(house, wallet, stop):
        while not stop.is_set():
            intention = uuid.uuid4().hex
            with lock:
                uncertain[intention] = wallet
            try:
                sale = house.buy(room, wallet, 100, idempotency=intention)
            except Refused as refused:
                assert refused.status == 503, refused
                stop.wait(0.05)
                continue
            except (OSError, http.client.HTTPException, ValueError):
                return
            with lock:
                acknowledged[intention] = (wallet, sale)
                del uncertain[intention]

    for number in range(ROUNDS):
        stop = threading.Event()
        with ThreadPoolExecutor(4) as sellers:
            work = [sellers.submit(sell, pair[index % 2], wallet, stop) for index, wallet in enumerate(wallets)]
            time.sleep(chance.uniform(0.05, 0.4))
            if number % 2:
                cluster.kill()
                cluster.start()
            else:
                victim = chance.choice(pair)
                victim.kill()
                victim.start()
            stop.set()
            for seller in work:
                seller.result(60)

    assert acknowledged, "no sale was acknowledged in any round: the test proves nothing"
    held = patiently(lambda: tickets(first, wallets))
    assert len(held) == len(set(held)), "a ticket stands twice"
    missing = [sale["ticket"] for _, sale in acknowledged.values() if sale["ticket"] not in held]
    assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged and lost: {missing[:5]}"
    for intention in chance.sample(sorted(acknowledged), min(20, len(acknowledged))):
        wallet, sale = acknowledged[intention]
        assert pair[1].buy(room, wallet, 100, idempotency=intention) == sale
    for intention, wallet in uncertain.items():
        pair[1].buy(room, wallet, 100, idempotency=intention)
    assert len(tickets(first, wallets)) == len(acknowledged) + len(uncertain)
    first.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    check_books(first, tmp_path)
    for house in pair:
        house.stop()


def patiently(what, patience=20):
    """After the database came back a connection may take a second to be made again."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return what()
        except Refused as refused:
            assert refused.status == 503 and time.monotonic() < deadline, refused
            time.sleep(0.1)


def test_migrations_are_looked_at_applied_and_named_without_the_password(cluster):
    flags = ("--database", cluster.address + " password=geheim")
    missing = cli("migrate", "--check", *flags, check=1)
    assert "missing  ledger-0001" in missing.stdout
    assert "applied  ledger-0001" in cli("migrate", *flags).stdout
    assert cli("migrate", "--check", *flags).stdout == "up to date\n"
    printed = cli("migrate", "--print", "--distribute", "citus", "--grant", "guichet_service", *flags).stdout
    assert "create_distributed_table('accounts', 'shard'" in printed
    assert "GRANT SELECT, INSERT ON entries TO guichet_service;" in printed
    subprocess.run(
        [cluster.bin / "psql", "-q", "-h", cluster.folder, "-U", "guichet", "postgres", "-c",
         "CREATE ROLE guichet_service LOGIN"], check=True, timeout=30)
    cli("migrate", "--grant", "guichet_service", *flags)
    shown = cli("config", "show", *flags).stdout
    assert "geheim" not in shown and "password=<hidden>" in shown
    unreachable = cli("migrate", "--database", "host=/nowhere dbname=x password=geheim", check=69)
    assert "geheim" not in unreachable.stdout + unreachable.stderr
