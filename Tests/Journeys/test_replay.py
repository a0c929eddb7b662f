"""A list of facts played by the command line: the fourteen worked cases to the byte on both engines, with books that
hledger, beancount and the chain written again agree on; what another policy would have paid; and damage."""

import csv
import io
import json
import pathlib

import pytest
from books import check_beancount, check_chain, check_hledger
from cluster import Cluster
from house import cli

CASES = sorted((pathlib.Path(__file__).parent.parent / "PayoutsTests" / "Cases").iterdir())


def play(case, out, *more, check=0):
    return cli("replay", str(case / "config.json"), str(case / "events.ndjson"), "--out", str(out), *more, check=check)


def assert_case(case, out):
    assert (out / "result.json").read_bytes() == (case / "expected.json").read_bytes()
    assert (out / "payouts.csv").read_bytes() == (case / "expected.csv").read_bytes()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_worked_case_comes_out_to_the_byte(case, tmp_path):
    play(case, tmp_path / "out", "--quiet")
    assert_case(case, tmp_path / "out")
    read = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    balances = {
        (row["account"], row["currency"]): int(row["balance"])
        for row in csv.DictReader(io.StringIO(read["balances.csv"].decode()))}
    check_chain(list(csv.DictReader(io.StringIO(read["journal.csv"].decode()))))
    check_hledger(read["journal.hledger"], balances, tmp_path)
    check_beancount(read["journal.beancount"], tmp_path)


def test_a_kept_ledger_is_audited_and_not_played_into_twice(tmp_path):
    case = CASES[7]
    kept = tmp_path / "kept.sqlite"
    first = play(case, tmp_path / "one", "--database", str(kept), "--json")
    assert json.loads(first.stdout)["rejected"] == 0
    assert "clean" in cli("audit", "--database", str(kept)).stdout
    assert "replay_not_empty" in play(case, tmp_path / "two", "--database", str(kept), check=1).stderr
    assert not (tmp_path / "two").exists()
    play(case, tmp_path / "three")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "three" / path.name).read_bytes(), path.name


def test_postgresql_gives_the_same_files(tmp_path):
    cluster = Cluster().start()
    try:
        case = CASES[11]
        play(case, tmp_path / "pg", "--database", cluster.address)
        assert_case(case, tmp_path / "pg")
        play(case, tmp_path / "sqlite")
        for path in (tmp_path / "sqlite").iterdir():
            assert path.read_bytes() == (tmp_path / "pg" / path.name).read_bytes(), path.name
    finally:
        cluster.end()


def test_another_policy_is_compared_with_what_was_paid(tmp_path):
    config = json.loads((CASES[1] / "config.json").read_text())
    config["min_payout"] = {"USD": 1}
    config["tiers"] = {"USD": config["tiers"]["EUR"]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    events = (CASES[1] / "events.ndjson").read_text().replace('"EUR"', '"USD"')
    (tmp_path / "events.ndjson").write_text(events)
    play(tmp_path, tmp_path / "out", "--policy", "twitter-announced-2021")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "comparison.csv").read_text())))
    assert rows == [{
        "host": "ana", "currency": "USD", "before": "4853200", "after": "4003200", "difference": "-850000"}]
    assert (tmp_path / "out" / "twitter-announced-2021" / "result.json").exists()
    assert "there is no policy nobody" in play(tmp_path, tmp_path / "no", "--policy", "nobody", check=1).stderr


def test_damage_is_named_and_nothing_is_written(tmp_path):
    for damage, code, word in [
        ("{", "replay_line", "Line 3"), ('{"seq":1,"id":"x","type":"x","at":"2027-01-01T00:00:00Z"}', "replay_order", "seq"),
        ('{"seq":9,"id":"x","type":"x","at":"2025-01-01T00:00:00Z"}', "replay_order", "posted_at"),
    ]:
        lines = (CASES[13] / "events.ndjson").read_text().splitlines()
        (tmp_path / "events.ndjson").write_text("\n".join([*lines[:2], damage]))
        (tmp_path / "config.json").write_text((CASES[13] / "config.json").read_text())
        refused = play(tmp_path, tmp_path / "out", check=1)
        assert code in refused.stderr and word in refused.stderr
        assert not (tmp_path / "out").exists()
    (tmp_path / "config.json").write_text("{}")
    assert "replay_config" in play(tmp_path, tmp_path / "out", check=1).stderr
    cli("replay", str(tmp_path / "none.json"), "x", "--out", str(tmp_path / "out"), check=74)
