"""The story by the command line alone, each step as a person types it."""

import json
import subprocess
import time

from house import BINARY, cli, rfc3339


def test_help_names_every_command_and_the_exit_codes():
    text = cli("--help").stdout
    for word in ("serve", "room", "wallet", "ticket", "night", "report", "publish", "listen", "demo", "Exit codes"):
        assert word in text
    for shell in ("bash", "zsh", "fish"):
        assert "guichet" in cli("--generate-completion-script", shell).stdout


def test_config_show_names_origins_and_hides_secrets(tmp_path):
    (tmp_path / "guichet.json").write_text('{"http": {"port": 9001}, "ledger": {"key": "gk_gateway_topsecret"}}')
    shown = cli("config", "show", "--json", "--config", str(tmp_path / "guichet.json"), "--set", "platform.name=Box")
    rows = {row["key"]: row for row in json.loads(shown.stdout)}
    assert (rows["http.port"]["value"], rows["http.port"]["origin"]) == ("9001", "file")
    assert (rows["platform.name"]["value"], rows["platform.name"]["origin"]) == ("Box", "flag")
    assert rows["http.host"]["value"] == "127.0.0.1"
    assert rows["ledger.key"]["value"] == "<hidden>" and "topsecret" not in shown.stdout
    (tmp_path / "wrong.json").write_text('{"http": {"prot": 9001}}')
    refused = cli("config", "show", "--config", str(tmp_path / "wrong.json"), check=78)
    assert "http.prot" in refused.stderr


def test_a_person_goes_through_the_whole_story(house, tmp_path, talk):
    operator = {"server": house.url, "key": house.operator_key}
    host = json.loads(cli("host", "add", "Ana", "--json", **operator).stdout)
    as_host = {"server": house.url, "key": host["key"]}
    made = cli(
        "room", "create", "Night talk", "--starts", "now", "--ends", "+1h", "--capacity", "2", "--price", "5.00 EUR",
        "--json", **as_host)
    room = json.loads(made.stdout)["room"]
    assert "6.00 EUR (version 2)" in cli("room", "price", room, "6.00 EUR", **as_host).stdout
    assert "5.00 EUR (version 3)" in cli("room", "price", room, "5.00 EUR", **as_host).stdout
    assert "open" in cli("room", "open", room, **as_host).stdout
    assert room in cli("room", "list", **as_host).stdout
    assert "2 of 2 left" in cli("room", "show", room, server=house.url).stdout

    tokens = []
    for name in ("a", "b"):
        buyer = {"server": house.url, "wallet": tmp_path / f"{name}.json"}
        assert "20.00 EUR" in cli("wallet", "topup", "20.00 EUR", **buyer).stdout
        sold = json.loads(cli("ticket", "buy", room, "--json", **buyer).stdout)
        tokens.append(sold["token"])
        assert "15.00 EUR" in cli("wallet", "show", **buyer).stdout
        assert sold["ticket"] in cli("ticket", "show", sold["ticket"], **buyer).stdout
        assert cli("ticket", "verify", sold["token"], "--room", room, server=house.url).stdout.startswith("valid")
    late = {"server": house.url, "wallet": tmp_path / "late.json"}
    cli("wallet", "topup", "20.00 EUR", **late)
    assert "sold_out" in cli("ticket", "buy", room, check=1, **late).stderr
    poor = {"server": house.url, "wallet": tmp_path / "poor.json"}
    cli("wallet", "topup", "1.00 EUR", **poor)
    assert "price_changed" in cli("ticket", "buy", room, "--price", "4.00 EUR", check=1, **poor).stderr

    stage = cli("room", "pass", room, **as_host).stdout.strip()
    listener = subprocess.Popen(
        [BINARY, "listen", "--server", house.url, "--ticket", tokens[0], "--out", str(tmp_path / "heard.opus"),
         "--seconds", "8"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.5)
    published = cli(
        "publish", "--server", house.url, "--ticket", stage, "--file", str(talk), "--seconds", "4", "--json")
    out, error = listener.communicate(timeout=30)
    assert listener.returncode == 0, out + error
    sent = json.loads(published.stdout)["packets"]
    assert sent >= 190
    info = subprocess.run(["opusinfo", tmp_path / "heard.opus"], capture_output=True, text=True, check=True).stdout
    assert "Playback length" in info and "WARNING" not in info

    assert "closed" in cli("room", "close", room, **as_host).stdout
    day = house.business_day()
    night = json.loads(cli("night", "run", "--day", day, "--cut-now", "--json", **operator).stdout)
    # 5.00 with 20 % VAT inside: 0.83 VAT, base 4.17, host 97 % = 4.04; two of them.
    assert [(p["gross"]["amount"], p["net"]["amount"]) for p in night["payouts"]] == [(808, 808)]
    again = json.loads(cli("night", "run", "--day", day, "--cut-now", "--json", **operator).stdout)
    assert again == night
    for folder in ("first", "second"):
        cli("report", "export", "--day", day, "--out", str(tmp_path / folder), **operator)
    first = {path.name: path.read_bytes() for path in (tmp_path / "first").iterdir()}
    second = {path.name: path.read_bytes() for path in (tmp_path / "second").iterdir()}
    assert first == second and "payouts.csv" in first
    assert first["payouts.csv"].startswith(b"batch_day,host,currency,gross,withheld,net\r\n")
    assert "payouts.csv" in cli("report", "list", "--day", day, **operator).stdout


def test_a_server_that_is_not_there_is_said_plainly():
    refused = cli("room", "show", "room_01h455vb4pex5vsknk084sn02q", server="http://127.0.0.1:9", check=69)
    assert "guichet serve" in refused.stderr


def test_sigterm_ends_with_exit_code_0(house):
    house.room(house.host())
    house.stop()
