import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct OvertimeTests {
    /// An open room from seven to eight, with tickets sold.
    struct Evening {
        let api: API
        let house: House
        let host: (id: String, key: String)
        let room: String
        var buyers: [(wallet: (holder: String, key: String), ticket: String, token: String)] = []

        init(_ house: House, _ api: API, buyers count: Int = 2, capacity: Int = 6) async throws {
            self.api = api
            self.house = house
            host = try await api.host()
            room = try await api.room(host.key, capacity: capacity)
            for _ in 0..<count {
                let wallet = try await api.wallet(2_000)
                let order = try await api.buy(room, key: wallet.key)
                #expect(order.status == 201, "\(order.json)")
                buyers.append((wallet, order.text("ticket"), order.text("token")))
            }
            try house.time.set("2026-03-02T19:00:00Z")
            #expect(try await api.post("/v1/rooms/\(room)/open", key: host.key).text("state") == "open")
        }

        func announce(
            _ time: String = "20:30", _ cents: Int = 120, once: String = "overtime", key: String? = nil
        ) async throws -> API.Answer {
            try await api.post(
                "/v1/rooms/\(room)/overtimes",
                #"{"until":"2026-03-02T\#(time):00Z","price":{"amount":\#(cents),"currency":"EUR"}}"#,
                key: key ?? host.key, once: once)
        }

        func extend(
            _ index: Int, _ cents: Int = 120, once: String = "extend", key: String? = nil, ticket: String? = nil
        ) async throws -> API.Answer {
            try await api.post(
                "/v1/tickets/\(ticket ?? buyers[index].ticket)/extension",
                #"{"price":{"amount":\#(cents),"currency":"EUR"}}"#, key: key ?? buyers[index].wallet.key, once: once)
        }

        func refundExtension(_ id: String, key: String? = nil, once: String = "back") async throws -> API.Answer {
            try await api.post("/v1/extensions/\(id)/refund", key: key ?? host.key, once: once)
        }

        func verdict(_ token: String) async throws -> String {
            try await api.post("/v1/tickets/verify", #"{"token":"\#(token)"}"#).code
        }

        func end(_ ticket: String, key: String) async throws -> String {
            try await api.get("/v1/tickets/\(ticket)", key: key).text("expiresAt")
        }

        func balance(_ holder: String) async throws -> Int64 {
            let holder = try #require(HolderID(holder))
            return try await house.service.database.read { try $0.amount(in: .wallet(holder), .eur).minorUnits }
        }

        func balance(_ index: Int) async throws -> Int64 { try await balance(buyers[index].wallet.holder) }

        func escrow() async throws -> Int64 {
            let room = try #require(RoomID(room))
            return try await house.service.database.read { try $0.amount(in: .escrow(room), .eur).minorUnits }
        }

        func isClean() async throws {
            let report = try await house.service.audit(by: .operator)
            #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        }
    }

    private static func legs(_ answer: API.Answer) -> [String] {
        let postings = answer.json["postings"] as? [[String: any Sendable]] ?? []
        return postings.map { leg in
            let amount = (leg["amount"] as? [String: any Sendable])?["amount"] as? Int ?? 0
            return "\(leg["debit"] ?? "") \(leg["credit"] ?? "") \(amount)"
        }
    }

    @Test func `whoever pays in time stays, whoever does not ends, and the night pays it like a sale`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let (ana, ben) = (evening.buyers[0], evening.buyers[1])
            #expect(try await evening.extend(0).code == "extension_none")
            let cursor = try await house.service.snapshot().cursor
            let announced = try await evening.announce()
            #expect(announced.status == 201, "\(announced.json)")
            let holders = Self.legs(announced).map {
                $0.replacing("wallet:holders", with: "wallet:\(ana.wallet.holder)")
            }
            #expect(try await evening.announce().bytes == announced.bytes)
            #expect(try await api.get("/v1/rooms/\(evening.room)").text("endsAt") == "2026-03-02T20:30:00Z")
            let shown = try await api.get("/v1/rooms/\(evening.room)/overtimes")
            #expect((shown.json["overtimes"] as? [Any])?.count == 1)
            let prices = try await api.get("/v1/rooms/\(evening.room)/prices")
            #expect(!String(decoding: prices.bytes, as: UTF8.self).contains("overtime"))
            // Nobody's ticket moved by it.
            #expect(try await evening.end(ben.ticket, key: ben.wallet.key) == "2026-03-02T20:00:00Z")
            let offer = try await api.get("/v1/tickets/\(ana.ticket)/extension", key: ana.wallet.key)
            #expect(offer.text("until") == "2026-03-02T20:30:00Z")
            #expect(Self.legs(offer) == holders)
            try house.time.set("2026-03-02T19:59:59Z")
            let bought = try await evening.extend(0)
            #expect(bought.status == 201, "\(bought.json)")
            #expect(bought.text("ticket") == ana.ticket && bought.text("expiresAt") == "2026-03-02T20:30:00Z")
            #expect(bought.text("extension").dropFirst(10) == bought.text("order").dropFirst(6))
            #expect(try await evening.extend(0).bytes == bought.bytes)
            #expect(try await evening.extend(0, 121).code == "idempotency_mismatch")
            #expect(try await evening.extend(0, once: "again").code == "extension_whole")
            #expect(try await evening.balance(0) == 1_380)
            let posted = try await house.service.database.read { try $0.entries(after: 0, through: .max, limit: 99) }
            let legs = posted.last?.entry.legs.map { "\($0.debit) \($0.credit) \($0.amount.minorUnits)" }
            #expect(posted.last?.entry.kind == .overtime && legs == Self.legs(offer))
            let told = try await house.service.feed(after: cursor).events.map(\.change)
            guard case .room = told.first, case .extended(let end) = told.last else {
                Issue.record("\(told)")
                return
            }
            #expect(told.count == 2 && end.ticket.text == ana.ticket)
            #expect(try await house.service.snapshot().ends == [end])
            try house.time.set("2026-03-02T20:10:00Z")
            #expect(try await evening.verdict(bought.text("token")) == "ticket_valid")
            // As at a door: the old token of a ticket that was made longer is as good as the new one.
            let old = try await api.post("/v1/tickets/verify", #"{"token":"\#(ana.token)"}"#)
            #expect(old.code == "ticket_valid" && old.text("expiresAt") == "2026-03-02T20:30:00Z")
            #expect(try await evening.verdict(ben.token) == "ticket_expired")
            #expect(try await evening.extend(1).code == "extension_too_late")
            // What is sold from now on ends with the room, at its ordinary price.
            let late = try await api.buy(evening.room, key: ben.wallet.key, once: "late")
            #expect(late.text("expiresAt") == "2026-03-02T20:30:00Z")
            _ = try await api.post("/v1/rooms/\(evening.room)/close", key: evening.host.key)
            house.time.advance(bySeconds: 60)
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            #expect(night.int("rated") == 4 && night.int("released") == 4, "\(night.json)")
            // 97 % of three times 4.17 and of 1.00: 4.04 each and 0.97.
            #expect(
                String(decoding: night.bytes, as: UTF8.self).contains(#""gross":{"amount":1309,"currency":"EUR"}"#))
            let page = try await api.get(
                "/v1/reports/statement-\(evening.host.id).html?day=2026-03-02", key: House.financeKey)
            #expect(String(decoding: page.bytes, as: UTF8.self).contains(bought.text("extension")), "\(page.status)")
            let sales = try await api.get("/v1/reports/sales?format=csv&day=2026-03-02", key: House.financeKey)
            #expect(String(decoding: sales.bytes, as: UTF8.self).contains(",3,1620,"))
            try await evening.isClean()
        }
    }

    @Test func `an extension goes back with its ticket, by rules that overtime does not stretch`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api, buyers: 3)
            _ = try await evening.announce()
            for index in 0..<3 { #expect(try await evening.extend(index).status == 201) }
            func refund(_ index: Int, by key: String, once: String) async throws -> API.Answer {
                try await api.post("/v1/tickets/\(evening.buyers[index].ticket)/refund", key: key, once: once)
            }
            let preview = try await api.get(
                "/v1/tickets/\(evening.buyers[0].ticket)/refund", key: evening.host.key)
            #expect(Self.legs(preview).count == 4, "\(preview.json)")
            // By the host, before the time begins and after it.
            let early = try await refund(0, by: evening.host.key, once: "a")
            #expect((early.json["extensions"] as? [[String: any Sendable]])?.first?["amount"] as? Int == 120)
            #expect(try await evening.balance(0) == 2_000)
            try house.time.set("2026-03-02T20:10:00Z")
            // The window of the policy is that of the end with which the ticket was sold.
            let own = try await refund(1, by: evening.buyers[1].wallet.key, once: "b")
            #expect(own.code == "refund_closed", "\(own.json)")
            #expect(try await refund(1, by: House.operatorKey, once: "c").status == 201)
            #expect(try await evening.balance(1) == 2_000)
            #expect(try await evening.escrow() == 417 + 100)
            let list = try await api.get("/v1/rooms/\(evening.room)/extensions", key: evening.host.key)
            let listed = list.json["extensions"] as? [[String: any Sendable]]
            let states = listed?.filter { $0["refunded"] as? Bool == true }
            #expect(states?.count == 2)
            try await evening.isClean()
        }
    }

    @Test func `a holder who gives the ticket up in time has all of the extension back`() async throws {
        let house = try await House()
        try await house.api { api in
            var evening = try await Evening(house, api, buyers: 0)
            let room = try await api.post(
                "/v1/rooms",
                """
                {"title":"Later","startsAt":"2026-03-05T19:00:00Z","endsAt":"2026-03-05T20:00:00Z","capacity":3,\
                "price":{"amount":500,"currency":"EUR"},"terms":"steps-7d-1d"}
                """, key: evening.host.key)
            #expect(room.status == 201, "\(room.json)")
            let wallet = try await api.wallet(1_000)
            let ticket = try await api.buy(room.text("room"), key: wallet.key).text("ticket")
            evening.buyers = [(wallet, ticket, "")]
            let announced = try await api.post(
                "/v1/rooms/\(room.text("room"))/overtimes",
                #"{"until":"2026-03-05T20:30:00Z","price":{"amount":120,"currency":"EUR"}}"#, key: evening.host.key,
                once: "o")
            #expect(announced.status == 201, "\(announced.json)")
            #expect(try await evening.extend(0).status == 201)
            #expect(try await evening.balance(0) == 380)
            // Three days before: half of the ticket's price, and all of the time that has not begun.
            let back = try await api.post("/v1/tickets/\(ticket)/refund", key: wallet.key, once: "r")
            #expect(back.status == 201, "\(back.json)")
            #expect(try await evening.balance(0) == 380 + 120 + 250)
            try await evening.isClean()
        }
    }

    @Test func `the host gives an extension back before it begins, the last one first, and it can be bought again`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let ana = evening.buyers[0]
            _ = try await evening.announce()
            _ = try await evening.announce("21:00", 0, once: "second")
            let first = try await evening.extend(0)
            let second = try await evening.extend(0, 0, once: "second")
            #expect(second.text("expiresAt") == "2026-03-02T21:00:00Z", "\(second.json)")
            let (one, two) = (first.text("extension"), second.text("extension"))
            #expect(try await evening.refundExtension(one).code == "extension_not_last")
            for key in [ana.wallet.key, try await api.host("Bea").key] {
                #expect(try await evening.refundExtension(two, key: key).code == "extension_unknown")
            }
            let cursor = try await house.service.snapshot().cursor
            let back = try await evening.refundExtension(two)
            #expect(back.json["refunded"] as? Bool == true, "\(back.json)")
            #expect(try await evening.refundExtension(two).bytes == back.bytes)
            #expect(try await evening.refundExtension(two, once: "more").code == "already_refunded")
            #expect(try await evening.refundExtension(one, once: "one").status == 201)
            #expect(try await evening.balance(0) == 1_500)
            #expect(try await evening.end(ana.ticket, key: ana.wallet.key) == "2026-03-02T20:00:00Z")
            let ends = try await house.service.feed(after: cursor).events.compactMap { event in
                if case .extended(let end) = event.change { end.endsAt.description } else { nil }
            }
            #expect(ends == ["2026-03-02T20:30:00Z", "2026-03-02T20:00:00Z"])
            // The door must know of it as long as somebody may come with the longer token.
            #expect(try await house.service.snapshot().ends.map(\.endsAt.description) == ["2026-03-02T20:00:00Z"])
            let again = try await evening.extend(0, once: "third")
            #expect(again.text("expiresAt") == "2026-03-02T20:30:00Z")
            try house.time.set("2026-03-02T20:00:00Z")
            #expect(try await evening.refundExtension(again.text("extension"), once: "x").code == "extension_begun")
            try await evening.isClean()
        }
    }

    @Test func `an extension follows its ticket to whoever holds it, and cancelling gives all back`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let ana = evening.buyers[0]
            _ = try await evening.announce()
            _ = try await evening.announce("21:00", 200, once: "second")
            let first = try await evening.extend(0)
            let offer = try await api.post(
                "/v1/tickets/\(ana.ticket)/transfers", "{}", key: ana.wallet.key, once: "offer")
            let taker = try await api.wallet(200)
            let taken = try await api.post(
                "/v1/transfers/accept", #"{"code":"\#(offer.text("code"))"}"#, key: taker.key, once: "accept")
            #expect(taken.text("expiresAt") == "2026-03-02T20:30:00Z", "\(taken.json)")
            #expect(try await evening.extend(0, once: "gone").code == "ticket_replaced")
            let more = try await evening.extend(
                0, 200, once: "more", key: taker.key, ticket: taken.text("ticket"))
            #expect(more.text("expiresAt") == "2026-03-02T21:00:00Z", "\(more.json)")
            // To the holder of now, whoever paid.
            let refunded = try await evening.refundExtension(more.text("extension"))
            #expect(refunded.status == 201, "\(refunded.json)")
            #expect(try await evening.balance(taker.holder) == 200)
            #expect(try await evening.end(taken.text("ticket"), key: taker.key) == "2026-03-02T20:30:00Z")
            let plan = try await api.post(
                "/v1/rooms/\(evening.room)/cancellations", key: evening.host.key, once: "plan")
            #expect(String(decoding: plan.bytes, as: UTF8.self).contains(#""refunds":[{"amount":1120"#), "\(plan.json)")
            #expect(first.status == 201)
            let cancelled = try await api.post("/v1/rooms/\(evening.room)/cancel", key: evening.host.key)
            #expect(cancelled.text("state") == "cancelled", "\(cancelled.json)")
            #expect(try await evening.balance(taker.holder) == 200 + 500 + 120)
            #expect(try await evening.balance(1) == 2_000)
            #expect(try await evening.escrow() == 0)
            #expect(try await evening.announce("21:30", once: "late").code == "room_cancelled")
            try await evening.isClean()
        }
    }

    @Test func `a room that closes before its overtime gives back what was paid for it`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            _ = try await evening.announce()
            _ = try await evening.announce("21:00", 200, once: "second")
            for index in 0..<2 { #expect(try await evening.extend(index).status == 201) }
            #expect(try await evening.extend(0, 200, once: "second").status == 201)
            try house.time.set("2026-03-02T20:10:00Z")
            _ = try await api.post("/v1/rooms/\(evening.room)/close", key: evening.host.key)
            // The first one was heard in part, like a ticket of a room that closes early; the second one not at all.
            #expect(try await evening.balance(0) == 1_380)
            #expect(try await evening.balance(1) == 1_380)
            try await house.service.settleOvertimes()
            #expect(try await evening.escrow() == 2 * 417 + 2 * 100)
            #expect(try await evening.announce("21:30", once: "late").code == "room_closed")
            try await evening.isClean()
        }
    }

    @Test func `a room that goes on moves no more, and who has not answered a move buys no time`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 6)
            let wallet = try await api.wallet(2_000)
            let ticket = try await api.buy(room, key: wallet.key).text("ticket")
            house.time.advance(bySeconds: 60)
            func move(_ day: Int, once: String) async throws -> API.Answer {
                let date = "2026-03-0\(day)"
                return try await api.post(
                    "/v1/rooms/\(room)/moves",
                    #"{"startsAt":"\#(date)T19:00:00Z","endsAt":"\#(date)T20:00:00Z","notice":"Ill"}"#, key: host.key,
                    once: once)
            }
            #expect(try await move(4, once: "a").status == 201)
            let announced = try await api.post(
                "/v1/rooms/\(room)/overtimes",
                #"{"until":"2026-03-04T20:30:00Z","price":{"amount":120,"currency":"EUR"}}"#, key: host.key, once: "o")
            #expect(announced.status == 201, "\(announced.json)")
            #expect(try await move(5, once: "b").code == "move_overtime")
            let body = #"{"price":{"amount":120,"currency":"EUR"}}"#
            let early = try await api.post("/v1/tickets/\(ticket)/extension", body, key: wallet.key, once: "e")
            #expect(early.code == "extension_move_open")
            let kept = try await api.post(
                "/v1/tickets/\(ticket)/answer", #"{"answer":"keep"}"#, key: wallet.key, once: "k")
            #expect(kept.text("expiresAt") == "2026-03-04T20:00:00Z", "\(kept.json)")
            let longer = try await api.post(
                "/v1/tickets/\(kept.text("ticket"))/extension", body, key: wallet.key, once: "e")
            #expect(longer.text("expiresAt") == "2026-03-04T20:30:00Z", "\(longer.json)")
            // Passed on afterwards: the next ticket has the longer end, and the books agree.
            let offer = try await api.post(
                "/v1/tickets/\(kept.text("ticket"))/transfers", "{}", key: wallet.key, once: "t")
            let taken = try await api.post(
                "/v1/transfers/accept", #"{"code":"\#(offer.text("code"))"}"#, key: try await api.wallet(0).key,
                once: "x")
            #expect(taken.text("expiresAt") == "2026-03-04T20:30:00Z")
            let report = try await house.service.audit(by: .operator)
            #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        }
    }

    @Test func `the stage goes along for nothing, and the house says why it does not go on`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api, buyers: 1)
            let pass = try await api.post(
                "/v1/rooms/\(evening.room)/passes", #"{"role":"speaker"}"#, key: evening.host.key)
            let own = try await api.post("/v1/rooms/\(evening.room)/passes", #"{"role":"host"}"#, key: evening.host.key)
            for (time, cents, code) in [
                ("20:00", 120, "overtime_end"), ("20:30", 1_000_000, "overtime_price"), ("20:30", -1, "overtime_price"),
            ] { #expect(try await evening.announce(time, cents, once: code + time).code == code) }
            let dollars = try await api.post(
                "/v1/rooms/\(evening.room)/overtimes",
                #"{"until":"2026-03-02T20:30:00Z","price":{"amount":120,"currency":"USD"}}"#, key: evening.host.key,
                once: "usd")
            #expect(dollars.code == "overtime_currency")
            let far = try await api.post(
                "/v1/rooms/\(evening.room)/overtimes",
                #"{"until":"2026-03-03T08:00:01Z","price":{"amount":120,"currency":"EUR"}}"#, key: evening.host.key,
                once: "far")
            #expect(far.code == "overtime_too_long")
            #expect(try await evening.announce(key: try await api.host("Bea").key).code == "key_scope")
            #expect(try await evening.announce(key: evening.buyers[0].wallet.key).code == "key_scope")
            for number in 1...8 {
                let made = try await evening.announce("20:\(30 + number)", 0, once: "n\(number)")
                #expect(made.status == 201 && made.int("overtime") == number, "\(made.json)")
            }
            #expect(try await evening.announce("20:59", 0, once: "ninth").code == "overtime_limit")
            let hosts = try await api.get("/v1/tickets/\(own.text("ticket"))", key: evening.host.key)
            #expect(hosts.text("expiresAt") == "2026-03-02T20:38:00Z")
            let ends = try await house.service.snapshot().ends
            #expect(Set(ends.map(\.ticket.text)) == [pass.text("ticket"), own.text("ticket")])
            try house.time.set("2026-03-02T20:38:00Z")
            #expect(try await evening.announce("20:50", 0, once: "over").code == "room_ended")
            try await evening.isClean()
        }
    }

    @Test func `thirty buyers of one extension at once make one, and two announcements follow one another`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api, buyers: 1)
            let announced = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        let made = try await evening.announce("20:\(30 + number)", once: "o-\(number)")
                        return made.status == 201 ? "made" : made.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(announced.allSatisfy { $0 == "made" || $0 == "overtime_end" })
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<30 {
                    group.addTask {
                        let bought = try await evening.extend(0, once: "e-\(number)")
                        return bought.status == 201 ? bought.text("expiresAt") : bought.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // One for each overtime that was announced, each once.
            let bought = codes.filter { $0.hasPrefix("2026") }
            let count = announced.count { $0 == "made" }
            #expect(Set(bought).count == bought.count && bought.count == count)
            #expect(codes.filter { $0 == "extension_whole" }.count == 30 - count)
            #expect(try await evening.balance(0) == 1_500 - Int64(120 * count))
            try await evening.isClean()
        }
    }
}
