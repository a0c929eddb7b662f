import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct SeriesTests {
    @Test func `a pass is bought by its quote, once, as a ticket of every room, and posts what the quote showed`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api)
            let buyer = try await api.wallet(5_000)
            let shown = try await world.quote(nil)
            #expect(shown.amount("price") == 1_800 && shown.json["quote"] == nil, "\(shown.json)")
            let quote = try await world.quote(buyer.key)
            let parts = try #require(quote.json["parts"] as? [[String: any Sendable]])
            let shares = parts.map { ($0["share"] as? [String: any Sendable])?["amount"] as? Int }
            #expect(shares == [409, 573, 818])
            let before = try await house.service.database.read { try $0.journalHead().chain.sequence }
            let pass = try await world.buy(quote: quote.text("quote"), key: buyer.key)
            #expect(pass.status == 201, "\(pass.json)")
            #expect(pass.tickets.compactMap { $0["room"] as? String } == world.rooms)
            #expect(Set(pass.tickets.compactMap { $0["token"] as? String }).count == 3)
            #expect(try await world.balance(buyer.holder) == 3_200)
            // The journal has the legs of the quote and no others.
            let promised = parts.flatMap { $0["postings"] as? [[String: any Sendable]] ?? [] }.map { leg in
                "\(leg["debit"] ?? "") \(leg["credit"] ?? "") "
                    + "\((leg["amount"] as? [String: any Sendable])?["amount"] ?? 0)"
            }
            let posted = try await house.service.database.read { transaction in
                try transaction.rows(
                    "SELECT debit, credit, amount FROM legs WHERE shard = $1 AND seq > $2 ORDER BY seq, leg", "0",
                    before
                ) { row throws(StoreFault) in "\(try row.text(0)) \(try row.text(1)) \(try row.integer(2))" }
            }
            #expect(posted == promised)
            // The same again is the same, to the byte; the quote is good for one command.
            #expect(try await world.buy(quote: quote.text("quote"), key: buyer.key).bytes == pass.bytes)
            #expect(try await world.seatsLeft() == [2, 2, 2])
            for ticket in pass.tickets {
                let token = ticket["token"] as? String ?? ""
                let verdict = try await api.post("/v1/tickets/verify", #"{"token":"\#(token)"}"#)
                #expect(["ticket_valid", "ticket_not_yet_valid"].contains(verdict.code), "\(verdict.json)")
                #expect(try await api.get(ticket["link"] as? String ?? "", key: buyer.key).text("token") == token)
            }
            try await world.isClean()
        }
    }

    @Test func `who sees a series, its passes and a pass`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api)
            let buyer = try await api.wallet(5_000)
            let stranger = try await api.wallet(5_000)
            let other = try await api.host("Bea")
            let pass = try await world.buy(buyer.key)
            let path = "/v1/passes/\(pass.text("pass"))"
            let open = try await api.get("/v1/series/\(world.series)")
            #expect(open.int("passesLeft") == 1 && open.text("state") == "on_sale" && open.amount("together") == 2_200)
            #expect(try await api.get(path, key: buyer.key).bytes == pass.bytes)
            for key in [world.host.key, House.operatorKey, House.financeKey] {
                let seen = try await api.get(path, key: key)
                #expect(seen.tickets.count == 3 && !seen.tickets.contains { $0["token"] != nil }, "\(seen.json)")
                let sold = try await api.get("/v1/series/\(world.series)/passes", key: key)
                #expect((sold.json["passes"] as? [Any])?.count == 1)
            }
            for key in [stranger.key, other.key] {
                #expect(try await api.get(path, key: key).code == "series_pass_unknown")
                #expect(try await api.post("\(path)/refund", key: key, once: "x").code == "series_pass_unknown")
                #expect(try await api.get("/v1/series/\(world.series)/passes", key: key).code == "key_scope")
            }
            let mine = try await api.get("/v1/passes", key: buyer.key)
            #expect(
                (mine.json["passes"] as? [[String: Any]])?.compactMap { $0["pass"] as? String } == [pass.text("pass")])
            #expect((try await api.get("/v1/passes", key: stranger.key).json["passes"] as? [Any])?.isEmpty == true)
            let listed = try await api.get("/v1/series", key: world.host.key)
            #expect((listed.json["series"] as? [Any])?.count == 1)
            #expect((try await api.get("/v1/series", key: other.key).json["series"] as? [Any])?.isEmpty == true)
            #expect(try await world.offer(1_000, key: other.key).code == "key_scope")
            let events = try await api.get("/v1/events", key: world.host.key)
            let told = (events.json["events"] as? [[String: any Sendable]] ?? []).filter {
                ($0["type"] as? String ?? $0["kind"] as? String) == "pass.sold"
            }
            #expect(told.count == 1, "\(events.json)")
            // No price of a pass stands on the list that buyers see, and a voucher has no place in the purchase.
            let prices = try await api.get("/v1/rooms/\(world.rooms[0])/prices")
            #expect(!String(decoding: prices.bytes, as: UTF8.self).contains("pass:"))
            let more = try await api.post("/v1/passes", #"{"quote":"x","voucher":"y"}"#, key: buyer.key, once: "v")
            #expect(more.code == "unknown_member")
        }
    }

    @Test func `what was not quoted is not sold`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api)
            let buyer = try await api.wallet(5_000)
            let thief = try await api.wallet(5_000)
            let quote = try await world.quote(buyer.key).text("quote")
            #expect(try await world.buy(quote: quote, key: thief.key).code == "quote_holder")
            #expect(try await world.buy(quote: quote + "x", key: buyer.key).code == "quote_invalid")
            // A quote of a ticket is none of a pass, and the other way round.
            let single = try await api.send(
                .post, "/v1/quotes", #"{"room":"\#(world.rooms[0])"}"#, key: buyer.key
            ).text("quote")
            #expect(try await world.buy(quote: single, key: buyer.key).code == "quote_invalid")
            #expect(
                try await api.post("/v1/orders", #"{"quote":"\#(quote)"}"#, key: buyer.key, once: "o").code
                    == "quote_invalid")
            // The pass costs the same, but falls on the rooms in another way.
            let repriced = try await api.send(
                .put, "/v1/rooms/\(world.rooms[0])/price", #"{"price":{"amount":600,"currency":"EUR"}}"#,
                key: world.host.key)
            #expect(repriced.status == 200, "\(repriced.json)")
            #expect(try await world.buy(quote: quote, key: buyer.key).code == "quote_price")
            let fresh = try await world.quote(buyer.key).text("quote")
            #expect(try await world.offer(1_700).int("offerVersion") == 2)
            #expect(try await world.offer(1_700).int("offerVersion") == 2)
            #expect(try await world.buy(quote: fresh, key: buyer.key).code == "quote_price")
            let last = try await world.quote(buyer.key).text("quote")
            house.time.advance(bySeconds: 300)
            #expect(try await world.buy(quote: last, key: buyer.key).code == "quote_expired")
            #expect(try await world.balance(buyer.holder) == 5_000)
            #expect(try await world.buy(buyer.key).status == 201)
            try await world.isClean()
        }
    }

    @Test func `each reason not to make or sell a series has its code`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api, capacity: 2)
            let (key, rooms) = (world.host.key, world.rooms)
            let foreign = try await api.host("Bea")
            func made(_ list: [String], price: Int = 1_800, passes: Int = 2, _ more: String = "", by: String? = nil)
                async throws -> String
            {
                try await SeriesWorld.make(
                    api, by ?? key, list, price: price, passes: passes, once: UUID().uuidString, more: more
                ).code
            }
            #expect(try await made([rooms[0]]) == "series_rooms")
            #expect(try await made([rooms[0], rooms[0]]) == "series_rooms")
            #expect(try await made(rooms, by: foreign.key) == "series_room_unknown")
            #expect(try await made(rooms, price: 1) == "series_price")
            #expect(try await made(rooms, passes: 3) == "series_passes")
            #expect(try await made(rooms, #","saleEndsAt":"2026-03-02T20:00:01Z""#) == "series_sale_end")
            #expect(try await made(rooms, #","voucher":"x""#) == "unknown_member")
            #expect(try await made(rooms, by: House.operatorKey) == "key_scope")
            let poor = try await api.wallet(1_799)
            let rich = try await api.wallet(50_000)
            #expect(try await world.buy(poor.key).code == "insufficient_funds")
            #expect(try await world.offer(2_300).text("state") == "series_dearer")
            #expect(try await world.quote(rich.key).code == "series_dearer")
            #expect(try await world.offer(1_800, more: #","withdrawn":true"#).text("state") == "series_withdrawn")
            #expect(try await world.quote(rich.key).code == "series_withdrawn")
            #expect(try await world.offer(1_800, passes: 1).text("state") == "on_sale")
            #expect(try await world.buy(rich.key, once: "1").status == 201)
            #expect(try await world.buy(rich.key, once: "2").code == "series_sold_out")
            #expect(try await world.offer(1_800).text("state") == "on_sale")
            #expect(try await world.offer(1_800, passes: 3).code == "series_passes")
            #expect(try await api.buy(rooms[1], key: rich.key, price: 700, once: "last").status == 201)
            #expect(try await world.buy(rich.key, once: "3").code == "series_room_full")
            #expect(try await world.seatsLeft() == [1, 0, 1])
            #expect(try await api.post("/v1/rooms/\(rooms[2])/cancel", key: key).text("state") == "cancelled")
            #expect(try await world.quote(rich.key).code == "series_room_cancelled")
            #expect(try await made(rooms) == "series_room_over")
            let nobody = SeriesID.derived(at: Instant(seconds: 0), from: "nobody")
            #expect(try await api.get("/v1/series/\(nobody)").code == "series_unknown")
            try await world.isClean()
            try house.time.set("2026-03-02T20:00:00Z")
            #expect(try await world.offer(1_000).code == "series_over")
        }
    }

    @Test func `a pass is outside of tiers: it takes no place of one, and gives none back`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api)
            // The regular tier of the first room has one place.
            let tier = try await api.send(
                .put, "/v1/rooms/\(world.rooms[0])/prices/regular",
                #"{"price":{"amount":500,"currency":"EUR"},"places":1}"#, key: world.host.key)
            #expect(tier.status == 200, "\(tier.json)")
            let buyer = try await api.wallet(5_000)
            let single = try await api.wallet(5_000)
            func left() async throws -> Int? {
                let list = try await api.get("/v1/rooms/\(world.rooms[0])/prices").json["prices"]
                return (list as? [[String: any Sendable]])?.first?["placesLeft"] as? Int
            }
            let pass = try await world.buy(buyer.key)
            #expect(pass.status == 201, "\(pass.json)")
            #expect(try await left() == 1)
            #expect(try await api.buy(world.rooms[0], key: single.key).status == 201)
            #expect(try await left() == 0)
            let path = "/v1/passes/\(pass.text("pass"))/refund"
            #expect(try await api.post(path, key: buyer.key, once: "r").amount("total") == 1_800)
            #expect(try await left() == 0)
            try await world.isClean()
        }
    }

    @Test func `a pass goes back whole, ticket by ticket, as the preview says`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api)
            let buyer = try await api.wallet(5_000)
            let friend = try await api.wallet(0)
            let pass = try await world.buy(buyer.key)
            let path = "/v1/passes/\(pass.text("pass"))/refund"
            // The second ticket is a friend's now, the first one was given back by itself.
            let tickets = pass.tickets.compactMap { $0["ticket"] as? String }
            let offered = try await api.post("/v1/tickets/\(tickets[1])/transfers", key: buyer.key, once: "t")
            let taken = try await api.post(
                "/v1/transfers/accept", #"{"code":"\#(offered.text("code"))"}"#, key: friend.key, once: "t")
            #expect(taken.status == 201, "\(taken.json)")
            #expect(try await api.post("/v1/tickets/\(tickets[0])/refund", key: buyer.key, once: "t").status == 201)
            let shown = try await api.get("/v1/passes/\(pass.text("pass"))", key: buyer.key)
            #expect(shown.tickets.compactMap { $0["state"] as? String } == ["refunded", "passed_on", "not_yet_valid"])
            #expect(shown.tickets[1]["ticket"] as? String == tickets[1] && shown.tickets[1]["token"] == nil)
            let preview = try await api.get(path, key: buyer.key)
            #expect(preview.amount("total") == 818)
            #expect(preview.tickets.compactMap { $0["outcome"] as? String } == ["ended", "passed_on", "refunded"])
            let wrong = #"{"amount":{"amount":817,"currency":"EUR"}}"#
            #expect(try await api.post(path, wrong, key: buyer.key, once: "w").code == "refund_changed")
            let right = #"{"amount":{"amount":818,"currency":"EUR"}}"#
            let back = try await api.post(path, right, key: buyer.key, once: "r")
            #expect(back.bytes == preview.bytes && back.status == 201, "\(back.json)")
            #expect(try await api.post(path, right, key: buyer.key, once: "r").bytes == back.bytes)
            #expect(try await api.post(path, key: buyer.key, once: "r").code == "idempotency_mismatch")
            #expect(try await api.post(path, key: buyer.key, once: "s").code == "series_nothing_to_refund")
            #expect(try await world.balance(buyer.holder) == 3_200 + 409 + 818)
            #expect(try await world.seatsLeft() == [3, 2, 3])
            // The host gives the rest back: to whoever holds the ticket.
            #expect(try await api.post(path, key: world.host.key, once: "h").amount("total") == 573)
            #expect(try await world.balance(friend.holder) == 573)
            #expect(try await api.get("/v1/series/\(world.series)").int("passesLeft") == 1)
            try await world.isClean()
        }
    }

    @Test func `one room is cancelled, the others are paid: R1, R3 and the escrow know no passes`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api)
            let buyer = try await api.wallet(5_000)
            let pass = try await world.buy(buyer.key)
            _ = try await api.post("/v1/rooms/\(world.rooms[1])/cancel", key: world.host.key)
            #expect(try await world.balance(buyer.holder) == 3_200 + 573)
            try house.time.set("2026-03-05T12:00:00Z")
            let preview = try await api.get("/v1/passes/\(pass.text("pass"))/refund", key: buyer.key)
            #expect(preview.amount("total") == 0, "\(preview.json)")
            let kept = preview.tickets.compactMap { $0["outcome"] as? String }
            #expect(kept == ["refund_closed", "ended", "refund_closed"])
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-04"}"#, key: House.financeKey)
            #expect(night.status == 201, "\(night.json)")
            // 4.09 and 8.18 less 20 % VAT inside are 3.41 and 6.82; 97 % of them 3.31 and 6.62 (R1, each by itself).
            #expect(
                String(decoding: night.bytes, as: UTF8.self).contains(#""gross":{"amount":993,"currency":"EUR"}"#),
                "\(night.json)")
            let late = try await api.post(
                "/v1/passes/\(pass.text("pass"))/refund", key: House.operatorKey, once: "late")
            #expect(late.amount("total") == 409 + 818)
            #expect(try await world.balance(buyer.holder) == 5_000)
            house.time.advance(bySeconds: 86_400)
            let next = try await api.post("/v1/nights", #"{"day":"2026-03-05"}"#, key: House.financeKey)
            #expect(next.status == 201, "\(next.json)")
            try await world.isClean()
        }
    }
}
