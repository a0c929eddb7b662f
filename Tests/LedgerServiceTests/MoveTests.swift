import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct MoveTests {
    /// A room tonight at seven with four tickets sold.
    private struct Evening {
        let api: API
        let house: House
        let host: (id: String, key: String)
        let room: String
        var buyers: [(wallet: (holder: String, key: String), ticket: String)] = []

        init(_ house: House, _ api: API) async throws {
            self.api = api
            self.house = house
            host = try await api.host()
            room = try await api.room(host.key, capacity: 6)
            for _ in 0..<4 {
                let wallet = try await api.wallet(500)
                let order = try await api.buy(room, key: wallet.key)
                #expect(order.status == 201, "\(order.json)")
                buyers.append((wallet, order.text("ticket")))
            }
            house.time.advance(bySeconds: 60)
        }

        func move(_ day: String = "2026-03-04", once: String = "move", key: String? = nil) async throws -> API.Answer {
            try await api.post(
                "/v1/rooms/\(room)/moves",
                """
                {"startsAt":"\(day)T19:00:00Z","endsAt":"\(day)T20:00:00Z","doorsOpenAt":"\(day)T18:30:00Z",\
                "notice":"The speaker is ill"}
                """, key: key ?? host.key, once: once)
        }

        func answer(_ index: Int, _ answer: String, once: String = "a", key: String? = nil) async throws -> API.Answer {
            try await api.post(
                "/v1/tickets/\(buyers[index].ticket)/answer", #"{"answer":"\#(answer)"}"#,
                key: key ?? buyers[index].wallet.key, once: once)
        }

        func state(_ index: Int) async throws -> String {
            try await api.get("/v1/tickets/\(buyers[index].ticket)", key: buyers[index].wallet.key).text("state")
        }

        func counts() async throws -> [String: Int] {
            let list = try await api.get("/v1/rooms/\(room)/moves", key: host.key)
            let last = (list.json["moves"] as? [[String: any Sendable]])?.first
            return last?["answers"] as? [String: Int] ?? [:]
        }

        func isClean() async throws {
            let report = try await house.service.audit(by: .operator)
            #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        }
    }

    @Test func `holders keep or give back, and whoever says nothing keeps`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let cursor = try await house.service.snapshot().cursor
            let moved = try await evening.move()
            #expect(moved.status == 201, "\(moved.json)")
            #expect(moved.text("answerUntil") == "2026-03-04T18:15:00Z")
            #expect(try await evening.move().bytes == moved.bytes)
            #expect(try await api.get("/v1/rooms/\(evening.room)").text("startsAt") == "2026-03-04T19:00:00Z")
            let told = try await house.service.feed(after: cursor)
            #expect(told.events.count == 1)
            // Sales go on, at the new time, and are not asked.
            let late = try await api.wallet(500)
            house.time.advance(bySeconds: 60)
            let sale = try await api.buy(evening.room, key: late.key)
            #expect(sale.text("expiresAt") == "2026-03-04T20:00:00Z", "\(sale.json)")
            let unasked = try await api.post(
                "/v1/tickets/\(sale.text("ticket"))/answer", #"{"answer":"keep"}"#, key: late.key, once: "a")
            #expect(unasked.code == "move_not_asked")
            let kept = try await evening.answer(0, "keep")
            #expect(kept.status == 201, "\(kept.json)")
            #expect(kept.text("notBefore") == "2026-03-04T18:30:00Z")
            #expect(try await evening.answer(0, "keep").bytes == kept.bytes)
            #expect(kept.text("ticket") != evening.buyers[0].ticket)
            let refunded = try await evening.answer(1, "refund")
            #expect(
                (refunded.json["refunded"] as? [String: any Sendable])?["amount"] as? Int == 500, "\(refunded.json)")
            #expect(try await evening.answer(1, "keep", once: "b").code == "ticket_unknown")
            #expect(try await evening.answer(2, "keep", key: evening.buyers[3].wallet.key).code == "ticket_unknown")
            #expect(try await evening.counts() == ["kept": 1, "refunded": 1, "byDefault": 0, "open": 2])
            let settle = "/v1/rooms/\(evening.room)/moves/settle"
            #expect(try await api.post(settle, key: evening.host.key).code == "move_not_due")
            try house.time.set("2026-03-04T18:30:00Z")
            #expect(try await evening.answer(2, "refund").code == "move_answers_over")
            try await house.service.settleMoves()
            #expect(try await evening.counts() == ["kept": 3, "refunded": 1, "byDefault": 2, "open": 0])
            #expect(try await api.post(settle, key: evening.host.key).status == 200)
            // The new ticket opens the door, the old one does not.
            let check = #"{"token":"\#(kept.text("token"))","room":"\#(evening.room)"}"#
            #expect(try await api.post("/v1/tickets/verify", check).code == "ticket_valid")
            #expect(try await evening.state(2) == "replaced")
            try await evening.isClean()
        }
    }

    @Test func `a room that moves twice asks anew, and a cancelled one asks nothing`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            #expect(try await evening.move().status == 201)
            let kept = try await evening.answer(0, "keep")
            #expect(kept.status == 201)
            house.time.advance(bySeconds: 60)
            #expect(try await evening.move(once: "same").code == "move_unchanged")
            #expect(try await evening.move("2026-03-06", once: "second").text("room") == evening.room)
            let again = try await api.post(
                "/v1/tickets/\(kept.text("ticket"))/answer", #"{"answer":"keep"}"#, key: evening.buyers[0].wallet.key,
                once: "again")
            #expect(again.text("expiresAt") == "2026-03-06T20:00:00Z", "\(again.json)")
            try house.time.set("2026-03-04T18:31:00Z")
            try await house.service.settleMoves()
            #expect(try await evening.counts()["open"] == 3)
            try await evening.isClean()
            #expect(try await api.post("/v1/rooms/\(evening.room)/cancel", key: evening.host.key).status == 200)
            #expect(try await evening.answer(1, "keep").code == "ticket_unknown")
            #expect(try await evening.move("2026-03-07", once: "c").code == "room_cancelled")
            for index in 0..<4 {
                let holder = try #require(HolderID(evening.buyers[index].wallet.holder))
                let money = try await house.service.database.read { try $0.amount(in: .wallet(holder), .eur) }
                #expect(money == Money(500, .eur))
            }
            try house.time.set("2026-03-06T18:31:00Z")
            try await house.service.settleMoves()
            try await evening.isClean()
        }
    }

    @Test func `an open room does not move, and others may not move it`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let other = try await api.host("Bea")
            #expect(try await evening.move(key: other.key).code == "key_scope")
            _ = try await api.post("/v1/rooms/\(evening.room)/open", key: evening.host.key)
            #expect(try await evening.move().code == "move_room_open")
            #expect(try await evening.answer(0, "keep").code == "move_not_asked")
            let none = try await api.post("/v1/rooms/\(evening.room)/moves/settle", key: evening.host.key)
            #expect(none.code == "move_not_asked")
        }
    }

    @Test func `the night pays a room that moved after its new end`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            #expect(try await evening.move().status == 201)
            try house.time.set("2026-03-03T00:30:00Z")
            let early = try await api.post("/v1/nights", #"{"day":"2026-03-02"}"#, key: House.financeKey)
            #expect(early.int("released") == 0, "\(early.json)")
            #expect(try await evening.answer(3, "refund").status == 201)
            try house.time.set("2026-03-05T00:30:00Z")
            try await house.service.settleMoves()
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-04"}"#, key: House.financeKey)
            #expect(night.int("released") == 3, "\(night.json)")
            try await evening.isClean()
        }
    }
}
