import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// What becomes of payments whose events never come: the provider is asked.
extension PaymentTests {
    /// What happens at the provider, and nobody is told.
    private func lose(_ outcome: SandboxOutcome, _ stage: Stage, _ house: House) throws {
        _ = try house.sandbox.play(outcome, on: stage.checkout)
    }

    private func ask(_ stage: Stage, _ api: API, key: String, once: String) async throws -> API.Answer {
        try await api.post("/v1/charges/\(stage.charge)/ask", key: key, once: once)
    }

    private func shown(_ stage: Stage, _ api: API) async throws -> API.Answer {
        try await api.get("/v1/charges/\(stage.charge)", key: House.operatorKey)
    }

    private func isAskedAfter(_ house: House) async throws -> Bool {
        try await house.service.database.read { try $0.hasDueAsks(at: Instant(seconds: 4_000_000_000)) }
    }

    private func pass(_ seconds: Int64, _ house: House) async throws {
        house.time.advance(bySeconds: seconds)
        try await house.desk.turn()
    }

    @Test(arguments: [SandboxOutcome.pay, .expire])
    func `a payment whose events are lost is asked after, and its end is known`(outcome: SandboxOutcome) async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            #expect(try await isAskedAfter(house))
            try lose(outcome, stage, house)
            try await pass(59, house)
            #expect(try await shown(stage, api).text("state") == "open")
            try await isClean(house)
            try await pass(2, house)
            #expect(try await shown(stage, api).text("state") == (outcome == .pay ? "captured" : "ended"))
            #expect(try await shown(stage, api).text("purchase") == (outcome == .pay ? "ticketed" : "held"))
            #expect(try await !isAskedAfter(house))
            try await isClean(house)
            // The events come after all.
            try await play(outcome.rawValue, stage, api)
            try await settle(house)
            #expect(try await balance(.provider, house) == (outcome == .pay ? 500 - 32 : 0))
            try await isClean(house)
        }
    }

    @Test func `whoever is silent is asked again, ever less often, and a bank debit for days`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            try lose(.process, stage, house)
            house.sandbox.fail(.unreachable, .serverError)
            let calls = house.sandbox.callCount
            for seconds: Int64 in [61, 119, 2, 239, 2] { try await pass(seconds, house) }
            // Twice in vain, at 60 and at 180 seconds, and once more at 420.
            #expect(house.sandbox.callCount == calls + 3)
            #expect(try await shown(stage, api).text("state") == "processing")
            #expect(LedgerService.askPause(after: 0) == 120 && LedgerService.askPause(after: 1) == 240)
            #expect(LedgerService.askPause(after: 20) == 6 * 3_600 && LedgerService.askPause(after: 99) == 86_400)
            try lose(.pay, stage, house)
            for _ in 0..<8 { try await pass(6 * 3_600, house) }
            #expect(try await shown(stage, api).text("state") == "captured")
            #expect(house.sandbox.callCount <= calls + 6)
            try await isClean(house)
        }
    }

    @Test func `a payment after which nobody can be asked keeps no other one waiting`() async throws {
        let house = try await House()
        try await house.api { api in
            let first = try await stage(api)
            house.time.advance(bySeconds: 1)
            let second = try await stage(api)
            for stage in [first, second] { try lose(.pay, stage, house) }
            house.sandbox.fail(.refusal)
            try await pass(61, house)
            #expect(try await shown(first, api).text("state") == "open")
            #expect(try await shown(second, api).text("state") == "captured")
            try await pass(120, house)
            #expect(try await shown(first, api).text("state") == "captured")
            try await isClean(house)
        }
    }

    @Test func `a provider that does not answer is left alone for a minute`() async throws {
        let house = try await House()
        try await house.api { api in
            let stages = [try await stage(api), try await stage(api), try await stage(api)]
            for stage in stages { try lose(.pay, stage, house) }
            house.sandbox.fail(.unreachable)
            let calls = house.sandbox.callCount
            try await pass(61, house)
            #expect(house.sandbox.callCount == calls + 1)
            try await pass(58, house)
            #expect(house.sandbox.callCount == calls + 1)
            // Those that were not asked after have lost no time; the one that was has its next time later.
            try await pass(3, house)
            var states: [String] = []
            for stage in stages { states.append(try await shown(stage, api).text("state")) }
            #expect(states.sorted() == ["captured", "captured", "open"])
            try await pass(60, house)
            for stage in stages { #expect(try await shown(stage, api).text("state") == "captured") }
            try await isClean(house)
        }
    }

    @Test func `nobody uses up what a provider may be asked`() async throws {
        let house = try await House()
        try await house.api { api in
            let wallet = try await api.wallet(0)
            var charges: [String] = []
            for number in 1...12 {
                let made = try await api.post(
                    "/v1/wallets/\(wallet.holder)/checkouts",
                    #"{"provider":"sandbox","amount":{"amount":500,"currency":"EUR"}}"#, key: wallet.key,
                    once: "fill-\(number)")
                #expect(made.status == 201, "\(made.json)")
                charges.append(made.text("charge"))
            }
            let calls = house.sandbox.callCount
            for charge in charges {
                let asked = try await api.post("/v1/charges/\(charge)/ask", key: wallet.key, once: charge)
                #expect(asked.status == 200 && asked.text("state") == "open")
            }
            #expect(house.sandbox.callCount == calls + 8)
        }
    }

    @Test func `whoever comes back from the page has the provider asked at once, and not twice`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            let calls = house.sandbox.callCount
            let early = try await ask(stage, api, key: stage.wallet.key, once: "a")
            #expect(early.status == 200 && early.text("state") == "open")
            #expect(house.sandbox.callCount == calls + 1)
            try lose(.pay, stage, house)
            let again = try await ask(stage, api, key: stage.wallet.key, once: "b")
            #expect(again.text("state") == "open")
            #expect(house.sandbox.callCount == calls + 1)
            house.time.advance(bySeconds: 3)
            let paid = try await ask(stage, api, key: stage.wallet.key, once: "c")
            #expect(paid.text("state") == "captured" && paid.text("purchase") == "ticketed")
            // Its end is known: nobody is asked any more.
            house.time.advance(bySeconds: 60)
            let asked = house.sandbox.callCount
            #expect(try await ask(stage, api, key: House.operatorKey, once: "d").text("state") == "captured")
            #expect(house.sandbox.callCount == asked)
            try await isClean(house)
        }
    }

    @Test(arguments: [RepaymentEvent.succeeded, .failed])
    func `money on its way back is asked after`(end: RepaymentEvent) async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            try await play("pay", stage, api)
            try await settle(house)
            #expect(try await !isAskedAfter(house))
            let tickets = try await api.get("/v1/wallets/\(stage.wallet.holder)/tickets", key: stage.wallet.key)
            let list = tickets.json["tickets"] as? [[String: any Sendable]]
            let ticket = try #require(list?.first?["ticket"] as? String)
            let refund = try await api.post("/v1/tickets/\(ticket)/refund", key: stage.wallet.key, once: "refund")
            #expect(refund.status == 201, "\(refund.json)")
            // It is carried out there; of its answer and its events only the first one comes.
            house.sandbox.fail(.timeoutAfterSuccess)
            let back = try await api.post(
                "/v1/charges/\(stage.charge)/repayments", key: stage.wallet.key, once: "back")
            #expect(back.status == 201, "\(back.json)")
            let charge = try #require(ChargeID(stage.charge))
            let found = try await house.service.database.read { try $0.repayments(of: charge) }
            let repayment = try #require(found.first)
            #expect(repayment.state == .requested)
            let told = ProviderFact.repayment(
                name: "refund_\(repayment.id)", ours: repayment.id, amount: repayment.amount, .pending)
            try await house.service.takeIn(
                ProviderEvent(
                    id: "evt_pending", kind: "test", object: "",
                    report: ProviderReport(charge: charge, objects: [], facts: [told]),
                    bodyHash: SHA256Digest(of: "pending")), from: .sandbox)
            try await house.desk.turn()
            #expect(try await isAskedAfter(house))
            if end == .failed { try lose(.refundsFail, stage, house) }
            try await isClean(house)
            try await pass(61, house)
            let state = try await house.service.database.read { try $0.repayment(repayment.id)?.state }
            #expect(state == (end == .failed ? .failed : .succeeded))
            #expect(try await balance(.onItsWay, house) == 0)
            let wallet = Account.wallet(try #require(HolderID(stage.wallet.holder)))
            #expect(try await balance(wallet, house) == (end == .failed ? 500 : 0))
            #expect(try await !isAskedAfter(house))
            try await isClean(house)
        }
    }

    @Test func `what can't be booked of an answer keeps nothing else of it`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            let charge = try #require(ChargeID(stage.charge))
            func back(_ name: String, _ event: RepaymentEvent) -> ProviderFact {
                .repayment(name: name, ours: nil, amount: Money(500, .eur), event)
            }
            // The newest first: all of it went back at the second attempt; a third one can't be.
            let answer = ProviderReport(
                charge: charge, objects: [stage.checkout],
                facts: [
                    .captured(Money(500, .eur)), back("third", .succeeded), back("second", .succeeded),
                    back("first", .failed),
                ])
            let ask = DueAsk(charge: charge, provider: .sandbox)
            let problems = try await house.service.take(answer, to: ask)
            #expect(problems.count == 1, "\(problems)")
            let shown = try await shown(stage, api)
            #expect(shown.text("state") == "captured" && shown.text("purchase") == "ticketed")
            let states = (shown.json["repayments"] as? [[String: any Sendable]] ?? []).map { $0["state"] as? String }
            #expect(states == ["succeeded"])
            #expect(try await balance(.provider, house) == 0)
            #expect(try await !isAskedAfter(house))
            try await isClean(house)
            let strange = ProviderReport(
                charge: ChargeID.derived(at: house.service.clock.now(), from: "x"), objects: [], facts: [])
            #expect(try await house.service.take(strange, to: ask).count == 1)
        }
    }

    @Test func `only the payer and an operator have a provider asked`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            let other = try await api.wallet(0)
            let calls = house.sandbox.callCount
            #expect(try await ask(stage, api, key: other.key, once: "a").code == "charge_unknown")
            #expect(try await ask(stage, api, key: stage.host, once: "b").code == "charge_unknown")
            #expect(try await ask(stage, api, key: House.financeKey, once: "c").code == "key_scope")
            #expect(try await api.post("/v1/charges/\(stage.charge)/ask", once: "d").code == "key_missing")
            #expect(house.sandbox.callCount == calls)
            house.sandbox.fail(.unreachable)
            #expect(try await ask(stage, api, key: stage.wallet.key, once: "e").text("state") == "open")
        }
    }

    @Test func `nobody is asked after money that a person receives`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api, provider: "manual")
            #expect(try await !isAskedAfter(house))
            let asked = try await ask(stage, api, key: stage.wallet.key, once: "a")
            #expect(asked.status == 200 && asked.text("state") == "open")
            try await isClean(house)
        }
    }
}
