"""Before money moves, by the command line: two people, the gates of the books, and why a host was paid or not."""

import json

from house import House, cli
from planted import check_planted
from test_payments import assert_clean


def test_two_people_agree_and_the_books_are_in_order(tmp_path):
    house = House(
        tmp_path / "data", "--sandbox", "--set", "payments.manual=true", "--set", "payouts.reasonItemAbove=4.00 EUR",
        "--set", "payouts.suspenseDays=0").start()
    try:
        timer, ana, bea = house.second_key(), house.second_key(), house.second_key()
        host, other = house.host("Ana"), house.host("Bea")
        wallet = house.wallet(5000)
        room = house.room(host, capacity=3)
        house.buy(room, wallet)
        house.call("POST", f"/v1/rooms/{room['room']}/close", {}, host["key"])
        waiting = house.room(other, capacity=3)
        house.buy(waiting, wallet)
        day = house.business_day()
        house.night_by(timer, day)

        def run(key, *arguments, check=0):
            return cli("payout", *arguments, check=check, server=house.url, key=key)

        def why(who, *arguments):
            return json.loads(cli("payout", "why", "--host", who["host"], "--json", *arguments, server=house.url,
                                  key=who["key"]).stdout)

        batch = json.loads(run(ana, "show", day, "--json").stdout)
        digest = batch["digest"]
        assert batch["state"] == "computed" and [f["code"] for f in batch["approval"]["findings"]] == ["item_above"]
        assert why(host)["rows"][0]["reason"] == "no_payout_method"
        assert why(other)["rows"] == [] or why(other)["rows"][0]["reason"] == "nothing"
        assert why(other)["inEscrow"] == 1 and "escrow" in why(other)["words"]
        assert "key_scope" in cli("payout", "why", "--host", host["host"], server=house.url, key=other["key"],
                                  check=1).stderr
        cli("payout", "destination", host["host"], "--provider", "manual", "--to", "her bank", server=house.url,
            key=host["key"])
        assert why(host)["rows"][0]["reason"] == "awaiting_approval"
        agree = ["approve", day, "--digest", digest]
        assert "payout_approval_creator" in run(timer, *agree, check=1).stderr
        assert "payout_reason_needed" in run(ana, *agree, check=1).stderr
        run(ana, *agree, "--reason", "a full house")
        assert "payout_approval_given" in run(ana, *agree, "--reason", "twice", check=1).stderr
        assert "payout_approval_new_key" in run(house.second_key(), *agree, "--reason", "me too", check=1).stderr
        assert "payout_not_approved" in run(timer, "send", day, "--digest", digest, check=1).stderr
        assert "rejected" in run(bea, "reject", day, "--digest", digest, "--reason", "let me look").stdout
        for key in (ana, bea):
            run(key, *agree, "--reason", "I have looked")
        # An audit that is kept lets the books through; two make a chain.
        assert "no audit" in run(timer, "gates", day, check=1).stdout
        for _ in range(2):
            recorded = cli("audit", "--record", "--json", server=house.url, key=ana)
            assert json.loads(recorded.stdout)["clean"] is True
        assert "holds" not in run(timer, "gates", day).stdout
        # Money that nobody can explain holds it.
        item = house.call("POST", "/v1/suspense", {
            "source": "bank", "reference": "x1", "amount": {"amount": 700, "currency": "EUR"}, "reason": "who is it"},
            house.operator_key, idempotency="s")
        assert "holds" in run(timer, "gates", day, check=1).stdout
        assert "payout_held" in run(timer, "send", day, "--digest", digest, check=1).stderr
        house.call("POST", f"/v1/suspense/{item['item']}/resolve", {"holder": wallet["holder"]}, house.operator_key,
                   idempotency="r")
        assert "holds" not in run(timer, "gates", day).stdout
        sent = run(timer, "send", day, "--digest", digest).stdout
        assert "requested" in sent and "payout_batch_sent" in run(bea, *agree, check=1).stderr
        assert why(host)["rows"][0]["reason"] == "sent"
        payout = json.loads(run(ana, "items", day, "--json").stdout)["items"][0]["payout"]
        assert json.loads(run(ana, "payees", day, "--json", "--find", payout).stdout)["payees"][0]["host"] == host["host"]
        assert "sent" in run(ana, "payees", day, "--reason", "sent").stdout
        assert ["sent", "1"] in [line.split()[:2] for line in run(ana, "payees", day, "--counts").stdout.splitlines()]
        assert "parameter_malformed" in run(ana, "items", day, "--state", "gone", check=1).stderr
        run(ana, "confirm", payout, "paid")
        answer = why(host, "--day", day)
        assert answer["rows"][0]["reason"] == "arrived" and "4.04 EUR" in answer["rows"][0]["words"]
        assert "settled" in run(ana, "show", day).stdout
        assert_clean(house)
        house.stop()
        check_planted(house.data / "ledger.sqlite", tmp_path, [
            ("UPDATE payout_approvals SET approver = created_by WHERE round = 1", "approvals"),
            ("UPDATE payout_approvals SET digest = replace(digest, substr(digest, 1, 1), 'x')", "approvals"),
            ("UPDATE payout_approvals SET reason = NULL", "approvals"),
            ("DELETE FROM payout_approvals WHERE round = 2", "approvals"),
            ("UPDATE payout_rounds SET outcome = 'sent' WHERE round = 1", "approvals"),
            ("DELETE FROM payout_rounds WHERE round = 1", "approvals"),
            ("DELETE FROM payout_submissions", "approvals"),
            ("UPDATE payout_submissions SET needs_second = 0, second_approver = NULL", "approvals"),
            ("UPDATE payout_submission_sums SET net = net - 1", "approvals"),
            ("DELETE FROM payout_submission_sums", "approvals"),
            ("UPDATE payout_gate_runs SET passed = 1 WHERE passed = 0", "gates"),
            ("DELETE FROM payout_gate_runs WHERE passed = 0", "gates"),
            ("UPDATE payout_gate_runs SET verified_hash = 'x' WHERE passed = 1", "gates"),
            ("UPDATE payout_gates SET count = 1 WHERE gate = 'inbox'", "gates"),
            ("DELETE FROM payout_gates WHERE gate = 'books'", "gates"),
            ("DELETE FROM audit_runs WHERE n = 1", "audits"),
            ("UPDATE audit_runs SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE n = 1", "audits"),
            ("UPDATE audit_runs SET sequence = sequence + 1000 WHERE n = 1", "audits"),
        ])
    finally:
        house.end()
