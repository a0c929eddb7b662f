import BoxOffice
import Foundation
import HTTPTypes
import Ledger
import Testing
import Values

@testable import LedgerService

/// What the books have taken out of the bank and is still there: the difference between `assets:bank` and a statement.
@Suite struct BankBalanceTests {
    /// Source and amount of what is still at the bank. The report holds its sum against the journal itself.
    private func open(_ api: API, _ query: String = "day=2026-03-10") async throws -> [String] {
        try await api.report("provider-differences", query).records().filter { $0["outgoing"] != "" }.map {
            "\($0["source"] ?? "") \($0["outgoing"] ?? "")"
        }
    }

    @Test func `a payout by hand is at the bank until it is paid, and once more when it was refused`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api, to: "FR76 3000 6000", through: "manual")
            #expect(try await open(api, "day=2026-03-01") == [])
            #expect(try await open(api) == ["payout_unsent 404"])
            func confirm(_ outcome: String) async throws {
                house.time.advance(bySeconds: 60)
                let told = try await api.post(
                    "/v1/payouts/\(day.payout())/confirmation", #"{"outcome":"\#(outcome)"}"#, key: House.financeKey)
                #expect(told.state == outcome, "\(told.json)")
            }
            house.time.advance(bySeconds: 60)
            #expect(try await day.send().state == "requested")
            #expect(try await open(api) == ["payout 404"])
            try await confirm("refused")
            #expect(try await open(api) == ["payout_refused 404"])
            house.time.advance(bySeconds: 60)
            #expect(try await day.send("again").state == "requested")
            #expect(try await open(api) == ["payout 404"])
            try await confirm("paid")
            #expect(try await open(api) == [])
            try await confirm("returned")
            #expect(try await open(api) == [])
            #expect(try await day.balances()["assets:bank"] == nil)
        }
    }

    @Test func `a payout that the bank paid and gave back in one breath is told up to that entry`() async throws {
        for isWhole in [false, true] {
            let house = try await BankTests.banked()
            try await house.api { api in
                let bank = try await BankDay(house, api)
                let id = try await bank.endToEnd()
                house.time.advance(bySeconds: 60)
                var statement = BankDay.camt(id, "CRDT")
                if isWhole {
                    let back = try #require(statement.firstMatch(of: /<Ntry>.*<\/Ntry>/)?.output)
                    statement = BankDay.camt(id, "DBIT").replacing("</Stmt>", with: "\(back)</Stmt>")
                }
                let told = try await bank.settle(statement, "back")
                #expect(try await bank.day.state() == "returned", "\(told.json)")
                let whole = try await api.report("provider-differences", "day=2026-03-10")
                let again = try await api.report(
                    "provider-differences", "day=2026-03-10&through=\(whole.through())")
                #expect(again.status == 200 && again.bytes == whole.bytes, "\(isWhole) \(again.json)")
                #expect(try await open(api) == [])
            }
        }
    }

    @Test func `a payout through a provider leaves no difference once it is paid or came back`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            #expect(try await open(api) == ["payout_unsent 404"])
            house.time.advance(bySeconds: 60)
            #expect(try await day.send().state == "paid")
            #expect(try await open(api) == [])
            try await day.hear(house.sandbox.tell(.returned, of: try await day.payout()))
            #expect(try await open(api) == [])
        }
    }
}
