"""Every command that writes a file dies at every named point of it, and is run again: the same bytes as if nobody had died,
and nothing left over. The points are read from the program's own list: one that no command here passes fails the test."""

import pathlib
import re
import signal
import uuid

import pytest
from house import House, cli
from test_banks import IBANS, settings, sold

POINTS = sorted(re.findall(
    r'"(file\.[a-z.]+)"',
    (pathlib.Path(__file__).parents[2] / "Sources" / "Values" / "CrashPoint.swift").read_text()))
CASE = sorted((pathlib.Path(__file__).parents[1] / "PayoutsTests" / "Cases").iterdir())[3]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A house with a night whose payouts go to a bank, and a buyer with a ticket."""
    folder = tmp_path_factory.mktemp("files")
    house = House(folder / "data", "--sandbox", *settings()).start()
    try:
        timer, second = house.second_key(), house.second_key()
        host = sold(house, "Ana")
        finance = {"server": house.url, "key": house.operator_key}
        cli("payout", "account", host["host"], "--name", "Ana Dvořáková", "--iban", IBANS["Ana"], "--town", "Praha",
            "--country", "CZ", "--street", "Nerudova", "--building", "5", server=house.url, key=host["key"])
        wallet = folder / "wallet.json"
        cli("wallet", "topup", "20.00 EUR", server=house.url, wallet=wallet)
        room = house.room(host, capacity=3)
        bought = cli("ticket", "buy", room["room"], "--json", server=house.url, wallet=wallet)
        day = house.business_day()
        house.night_by(timer, day)
        digest = house.call("GET", f"/v1/payout-batches/{day}", key=house.operator_key)["digest"]
        for key in (house.operator_key, second):
            cli("payout", "approve", day, "--digest", digest, server=house.url, key=key)
        cli("payout", "send", day, "--digest", digest, **finance)
        cli("payout", "file", day, "--format", "pain.001.001.09", "--out", "-", **finance)
        # A server goes on writing; what is copied again has to stand still.
        (folder / "still").mkdir()
        cli("backup", str(folder / "still" / "ledger.sqlite"), "--data", str(house.data))
        yield {"house": house, "still": folder / "still", "day": day, "wallet": wallet, "order": re.search(r"order_\w+", bought.stdout)[0]}
    finally:
        house.end()


def report(world, out):
    return ["report", "export", "--day", world["day"], "--out", str(out)]


def export(world, out):
    return ["report", "run", "trial-balance", "--year", world["day"][:4], "--out", str(out)]


def bank(world, out):
    return ["payout", "file", world["day"], "--format", "pain.001.001.09", "--number", "1", "--out", str(out / "bank.xml")]


def replay(world, out):
    return ["replay", str(CASE / "config.json"), str(CASE / "events.ndjson"), "--out", str(out), "--quiet"]


def output(world, out):
    return ["ticket", "receipt", world["order"], "--out", str(out / "receipt.json")]


def backup(world, out):
    return ["backup", str(out / "copy.sqlite"), "--data", str(world["still"])]


COMMANDS = {"report": report, "export": export, "bank": bank, "replay": replay, "output": output, "backup": backup}


def test_every_point_of_a_file_is_died_at():
    assert len(POINTS) >= 14
    # The keys are made by a server at its start; it dies further below.
    assert {point.split(".")[1] for point in POINTS} == {*COMMANDS, "key"}
    for kind in COMMANDS:
        assert f"file.{kind}.written" in POINTS and f"file.{kind}.named" in POINTS


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("point", [point for point in POINTS if ".key." not in point])
def test_a_command_that_dies_and_is_run_again_leaves_the_same_files(world, tmp_path, monkeypatch, point):
    command = COMMANDS[point.split(".")[1]]
    access = {"server": world["house"].url, "key": world["house"].operator_key, "wallet": world["wallet"]}
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    cli(*command(world, undisturbed), **access)
    expected = files(undisturbed)
    assert expected and all(expected.values())
    # Of several files also at the second one.
    for arm in [point] + ([f"{point}:2"] if len(expected) > 1 else []):
        out = tmp_path / arm.replace(":", "-")
        out.mkdir()
        monkeypatch.setenv("GUICHET_CRASH_AT", arm)
        died = cli(*command(world, out), check=None, **access)
        monkeypatch.delenv("GUICHET_CRASH_AT")
        assert died.returncode == -signal.SIGABRT, f"{arm}: {died.returncode} {died.stderr}"
        # What has its name is whole.
        for name, content in files(out).items():
            if not name.startswith(".") and not name.endswith(".partial"):
                assert content == expected[name], f"{arm}: {name}"
        again = cli(*command(world, out), check=None, **access)
        if point == "file.backup.named":
            # It is all there, and a backup replaces nothing.
            assert again.returncode == 74
        else:
            assert again.returncode == 0, f"{arm}: {again.stderr}"
        left = {name: content for name, content in files(out).items() if not name.startswith(".guichet-export-")}
        assert left == expected, f"{arm}: {sorted(left)}"


@pytest.mark.parametrize("point", [f"{point}{count}" for point in POINTS if ".key." in point for count in ("", ":2")])
def test_a_server_that_dies_while_it_makes_its_keys_starts_again(tmp_path, point):
    data = tmp_path / f"data-{uuid.uuid4().hex[:8]}"
    dying = House(data, "--sandbox", environment={"GUICHET_CRASH_AT": point})
    with pytest.raises(AssertionError, match="ended with -6"):
        dying.start()
    house = House(data, "--sandbox").start()
    try:
        key = house.operator_key
        assert key.startswith("gk_operator_") and (data / "operator.key").stat().st_mode & 0o077 == 0
        assert (data / "ticket-signing.pem").read_text().count("PRIVATE KEY") == 2
        assert house.host("Ana")["host"]
    finally:
        house.end()
    again = House(data, "--sandbox").start()
    try:
        assert again.operator_key == key
    finally:
        again.end()
