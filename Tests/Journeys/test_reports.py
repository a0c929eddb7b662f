"""Every report of a query through the real binary, each form read again by a program that shares nothing with ours."""

import csv
import hashlib
import io
import json
import pathlib
import subprocess
import zipfile
from collections import defaultdict
from datetime import date, datetime

import openpyxl
import pytest
from books import check_beancount, check_hledger
from house import House, cli

CURRENCIES = {"EUR": 2, "JPY": 0}


def told(house):
    """A house where something happened: sales, a refund, a night with payout and withholding."""
    ana, bea = house.host("Ana"), house.host("=cmd|' /C calc'!A0")
    house.call("PUT", f"/v1/hosts/{ana['host']}/payee", {"withholdingBp": 1000, "reason": "Form"}, house.operator_key)
    wallet = house.wallet(8000)
    rooms = [house.room(ana, title="Écoute; \"live\", là"), house.room(bea, title="+Plus")]
    tickets = [house.buy(room, wallet) for room in rooms for _ in range(3)]
    house.refund(tickets[0]["ticket"], wallet["key"])
    for room, host in zip(rooms, (ana, bea)):
        house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    day = house.business_day()
    house.night(day)
    return day


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    house = House(folder / "data", "--sandbox").start()
    try:
        day = told(house)
        year = day[:4]
        names = [row["name"] for row in json.loads(
            cli("report", "list", "--json", server=house.url, key=house.operator_key).stdout)["definitions"]]
        for name in names:
            for profile in ("standard", "fr-excel"):
                cli("report", "run", name, "--year", year, "--profile", profile, "--language",
                    "fr" if profile == "fr-excel" else "en", "--out", str(folder / profile / name),
                    server=house.url, key=house.operator_key)
        yield house, day, names, folder
    finally:
        house.end()


def columns_of(house, name):
    listed = house.call("GET", "/v1/reports/definitions", key=house.operator_key)["definitions"]
    return next(row["columns"] for row in listed if row["name"] == name)


def read(folder, name, ending, profile="standard"):
    found = [path for path in (folder / profile / name).iterdir() if path.name.endswith(ending) and path.name != "control.json"]
    assert len(found) == 1, found
    return found[0]


def test_the_reports_that_finance_asks_for_are_there(exported):
    _, _, names, _ = exported
    assert set(names) >= {
        "trial-balance", "general-ledger", "vat-by-country", "negative-balances", "room-sales", "revenue-share",
        "payout-register", "provider-reconciliation", "provider-differences", "tax-year", "audit-log"}


def test_each_folder_is_what_its_control_file_says(exported):
    _, _, names, folder = exported
    for name in names:
        for profile in ("standard", "fr-excel"):
            place = folder / profile / name
            control = json.loads((place / "control.json").read_text())
            assert {file["name"] for file in control["files"]} | {"control.json"} == {
                path.name for path in place.iterdir()}
            assert len(control["files"]) == 4
            for file in control["files"]:
                data = (place / file["name"]).read_bytes()
                assert len(data) == file["bytes"] and hashlib.sha256(data).hexdigest() == file["sha256"]
            records = list(csv.DictReader(io.StringIO(
                read(folder, name, ".csv", profile).read_text(encoding="utf-8-sig"), newline=""),
                delimiter=";" if profile == "fr-excel" else ","))
            assert len(records) == control["rows"]
            if profile == "standard":
                for column, sums in control["sums"].items():
                    added = defaultdict(int)
                    for record in records:
                        added[record["currency"]] += int(record[column] or 0)
                    assert {key: value for key, value in added.items() if key in sums} == sums


def test_csv_json_and_workbook_hold_the_same(exported):
    house, _, names, folder = exported
    for name in names:
        text = read(folder, name, ".csv").read_bytes()
        assert b"\n" not in text.replace(b"\r\n", b"") or b'"' in text
        records = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
        document = json.loads(read(folder, name, ".json").read_text())
        assert document["report"] == name and len(document["rows"]) == len(records)
        kinds = {column["name"]: column["kind"] for column in document["columns"]}
        assert [(c["name"], c["kind"]) for c in columns_of(house, name)] == [
            pair for pair in kinds.items() if pair[0] != "balance"]
        book = openpyxl.load_workbook(read(folder, name, ".xlsx"))
        sheet = list(book.worksheets[0].iter_rows(values_only=True))
        assert len(book.worksheets) == 2 and len(sheet) == len(records) + 1
        for record, row, cells in zip(records, document["rows"], sheet[1:]):
            for (column, kind), cell in zip(kinds.items(), cells):
                value = row[column]
                assert record[column] == ("" if value is None else str(value)), (name, column)
                if value is None:
                    assert cell is None
                elif kind == "money":
                    exponent = CURRENCIES[row["currency"]]
                    assert record[column + "_decimal"] == f"{value / 10 ** exponent:.{exponent}f}"
                    assert round(cell * 10 ** exponent) == value, (name, column)
                elif kind == "day":
                    assert cell.date() == date.fromisoformat(value)
                elif kind == "instant":
                    seconds = (cell - datetime.fromisoformat(value).replace(tzinfo=None)).total_seconds()
                    assert abs(seconds) < 0.001
                elif kind == "basis_points":
                    assert round(cell * 10_000) == value
                else:
                    assert cell == (value if value != "" else None), (name, column)


def test_a_second_reader_opens_the_workbooks(exported, tmp_path):
    _, _, names, folder = exported
    for name in names:
        target = tmp_path / f"{name}.csv"
        done = subprocess.run(
            ["ssconvert", "-T", "Gnumeric_stf:stf_csv", str(read(folder, name, ".xlsx")), str(target)],
            capture_output=True, text=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
        assert done.returncode == 0 and target.exists(), done.stderr
        rows = list(csv.reader(io.StringIO(target.read_text(), newline="")))
        assert len(rows) == len(json.loads(read(folder, name, ".json").read_text())["rows"]) + 1


def test_the_french_profile_is_what_excel_reads_and_computes_nothing(exported):
    _, _, _, folder = exported
    text = read(folder, "room-sales", ".csv", "fr-excel").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf") and b"\r\n" in text
    records = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert {record["Salle"] for record in records} == {"Écoute; \"live\", là", "'+Plus"}
    assert {record["Brut"] for record in records} == {"15,00"}
    names = list(csv.DictReader(io.StringIO(
        read(folder, "payout-register", ".csv", "fr-excel").read_text("utf-8-sig"), newline=""), delimiter=";"))
    assert any(record["Nom"].startswith("'=cmd") for record in names)


def test_the_figures_agree_across_reports_and_with_the_ledger(exported):
    house, day, _, folder = exported
    rows = lambda name: json.loads(read(folder, name, ".json").read_text())["rows"]
    trial = {(row["account"], row["currency"]): row["closing"] for row in rows("trial-balance")}
    closing = {}
    for row in rows("general-ledger"):
        closing[row["account"], row["currency"]] = row["balance"]
    assert {key: value for key, value in trial.items() if value} == {
        key: value for key, value in closing.items() if value}
    assert sum(trial.values()) == 0
    files = house.night_files(day)
    night = {
        (row["account"], row["currency"]): int(row["balance"])
        for row in csv.DictReader(io.StringIO(files["balances.csv"].decode()))}
    assert {key: value for key, value in trial.items() if value} == {
        key: value for key, value in night.items() if value}
    vat = rows("vat-by-country")
    assert sum(row["vat"] for row in vat) == -sum(
        value for (account, _), value in trial.items() if account.startswith("liabilities:vat"))
    assert sum(row["net"] for row in rows("payout-register")) == -trial["assets:bank", "EUR"]
    assert sum(row["withheld"] for row in rows("tax-year")) == -trial["liabilities:withholding", "EUR"]
    assert all(row["difference"] == 0 for row in rows("provider-reconciliation"))


def test_hledger_and_beancount_add_the_exported_journal_to_the_trial_balance(exported, tmp_path):
    house, day, _, folder = exported
    cli("report", "export", "--day", day, "--out", str(tmp_path), "journal.hledger", "journal.beancount",
        server=house.url, key=house.operator_key)
    trial = {
        (row["account"], row["currency"]): row["closing"]
        for row in json.loads(read(folder, "trial-balance", ".json").read_text())["rows"]}
    check_hledger((tmp_path / "journal.hledger").read_bytes(), trial, tmp_path)
    check_beancount((tmp_path / "journal.beancount").read_bytes(), tmp_path)


def test_the_same_again_is_the_same_to_the_byte(exported, tmp_path):
    house, day, names, folder = exported
    for name in names:
        control = json.loads((folder / "standard" / name / "control.json").read_text())
        if name == "audit-log":
            continue
        cli("report", "run", name, "--year", day[:4], "--through", str(control["journal"]["through"]), "--out",
            str(tmp_path / name), server=house.url, key=house.operator_key)
        for path in (folder / "standard" / name).iterdir():
            assert path.read_bytes() == (tmp_path / name / path.name).read_bytes(), path


def test_finance_adds_a_report_without_touching_the_program(tmp_path):
    folder = tmp_path / "definitions"
    folder.mkdir()
    definition = {
        "name": "hosts-by-name",
        "query": {"period": "day", "sql": [
            "SELECT h.name AS name, count(r.room) AS rooms", "FROM hosts h LEFT JOIN rooms r",
            "  ON r.shard = h.shard AND r.host = h.host", "WHERE h.shard = :shard GROUP BY h.name ORDER BY h.name"]},
        "title": {"en": "Hosts by name", "fr": "Hôtes par nom"}, "about": {"en": "All hosts.", "fr": "Tous les hôtes."},
        "empty": {"en": "There is no host.", "fr": "Il n’y a pas d’hôte."},
        "columns": [
            {"name": "name", "kind": "text", "title": {"en": "Name", "fr": "Nom"}},
            {"name": "rooms", "kind": "integer", "title": {"en": "Rooms", "fr": "Salles"}}],
        "sort": ["name"], "charts": [],
        "checks": [{"kind": "unique", "columns": ["name"], "says": {"en": "Once.", "fr": "Une fois."}}]}
    (folder / "hosts.json").write_text(json.dumps(definition))
    house = House(tmp_path / "data", "--sandbox", "--reports", str(folder)).start()
    try:
        finance = {"server": house.url, "key": house.operator_key}
        assert "hosts-by-name" in cli("report", "list", **finance).stdout
        cli("report", "run", "hosts-by-name", "--format", "html", "--out", str(tmp_path / "none"), **finance)
        page = next((tmp_path / "none").glob("*.html")).read_text()
        assert "There is no host." in page
        house.room(house.host("Zoë"))
        house.host("Ana")
        cli("report", "run", "hosts-by-name", "--format", "csv", "--out", str(tmp_path / "some"), **finance)
        assert next((tmp_path / "some").glob("*.csv")).read_text().splitlines() == ["name,rooms", "Ana,0", "Zoë,1"]
        # The same name twice breaks the definition's own check: nothing is written.
        house.host("Ana")
        definition["query"]["sql"][3] = "WHERE h.shard = :shard GROUP BY h.host, h.name ORDER BY h.name"
        house.stop()
        (folder / "hosts.json").write_text(json.dumps(definition))
        house.start()
        refused = cli("report", "run", "hosts-by-name", "--out", str(tmp_path / "twice"), check=1, **finance)
        assert "report_not_unique" in refused.stderr and not list((tmp_path / "twice").iterdir())
    finally:
        house.end()
    for change, words in [
            (("sql", ["DELETE FROM hosts WHERE shard = :shard"]), "a query is one SELECT"),
            (("sql", ["SELECT h.name AS name FROM hosts h WHERE h.shard = :shard"]), "it gives name, not name, rooms"),
            (("sql", ["SELECT h.nom AS name, 1 AS rooms FROM hosts h WHERE h.shard = :shard"]), "nom"),
            (("period", "fortnight"), "query.period")]:
        broken = {**definition, "query": {**definition["query"], change[0]: change[1]}}
        (folder / "hosts.json").write_text(json.dumps(broken))
        with pytest.raises(AssertionError, match="the server ended with 78") as failure:
            House(tmp_path / "data", "--reports", str(folder)).start()
        assert "hosts.json" in str(failure.value) and words in str(failure.value)


def test_refusals_have_their_words(exported, tmp_path):
    house, _, _, _ = exported
    finance = {"server": house.url, "key": house.operator_key}
    for arguments, code in [
            (["nothing"], "report_name_unknown"), (["trial-balance", "--month", "2026-13"], "report_period"),
            (["trial-balance", "--from", "2026-03-02"], "report_period"),
            (["trial-balance", "--format", "docx"], "report_export_format"),
            (["trial-balance", "--profile", "de-excel"], "report_profile"),
            (["trial-balance", "--through", "99999"], "report_through")]:
        refused = cli("report", "run", *arguments, "--out", str(tmp_path / "no"), check=1, **finance)
        assert code in refused.stderr and "What to do:" in refused.stderr
        assert not list((tmp_path / "no").iterdir())
    host = house.host("Cem")
    refused = cli("report", "run", "trial-balance", "--out", str(tmp_path / "no"), check=1, server=house.url, key=host["key"])
    assert "key_scope" in refused.stderr


def test_an_archive_that_was_changed_on_the_way_is_not_taken(exported, tmp_path):
    """The command believes nothing that it did not check."""
    house, _, _, _ = exported
    _, data, headers = house.raw(
        "GET", "/v1/reports/definitions/trial-balance/export?format=zip&formats=csv", key=house.operator_key)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None and sorted(archive.namelist())[0] == "control.json"
    digest = hashlib.sha256(data)
    import base64
    assert headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"

    import http.server
    import threading

    class Liar(http.server.BaseHTTPRequestHandler):
        answer = b""

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.answer)))
            self.end_headers()
            self.wfile.write(self.answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        place = {"server": f"http://127.0.0.1:{server.server_port}", "key": "gk_finance_x"}
        csv_name = next(name for name in archive.namelist() if name.endswith(".csv"))
        changed = bytearray(data)
        changed[data.index(b"account,") + 2] ^= 1
        evil = io.BytesIO()
        with zipfile.ZipFile(evil, "w") as out:
            out.writestr("../" + csv_name, archive.read(csv_name))
            out.writestr("control.json", archive.read("control.json"))
        for answer in (bytes(changed), data[:-30], data[: len(data) // 2], b"", b"PK", evil.getvalue()):
            Liar.answer = answer
            refused = cli("report", "run", "trial-balance", "--out", str(tmp_path / "out"), check=69, **place)
            assert "damaged" in refused.stderr, refused.stderr
            assert not list((tmp_path / "out").iterdir())
    finally:
        server.shutdown()
    assert not pathlib.Path(tmp_path / csv_name).exists()
