import BoxOffice
import HTTPEdge
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Money of payments that found no place: it goes back the way it came, or waits for somebody to look.
@Suite struct SendingBackTests {
    private let payments = PaymentTests()

    private func shown(_ stage: PaymentTests.Stage, _ api: API) async throws -> API.Answer {
        try await api.get("/v1/charges/\(stage.charge)", key: House.operatorKey)
    }

    /// State and minor units of what goes back of a payment.
    private func repayments(_ charge: API.Answer) -> [String] {
        (charge.json["repayments"] as? [[String: any Sendable]] ?? []).map { one in
            let amount = (one["amount"] as? [String: any Sendable])?["amount"] as? Int ?? 0
            return "\(one["state"] as? String ?? "") \(amount)"
        }
    }

    private func openItems(_ api: API) async throws -> [[String: any Sendable]] {
        let list = try await api.get("/v1/suspense", key: House.operatorKey)
        return list.json["items"] as? [[String: any Sendable]] ?? []
    }

    private func held(_ stage: PaymentTests.Stage, _ house: House) async throws -> Int64 {
        let holder = try #require(HolderID(stage.wallet.holder))
        return try await payments.balance(.wallet(holder), house)
    }

    /// A payment whose money came after its seats had gone to somebody else.
    private func late(_ house: House, _ api: API) async throws -> PaymentTests.Stage {
        let stage = try await payments.stage(api, count: 2)
        house.time.advance(bySeconds: 3_600)
        let rival = try await api.wallet()
        for number in 1...2 { #expect(try await api.buy(stage.room, key: rival.key, once: "\(number)").status == 201) }
        return stage
    }

    @Test func `late money without a seat goes back to whoever paid, and nobody has to ask`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await late(house, api)
            let before = try await payments.balance(.provider, house)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let charge = try await shown(stage, api)
            #expect(charge.text("state") == "captured" && charge.text("purchase") == "refunded")
            #expect(repayments(charge) == ["succeeded 1000"])
            #expect(try await openItems(api).isEmpty)
            #expect(try await held(stage, house) == 0)
            #expect(try await payments.balance(.onItsWay, house) == 0)
            // What the provider kept of the payment is all that is left of it.
            #expect(try await payments.balance(.provider, house) == before - 39)
            try await payments.isClean(house)
        }
    }

    @Test func `late money that can't go back is in the wallet of whoever paid`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await late(house, api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            try await payments.play("refunds_fail", stage, api)
            try await payments.settle(house)
            #expect(try await repayments(shown(stage, api)) == ["failed 1000"])
            #expect(try await held(stage, house) == 1_000)
            try await payments.isClean(house)
        }
    }

    @Test func `money for seats that were given up goes back`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api, count: 2)
            #expect(
                try await api.post("/v1/holds/\(stage.hold)/cancel", key: stage.wallet.key, once: "c").status == 200)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            #expect(try await repayments(shown(stage, api)) == ["succeeded 1000"])
            #expect(try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key).text("state") == "refunded")
            try await payments.isClean(house)
        }
    }

    @Test func `what is paid twice goes back once, and the tickets stay`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            let filled = try await api.post(
                "/v1/wallets/\(stage.wallet.holder)/topups", #"{"amount":{"amount":700,"currency":"EUR"}}"#,
                key: stage.wallet.key, once: "t")
            #expect(filled.status == 201, "\(filled.json)")
            let bought = try await api.post("/v1/holds/\(stage.hold)/pay", key: stage.wallet.key, once: "p")
            #expect(bought.text("state") == "ticketed", "\(bought.json)")
            try await payments.play("pay_twice", stage, api)
            try await payments.settle(house)
            let charge = try await shown(stage, api)
            #expect(charge.text("purchase") == "ticketed" && repayments(charge) == ["succeeded 500"])
            let hold = try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key)
            #expect((hold.json["tickets"] as? [Any])?.count == 1)
            #expect(try await held(stage, house) == 200)
            try await payments.isClean(house)
        }
    }

    /// The provider says that another sum came than was asked for.
    private func capture(_ cents: Int64, of stage: PaymentTests.Stage, _ house: House) async throws {
        let id = try #require(ChargeID(stage.charge))
        let report = ProviderReport(charge: id, objects: [], facts: [.captured(Money(cents, .eur))])
        let now = house.time.clock.now()
        let outcome = try await house.service.database.write { transaction in
            try house.service.apply(report, from: .sandbox, at: now, in: transaction)
        }
        #expect(outcome == .applied)
    }

    @Test func `another sum than was asked for waits, and one command sends it back through its provider`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await capture(499, of: stage, house)
            try await payments.settle(house)
            let item = try #require(try await openItems(api).first)
            #expect((item["reason"] as? String)?.hasSuffix(": amount") == true, "\(item)")
            #expect(try await repayments(shown(stage, api)) == [])
            let path = "/v1/suspense/\(item["item"] as? String ?? "")/resolve"
            let sent = try await api.post(path, #"{"refund":true}"#, key: House.operatorKey, once: "back")
            #expect(sent.status == 201, "\(sent.json)")
            #expect((sent.json["end"] as? [String: any Sendable])?["how"] as? String == "wallet")
            #expect(try await repayments(shown(stage, api)) == ["requested 499"])
            try await payments.settle(house)
            #expect(try await repayments(shown(stage, api)) == ["succeeded 499"])
            let again = try await api.post(path, #"{"refund":true}"#, key: House.operatorKey, once: "back")
            #expect(again.bytes == sent.bytes)
            #expect(try await payments.balance(.onItsWay, house) == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `more than was asked for does not go back by itself, and a refusal changes nothing`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await capture(501, of: stage, house)
            let item = try #require(try await openItems(api).first?["item"] as? String)
            let refused = try await api.post(
                "/v1/suspense/\(item)/resolve", #"{"refund":true}"#, key: House.operatorKey, once: "back")
            #expect(refused.code == "charge_refund_amount", "\(refused.json)")
            #expect(try await openItems(api).count == 1)
            #expect(try await held(stage, house) == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `what else came for the same seats waits on, until somebody has looked`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await late(house, api)
            let wire = try await api.post(
                "/v1/holds/\(stage.hold)/payments",
                #"{"provider":"bank","reference":"wire 7","amount":{"amount":1000,"currency":"EUR"}}"#,
                key: House.operatorKey, once: "wire")
            #expect(wire.text("state") == "suspended", "\(wire.json)")
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            // The card's money went back to the card; the bank's waits, and so does the purchase.
            #expect(try await repayments(shown(stage, api)) == ["succeeded 1000"])
            let items = try await openItems(api)
            #expect(items.map { $0["reference"] as? String } == ["wire 7"])
            #expect(try await held(stage, house) == 0)
            #expect(try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key).text("state") == "suspended")
            let looked = try await api.post("/v1/holds/\(stage.hold)/refund", key: House.operatorKey, once: "looked")
            #expect(looked.text("state") == "refunded")
            #expect(try await held(stage, house) == 1_000)
            try await payments.isClean(house)
        }
    }

    @Test func `what came by hand and is more than was asked for is sent back by hand`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api, provider: "manual")
            let confirmed = try await api.post(
                "/v1/charges/\(stage.charge)/confirmation",
                #"{"amount":{"amount":700,"currency":"EUR"},"reference":"slip"}"#, key: House.operatorKey)
            #expect(confirmed.text("state") == "captured", "\(confirmed.json)")
            let item = try #require(try await openItems(api).first?["item"] as? String)
            let before = try await payments.balance(.provider, house)
            let sent = try await api.post(
                "/v1/suspense/\(item)/resolve", #"{"refund":true}"#, key: House.operatorKey, once: "back")
            #expect((sent.json["end"] as? [String: any Sendable])?["how"] as? String == "refund", "\(sent.json)")
            #expect(try await payments.balance(.provider, house) == before - 700)
            #expect(try await repayments(shown(stage, api)) == [])
            #expect(try await held(stage, house) == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `what a provider received is not undone by a mirror, which would leave the money there`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await capture(499, of: stage, house)
            let waiting = try #require(try await openItems(api).first?["entry"] as? String)
            let suspense = try await api.post(
                "/v1/journal/entries/\(waiting)/reversal", #"{"reason":"x"}"#, key: House.operatorKey, once: "1")
            #expect(suspense.code == "entry_not_reversible", "\(suspense.json)")
            #expect(suspense.text("next").contains("guichet suspense resolve"))

            let paid = try await api.post(
                "/v1/wallets/\(stage.wallet.holder)/checkouts",
                #"{"provider":"sandbox","amount":{"amount":900,"currency":"EUR"}}"#, key: stage.wallet.key, once: "f")
            #expect(paid.status == 201, "\(paid.json)")
            _ = try await api.post(
                "/v1/providers/sandbox/checkouts/sandbox_\(paid.text("charge"))", #"{"outcome":"pay"}"#)
            try await payments.settle(house)
            let entries = try await house.service.database.read {
                try $0.entries(after: 0, through: .max, limit: 100).map(\.entry)
            }
            let topup = try #require(entries.last { $0.kind == .topup })
            let filled = try await api.post(
                "/v1/journal/entries/\(topup.id)/reversal", #"{"reason":"x"}"#, key: House.operatorKey, once: "2")
            #expect(filled.code == "entry_not_reversible", "\(filled.json)")
            #expect(filled.text("next").contains("guichet payment refund"))
            try await payments.isClean(house)
        }
    }
}
