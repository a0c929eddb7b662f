"""A full disk, a read-only one, an output that nobody reads: clear words, nothing acknowledged is lost, no repair."""

import subprocess
import uuid

import pytest

from books import check_books
from disks import FailingDisk, SmallDisk
from house import BINARY, House, Refused, cli
from test_kill import tickets
from test_separate import eventually, kinds, listen, receipts


@pytest.fixture
def disk(tmp_path):
    disk = SmallDisk(tmp_path / "disk", 16)
    yield disk
    disk.end()


def sell_until_refused(house, room, wallets, acknowledged, most=3000):
    """Sells from all wallets in turn; returns the intention that was refused, and the refusal."""
    for number in range(most):
        wallet = wallets[number % len(wallets)]
        intention = uuid.uuid4().hex
        try:
            acknowledged[intention] = (wallet, house.buy(room, wallet, 100, idempotency=intention))
        except Refused as refused:
            return intention, wallet, refused
    raise AssertionError("the disk is full and the house goes on selling")


def test_a_full_disk_refuses_clearly_and_what_was_answered_before_stays(disk, tmp_path):
    house = House(disk.path / "data", "--sandbox", command=("ledger", "serve")).start()
    try:
        host = house.host()
        room = house.room(host, capacity=100_000, price=100)
        wallets = [house.wallet(1_000_000) for _ in range(3)]
        acknowledged = {}
        for _ in range(3):
            for wallet in wallets:
                intention = uuid.uuid4().hex
                acknowledged[intention] = (wallet, house.buy(room, wallet, 100, idempotency=intention))
            # The server's log is on the same disk: it loses lines, and the server stays.
            disk.fill()
            intention, wallet, refused = sell_until_refused(house, room, wallets, acknowledged)
            assert (refused.status, refused.code) == (503, "storage_full"), refused
            assert refused.headers["Retry-After"] and "Idempotency-Key" in refused.problem["next"]
            # Whoever only asks is answered, and a refusal of the rules is one still.
            assert len(tickets(house, wallets)) == len(acknowledged)
            assert house.call("GET", "/healthz")
            with pytest.raises(Refused) as wrong:
                house.buy(room, wallet, 99)
            assert wrong.value.code == "price_changed"
            disk.free()
            # Room again: the same server goes on, and the same intention is carried out once.
            acknowledged[intention] = (wallet, house.buy(room, wallet, 100, idempotency=intention))
            assert house.buy(room, wallet, 100, idempotency=intention) == acknowledged[intention][1]
        disk.fill()
        sell_until_refused(house, room, wallets, acknowledged)
        house.kill()
        # Started on the full disk it serves or says why not; it never takes the books for broken.
        early = subprocess.run(
            ["timeout", "-s", "TERM", "5", *house.arguments], capture_output=True, text=True, timeout=60)
        assert early.returncode in (0, 74, 124), early.stdout + early.stderr
        if early.returncode == 74:
            assert "disk" in early.stderr.lower() or "space" in early.stderr.lower(), early.stderr
        assert "Fatal" not in early.stderr and "corrupt" not in early.stderr
        disk.free()
        house.start()
        held = tickets(house, wallets)
        assert len(held) == len(set(held)) == len(acknowledged)
        assert {sale["ticket"] for _, sale in acknowledged.values()} == set(held)
        for intention, (wallet, sale) in list(acknowledged.items())[-5:]:
            assert house.buy(room, wallet, 100, idempotency=intention) == sale
        house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
        check_books(house, tmp_path)
        house.stop()
        cli("audit", "--data", str(house.data))
    finally:
        house.end()


def test_a_gateway_on_a_full_disk_lets_nobody_in_unrecorded_and_forgets_no_leaving(disk, tmp_path, talk):
    ledger = House(tmp_path / "ledger", "--sandbox", command=("ledger", "serve")).start()
    made = ledger.call("POST", "/v1/keys", {"scope": "gateway"}, ledger.operator_key)
    (tmp_path / "gateway.key").write_text(made["key"])
    (tmp_path / "gateway.key").chmod(0o600)
    gateway = House(
        disk.path / "gateway", "--set", f"ledger.url={ledger.url}",
        "--set", f"ledger.keyFile={tmp_path / 'gateway.key'}", "--set", f"gateway.id={made['subject']}",
        "--set", f"public.url={ledger.url}", command=("gateway", "serve")).start()
    try:
        room = ledger.room(ledger.host(), capacity=2)
        inside, outside = [ledger.buy(room, ledger.wallet()) for _ in range(2)]

        def enters(sale, seconds, name, code=0):
            listener = listen(gateway, sale["token"], tmp_path / name, seconds)
            stdout, stderr = listener.communicate(timeout=40)
            assert listener.returncode == code, stdout + stderr
            return stdout + stderr

        eventually(lambda: enters(inside, 1, "first.opus"))
        listener = listen(gateway, inside["token"], tmp_path / "inside.opus", 120)
        eventually(lambda: kinds_are(ledger, inside, ["entered", "left", "entered"]))
        disk.fill()
        fill_the_slack(disk, gateway, outside, tmp_path)
        # Nobody comes in without a receipt, and the one who is inside may go.
        assert "storage_full" in enters(outside, 1, "second.opus", code=69)
        listener.terminate()
        listener.communicate(timeout=20)
        with pytest.raises(AssertionError):
            eventually(lambda: kinds_are(ledger, inside, ["entered", "left"] * 2), patience=4)
        disk.free()
        # The same gateway, without a restart: the leaving is told, and the seat is free.
        eventually(lambda: kinds_are(ledger, inside, ["entered", "left"] * 2), patience=25)
        enters(outside, 1, "third.opus")
        eventually(lambda: kinds_are(ledger, outside, kinds(ledger, outside["ticket"])[:-2] + ["entered", "left"]))
        sequences = [receipt["sequence"] for receipt in receipts(ledger)]
        assert sequences == list(range(1, len(sequences) + 1))
        gateway.stop()
        ledger.stop()
    finally:
        gateway.end()
        ledger.end()


def kinds_are(ledger, sale, expected):
    assert kinds(ledger, sale["ticket"]) == expected, receipts(ledger)


def fill_the_slack(disk, gateway, sale, tmp_path):
    """The spool's log may be written from its beginning again for a while; then it has to grow."""
    for number in range(60):
        listener = listen(gateway, sale["token"], tmp_path / f"slack-{number}.opus", 1)
        stdout, stderr = listener.communicate(timeout=40)
        if listener.returncode != 0:
            assert "storage_full" in stderr, stdout + stderr
            return
        disk.fill()
    raise AssertionError("the disk is full and the gateway goes on writing")


def test_a_read_only_folder_or_file_is_named_at_the_start(disk, tmp_path):
    house = House(disk.path / "data", "--sandbox", command=("ledger", "serve")).start()
    sold = house.buy(house.room(house.host()), house.wallet())
    house.stop()
    house.log.close()
    disk.read_only()
    refused = cli(*house.arguments[1:], check=74)
    assert f"The data folder {house.data} can't be written to." in refused.stderr
    disk.writable()
    database = house.data / "ledger.sqlite"
    subprocess.run(["mount", "--bind", database, database], check=True, timeout=30)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", database], check=True, timeout=30)
        refused = cli(*house.arguments[1:], check=74)
        assert str(database) in refused.stderr and "Read-only file system" in refused.stderr
        # What only reads may.
        cli("audit", "--data", str(house.data))
    finally:
        subprocess.run(["umount", database], check=True, timeout=30)
    house.start()
    assert house.call("GET", "/healthz") and sold["ticket"]
    house.stop()


def test_a_disk_that_turns_read_only_in_use_is_named_and_costs_nothing_answered(tmp_path):
    disk = FailingDisk(tmp_path)
    house = House(disk.path / "data", "--sandbox", command=("ledger", "serve"))
    try:
        house.start()
        room = house.room(house.host(), capacity=100, price=100)
        wallets = [house.wallet(10_000)]
        acknowledged = {}
        for _ in range(5):
            intention = uuid.uuid4().hex
            acknowledged[intention] = (wallets[0], house.buy(room, wallets[0], 100, idempotency=intention))
        disk.fail()
        intention, wallet, refused = sell_until_refused(house, room, wallets, acknowledged, most=5)
        assert refused.status == 503 and refused.code in ("storage_read_only", "temporarily_unavailable"), refused
        assert len(tickets(house, wallets)) == len(acknowledged)
        house.kill()
        house.log.close()
        disk.repair()
        house.start()
        assert {sale["ticket"] for _, sale in acknowledged.values()} == set(tickets(house, wallets))
        house.buy(room, wallet, 100, idempotency=intention)
        house.stop()
        house.log.close()
        cli("audit", "--data", str(house.data))
    finally:
        house.end()
        disk.end()


def test_an_output_that_can_not_be_written_is_an_exit_code_and_no_crash():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [BINARY, "config", "show"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 74, done.stderr
    assert "can't be written: No space left on device" in done.stderr
