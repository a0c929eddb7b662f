"""The demo story, played for real, and what it leaves: every step with its figure, and a night that can be repeated."""

import re
import socket

import pytest

from house import House, cli, free_port

pytestmark = pytest.mark.alone


def play(data, talk, port=None, check=0):
    return cli(
        "demo", "--data", str(data), "--talk", str(talk), "--port", str(port or free_port()), "--seconds", "6",
        check=check, timeout=90)


def test_the_story_is_played_and_its_night_can_be_repeated(tmp_path, talk):
    data = tmp_path / "demo"
    told = play(data, talk).stdout
    steps = re.findall(r"^(\d)\. ", told, re.M)
    assert steps == list("12345678"), told
    # Every step says the figure that proves it.
    for text in (
        "3 seats at 5.00 EUR", "Dan: seat 3, 5.00 EUR paid, 15.00 EUR left", "409 sold_out", "Eve keeps 20.00 EUR",
        "ticket_signature", "ticket_expired", "Ana is paid 12.12 EUR",
    ):
        assert text in told, (text, told)
    cut = re.search(r"last packet came ([\d.]+) ms (before|after) the refund's answer; wallet 20.00 EUR", told)
    assert cut and float(cut[1]) < 1000, told
    heard = re.findall(r"(\w+) heard (\d+) of (\d+) packets, (\d+) identical to the byte, (\d+) missing", told)
    assert [name for name, *_ in heard] == ["Bea", "Cyd"], told
    for _, packets, sent, identical, missing in heard:
        assert int(sent) == 300 and packets == identical and int(identical) >= 285 and missing == "0", told
    reports = {path.name: path.read_bytes() for path in (data / "reports").iterdir()}
    assert {"report.html", "payouts.csv", "journal.csv", "journal.hledger", "journal.beancount"} <= set(reports)

    # A folder that was used is not played on.
    assert "not empty" in play(data, talk, check=64).stderr

    # The same night asked for by another process, twice: the same bytes as the story got.
    house = House(data, "--sandbox").start()
    try:
        day = house.call("GET", "/v1/nights", key=house.operator_key)["nights"][0]["day"]
        for folder in ("first", "second"):
            cli("night", "run", "--day", day, server=house.url, key=house.operator_key)
            cli("report", "export", "--day", day, "--out", str(tmp_path / folder), server=house.url,
                key=house.operator_key)
            assert {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()} == reports
        house.stop()
    finally:
        house.end()


def test_a_demo_that_cannot_listen_says_so_and_ends(tmp_path, talk):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in play(tmp_path / "demo", talk, port, check=78).stderr
    assert "can't be read" in play(tmp_path / "other", tmp_path / "missing.opus", check=74).stderr
