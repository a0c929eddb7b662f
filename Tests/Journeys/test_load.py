"""The load generator and the probes: real tickets, real ICE, DTLS and SRTP, and figures that add up."""

import json
import subprocess

import pytest

from house import BINARY, cli
from sound import tone_file

pytestmark = pytest.mark.alone


def load(house, *arguments, check=0):
    done = cli(
        "load", "--server", house.url, "--json", *arguments, key=house.operator_key, check=check, timeout=120)
    return json.loads(done.stdout)


def test_a_load_of_voices_and_listeners_is_counted_to_the_frame(house):
    report = load(
        house, "--listeners", "12", "--publishers", "3", "--rate", "30", "--seconds", "3", "--warm-up", "1",
        "--max-loss", "50", "--server-pid", str(house.process.pid))
    assert report["joins"]["joined"] == 12 and not report["joins"]["failures"]
    sound = report["sound"]
    assert sound["framesSent"] > 300, "three voices for three seconds are 450 frames"
    assert sound["framesExpected"] == 12 * sound["framesSent"]
    assert sound["framesHeard"] + sound["lost"] == sound["framesExpected"]
    assert sound["duplicates"] == 0 and sound["damaged"] == 0
    assert 0 < report["delay"]["p50Milliseconds"] <= report["delay"]["p99Milliseconds"]
    server = report["server"]
    assert server["process"] == house.process.pid and server["cpuSeconds"] > 0
    assert server["microsecondsPerPacket"] > 0 and server["residentBytes"] > 1 << 20
    # The room that it made is closed, and its tickets are in the books.
    rooms = house.call("GET", "/v1/rooms", key=house.operator_key)["rooms"]
    assert all(room["state"] != "open" for room in rooms if room["title"] == "Load test")
    assert house.call("GET", "/v1/audit", key=house.operator_key)["clean"]


def test_whoever_does_not_get_in_is_counted_by_code_and_ends_in_exit_code_2(house, tmp_path):
    host = house.host()
    room, other = house.room(host, capacity=5), house.room(host, capacity=5, title="Another")
    wallet = house.wallet(5000)
    good = [house.buy(room, wallet)["token"] for _ in range(2)]
    bad = [house.buy(other, wallet)["token"], "no.ticket.atall"]
    tickets = tmp_path / "tickets.txt"
    tickets.write_text("\n".join([house.host_pass(host, room)["token"], *good, *bad]))
    report = load(
        house, "--tickets", str(tickets), "--publishers", "1", "--listeners", "4", "--seconds", "1", "--warm-up", "0",
        "--max-loss", "100", check=2)
    assert report["joins"]["joined"] == 2
    assert report["joins"]["failures"].pop("ticket_room") == 1
    assert sum(report["joins"]["failures"].values()) == 1
    assert "can't be read" in cli("load", "--tickets", str(tmp_path / "none"), check=74, server=house.url).stderr
    assert "tickets" in cli("load", "--tickets", str(tickets), check=64, server=house.url).stderr


@pytest.mark.parametrize("wrong", [
    ("--listeners", "0"), ("--listeners", "100000"), ("--rate", "0"), ("--seconds", "9999"), ("--publishers", "14"),
    ("--slots", "4"), ("--threads", "0"), ("--max-loss", "101"), ("--server-pid", "-1"), ("--peer", "other")])
def test_what_is_out_of_bounds_is_not_begun(wrong):
    assert cli("load", *wrong, check=64).stderr


def test_without_a_key_or_a_server_it_says_so(tmp_path):
    assert "key" in cli("load", check=64, server="http://127.0.0.1:9").stderr
    key = tmp_path / "key"
    key.write_text("gk_operator_x")
    cli("load", "--key-file", str(key), "--server", "http://127.0.0.1:9", check=69)


def test_probes_judge_what_is_heard_and_what_is_sent(house, tmp_path):
    host = house.host()
    room = house.room(host)
    stage, token = house.host_pass(host, room)["token"], house.buy(room, house.wallet())["token"]
    tone = tone_file(tmp_path / "tone.opus", 440, 12)
    speaker = subprocess.Popen(
        [BINARY, "publish", "--probe", "--server", house.url, "--ticket", stage, "--file", str(tone), "--json",
         "--max-loss", "50", "--max-jitter", "500"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        probe = ("listen", "--probe", "--server", house.url, "--ticket", token)
        heard = json.loads(
            cli(*probe, "--seconds", "4", "--json", "--max-loss", "50", "--max-jitter", "500").stdout)
        assert heard["packets"] > 100 and heard["end"] == "finished" and heard["faults"] == []
        assert heard["roundTripMilliseconds"] > 0 and heard["longestGapMilliseconds"] > 0
        # The same sound, judged by somebody whom nothing pleases.
        strict = cli(*probe, "--seconds", "2", "--max-round-trip", "0", check=2)
        assert "round trip" in strict.stdout and "guichet: A round trip takes" in strict.stderr
        out, error = speaker.communicate(timeout=60)
        assert speaker.returncode == 0, error
    finally:
        speaker.kill()
    sent = json.loads(out)
    assert sent["packets"] >= 500 and sent["lost"] is not None and sent["jitterMilliseconds"] is not None
    # Nobody speaks any more.
    assert "Not one packet" in cli(*probe, "--seconds", "1", check=2).stderr
    cli(*probe, "--seconds", "1", "--maybe-silent")
    assert cli("listen", "--server", house.url, "--ticket", token, check=64).stderr, "neither a file nor a probe"
