"""Stripe's part as somebody else understood it: localstripe, in a process and a network namespace of its own."""

import os
import pathlib
import subprocess
import sys


def test_a_payment_and_its_refund_through_localstripe(tmp_path):
    story = pathlib.Path(__file__).with_name("localstripe_story.py")
    namespace = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    done = subprocess.run(
        [*namespace, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, str(story), str(tmp_path)],
        capture_output=True, text=True, timeout=120, env={**os.environ, "TMPDIR": str(tmp_path)})
    log = tmp_path / "localstripe.log"
    assert done.returncode == 0, f"{done.stderr}\n{log.read_text()[-3000:] if log.exists() else ''}"
