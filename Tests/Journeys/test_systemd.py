"""The timer and the service of the night: units that systemd takes, and a night that can be run again."""

import os
import pathlib
import shutil
import subprocess
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from house import BINARY, cli

UNITS = pathlib.Path(__file__).parents[2] / "Packaging" / "systemd"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path):
    for unit in ("guichet-night.service", "guichet-night.timer"):
        # systemd looks whether the program is there.
        text = (UNITS / unit).read_text().replace("/usr/libexec/guichet/night", str(UNITS / "night"))
        (tmp_path / unit).write_text(text)
    # It exits with 0 for a member that it does not know, and says so.
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in ("guichet-night.service", "guichet-night.timer"))],
        capture_output=True, text=True, timeout=60)
    said = [line for line in (done.stdout + done.stderr).splitlines() if str(tmp_path) in line or "guichet-night" in line]
    assert done.returncode == 0 and not said, done.stdout + done.stderr
    when = next(line for line in (UNITS / "guichet-night.timer").read_text().splitlines() if line.startswith("OnCalendar="))
    looked = subprocess.run(
        ["systemd-analyze", "calendar", when.removeprefix("OnCalendar=")], capture_output=True, text=True, timeout=60)
    assert looked.returncode == 0, looked.stderr


def test_the_night_of_yesterday_is_run_audited_and_run_again(house, tmp_path):
    key = house.call("POST", "/v1/keys", {"scope": "finance"}, house.operator_key)["key"]
    (tmp_path / "night.key").write_text(key + "\n")
    environment = {
        **os.environ, "GUICHET_URL": house.url, "GUICHET_BINARY": BINARY, "GUICHET_TIME_ZONE": "Europe/Paris",
        "CREDENTIALS_DIRECTORY": str(tmp_path)}
    environment.pop("GUICHET_KEY", None)
    today = datetime.now(ZoneInfo("Europe/Paris"))
    day, *earlier = [(today - timedelta(days=number)).date().isoformat() for number in (1, 2, 3)]
    # The machine was off for two days: their nights are run before yesterday's.
    first = subprocess.run([UNITS / "night", earlier[1]], env=environment, capture_output=True, text=True, timeout=120)
    assert first.returncode == 0 and f"night     {earlier[1]} (done)" in first.stdout, first.stderr
    caught = subprocess.run([UNITS / "night"], env=environment, capture_output=True, text=True, timeout=120)
    assert [line for line in caught.stdout.splitlines() if line.startswith("night ")] == [
        f"night     {earlier[0]} (done)", f"night     {day} (done)"], caught.stdout + caught.stderr
    said = []
    for _ in range(2):
        done = subprocess.run([UNITS / "night"], env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert f"night     {day} (done)" in done.stdout and "clean    audit" in done.stdout, done.stdout
        said.append(done.stdout.split("clean")[0])
    assert said[0] == said[1]
    audits = house.call("GET", "/v1/audits", key=key)["audits"]
    assert [audit["clean"] for audit in audits] == [True] * 4
    # A key that may not run nights stops it, and says so.
    (tmp_path / "night.key").write_text(house.host("Ana")["key"])
    refused = subprocess.run([UNITS / "night"], env=environment, capture_output=True, text=True, timeout=120)
    assert refused.returncode != 0 and "key_scope" in refused.stderr
    assert "key_scope" in cli("audit", "--record", server=house.url, key=house.host("Bea")["key"], check=1).stderr
