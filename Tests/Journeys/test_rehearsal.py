"""Sound is tested before the doors open: it comes back to whoever sends it, to nobody else, and counts as nothing."""

import json
import subprocess
import time

import pytest

from house import BINARY, Refused, cli, euros, rfc3339
from sound import decode_file, loudness, peak_hertz, tone_file
from test_door import inside, listen

pytestmark = pytest.mark.alone


def rehearse(house, token, tone, out, *more, check=0):
    return cli("rehearse", "--server", house.url, "--ticket", token, "--file", str(tone), "--out", str(out), "--json",
               *more, check=check)


def test_a_host_hears_the_own_sound_before_the_room_begins(house, tmp_path):
    host = house.host()
    as_host = {"server": house.url, "key": host["key"]}
    room = house.room(host, starts=3600, ends=7200, opened=False)
    stage = house.host_pass(host, room)["token"]
    cohost = house.host_pass(host, room, role="cohost")["token"]
    wallet = house.wallet()
    sale = house.buy(room, wallet)
    tone = tone_file(tmp_path / "tone.opus", 660, 3)

    # A co-host who rehearses at the same time hears silence of theirs and nothing of the host's.
    quiet = tone_file(tmp_path / "low.opus", 330, 3)
    other = subprocess.Popen(
        [BINARY, "rehearse", "--server", house.url, "--ticket", cohost, "--file", str(quiet), "--out",
         str(tmp_path / "other.opus"), "--seconds", "5"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told = json.loads(rehearse(house, stage, tone, tmp_path / "back.opus", "--seconds", "4").stdout)
    assert told["heard"] > 100 and told["end"] == "finished", told
    out, error = other.communicate(timeout=30)
    assert other.returncode == 0, out + error
    for name, hertz in (("back.opus", 660), ("other.opus", 330)):
        sound = decode_file(tmp_path / name)
        middle = sound[len(sound) // 4:3 * len(sound) // 4]
        assert abs(peak_hertz(middle) - hertz) < 15 and loudness(middle) > 1_000, name

    # A listener gets in by neither door, whatever they ask: before their time, and in a room whose time has come and
    # that is not open yet.
    refused = rehearse(house, sale["token"], tone, tmp_path / "no.opus", check=1)
    assert "ticket_not_yet_valid" in refused.stderr, refused.stderr
    early = house.call("POST", "/v1/rooms", {
        "title": "Soon", "startsAt": rfc3339(3600), "endsAt": rfc3339(7200), "doorsOpenAt": rfc3339(-5), "capacity": 3,
        "price": euros(500)}, host["key"])
    ticket = house.buy(early, house.wallet())["token"]
    refused = rehearse(house, ticket, tone, tmp_path / "no.opus", check=1)
    assert "rehearsal_stage_only" in refused.stderr, refused.stderr
    knock = listen(house, ticket, tmp_path / "no.opus")
    _, error = knock.communicate(timeout=20)
    assert knock.returncode != 0 and "room_not_yet_open" in error, error

    # Nothing of it reached the ledger: no receipt, no act, nothing that the room's report would count.
    time.sleep(1.5)
    told = house.call("GET", "/v1/receipts?limit=1000", key=house.operator_key)["receipts"]
    assert [(one["room"], one["kind"]) for one in told] == [(early["room"], "refused")], told
    report = json.loads(cli("room", "report", room["room"], "--json", **as_host).stdout)
    assert report["deliveredSeconds"] == 0, report
    metrics = house.raw("GET", "/metrics")[1].decode()
    assert "guichet_rehearsals 0" in metrics


def test_it_ends_when_the_room_begins(house, tmp_path):
    host = house.host()
    room = house.room(host, starts=12, ends=600, opened=False)
    stage = house.host_pass(host, room)["token"]
    tone = tone_file(tmp_path / "tone.opus", 660, 3)
    house.call("POST", f"/v1/rooms/{room['room']}/open", {}, host["key"])
    begins = time.time() + 12
    running = subprocess.Popen(
        [BINARY, "rehearse", "--server", house.url, "--ticket", stage, "--file", str(tone), "--out",
         str(tmp_path / "back.opus"), "--seconds", "120", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, error = running.communicate(timeout=60)
    assert time.time() - begins < 6, (out, error)
    late = rehearse(house, stage, tone, tmp_path / "late.opus", check=1)
    assert "rehearsal_over" in late.stderr, late.stderr
    with pytest.raises(Refused) as refusal:
        house.raw("POST", f"/rooms/{room['room']}/rehearsal/whep", b"v=0\r\n", stage,
                  {"Content-Type": "application/sdp", "Accept-Language": "fr"})
    assert refusal.value.status == 409 and refusal.value.problem["title"] == "La salle a commencé"
    # On air now, and a listener comes in.
    sale = house.buy(room, house.wallet())
    publisher = subprocess.Popen(
        [BINARY, "publish", "--server", house.url, "--ticket", stage, "--loop", "--file", str(tone)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    listener = listen(house, sale["token"], tmp_path / "heard.opus", "--seconds", "2")
    inside(listener)
    out, error = listener.communicate(timeout=20)
    assert json.loads(out)["packets"] > 20, out + error
    publisher.terminate()
    publisher.communicate(timeout=20)
