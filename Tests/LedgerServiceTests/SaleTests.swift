import Foundation
import Ledger
import Stage
import Store
import Testing
import Tickets
import Values

@testable import LedgerService

@Suite struct SaleTests {
    @Test func `a wallet buys a ticket whose token a verifier accepts`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet()
            let order = try await api.buy(room, key: buyer.key)
            #expect(order.status == 201, "\(order.json)")
            #expect(order.int("seat") == 1)
            #expect(order.text("expiresAt") == "2026-03-02T20:00:00Z")
            let early = try await api.post("/v1/tickets/verify", #"{"token":"\#(order.text("token"))"}"#)
            #expect(early.code == "ticket_not_yet_valid")
            try house.time.set("2026-03-02T18:30:00Z")
            let verdict = try await api.post(
                "/v1/tickets/verify", #"{"token":"\#(order.text("token"))","room":"\#(room)"}"#)
            #expect(verdict.json["valid"] as? Bool == true)
            #expect(verdict.code == "ticket_valid")
            let wallet = try await api.get("/v1/wallets/\(buyer.holder)", key: buyer.key)
            #expect(
                String(decoding: wallet.bytes, as: UTF8.self).contains(
                    #""balances":[{"amount":1500,"currency":"EUR"}]"#))
            let view = try await api.get("/v1/rooms/\(room)")
            #expect(view.int("seatsLeft") == 2)
        }
    }

    @Test func `the same key gives the same ticket to the byte, another request under it is refused`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet()
            let first = try await api.buy(room, key: buyer.key)
            house.time.advance(bySeconds: 90)
            let second = try await api.buy(room, key: buyer.key)
            #expect(first.bytes == second.bytes)
            let other = try await api.buy(room, key: buyer.key, price: 501)
            #expect(other.status == 422)
            #expect(other.code == "idempotency_mismatch")
            let view = try await api.get("/v1/rooms/\(room)")
            #expect(view.int("seatsLeft") == 2)
        }
    }

    @Test func `two hundred buyers at once get exactly the three seats`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            var keys: [String] = []
            for _ in 0..<200 { keys.append(try await api.wallet(500).key) }
            let codes = try await withThrowingTaskGroup(of: (Int, String, Int?).self) { group in
                for key in keys {
                    group.addTask {
                        let answer = try await api.buy(room, key: key)
                        return (answer.status, answer.code, answer.int("seat"))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.filter { $0.0 == 201 }.compactMap(\.2).sorted() == [1, 2, 3])
            #expect(codes.filter { $0.1 == "sold_out" }.count == 197)
            let escrow = try await house.service.database.read { transaction in
                try transaction.amount(in: .escrow(try #require(RoomID(room))), .eur)
            }
            // 5.00 with 20 % VAT inside is 4.17 of base, three times.
            #expect(escrow == Money(1_251, .eur))
        }
    }

    @Test func `each reason not to sell has its own code and status`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 1)
            let poor = try await api.wallet(0)
            let rich = try await api.wallet(5_000)
            let unknown = try await api.buy("room_01kaz7c5e8f2v8y6t4m2s9r3qd", key: rich.key)
            #expect(unknown.status == 404)
            #expect(unknown.code == "room_unknown")
            #expect(try await api.buy(room, key: poor.key).code == "insufficient_funds")
            #expect(try await api.buy(room, key: rich.key, price: 400, once: "a").code == "price_changed")
            let dollars = try await api.post(
                "/v1/orders", #"{"room":"\#(room)","price":{"amount":500,"currency":"USD"}}"#, key: rich.key,
                once: "b")
            #expect(dollars.code == "currency_mismatch")
            #expect(try await api.buy(room, key: rich.key, once: "c").status == 201)
            let full = try await api.buy(room, key: rich.key, once: "d")
            #expect(full.status == 409)
            #expect(full.code == "sold_out")
            try house.time.set("2026-03-02T20:00:00Z")
            #expect(try await api.buy(room, key: rich.key, once: "e").code == "room_closed")
        }
    }

    @Test func `nobody buys before the sale opens`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let made = try await api.post(
                "/v1/rooms",
                """
                {"title":"T","startsAt":"2026-03-02T19:00:00Z","endsAt":"2026-03-02T20:00:00Z","capacity":3,\
                "saleOpensAt":"2026-03-02T14:00:00Z","price":{"amount":500,"currency":"EUR"}}
                """, key: host.key)
            #expect(made.text("saleOpensAt") == "2026-03-02T14:00:00Z", "\(made.json)")
            let buyer = try await api.wallet(500)
            try house.time.set("2026-03-02T13:59:59Z")
            let early = try await api.buy(made.text("room"), key: buyer.key)
            #expect(early.status == 425)
            #expect(early.code == "sale_not_open")
            #expect(early.text("detail").contains("2026-03-02T14:00:00Z"))
            try house.time.set("2026-03-02T14:00:00Z")
            #expect(try await api.buy(made.text("room"), key: buyer.key).status == 201)
        }
    }

    @Test func `a part of the price comes back and the ticket stays`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet(500)
            let order = try await api.buy(room, key: buyer.key)
            let path = "/v1/tickets/\(order.text("ticket"))/refund"
            func part(_ amount: Int, _ currency: String = "EUR", once: String) async throws -> API.Answer {
                try await api.post(
                    path, #"{"amount":{"amount":\#(amount),"currency":"\#(currency)"}}"#, key: House.operatorKey,
                    once: once)
            }
            let first = try await part(120, once: "a")
            #expect(first.status == 201, "\(first.json)")
            #expect(first.json["revoked"] as? Bool == false)
            #expect((first.json["remaining"] as? [String: any Sendable])?["amount"] as? Int == 380)
            #expect(try await part(120, once: "a").bytes == first.bytes)
            #expect(try await part(121, once: "a").code == "idempotency_mismatch")
            let ticket = try await api.get("/v1/tickets/\(order.text("ticket"))", key: buyer.key)
            #expect(ticket.text("state") == "not_yet_valid")
            #expect(try await api.get("/v1/rooms/\(room)").int("seatsLeft") == 2)
            for answer in [
                try await part(381, once: "b"), try await part(0, once: "c"), try await part(1, "USD", once: "d"),
            ] {
                #expect((400...499).contains(answer.status), "\(answer.json)")
            }
            let rest = try await part(380, once: "e")
            #expect(rest.json["revoked"] as? Bool == true, "\(rest.json)")
            let wallet = try await api.get("/v1/wallets/\(buyer.holder)", key: buyer.key)
            #expect(
                String(decoding: wallet.bytes, as: UTF8.self).contains(
                    #""balances":[{"amount":500,"currency":"EUR"}]"#))
            let escrow = try await house.service.database.read { transaction in
                try transaction.amount(in: .escrow(try #require(RoomID(room))), .eur)
            }
            #expect(escrow == .zero(.eur))
        }
    }

    @Test func `a refused purchase stores nothing and may be repeated with the same key after a top-up`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet(0)
            #expect(try await api.buy(room, key: buyer.key).code == "insufficient_funds")
            let topup = try await api.post(
                "/v1/wallets/\(buyer.holder)/topups", #"{"amount":{"amount":500,"currency":"EUR"}}"#, key: buyer.key,
                once: "t")
            #expect(topup.status == 201)
            #expect(try await api.buy(room, key: buyer.key).status == 201)
        }
    }

    @Test func `a refund gives the money and the seat back, ends the ticket and tells gateways`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 1)
            let buyer = try await api.wallet(500)
            let order = try await api.buy(room, key: buyer.key)
            let ticket = order.text("ticket")
            let before = try await house.service.snapshot()
            let refund = try await api.post("/v1/tickets/\(ticket)/refund", key: buyer.key, once: "r")
            #expect(refund.status == 201, "\(refund.json)")
            #expect(refund.json["revoked"] as? Bool == true)
            let again = try await api.post("/v1/tickets/\(ticket)/refund", key: buyer.key, once: "r")
            #expect(again.bytes == refund.bytes)
            let twice = try await api.post("/v1/tickets/\(ticket)/refund", key: buyer.key, once: "s")
            #expect(twice.code == "already_refunded")
            let page = try await house.service.feed(after: before.cursor)
            #expect(page.events.count == 1)
            #expect(page.events.first.map { "\($0.change)".contains(ticket) } == true)
            try house.time.set("2026-03-02T19:00:00Z")
            let verdict = try await api.post("/v1/tickets/verify", #"{"token":"\#(order.text("token"))"}"#)
            #expect(verdict.code == "ticket_revoked")
            let next = try await api.wallet(500)
            let resold = try await api.buy(room, key: next.key)
            #expect(resold.int("seat") == 1, "\(resold.json)")
            let view = try await api.get("/v1/tickets/\(ticket)", key: buyer.key)
            #expect(view.text("state") == "refunded")
        }
    }

    @Test func `cancelling a room gives every ticket back`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyers = [try await api.wallet(500), try await api.wallet(500)]
            for buyer in buyers { #expect(try await api.buy(room, key: buyer.key).status == 201) }
            let cancelled = try await api.post("/v1/rooms/\(room)/cancel", key: host.key)
            #expect(cancelled.text("state") == "cancelled")
            #expect(cancelled.int("seatsLeft") == 3)
            for buyer in buyers {
                let wallet = try await api.get("/v1/wallets/\(buyer.holder)", key: buyer.key)
                #expect(
                    String(decoding: wallet.bytes, as: UTF8.self).contains(
                        #""balances":[{"amount":500,"currency":"EUR"}]"#))
            }
            #expect(try await api.buy(room, key: buyers[0].key, once: "z").code == "room_cancelled")
        }
    }

    @Test func `the chain of everything that was posted holds and adds up to zero`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet(1_000)
            let order = try await api.buy(room, key: buyer.key)
            _ = try await api.post("/v1/tickets/\(order.text("ticket"))/refund", key: buyer.key, once: "r")
            let (entries, rows, head) = try await house.service.database.read { transaction in
                (
                    try transaction.entries(after: 0, through: .max, limit: 100),
                    try transaction.balances(through: .max), try transaction.journalHead()
                )
            }
            #expect(try verifyChain(entries) == head.chain)
            #expect(entries.map(\.entry.kind) == [.topup, .sale, .refund])
            #expect(rows.reduce(0) { $0 + $1.amount.minorUnits } == 0)
            let naive = Balances(of: entries.map(\.entry))
            #expect(naive.rows == rows)
        }
    }
}
