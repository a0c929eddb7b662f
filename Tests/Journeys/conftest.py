import os
import pathlib
import subprocess

import pytest

from house import House


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: hears sound or counts seconds, so nothing may run beside it")
    config.addinivalue_line("markers", "patient: sleeps most of its time, so others that sleep may run beside it")
    if not os.environ.get("GUICHET_BINARY"):
        raise pytest.UsageError("GUICHET_BINARY is not set: run these through Scripts/test.")


@pytest.fixture
def house(tmp_path):
    """A server of everything in one process, on an empty data folder, with sandbox payments."""
    house = House(tmp_path / "data", "--sandbox").start()
    yield house
    house.end()


@pytest.fixture(scope="session")
def talk(tmp_path_factory):
    """The spoken talk as Ogg Opus, made by espeak-ng and opusenc."""
    path = tmp_path_factory.mktemp("talk") / "talk.opus"
    script = pathlib.Path(__file__).parents[2] / "Scripts" / "make-talk"
    subprocess.run([script, path], check=True, capture_output=True)
    return path
