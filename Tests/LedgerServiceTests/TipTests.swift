import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct TipTests {
    /// An open room and a listener in it.
    struct Evening {
        let api: API
        let house: House
        let host: (id: String, key: String)
        let room: String
        let listener: (holder: String, key: String)

        init(_ house: House, _ api: API) async throws {
            self.api = api
            self.house = house
            host = try await api.host()
            room = try await api.room(host.key)
            listener = try await api.wallet(10_000)
            #expect(try await api.buy(room, key: listener.key).status == 201)
            try house.time.set("2026-03-02T19:00:00Z")
            #expect(try await api.post("/v1/rooms/\(room)/open", key: host.key).text("state") == "open")
        }

        func tip(_ cents: Int, _ message: String = "Bravo", once: String = "tip", key: String? = nil) async throws
            -> API.Answer
        {
            try await api.post(
                "/v1/rooms/\(room)/tips", #"{"amount":{"amount":\#(cents),"currency":"EUR"},"message":"\#(message)"}"#,
                key: key ?? listener.key, once: once)
        }

        func balance() async throws -> Int64 {
            let holder = try #require(HolderID(listener.holder))
            return try await house.service.database.read { try $0.amount(in: .wallet(holder), .eur).minorUnits }
        }

        func isClean() async throws {
            let report = try await house.service.audit(by: .operator)
            #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        }
    }

    @Test func `a tip is taken once, the host reads it, and the night pays it like a sale`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let first = try await evening.tip(1_000)
            #expect(first.status == 201, "\(first.json)")
            #expect(first.text("tip").dropFirst(4) == first.text("order").dropFirst(6))
            house.time.advance(bySeconds: 60)
            #expect(try await evening.tip(1_000).bytes == first.bytes)
            #expect(try await evening.tip(1_001).code == "idempotency_mismatch")
            #expect(try await evening.balance() == 8_500)
            for key in [evening.host.key, House.operatorKey, House.financeKey] {
                let list = try await api.get("/v1/rooms/\(evening.room)/tips", key: key)
                let tips = try #require(list.json["tips"] as? [[String: any Sendable]])
                #expect(tips.map { $0["message"] as? String } == ["Bravo"])
            }
            #expect(try await api.get("/v1/rooms/\(evening.room)/tips", key: evening.listener.key).code == "key_scope")
            // The price list that buyers see has no tips on it.
            let prices = try await api.get("/v1/rooms/\(evening.room)/prices")
            #expect(!String(decoding: prices.bytes, as: UTF8.self).contains("tips"))
            #expect(try await api.get("/v1/rooms/\(evening.room)").int("seatsLeft") == 2)
            _ = try await api.post("/v1/rooms/\(evening.room)/close", key: evening.host.key)
            house.time.advance(bySeconds: 60)
            let night = try await api.post(
                "/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            #expect(night.int("rated") == 2, "\(night.json)")
            #expect(night.int("released") == 2)
            // 97 % of 4.17 and of 8.33.
            #expect(
                String(decoding: night.bytes, as: UTF8.self).contains(#""gross":{"amount":1212,"currency":"EUR"}"#))
            let page = try await api.get(
                "/v1/reports/statement-\(evening.host.id).html?day=2026-03-02", key: House.financeKey)
            #expect(String(decoding: page.bytes, as: UTF8.self).contains(first.text("tip")), "\(page.status)")
            let sales = try await api.get("/v1/reports/sales?format=csv&day=2026-03-02", key: House.financeKey)
            let lines = String(decoding: sales.bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            #expect(lines.count == 2 && lines[1].contains(",1,1500,"), "\(lines)")
            try await evening.isClean()
        }
    }

    @Test func `a tip goes back whole, before and after it was paid, and the ticket stays`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let refused = try await evening.tip(300, once: "a")
            let path = "/v1/tips/\(refused.text("tip"))/refund"
            #expect(try await api.post(path, key: evening.listener.key, once: "r").code == "tip_unknown")
            let stranger = try await api.host("Bea")
            #expect(try await api.post(path, key: stranger.key, once: "r").code == "tip_unknown")
            let back = try await api.post(path, key: evening.host.key, once: "r")
            #expect(back.json["refunded"] as? Bool == true, "\(back.json)")
            #expect(try await api.post(path, key: evening.host.key, once: "r").bytes == back.bytes)
            #expect(try await api.post(path, key: House.operatorKey, once: "s").code == "already_refunded")
            #expect(try await evening.balance() == 9_500)
            let paid = try await evening.tip(1_000, once: "b")
            _ = try await api.post("/v1/rooms/\(evening.room)/close", key: evening.host.key)
            house.time.advance(bySeconds: 60)
            _ = try await api.post("/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            let late = try await api.post(
                "/v1/tips/\(paid.text("tip"))/refund", key: House.operatorKey, once: "late")
            #expect(late.json["refunded"] as? Bool == true, "\(late.json)")
            #expect(try await evening.balance() == 9_500)
            let own = try await api.get("/v1/wallets/\(evening.listener.holder)/tickets", key: evening.listener.key)
            let ticket = try #require((own.json["tickets"] as? [[String: any Sendable]])?.first)
            #expect(ticket["state"] as? String != "refunded")
            try house.time.set("2026-03-04T00:30:00Z")
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-03"}"#, key: House.financeKey)
            #expect(night.status == 201, "\(night.json)")
            try await evening.isClean()
        }
    }

    @Test func `each reason not to take a tip has its code, and the host may take none`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let stranger = try await api.wallet(5_000)
            #expect(try await evening.tip(500, once: "a", key: stranger.key).code == "tip_no_ticket")
            #expect(try await evening.tip(49, once: "b").code == "tip_amount")
            #expect(try await evening.tip(500, String(repeating: "x", count: 141), once: "c").code == "tip_message")
            #expect(try await evening.tip(500, once: "d", key: evening.host.key).code == "key_scope")
            #expect(try await evening.tip(9_501, once: "e").code == "insufficient_funds")
            let path = "/v1/rooms/\(evening.room)/tips"
            let off = try await api.send(.put, path, #"{"accepts":false}"#, key: evening.host.key)
            #expect(off.json["accepts"] as? Bool == false)
            #expect(try await evening.tip(500, once: "f").code == "tips_off")
            _ = try await api.send(.put, path, #"{"accepts":true}"#, key: evening.host.key)
            #expect(try await evening.tip(500, once: "f").status == 201)
            let cancelled = try await api.post("/v1/rooms/\(evening.room)/cancel", key: evening.host.key)
            #expect(cancelled.text("state") == "cancelled")
            #expect(try await evening.balance() == 10_000)
            #expect(try await evening.tip(500, once: "g").code == "room_cancelled")
            try await evening.isClean()
        }
    }

    @Test func `fifty tips at once never pass what a listener may give in a room`() async throws {
        let house = try await House()
        try await house.api { api in
            let evening = try await Evening(house, api)
            let more = try await api.post(
                "/v1/wallets/\(evening.listener.holder)/topups", #"{"amount":{"amount":900000,"currency":"EUR"}}"#,
                key: evening.listener.key, once: "more")
            #expect(more.status == 201)
            let codes = try await withThrowingTaskGroup(of: API.Answer.self) { group in
                for number in 0..<50 {
                    group.addTask { try await evening.tip(20_000, once: "n-\(number)") }
                }
                return try await group.reduce(into: []) { $0.append($1.status == 201 ? "taken" : $1.code) }
            }
            #expect(codes.filter { $0 == "taken" }.count == 2)
            #expect(codes.filter { $0 == "tip_room_limit" }.count == 48)
            try await evening.isClean()
        }
    }
}
