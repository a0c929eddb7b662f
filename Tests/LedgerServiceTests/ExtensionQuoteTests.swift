import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// What making a ticket longer posts is shown under a signature, and that is bought or nothing.
@Suite struct ExtensionQuoteTests {
    private typealias Evening = OvertimeTests.Evening

    private static func offer(_ evening: Evening, _ index: Int) async throws -> API.Answer {
        try await evening.api.get(
            "/v1/tickets/\(evening.buyers[index].ticket)/extension", key: evening.buyers[index].wallet.key)
    }

    private static func extend(
        _ evening: Evening, _ index: Int, _ body: String, once: String = "quoted", as other: Int? = nil
    ) async throws -> API.Answer {
        try await evening.api.post(
            "/v1/tickets/\(evening.buyers[index].ticket)/extension", body,
            key: evening.buyers[other ?? index].wallet.key, once: once)
    }

    private static func quoting(_ quote: String) -> String { #"{"quote":"\#(quote)"}"# }

    @Test func `what was quoted is posted, also when it is asked for again later`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            #expect(try await evening.announce().status == 201)
            let offer = try await Self.offer(evening, 0)
            #expect(offer.text("quoteExpiresAt") == "2026-03-02T19:05:00Z")
            try house.time.set("2026-03-02T19:04:59Z")
            let body = Self.quoting(offer.text("quote"))
            let bought = try await Self.extend(evening, 0, body)
            #expect(bought.status == 201 && bought.text("expiresAt") == "2026-03-02T20:30:00Z", "\(bought.json)")
            let posted = try await house.service.database.read { try $0.entries(after: 0, through: .max, limit: 99) }
            let legs = posted.last?.entry.legs.map { [$0.debit.text, $0.credit.text, "\($0.amount.minorUnits)"] }
            let shown = (offer.json["postings"] as? [[String: any Sendable]])?.map { leg in
                let amount = (leg["amount"] as? [String: any Sendable])?["amount"] as? Int ?? 0
                return ["\(leg["debit"] ?? "")", "\(leg["credit"] ?? "")", "\(amount)"]
            }
            #expect(legs != nil && legs == shown)
            // The quote is over by now, the purchase is not.
            try house.time.set("2026-03-02T19:30:00Z")
            #expect(try await Self.extend(evening, 0, body).bytes == bought.bytes)
            #expect(try await Self.extend(evening, 0, body, once: "other").code == "quote_expired")
            // Close to the end of the ticket a quote ends with it.
            try house.time.set("2026-03-02T19:58:00Z")
            #expect(try await Self.offer(evening, 1).text("quoteExpiresAt") == "2026-03-02T20:00:00Z")
            try await evening.isClean()
        }
    }

    @Test func `a quote is good for one extension, of one ticket, of one wallet, for five minutes`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            #expect(try await evening.announce().status == 201)
            let quote = try await Self.offer(evening, 0).text("quote")
            let body = Self.quoting(quote)
            #expect(try await Self.extend(evening, 0, body, as: 1).code == "quote_holder")
            let theirs = Self.quoting(try await Self.offer(evening, 1).text("quote"))
            #expect(try await Self.extend(evening, 0, theirs, as: 1).code == "quote_invalid")
            #expect(try await Self.extend(evening, 0, Self.quoting(quote + "x")).code == "quote_invalid")
            let ticket = try await api.post(
                "/v1/quotes", #"{"room":"\#(evening.room)","count":1}"#, key: evening.buyers[0].wallet.key)
            #expect(ticket.status == 200, "\(ticket.json)")
            #expect(try await Self.extend(evening, 0, Self.quoting(ticket.text("quote"))).code == "quote_invalid")
            let both = #"{"quote":"\#(quote)","price":{"amount":120,"currency":"EUR"}}"#
            #expect(try await Self.extend(evening, 0, both).code == "unknown_member")
            #expect(try await Self.extend(evening, 0, "{}").code == "body_wrong_type")
            // The same price, another overtime: that is not what was quoted.
            #expect(try await evening.announce("20:45", 120, once: "second").status == 201)
            #expect(try await evening.extend(0).status == 201)
            #expect(try await Self.extend(evening, 0, body).code == "quote_price")
            try house.time.set("2026-03-02T19:05:00Z")
            #expect(try await Self.extend(evening, 1, theirs).code == "quote_expired")
            #expect(try await evening.balance(0) == 1_380)
            #expect(try await evening.balance(1) == 1_500)
            try await evening.isClean()
        }
    }
}
