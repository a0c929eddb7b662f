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
            #expect(LedgerService.askPause(after: 99) == 6 * 3_600)
            try lose(.pay, stage, house)
            for _ in 0..<8 { try await pass(6 * 3_600, house) }
            #expect(try await shown(stage, api).text("state") == "captured")
            #expect(house.sandbox.callCount <= calls + 6)
            try await isClean(house)
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
