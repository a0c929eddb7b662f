"""A foreign tool makes requests from the API's own description, with the key of every scope: nothing may break."""

import pathlib
import subprocess
import sys

import pytest

from house import House

DESCRIPTION = pathlib.Path(__file__).parents[2] / "Schemas" / "resources" / "openapi.yaml"

# Seconds of each scope's run; a slow machine makes fewer requests, not a longer run.
BUDGETS = {"operator": 20, "host": 10, "wallet": 10, "finance": 5, "moderator": 3, "auditor": 5, "gateway": 3, None: 4}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A server with one of everything, the key of every scope and the ids to ask for."""
    house = House(tmp_path_factory.mktemp("schemathesis") / "data", "--sandbox", "--set", "limits.key=off").start()
    host = house.host()
    room = house.room(host)
    wallet = house.wallet()
    sale = house.buy(room, wallet)

    def key(scope, **more):
        return house.call("POST", "/v1/keys", {"scope": scope, **more}, house.operator_key)["key"]

    keys = {
        "operator": house.operator_key, "host": host["key"], "wallet": wallet["key"], "finance": key("finance"),
        "moderator": key("moderator", host=host["host"]), "auditor": key("auditor"), "gateway": key("gateway"),
        None: None,
    }
    ids = {"room": room["room"], "host": host["host"], "holder": wallet["holder"], "ticket": sale["ticket"]}
    yield house, keys, ids
    house.stop()


@pytest.mark.parametrize("scope", BUDGETS)
def test_no_request_of_the_description_breaks_the_server(made, scope, tmp_path):
    house, keys, ids = made
    settings = tmp_path / "schemathesis.toml"
    lines = ["[parameters]"] + [f'"path.{name}" = "{value}"' for name, value in ids.items()]
    settings.write_text("\n".join(lines) + "\n")
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run", str(DESCRIPTION),
        "--url", house.url, "--generation-deterministic", "--no-shrink", "--max-examples", "3",
        "--max-time", str(BUDGETS[scope]), "--phases", "examples,coverage,fuzzing", "--request-timeout", "60",
        "--checks", "not_a_server_error,content_type_conformance", "--warnings", "off", "--no-color",
    ]
    if keys[scope]:
        command += ["--header", f"Authorization: Bearer {keys[scope]}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=BUDGETS[scope] + 120)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Test cases:" in done.stdout, done.stdout[-3000:]
    assert house.call("GET", "/healthz") == {"status": "ok"}
