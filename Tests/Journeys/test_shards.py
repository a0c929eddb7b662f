"""A room that is too big for one media thread: all hear it whole, whichever thread they are on."""

import time

import pytest

from house import House
from test_attacks import counters
from test_load import load

pytestmark = pytest.mark.alone


def test_a_big_room_on_two_threads_is_heard_without_a_loss(tmp_path):
    house = House(tmp_path / "data", "--sandbox", "--set", "media.threads=2", "--set", "limits.key=off").start()
    try:
        report = load(
            house, "--listeners", "100", "--publishers", "3", "--rate", "40", "--seconds", "5", "--warm-up", "2",
            "--max-loss", "1", "--server-pid", str(house.process.pid))
        assert report["joins"]["joined"] == 100 and not report["joins"]["failures"]
        sound = report["sound"]
        assert sound["framesExpected"] == 100 * sound["framesSent"]
        assert sound["duplicates"] == 0 and sound["damaged"] == 0 and sound["lost"] * 1_000 <= sound["framesExpected"]
        # Each thread tells its counters five times a second.
        deadline = time.monotonic() + 5
        while True:
            seen = counters(house)
            told = seen["guichet_voices_taken_over_total"] == seen["guichet_voices_handed_over_total"]
            if told or time.monotonic() > deadline:
                break
            time.sleep(0.3)
        assert seen["guichet_media_threads"] == 2
        # Three voices, some seconds of 50 packets each.
        assert seen["guichet_voices_handed_over_total"] > 400
        assert seen["guichet_voices_taken_over_total"] == seen["guichet_voices_handed_over_total"]
        assert seen['guichet_datagrams_dropped_total{reason="notHandedOver"}'] == 0
    finally:
        house.end()
