import BoxOffice
import Foundation
import Testing
import Values

@testable import LedgerService

/// What a host's statement says beside its figures.
@Suite struct StatementTermsTests {
    @Test func `the next sale falls into the lowest bracket that is not full`() {
        let tiers = [
            Tier(upTo: 1_000, rate: BasisPoints(9_700)), Tier(upTo: 3_000, rate: BasisPoints(8_000)),
            Tier(upTo: nil, rate: BasisPoints(7_000)),
        ]
        func next(_ use: [Int64]) -> [Int64?] {
            let bracket = ReportSource.bracket(tiers, use)
            return [bracket?.rate.value, bracket?.left]
        }
        #expect(next([]) == [9_700, 1_000])
        #expect(next([400, 0, 0]) == [9_700, 600])
        #expect(next([1_000, 0, 0]) == [8_000, 2_000])
        #expect(next([1_000, 1_999, 0]) == [8_000, 1])
        #expect(next([1_000, 2_000, 5]) == [7_000, nil])
        #expect(ReportSource.bracket([], []) == nil)
    }

    @Test func `no statement shows a whole account`() {
        #expect(ReportSource.masked("FR76…0189", .manual, isBankAccount: true) == "FR76…0189")
        #expect(ReportSource.masked("acct_1234567890", .stripe, isBankAccount: false) == "stripe …7890")
        #expect(ReportSource.masked("her bank", .manual, isBankAccount: false) == "manual")
    }

    @Test func `a payout stands on the statement of the night behind it, by its end-to-end id`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            func statement(_ date: String) async throws -> API.Answer {
                try await api.get(
                    "/v1/reports/statement-\(day.host.id).json?day=\(date)", key: House.financeKey)
            }
            let first = try await statement("2026-03-02")
            let account = try #require((first.json["accounts"] as? [[String: any Sendable]])?.first)
            let terms = try #require(account["terms"] as? [String: any Sendable])
            #expect(terms["account"] as? String == "sandbox" && terms["withholding_bp"] as? Int == 0, "\(terms)")
            #expect(terms["next_payout_on"] as? String == "2026-03-03")
            #expect(terms["bracket_bp"] as? Int == 9_700)
            #expect(try await day.send("1").state == "paid")
            let payout = try await day.payout().text
            try house.time.set("2026-03-03T21:00:00Z")
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-03","cutNow":true}"#, key: House.financeKey)
            #expect(night.status == 201, "\(night.json)")
            let second = try await statement("2026-03-03")
            let lines = (second.json["accounts"] as? [[String: any Sendable]])?.first?["lines"]
            let sent = (lines as? [[String: any Sendable]])?.filter { $0["type"] as? String == "transfer" }
            #expect(sent?.count == 1, "\(second.json)")
            #expect(sent?.first?["end_to_end_id"] as? String == payout.replacing("_", with: "-"))
            #expect(sent?.first?["sent"] as? Int == 404 && sent?.first?["batch_day"] as? String == "2026-03-02")
            #expect(sent?.first?["reason"] as? String == "paid")
            // What came later changes no statement of before.
            #expect(try await statement("2026-03-02").bytes == first.bytes)
        }
    }
}
