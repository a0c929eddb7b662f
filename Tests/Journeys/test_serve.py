"""A server's start and end: what it refuses to start on, in plain words, and what SIGTERM leaves behind."""

import signal
import socket
import subprocess
import time

import pytest

from house import BINARY, House, cli, free_port


def serve(data, port, *arguments):
    """Starts a server that must refuse; returns what it said."""
    return subprocess.run(
        [BINARY, "serve", "--data", str(data), "--port", str(port), "--media-port", "0", *arguments],
        capture_output=True, text=True, timeout=20)


def test_a_second_process_on_the_same_folder_is_refused(house):
    refused = serve(house.data, free_port())
    assert refused.returncode == 74, refused
    assert f"{house.data}/ledger.sqlite is in use by another process" in refused.stderr
    # The first one goes on undisturbed; after its end, however it came, the folder is free.
    host = house.host()
    house.kill()
    house.start()
    assert house.room(host)["state"] == "open"
    house.stop()


def test_a_port_in_use_is_said_plainly(house, tmp_path):
    refused = serve(tmp_path / "other", house.port)
    assert refused.returncode == 78, refused
    assert f"127.0.0.1:{house.port} can't be listened on" in refused.stderr
    assert "another server" in refused.stderr
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        media_port = taken.getsockname()[1]
        refused = serve(tmp_path / "third", free_port(), "--media-port", str(media_port))
        assert refused.returncode == 78, refused
        assert f"127.0.0.1:{media_port}" in refused.stderr


@pytest.mark.parametrize("name", ["operator.key", "ticket-signing.pem"])
def test_a_key_that_others_can_read_is_refused(house, name):
    house.stop()
    (house.data / name).chmod(0o644)
    refused = serve(house.data, house.port)
    assert refused.returncode == 78, refused
    assert name in refused.stderr and "600" in refused.stderr
    (house.data / name).chmod(0o600)
    house.start()
    house.stop()


def test_nonsense_in_place_of_files_is_refused(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert serve(tmp_path / "file", free_port()).returncode == 74
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "ledger.sqlite").write_bytes(b"no database at all" * 1000)
    refused = serve(tmp_path / "broken", free_port())
    assert refused.returncode == 74 and "ledger.sqlite" in refused.stderr, refused
    assert serve(tmp_path / "new", 70_000).returncode == 78
    assert serve(tmp_path / "new", free_port(), "--set", "policy=none").returncode == 78


def test_sigterm_with_people_inside_keeps_their_leaving(house, tmp_path, talk):
    host = house.host()
    room = house.room(host)
    sale = house.buy(room, house.wallet())
    stage = house.host_pass(host, room)
    heard = tmp_path / "heard.opus"
    started = [
        subprocess.Popen(
            [BINARY, *arguments, "--server", house.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for arguments in (
            ("listen", "--ticket", sale["token"], "--out", str(heard), "--seconds", "60"),
            ("publish", "--ticket", stage["token"], "--file", str(talk), "--loop"),
        )
    ]
    try:
        deadline = time.monotonic() + 15
        while not (heard.exists() and heard.stat().st_size):
            assert time.monotonic() < deadline, "nothing is heard"
            time.sleep(0.05)
        asked = time.monotonic()
        house.process.send_signal(signal.SIGTERM)
        assert house.process.wait(20) == 0, house.tail()
        assert time.monotonic() - asked < 10, "open connections hold the server up"
        for process in started:
            out, error = process.communicate(timeout=20)
            assert process.returncode == 0, (process.args, out, error)
    finally:
        for process in started:
            process.kill()
    house.start()
    receipts = house.call("GET", "/v1/receipts", key=house.operator_key)["receipts"]
    for ticket in (sale["ticket"], stage["ticket"]):
        own = [receipt for receipt in receipts if receipt["ticket"] == ticket]
        assert [receipt["kind"] for receipt in own] == ["entered", "left"], receipts
        assert own[0]["admission"] == own[1]["admission"]
    assert len(receipts) == 4
    # The folder and its keys are the owner's alone.
    for path in [house.data, *house.data.glob("*.key"), *house.data.glob("*.pem")]:
        assert path.stat().st_mode & 0o077 == 0, path
    house.stop()


def test_help_of_every_command_is_there():
    for command in ("serve", "ledger", "gateway", "config", "key", "host", "room", "publish", "wallet", "ticket",
                    "listen", "night", "report", "demo"):
        assert "OVERVIEW" in cli(command, "--help").stdout
    assert "Usage" in cli("nonsense", check=64).stderr


def test_sigterm_ends_live_views_too(house):
    host = house.host()
    room = house.room(host)
    token = house.host_pass(host, room)["token"]
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as view:
        view.sendall(
            f"GET /rooms/{room['room']}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        received = b""
        while b"event: state" not in received:
            received += view.recv(4096)
        started = time.monotonic()
        house.stop()
        assert time.monotonic() - started < 5, "a live view held the server up"


@pytest.mark.patient
def test_nights_run_by_themselves_and_the_time_is_checked(tmp_path):
    refused = serve(tmp_path / "wrong", free_port(), "--nightly", "3:30")
    assert refused.returncode == 78 and "night.at must be a time such as 03:30" in refused.stderr, refused
    # Midnight is behind us on every day: the night of the day that ended last is due at once.
    house = House(tmp_path / "house", "--nightly", "00:00")
    house.start()
    try:
        for _ in range(120):
            nights = house.call("GET", "/v1/nights", key=house.operator_key)["nights"]
            if nights and nights[0]["state"] == "done":
                break
            time.sleep(0.5)
        assert [night["state"] for night in nights] == ["done"], house.tail()
        assert nights[0]["day"] < house.business_day()
        # Behind it the books are audited, so that its batch can leave once people agree.
        for _ in range(60):
            audits = house.call("GET", "/v1/audits", key=house.operator_key)["audits"]
            if audits:
                break
            time.sleep(0.5)
        assert [audit["clean"] for audit in audits] == [True] and audits[0]["sequence"] >= nights[0]["cutSequence"]
    finally:
        house.end()
