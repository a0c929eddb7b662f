import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// The audit finds what somebody changed behind the ledger's back in the tables of payments.
@Suite struct PaymentAuditTests {
    /// What is changed, and the check that must find it. On SQLite, whose triggers can be taken away in one statement.
    private static let damages: [(check: String, sql: [StaticString])] = [
        ("charges", ["UPDATE charges SET amount = amount + 1"]),
        (
            "charges",
            ["DROP TRIGGER hold_payments_last", "DELETE FROM hold_payments"]
        ),
        ("fees", ["DROP TRIGGER provider_fees_stay", "UPDATE provider_fees SET fee = fee + 1"]),
        ("repayments", ["UPDATE repayments SET amount = amount - 1"]),
        (
            "repayments",
            [
                "DROP TRIGGER repayment_facts_last", "DELETE FROM repayment_facts WHERE state = 'succeeded'",
            ]
        ),
        ("in_transit", ["DROP TRIGGER repayment_facts_last", "DELETE FROM repayment_facts WHERE state = 'succeeded'"]),
        ("disputes", ["UPDATE dispute_orders SET amount = amount - 1"]),
        ("disputes", ["DROP TRIGGER dispute_facts_last", "DELETE FROM dispute_steps"]),
        ("in_transit", ["DELETE FROM dispute_steps"]),
        ("mail", ["INSERT INTO due_calls SELECT shard, call, 0, 0 FROM provider_calls"]),
        (
            "mail",
            [
                "INSERT INTO due_events SELECT shard, provider, event, 0, 0 FROM provider_events"
            ]
        ),
        ("mail", ["DELETE FROM provider_event_facts"]),
        ("mail", ["INSERT INTO due_asks SELECT shard, charge, 0, 0, NULL FROM charges"]),
        ("open passages", ["DELETE FROM open_passages WHERE account = 'assets:contested'"]),
        ("open passages", ["UPDATE open_passages SET amount = amount + 1"]),
        (
            "open passages",
            ["INSERT INTO open_passages VALUES ('0', 'liabilities:suspense', 'suspense_x', 'EUR', 5, 0)"]
        ),
    ]

    /// The same where a repayment that was under way failed behind a dispute.
    private static let recoveryDamages: [(check: String, sql: [StaticString])] = [
        ("disputes", ["DROP TRIGGER dispute_recoveries_last", "DELETE FROM dispute_recoveries"]),
        ("in_transit", ["DROP TRIGGER dispute_recoveries_last", "DELETE FROM dispute_recoveries"]),
        (
            "disputes",
            [
                "DROP TRIGGER dispute_recoveries_stay",
                "UPDATE dispute_recoveries SET amount = amount - 1, after = after - 1",
            ]
        ),
        ("disputes", ["DROP TRIGGER repayment_facts_last", "DELETE FROM repayment_facts WHERE state = 'failed'"]),
        ("open passages", ["UPDATE open_passages SET amount = amount - 1 WHERE account = 'liabilities:contested'"]),
    ]

    @Test(arguments: 0..<16)
    func `planted damage is found`(number: Int) async throws {
        try await plant(Self.damages[number], after: ["dispute"])
    }

    @Test(arguments: 0..<5)
    func `planted damage is found where a repayment failed behind a dispute`(number: Int) async throws {
        try await plant(Self.recoveryDamages[number], after: ["dispute", "refunds_fail"])
    }

    private func plant(_ damage: (check: String, sql: [StaticString]), after outcomes: [String]) async throws {
        let (check, statements) = damage
        let house = try await House(on: .sqlite)
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 3)
            let wallet = try await api.wallet(0)
            let body = #"{"provider":"sandbox","room":"\#(room)","count":2,"price":{"amount":500,"currency":"EUR"}}"#
            let charge = try await api.post("/v1/checkouts", body, key: wallet.key, once: "a").text("charge")
            func play(_ outcome: String) async throws {
                _ = try await api.post(
                    "/v1/providers/sandbox/checkouts/sandbox_\(charge)", #"{"outcome":"\#(outcome)"}"#)
                for _ in 0..<3 { try await house.desk.turn() }
            }
            try await play("pay")
            let tickets = try await api.get("/v1/wallets/\(wallet.holder)/tickets", key: wallet.key)
            let ticket = try #require(
                (tickets.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String)
            #expect(try await api.post("/v1/tickets/\(ticket)/refund", key: wallet.key, once: "b").status == 201)
            #expect(try await api.post("/v1/charges/\(charge)/repayments", key: wallet.key, once: "c").status == 201)
            for outcome in outcomes { try await play(outcome) }
            let before = try await house.service.audit(by: .auditor)
            #expect(before.isClean, "\(before.lines.filter { !$0.findings.isEmpty })")
            try await house.service.database.write { transaction in
                for statement in statements { try transaction.execute(statement) }
            }
            let after = try await house.service.audit(by: .auditor)
            let found = after.lines.filter { !$0.findings.isEmpty }.map(\.check)
            #expect(found.contains(check), "\(statements): \(found)")
            if ["open passages"].contains(check) { try await house.mend() }
        }
    }
}
