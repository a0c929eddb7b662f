import BoxOffice
import Foundation
import HTTPTypes
import Ledger
import Testing
import Values

@testable import LedgerService

/// What a month earned can be read before and after its close.
@Suite struct IncomeStatementTests {
    @Test func `a close changes nothing of the result, and stands apart in the trial balance`() async throws {
        let house = try await House()
        try await house.api { api in
            _ = try await PayDay(house, api) { host in
                let more = try await api.post(
                    "/v1/hosts/\(host)/adjustments", #"{"amount":{"amount":250,"currency":"EUR"},"reason":"A talk"}"#,
                    key: House.financeKey, once: "more")
                #expect(more.status == 201, "\(more.json)")
            }
            try house.time.set("2026-04-02T12:00:00Z")
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-31"}"#, key: House.financeKey)
            #expect(night.status == 201, "\(night.json)")
            func statement(_ period: String = "month=2026-03") async throws -> [[String: String]] {
                try await api.report("income-statement", period).records()
            }
            func members(_ name: String, _ rows: [[String: String]]) -> [String] { rows.map { $0[name] ?? "" } }
            let before = try await statement()
            #expect(members("account", before) == ["income:commission", "expenses:adjustments"])
            #expect(members("section", before) == ["income", "spending"])
            #expect(members("result", before) == ["13", "-250"] && members("closed", before) == ["0", "0"])
            #expect(members("income", before) == ["13", "0"] && members("expenses", before) == ["0", "-250"])
            let closed = try await api.post("/v1/periods", #"{"month":"2026-03"}"#, key: House.financeKey, once: "c")
            #expect(closed.status == 201, "\(closed.json)")
            for period in ["month=2026-03", "year=2026"] {
                let after = try await statement(period)
                #expect(members("result", after) == ["13", "-250"], "\(after)")
                #expect(members("closed", after) == ["-13", "250"] && members("still_open", after) == ["0", "0"])
            }
            #expect(try await statement("month=2026-04").isEmpty)
            let trial = try await api.report("trial-balance", "month=2026-03").records()
            let commission = try #require(trial.first { $0["account"] == "income:commission" })
            #expect(commission["movement"] == "-13" && commission["closed"] == "13" && commission["closing"] == "0")
            let earnings = try #require(trial.first { $0["account"] == "equity:earnings" })
            #expect(earnings["movement"] == "0" && earnings["closed"] == "237" && earnings["closing"] == "237")
            let page = try await api.send(
                .get, "/v1/reports/definitions/income-statement/export?month=2026-03&format=html",
                key: House.financeKey, language: "fr")
            let text = String(decoding: page.bytes, as: UTF8.self)
            #expect(text.contains("Compte de résultat") && text.contains("Produits") && text.contains("Porté"))
        }
    }
}
