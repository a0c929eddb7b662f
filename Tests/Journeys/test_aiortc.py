"""aiortc, an independent WebRTC stack, speaks and listens; the tone's frequency tells that it is the same sound."""

import asyncio
import json
import subprocess

import pytest

import rtc
from house import BINARY
from sound import RATE, decode_file, loudness, peak_hertz, tone_file

pytestmark = pytest.mark.alone


def loudest(slots):
    return max(slots, key=lambda samples: loudness(samples) if len(samples) else 0)


@pytest.mark.parametrize("slots", [1, 3])
def test_aiortc_speaks_and_aiortc_hears_the_same_tone(house, slots):
    host = house.host()
    room = house.room(host)
    token = house.buy(room, house.wallet())["token"]
    stage = house.host_pass(host, room)["token"]

    async def both():
        listening = asyncio.ensure_future(rtc.listen(house, room["room"], token, slots, 6))
        await asyncio.sleep(1)
        await rtc.publish(house, room["room"], stage, 440, 5)
        return await listening

    heard = asyncio.run(both())
    assert len(heard) == slots
    sound = loudest(heard)
    assert len(sound) > 2 * RATE, "less than two seconds were heard"
    assert abs(peak_hertz(sound[RATE : 2 * RATE]) - 440) < 5


def test_aiortc_speaks_and_our_client_records_it(house, tmp_path):
    host = house.host()
    room = house.room(host)
    token = house.buy(room, house.wallet())["token"]
    stage = house.host_pass(host, room)["token"]
    out = tmp_path / "heard.opus"
    listener = subprocess.Popen(
        [BINARY, "listen", "--server", house.url, "--ticket", token, "--out", str(out), "--seconds", "6"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    asyncio.run(rtc.publish(house, room["room"], stage, 660, 5))
    _, error = listener.communicate(timeout=30)
    assert listener.returncode == 0, error
    samples = decode_file(out)
    assert len(samples) > 2 * RATE
    assert abs(peak_hertz(samples[RATE : 2 * RATE]) - 660) < 5


def test_our_client_speaks_and_aiortc_hears_two_voices_in_two_slots(house, tmp_path):
    host = house.host()
    room = house.room(host)
    token = house.buy(room, house.wallet())["token"]
    files = [tone_file(tmp_path / f"{hertz}.opus", hertz, 8) for hertz in (440, 880)]
    passes = [house.host_pass(host, room, role)["token"] for role in ("host", "speaker")]
    publishers = [
        subprocess.Popen(
            [BINARY, "publish", "--server", house.url, "--ticket", stage, "--file", str(file)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for stage, file in zip(passes, files)
    ]
    heard = asyncio.run(rtc.listen(house, room["room"], token, 3, 6))
    for publisher in publishers:
        publisher.terminate()
        publisher.communicate()
    tones = sorted(round(peak_hertz(s[-RATE:]) / 10) * 10 for s in heard if len(s) > RATE and loudness(s[-RATE:]) > 500)
    assert tones == [440, 880]


@pytest.mark.parametrize("change, code, status", [
    (lambda token: token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB"), "ticket_signature", 401),
    (lambda token: "eyJhbGciOiJub25lIn0." + token.split(".")[1] + ".", "ticket_algorithm", 401),
    (lambda token: "not a ticket", None, 401),
])
def test_a_bad_ticket_gets_no_answer(house, change, code, status):
    host = house.host()
    room = house.room(host)
    token = house.buy(room, house.wallet())["token"]
    with pytest.raises(rtc.Refusal) as refusal:
        asyncio.run(rtc.listen(house, room["room"], change(token), 1, 1))
    assert refusal.value.status == status
    if code:
        assert json.loads(refusal.value.problem)["code"] == code


def test_a_ticket_of_another_room_and_a_listener_who_wants_to_speak_are_refused(house):
    host = house.host()
    one, other = house.room(host), house.room(host, title="Another")
    token = house.buy(one, house.wallet())["token"]
    with pytest.raises(rtc.Refusal) as refusal:
        asyncio.run(rtc.listen(house, other["room"], token, 1, 1))
    assert (refusal.value.status, json.loads(refusal.value.problem)["code"]) == (403, "ticket_room")
    with pytest.raises(rtc.Refusal) as refusal:
        asyncio.run(rtc.publish(house, one["room"], token, 440, 1))
    assert (refusal.value.status, json.loads(refusal.value.problem)["code"]) == (403, "ticket_role")
