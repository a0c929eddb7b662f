import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Quotes that are paid through a provider or held: they post what they said, and hold for nothing else.
@Suite struct QuotedPaymentTests {
    /// A room whose tickets have a fee, in a country with a tax.
    private struct Counter {
        let api: API
        let host: String
        let room: String

        init(_ api: API) async throws {
            self.api = api
            host = try await api.host().key
            room = try await api.room(host)
        }

        func quote(
            _ key: String?, through provider: String? = "sandbox", count: Int = 2, voucher: String? = nil
        ) async throws -> API.Answer {
            let way = provider.map { #""provider":"\#($0)","# } ?? ""
            let code = voucher.map { #","voucher":"\#($0)""# } ?? ""
            return try await api.post(
                "/v1/quotes", #"{\#(way)"room":"\#(room)","count":\#(count),"channel":"web","country":"FR"\#(code)}"#,
                key: key)
        }

        func checkout(
            _ quote: String, _ key: String, through provider: String = "sandbox", once: String = "pay"
        ) async throws -> API.Answer {
            try await api.post(
                "/v1/checkouts", #"{"provider":"\#(provider)","quote":"\#(quote)"}"#, key: key, once: once)
        }

        func take(_ path: String, _ quote: String, _ key: String, once: String) async throws -> API.Answer {
            try await api.post(path, #"{"quote":"\#(quote)"}"#, key: key, once: once)
        }

        func seatsLeft() async throws -> Int? { try await api.get("/v1/rooms/\(room)").int("seatsLeft") }
    }

    private func postings(_ answer: API.Answer) -> [String] {
        ((answer.json["postings"] as? [any Sendable]) ?? []).map { leg in
            let leg = leg as? [String: any Sendable] ?? [:]
            let amount = leg["amount"] as? [String: any Sendable] ?? [:]
            return "\(leg["debit"] ?? "") \(leg["credit"] ?? "") \(amount["amount"] ?? "")"
        }
    }

    /// The legs of the journal's entries of one kind, an array each.
    private func entries(_ kind: String, _ house: House) async throws -> [[String]] {
        try await house.service.database.read { try $0.entries(after: 0, through: .max, limit: 1_000) }
            .filter { $0.entry.kind.rawValue == kind }
            .map { $0.entry.legs.map { "\($0.debit.text) \($0.credit.text) \($0.amount.minorUnits)" } }
    }

    @Test func `what is paid through a provider posts what its quote said, and the fee goes against what it keeps`()
        async throws
    {
        let house = try await House(policy: "guichet-eu-2026")
        try await house.api { api in
            let counter = try await Counter(api)
            let buyer = try await api.wallet(0)
            let quote = try await counter.quote(buyer.key)
            #expect(quote.status == 200 && quote.text("provider") == "sandbox", "\(quote.json)")
            #expect(postings(quote).contains { $0.contains(" expenses:provider-fees 3") }, "\(postings(quote))")
            let made = try await counter.checkout(quote.text("quote"), buyer.key)
            #expect(made.status == 201, "\(made.json)")
            let amount = try #require(made.json["amount"] as? [String: any Sendable])
            #expect(amount["amount"] as? Int == 1_000)
            // The answer of a quote that was taken in time is the same for ever.
            house.time.advance(bySeconds: 400)
            #expect(try await counter.checkout(quote.text("quote"), buyer.key).text("charge") == made.text("charge"))
            #expect(
                try await api.post(
                    "/v1/providers/sandbox/checkouts/sandbox_\(made.text("charge"))", #"{"outcome":"pay"}"#
                ).status == 200)
            for _ in 0..<5 {
                house.time.advance(bySeconds: 1)
                _ = try await house.desk.turn()
            }
            let sold = try await entries("sale", house)
            #expect(sold.count == 2)
            for legs in sold { #expect(legs == postings(quote)) }
            let report = try await house.service.audit(by: .auditor)
            #expect(report.isClean, "\(report.lines.flatMap(\.findings))")
        }
    }

    @Test func `a quote is good for its wallet and its way of paying, in its time, at its terms`() async throws {
        let house = try await House(policy: "guichet-eu-2026")
        try await house.api { api in
            let counter = try await Counter(api)
            let (buyer, other) = (try await api.wallet(), try await api.wallet())
            let card = try await counter.quote(buyer.key).text("quote")
            let wallet = try await counter.quote(buyer.key, through: nil).text("quote")
            #expect(try await counter.checkout(wallet, buyer.key, once: "1").code == "quote_way")
            #expect(try await counter.checkout(card, buyer.key, through: "manual", once: "2").code == "quote_way")
            #expect(try await counter.take("/v1/orders", card, buyer.key, once: "3").code == "quote_way")
            #expect(try await counter.take("/v1/holds", card, buyer.key, once: "4").code == "quote_way")
            #expect(try await counter.checkout(card, other.key, once: "5").code == "quote_holder")
            #expect(try await counter.checkout(card + "x", buyer.key, once: "6").code == "quote_invalid")
            #expect(try await counter.quote(buyer.key, through: "stripe").code == "provider_unknown")
            let both = #"{"provider":"sandbox","quote":"\#(card)","room":"\#(counter.room)"}"#
            #expect(try await api.post("/v1/checkouts", both, key: buyer.key, once: "7").code == "unknown_member")
            #expect(
                try await api.post("/v1/checkouts", #"{"provider":"sandbox"}"#, key: buyer.key, once: "8").code
                    == "body_wrong_type")
            for path in ["/v1/orders", "/v1/holds"] {
                let named = try await api.post(
                    path,
                    #"{"provider":"sandbox","room":"\#(counter.room)","price":{"amount":500,"currency":"EUR"}}"#,
                    key: buyer.key, once: "9")
                #expect(named.code == "unknown_member")
            }
            let price = try await api.send(
                .put, "/v1/rooms/\(counter.room)/price", #"{"price":{"amount":600,"currency":"EUR"}}"#,
                key: counter.host)
            #expect(price.status == 200, "\(price.json)")
            #expect(try await counter.checkout(card, buyer.key, once: "10").code == "quote_price")
            #expect(try await counter.take("/v1/holds", wallet, buyer.key, once: "11").code == "quote_price")
            let late = try await counter.quote(buyer.key).text("quote")
            house.time.advance(bySeconds: 300)
            #expect(try await counter.checkout(late, buyer.key, once: "12").code == "quote_expired")
            // Not a seat is kept, and no payment was begun.
            #expect(try await counter.seatsLeft() == 3)
            #expect(try await api.get("/v1/charges", key: House.operatorKey).json["charges"] as? [String] == [])
        }
    }

    @Test func `a hold keeps what was quoted, and its tickets post that`() async throws {
        let house = try await House(policy: "guichet-eu-2026")
        try await house.api { api in
            let counter = try await Counter(api)
            let buyer = try await api.wallet()
            let quote = try await counter.quote(buyer.key, through: nil)
            let hold = try await counter.take("/v1/holds", quote.text("quote"), buyer.key, once: "hold")
            #expect(hold.status == 201, "\(hold.json)")
            // Dearer for others by now.
            _ = try await api.send(
                .put, "/v1/rooms/\(counter.room)/price", #"{"price":{"amount":600,"currency":"EUR"}}"#,
                key: counter.host)
            let paid = try await api.post("/v1/holds/\(hold.text("hold"))/pay", key: buyer.key, once: "paid")
            #expect(paid.text("state") == "ticketed", "\(paid.json)")
            let sold = try await entries("sale", house)
            #expect(sold.count == 2 && sold.allSatisfy { $0 == postings(quote) })
        }
    }

    @Test func `a voucher that ended meanwhile is said, and what costs nothing has no payment`() async throws {
        let house = try await House(policy: "guichet-eu-2026")
        try await house.api { api in
            let counter = try await Counter(api)
            let buyer = try await api.wallet(0)
            let voucher = try await api.post(
                "/v1/vouchers", #"{"kind":"percent","percentBp":5000,"uses":9,"code":"HALFPRICE22"}"#,
                key: counter.host, once: "half")
            #expect(voucher.status == 201, "\(voucher.json)")
            let quote = try await counter.quote(buyer.key, voucher: "HALFPRICE22")
            #expect(quote.status == 200, "\(quote.json)")
            let gone = try await api.post("/v1/vouchers/\(voucher.text("voucher"))/revoke", key: counter.host)
            #expect(gone.status == 200, "\(gone.json)")
            #expect(try await counter.checkout(quote.text("quote"), buyer.key).code == "quote_voucher")
            let free = try await api.post(
                "/v1/vouchers", #"{"kind":"free","uses":9,"code":"GUESTLIST22"}"#, key: counter.host, once: "free")
            #expect(free.status == 201, "\(free.json)")
            #expect(try await counter.quote(buyer.key, voucher: "GUESTLIST22").code == "charge_nothing_to_pay")
        }
    }
}
