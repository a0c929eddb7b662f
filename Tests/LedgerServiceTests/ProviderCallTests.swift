import BoxOffice
import Engines
import HTTPEdge
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Calls of a provider that is gone, and the people who answer in its place.
@Suite struct ProviderCallTests {
    private let payments = PaymentTests()
    private static let second = "gk_finance2_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    private func answer(
        _ call: String, _ outcome: String, _ api: API, key: String = House.financeKey, once: String
    ) async throws -> API.Answer {
        try await api.post(
            "/v1/provider-calls/\(call)/answers", #"{"outcome":"\#(outcome)","reason":"their office said so"}"#,
            key: key, once: once)
    }

    private func calls(_ api: API) async throws -> [String] {
        let list = try await api.get("/v1/provider-calls", key: House.financeKey)
        #expect(list.status == 200, "\(list.json)")
        return (list.json["calls"] as? [[String: any Sendable]] ?? []).compactMap { $0["call"] as? String }
    }

    /// A payment of two tickets, one of them refunded, and a repayment that the provider never answers.
    private func owed(_ house: House, _ api: API) async throws -> (stage: PaymentTests.Stage, call: String) {
        let stage = try await payments.stage(api, count: 2)
        try await payments.play("pay", stage, api)
        try await payments.settle(house)
        let hold = try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key)
        let ticket = (hold.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String ?? ""
        #expect(try await api.post("/v1/tickets/\(ticket)/refund", key: stage.wallet.key, once: "r").status == 201)
        house.sandbox.fail(.unreachable)
        #expect(
            try await api.post("/v1/charges/\(stage.charge)/repayments", key: stage.wallet.key, once: "b").status == 201
        )
        return (stage, try #require(try await calls(api).first))
    }

    @Test(arguments: ["made", "not_made"])
    func `a refund that was never answered ends once two people say the same`(outcome: String) async throws {
        let house = try await House()
        try await house.service.install(key: Self.second, .finance, subject: "second")
        try await house.api { api in
            let (stage, call) = try await owed(house, api)
            #expect(call.hasPrefix("refund-"))
            #expect(try await answer(call, outcome, api, once: "0").code == "provider_call_waits")
            house.time.advance(bySeconds: 25 * 3_600)
            let said = try await answer(call, outcome, api, once: "1")
            #expect(said.status == 201 && said.json["ended"] as? Bool == false, "\(said.json)")
            #expect(try await payments.balance(.onItsWay, house) == 500)
            #expect(try await answer(call, outcome, api, once: "2").code == "provider_call_same_person")
            try await house.service.install(key: Self.second + "n", .finance, subject: "new")
            house.time.advance(bySeconds: 1)
            let ended = try await answer(call, outcome, api, key: Self.second, once: "3")
            #expect(ended.json["ended"] as? Bool == true, "\(ended.json)")
            #expect(try await answer(call, outcome, api, key: Self.second, once: "3").bytes == ended.bytes)
            #expect(try await answer(call, outcome, api, once: "4").code == "provider_call_ended")
            #expect(try await answer("refund-none", outcome, api, once: "5").code == "provider_call_unknown")
            #expect(try await calls(api) == [])
            #expect(try await payments.balance(.onItsWay, house) == 0)
            let wallet = try await api.get("/v1/wallets/\(stage.wallet.holder)", key: stage.wallet.key)
            let held = (wallet.json["balances"] as? [[String: any Sendable]])?.first?["amount"] as? Int
            #expect(held == (outcome == "made" ? 0 : 500), "\(wallet.json)")
            try await payments.settle(house)
            try await payments.isClean(house)
        }
    }

    @Test
    func `a line that comes later and agrees with what people said is matched, and so is the provider's own word`()
        async throws
    {
        let house = try await House()
        try await house.service.install(key: Self.second, .finance, subject: "second")
        try await house.api { api in
            let (_, call) = try await owed(house, api)
            house.time.advance(bySeconds: 25 * 3_600)
            #expect(try await answer(call, "made", api, once: "1").status == 201)
            #expect(try await answer(call, "made", api, key: Self.second, once: "2").status == 201)
            let repayment = String(call.dropFirst("refund-".count))
            func line(_ name: String, _ cents: Int64, ours: String?) throws -> ProviderMovement {
                let now = house.time.clock.now()
                return try #require(
                    ProviderMovement(
                        name: name, kind: .refund, category: "refund", source: "re_\(name)", related: "", ours: ours,
                        amount: Money(cents, .eur), fee: Money(0, .eur), net: Money(cents, .eur), createdAt: now,
                        availableAt: now))
            }
            let lines = try [
                line("of_another", -500, ours: nil), line("of_another_sum", -499, ours: repayment),
                line("agrees", -500, ours: repayment), line("twice", -500, ours: repayment),
            ]
            #expect(try await house.service.take(lines, from: .sandbox) == 4)
            let open = try await api.get("/v1/provider-differences", key: House.financeKey)
            let problems = (open.json["differences"] as? [[String: any Sendable]] ?? []).map {
                "\($0["problem"] as? String ?? "") \($0["line"] as? String ?? "")"
            }
            #expect(Set(problems) == ["unknown of_another", "twice twice", "twice of_another_sum"])
            // The provider's event with its own name is known, and takes the name that nobody took.
            let id = try #require(RepaymentID(repayment))
            let charge = try await house.service.database.read { try $0.repayment(id)?.charge }
            let report = ProviderReport(
                charge: charge, objects: [],
                facts: [.repayment(name: "re_agrees", ours: id, amount: Money(500, .eur), .succeeded)])
            let outcome = try await house.service.database.write { transaction in
                try house.service.apply(report, from: .sandbox, at: house.time.clock.now(), in: transaction)
            }
            #expect(outcome == .known)
            #expect(
                try await house.service.database.read { try $0.repayment(named: "re_agrees", by: .sandbox) } == id)
            try await payments.isClean(house)
        }
    }

    @Test func `who says something else begins anew, and a key that was made since is nobody's second one`()
        async throws
    {
        let house = try await House()
        try await house.service.install(key: Self.second, .finance, subject: "second")
        try await house.api { api in
            let (_, call) = try await owed(house, api)
            house.time.advance(bySeconds: 25 * 3_600)
            #expect(try await answer(call, "made", api, once: "1").status == 201)
            let other = try await answer(call, "not_made", api, key: Self.second, once: "2")
            #expect(other.status == 201 && other.json["ended"] as? Bool == false, "\(other.json)")
            #expect(try await payments.balance(.onItsWay, house) == 500)
            house.time.advance(bySeconds: 5)
            let young = "gk_finance3_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            try await house.service.install(key: young, .finance, subject: "third")
            #expect(try await answer(call, "not_made", api, key: young, once: "3").code == "provider_call_new_key")
            #expect(try await answer(call, "not_made", api, once: "4").json["ended"] as? Bool == true)
            try await payments.isClean(house)
        }
    }

    @Test func `a page and a fee that never came end with one person, and the gate lets batches through`() async throws
    {
        let house = try await House()
        try await house.api { api in
            let paid = try await payments.stage(api)
            try await payments.play("pay", paid, api)
            _ = try await house.desk.readEvents()
            house.sandbox.fail(.unreachable)
            let unpaid = try await payments.stage(api)
            let day = try await PayDay(house, api)
            house.time.advance(bySeconds: 25 * 3_600)
            let held = try await day.send("1")
            #expect(held.code == "payout_held", "\(held.json)")
            #expect(try await calls(api) == ["checkout-\(unpaid.charge)", "fees-\(paid.charge)"])
            #expect(try await answer("fees-\(paid.charge)", "made", api, once: "1").code == "provider_call_outcome")
            let unsaid = try await api.post(
                "/v1/provider-calls/fees-\(paid.charge)/answers", #"{"outcome":"not_made","reason":""}"#,
                key: House.financeKey, once: "2")
            #expect(unsaid.code == "provider_call_reason")
            for call in try await calls(api) {
                #expect(try await answer(call, "not_made", api, once: call).json["ended"] as? Bool == true)
            }
            let shown = try await api.get("/v1/charges/\(unpaid.charge)", key: House.operatorKey)
            #expect(shown.text("state") == "ended")
            let sent = try await day.send("2")
            // The ticket was paid in time, so its host has earned something too, and has no way to be paid.
            #expect(sent.code.isEmpty && sent.state.contains(#""paid""#), "\(sent.json)")
            try await day.isClean()
        }
    }

    @Test(arguments: ["made", "not_made"])
    func `a payout that was never answered is paid or can be sent again`(outcome: String) async throws {
        let house = try await House()
        try await house.service.install(key: Self.second, .finance, subject: "second")
        try await house.api { api in
            let day = try await PayDay(house, api)
            house.sandbox.fail(.unreachable)
            #expect(try await day.send("1").state == "requested")
            house.time.advance(bySeconds: 25 * 3_600)
            let call = try #require(try await calls(api).first)
            #expect(call.hasPrefix("transfer-payout_"))
            #expect(try await answer(call, outcome, api, once: "1").status == 201)
            let ended = try await answer(call, outcome, api, key: Self.second, once: "2")
            #expect(ended.json["ended"] as? Bool == true, "\(ended.json)")
            #expect(try await calls(api) == [])
            #expect(try await day.state() == (outcome == "made" ? "paid" : "refused"))
            try await day.isClean()
        }
    }

    private static let damages: [[StaticString]] = [
        ["DROP TRIGGER outbox_last", "DELETE FROM outbox WHERE kind = 'provider.answered'"],
        ["DROP TRIGGER provider_hand_answers_last", "DELETE FROM provider_hand_answers"],
        ["DROP TRIGGER provider_hand_answers_stay", "UPDATE provider_hand_answers SET at_us = at_us + 1"],
    ]

    @Test(arguments: 0..<3) func `the audit finds what somebody changed`(number: Int) async throws {
        let house = try await House(on: .sqlite)
        try await house.service.install(key: Self.second, .finance, subject: "second")
        try await house.api { api in
            let (_, call) = try await owed(house, api)
            house.time.advance(bySeconds: 25 * 3_600)
            #expect(try await answer(call, "made", api, once: "1").status == 201)
            #expect(try await answer(call, "made", api, key: Self.second, once: "2").status == 201)
            try await payments.isClean(house)
            try await house.service.database.write { transaction in
                for statement in Self.damages[number] { try transaction.execute(statement) }
            }
            let after = try await house.service.audit(by: .auditor)
            let found = after.lines.filter { !$0.findings.isEmpty }.map(\.check)
            #expect(found.contains("calls answered by hand"), "\(Self.damages[number]): \(found)")
        }
    }
}
