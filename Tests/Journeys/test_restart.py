"""A listener whose network changes under it: it notices the silence, restarts ICE by PATCH, and hears on."""

import json
import subprocess
import time

import pytest

from house import BINARY, House, free_port
from lossy import LossyProxy
from sound import tone_file

pytestmark = pytest.mark.patient


def test_a_listener_heals_by_patch_without_a_new_admission(tmp_path):
    media_port = free_port()
    with LossyProxy(media_port) as network:
        house = House(
            tmp_path / "data", "--sandbox", "--set", f"media.announce=127.0.0.1:{network.port}", media_port=media_port)
        house.start()
        try:
            host = house.host()
            room = house.room(host)
            token, stage = house.buy(room, house.wallet())["token"], house.host_pass(host, room)["token"]
            speaker = subprocess.Popen(
                [BINARY, "publish", "--server", house.url, "--ticket", stage, "--loop", "--seconds", "50", "--file",
                 str(tone_file(tmp_path / "tone.opus", 440, 5))], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            listener = subprocess.Popen(
                [BINARY, "listen", "--probe", "--server", house.url, "--ticket", token, "--seconds", "35", "--json",
                 "--max-loss", "100", "--max-jitter", "10000", "--max-round-trip", "10000",
                 "--max-gap", "30000"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            assert "connected" in listener.stderr.readline()
            time.sleep(4)
            # A router starts anew: nothing passes, and afterwards everybody has another address.
            network.become(1, 0, 0)
            time.sleep(12)
            network.forget()
            network.become(0, 0, 0)
            out, error = listener.communicate(timeout=60)
            speaker.terminate()
            speaker.communicate(timeout=30)
            assert listener.returncode == 0, error
            report = json.loads(out)
            assert report["end"] == "finished"
            assert 11_000 < report["longestGapMilliseconds"] < 25_000, "it was cut off, and healed"
            entered = [
                line for line in house.raw("GET", "/metrics")[1].decode().splitlines()
                if line.startswith("guichet_admitted") or line.startswith("guichet_admissions")]
            assert sum(float(line.rsplit(" ", 1)[1]) for line in entered) == 2, entered
            house.stop()
        finally:
            house.end()
