import BoxOffice
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// What a tip posts is shown under a signature, and that is given or nothing.
@Suite struct TipQuoteTests {
    private typealias Evening = TipTests.Evening

    private static func quote(_ evening: Evening, _ cents: Int = 1_000, country: String = "") async throws -> API.Answer
    {
        let country = country.isEmpty ? "" : #","country":"\#(country)""#
        return try await evening.api.post(
            "/v1/rooms/\(evening.room)/tips/quote", #"{"amount":{"amount":\#(cents),"currency":"EUR"}\#(country)}"#,
            key: evening.listener.key)
    }

    private static func give(
        _ evening: Evening, _ quote: String, _ more: String = "", once: String = "quoted", key: String? = nil
    ) async throws -> API.Answer {
        try await evening.api.post(
            "/v1/rooms/\(evening.room)/tips", #"{"quote":"\#(quote)"\#(more)}"#, key: key ?? evening.listener.key,
            once: once)
    }

    @Test func `what was quoted is posted, also when it is asked for again later`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let before = try await house.service.database.read { try $0.journalHead().chain.sequence }
            let quote = try await Self.quote(evening)
            #expect(quote.status == 200 && quote.text("quoteExpiresAt") == "2026-03-02T19:05:00Z", "\(quote.json)")
            #expect(try await house.service.database.read { try $0.journalHead().chain.sequence } == before)
            try house.time.set("2026-03-02T19:04:59Z")
            let given = try await Self.give(evening, quote.text("quote"), #","message":"Bravo""#)
            #expect(given.status == 201 && given.text("message") == "Bravo", "\(given.json)")
            let posted = try await house.service.database.read { try $0.entries(after: 0, through: .max, limit: 99) }
            let legs = posted.last?.entry.legs.map { [$0.debit.text, $0.credit.text, "\($0.amount.minorUnits)"] }
            let shown = (quote.json["postings"] as? [[String: any Sendable]])?.map { leg in
                let amount = (leg["amount"] as? [String: any Sendable])?["amount"] as? Int ?? 0
                return ["\(leg["debit"] ?? "")", "\(leg["credit"] ?? "")", "\(amount)"]
            }
            #expect(legs != nil && legs == shown)
            // The quote is over by now, the tip is not.
            try house.time.set("2026-03-02T19:30:00Z")
            let again = try await Self.give(evening, quote.text("quote"), #","message":"Bravo""#)
            #expect(again.bytes == given.bytes)
            #expect(try await Self.give(evening, quote.text("quote"), once: "other").code == "quote_expired")
            #expect(try await evening.balance() == 8_500)
            try await evening.isClean()
        }
    }

    @Test func `a quote is good for one tip, of one room, of one wallet, and nothing stands beside it`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let quote = try await Self.quote(evening).text("quote")
            let other = try await api.wallet()
            #expect(try await api.buy(evening.room, key: other.key, once: "o").status == 201)
            #expect(try await Self.give(evening, quote, key: other.key).code == "quote_holder")
            #expect(try await Self.give(evening, quote + "x").code == "quote_invalid")
            let amount = #","amount":{"amount":1000,"currency":"EUR"}"#
            #expect(try await Self.give(evening, quote, amount).code == "unknown_member")
            #expect(try await Self.give(evening, quote, #","country":"FR""#).code == "unknown_member")
            let elsewhere = try await api.room(evening.host.key)
            let there = try await api.post(
                "/v1/rooms/\(elsewhere)/tips", #"{"quote":"\#(quote)"}"#, key: evening.listener.key, once: "e")
            #expect(there.code == "quote_invalid")
            let ticket = try await api.post(
                "/v1/quotes", #"{"room":"\#(elsewhere)","count":1}"#, key: evening.listener.key)
            #expect(try await Self.give(evening, ticket.text("quote")).code == "quote_invalid")
            #expect(try await Self.quote(evening, 10).code == "tip_amount")
            #expect(try await Self.give(evening, quote).status == 201)
            #expect(try await Self.give(evening, quote, #","message":"x""#).code == "idempotency_mismatch")
            try await evening.isClean()
        }
    }

    @Test func `a tip that would post something else by now is refused`() async throws {
        // Another rate from midnight in Paris on, which is 23:00 in UTC.
        let taxes = try TaxTable(
            json: Array(
                #"""
                {"meaning": "", "rates": [{"country": "FR", "bp": 2000, "from": "2014-01-01"},
                 {"country": "FR", "bp": 1000, "from": "2026-03-03"}]}
                """#.utf8))
        let house = try await House(policy: "guichet-eu-2026", at: "2026-03-02T21:00:00Z") { $0.taxes = taxes }
        try await house.api { api in
            let host = try await api.host()
            let made = try await api.post(
                "/v1/rooms",
                #"""
                {"title":"Late","startsAt":"2026-03-02T22:00:00Z","endsAt":"2026-03-02T22:50:00Z","capacity":3,
                 "price":{"amount":500,"currency":"EUR"},"language":"fr"}
                """#, key: host.key)
            #expect(made.status == 201, "\(made.json)")
            let room = made.text("room")
            let wallet = try await api.wallet(10_000)
            #expect(try await api.buy(room, key: wallet.key).status == 201)
            try house.time.set("2026-03-02T22:00:00Z")
            #expect(try await api.post("/v1/rooms/\(room)/open", key: host.key).text("state") == "open")
            try house.time.set("2026-03-02T22:58:00Z")
            let path = "/v1/rooms/\(room)/tips"
            func quote() async throws -> String {
                let body = #"{"amount":{"amount":1100,"currency":"EUR"},"country":"FR"}"#
                let quote = try await api.post(path + "/quote", body, key: wallet.key)
                #expect(quote.status == 200, "\(quote.json)")
                return quote.text("quote")
            }
            let old = try await quote()
            try house.time.set("2026-03-02T23:01:00Z")
            let late = try await api.post(path, #"{"quote":"\#(old)"}"#, key: wallet.key, once: "1")
            #expect(late.code == "quote_postings", "\(late.json)")
            let fresh = try await api.post(path, #"{"quote":"\#(try await quote())"}"#, key: wallet.key, once: "2")
            #expect(fresh.status == 201, "\(fresh.json)")
            let posted = try await house.service.database.read { try $0.entries(after: 0, through: .max, limit: 99) }
            #expect(posted.last?.entry.legs.contains { $0.amount == Money(100, .eur) } == true)
        }
    }
}
