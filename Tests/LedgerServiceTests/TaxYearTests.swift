import BoxOffice
import Foundation
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// The year data set of DAC7 and 1099: what is undone is not declared.
@Suite struct TaxYearTests {
    /// A column of the year's lines, by kind of entry.
    private func year(_ column: String, _ api: API) async throws -> [String: String] {
        try await api.report("tax-year", "year=2026").records().reduce(into: [:]) { sums, row in
            sums[row["kind"] ?? ""] = row[column]
        }
    }

    @Test func `tax withheld of a payout that came back and was paid again counts once`() async throws {
        let house = try await House()
        try await house.api { api in
            // With the 4.04 of the ticket: 200.00, of which a tenth is kept back.
            let day = try await PayDay(house, api) { host in
                let payee = try await api.send(
                    .put, "/v1/hosts/\(host)/payee", #"{"withholdingBp":1000,"reason":"Form"}"#, key: House.financeKey)
                #expect(payee.status == 200, "\(payee.json)")
                let more = try await api.post(
                    "/v1/hosts/\(host)/adjustments",
                    #"{"amount":{"amount":19596,"currency":"EUR"},"reason":"A talk"}"#, key: House.financeKey,
                    once: "more")
                #expect(more.status == 201, "\(more.json)")
            }
            #expect(try await day.send().state == "paid")
            #expect(try await year("withheld", api)["payout"] == "2000")
            let payout = try await day.payout()
            try await day.hear(house.sandbox.tell(.returned, of: payout))
            #expect(try await day.balances()["liabilities:withholding"] == nil)
            let returned = try await year("withheld", api)
            #expect(returned["payout"] == "2000" && returned["reversal"] == "-2000", "\(returned)")
            // The mirror has a leg for the net and one for the tax: it is one fact all the same.
            #expect(try await year("activities", api)["reversal"] == "1")
            try house.time.set("2026-03-03T12:00:00Z")
            _ = try await api.send(
                .put, "/v1/hosts/\(day.host.id)/payee", #"{"blocked":false,"reason":"a new account"}"#,
                key: House.financeKey)
            try house.time.set("2026-03-04T00:30:00Z")
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-03"}"#, key: House.financeKey)
            #expect(night.status == 201, "\(night.json)")
            let again = try await year("withheld", api)
            #expect(again.values.compactMap { Int($0) }.reduce(0, +) == 2_000, "\(again)")
            #expect(try await day.balances()["liabilities:withholding"] == -2_000)
        }
    }

    /// The second policy has a fee that a refund does not give back: what the platform bears of it is no part of the host's.
    @Test(arguments: ["refund", "dispute", "dispute_lost"], ["guichet-demo-2026", "guichet-eu-2026"])
    func `a sale that is undone after its release leaves no part of the platform`(
        how: String, policy: String
    ) async throws {
        let house = try await House(policy: policy)
        let payments = PaymentTests()
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            try house.time.set("2026-03-02T21:00:00Z")
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            #expect(night.status == 201, "\(night.json)")
            let kept = try #require(try await year("fees", api)["release"].flatMap { Int($0) })
            #expect(kept > 0)
            try house.time.set("2026-03-03T12:00:00Z")
            if how == "refund" {
                let tickets = try await house.service.database.read { transaction in
                    try transaction.rows("SELECT ticket FROM tickets") { row throws(StoreFault) in try row.text(0) }
                }
                let ticket = try #require(tickets.first)
                let back = try await api.post("/v1/tickets/\(ticket)/refund", key: House.operatorKey, once: "back")
                #expect(back.status == 201, "\(back.json)")
            } else {
                try await payments.play("dispute", stage, api)
                try await payments.settle(house)
                if how == "dispute_lost" { try await payments.play(how, stage, api) }
                try await payments.settle(house)
            }
            let fees = try await year("fees", api)
            #expect(fees["refund"] == "\(-kept)", "\(fees)")
            #expect(fees.values.compactMap { Int($0) }.reduce(0, +) == 0, "\(fees)")
            try await payments.isClean(house)
        }
    }

    @Test func `a sale that is undone before its release stands in no line`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet()
            let order = try await api.buy(room, key: buyer.key)
            let back = try await api.post("/v1/tickets/\(order.text("ticket"))/refund", key: buyer.key, once: "back")
            #expect(back.status == 201, "\(back.json)")
            #expect(try await year("fees", api).isEmpty)
        }
    }
}
