import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct CancellationTests {
    /// A room on sale and its host, and people with money.
    private struct Stage {
        let api: API
        let house: House
        let host: (id: String, key: String)
        let room: String

        init(_ house: House, _ api: API, capacity: Int = 600, price: Int = 100) async throws {
            self.api = api
            self.house = house
            host = try await api.host()
            room = try await api.room(host.key, capacity: capacity, price: price)
        }

        /// Tickets in groups of twenty, each group of another holder.
        func sell(groups: Int) async throws -> [(holder: String, key: String)] {
            var wallets: [(holder: String, key: String)] = []
            for group in 0..<groups {
                let wallet = try await api.wallet(2_000)
                let bought = try await api.post(
                    "/v1/orders", #"{"room":"\#(room)","count":20,"price":{"amount":100,"currency":"EUR"}}"#,
                    key: wallet.key, once: "group-\(group)")
                #expect(bought.status == 201, "\(bought.json)")
                wallets.append(wallet)
            }
            return wallets
        }

        func plan(_ once: String = "plan", key: String? = nil) async throws -> API.Answer {
            try await api.post("/v1/rooms/\(room)/cancellations", key: key ?? host.key, once: once)
        }

        func approve(_ plan: API.Answer, key: String, once: String = "yes") async throws -> API.Answer {
            try await api.post(
                "/v1/cancellations/\(plan.text("cancellation"))/approve", #"{"digest":"\#(plan.text("digest"))"}"#,
                key: key, once: once)
        }

        func run(_ plan: API.Answer, key: String? = nil, batches: Int? = nil, digest: String? = nil) async throws
            -> API.Answer
        {
            let digest = digest ?? plan.text("digest")
            let more = batches.map { #","batches":\#($0)"# } ?? ""
            return try await api.post(
                "/v1/cancellations/\(plan.text("cancellation"))/run", #"{"digest":"\#(digest)"\#(more)}"#,
                key: key ?? host.key)
        }

        func inForce() async throws -> Int {
            let id = try #require(RoomID(room))
            return try await house.service.database.read { try $0.ticketsInForce(of: id, limit: 9_999).count }
        }

        func isClean() async throws {
            let report = try await house.service.audit(by: .operator)
            #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        }
    }

    private func progress(_ answer: API.Answer, _ member: String) -> Int? {
        (answer.json["progress"] as? [String: any Sendable])?[member] as? Int
    }

    @Test func `a plan says what will happen and does nothing`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await Stage(house, api)
            let buyers = try await stage.sell(groups: 2)
            let plan = try await stage.plan()
            #expect(plan.status == 201, "\(plan.json)")
            #expect(plan.text("state") == "planned")
            #expect(plan.json["needsSecond"] as? Bool == false)
            let text = String(decoding: plan.bytes, as: UTF8.self)
            #expect(text.contains(#""counts":{"holders":2,"holds":0,"orders":40,"passes":0,"tickets":40}"#), "\(text)")
            #expect(text.contains(#""refunds":[{"amount":4000,"currency":"EUR"}]"#))
            // 1.00 with 20 % VAT inside is 0.83 of base.
            #expect(text.contains(#""amount":{"amount":3320,"currency":"EUR"},"credit":"liabilities:wallet:holders""#))
            #expect(try await stage.plan().bytes == plan.bytes)
            let list = try await api.get(
                "/v1/cancellations/\(plan.text("cancellation"))/recipients?limit=1", key: stage.host.key)
            let first = try #require((list.json["recipients"] as? [[String: any Sendable]])?.first)
            #expect(first["holder"] as? String == buyers.map(\.holder).min())
            let rest = try await api.get(
                "/v1/cancellations/\(plan.text("cancellation"))/recipients?cursor=\(list.text("next"))",
                key: House.financeKey)
            #expect((rest.json["recipients"] as? [Any])?.count == 1)
            #expect(try await api.get("/v1/rooms/\(stage.room)").text("state") == "scheduled")
            #expect(try await stage.inForce() == 40)
            try await stage.isClean()
        }
    }

    @Test func `a plan is carried out in batches, goes on where it stopped, and ends every ticket`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await Stage(house, api)
            let buyers = try await stage.sell(groups: 23)
            let pass = try await api.post(
                "/v1/rooms/\(stage.room)/passes", #"{"role":"speaker"}"#, key: stage.host.key)
            #expect(pass.status == 201)
            let free = try await api.post(
                "/v1/vouchers", #"{"kind":"free","code":"gift"}"#, key: stage.host.key, once: "v")
            #expect(free.status == 201, "\(free.json)")
            let guest = try await api.wallet(0)
            let gift = try await api.post(
                "/v1/orders",
                #"{"room":"\#(stage.room)","voucher":"gift","price":{"amount":100,"currency":"EUR"}}"#, key: guest.key,
                once: "g")
            #expect(gift.status == 201, "\(gift.json)")
            let waiting = try await api.wallet(500)
            let held = try await api.post(
                "/v1/holds", #"{"room":"\#(stage.room)","price":{"amount":100,"currency":"EUR"}}"#, key: waiting.key,
                once: "h")
            #expect(held.status == 201, "\(held.json)")
            let plan = try await stage.plan()
            #expect(plan.json["needsSecond"] as? Bool == true, "\(plan.json)")
            #expect(try await stage.run(plan).code == "cancellation_approval_needed")
            #expect(
                try await api.post("/v1/rooms/\(stage.room)/cancel", key: stage.host.key).code
                    == "cancellation_plan_needed")
            #expect(try await stage.approve(plan, key: stage.host.key).code == "key_scope")
            let approved = try await stage.approve(plan, key: House.financeKey)
            #expect(approved.text("state") == "approved", "\(approved.json)")
            #expect(try await stage.run(plan, digest: String(repeating: "0", count: 64)).code == "cancellation_digest")
            let cursor = try await house.service.snapshot().cursor
            let begun = try await stage.run(plan, batches: 1)
            #expect(begun.text("state") == "underway", "\(begun.json)")
            #expect(progress(begun, "orders") == 200)
            #expect(try await api.get("/v1/rooms/\(stage.room)").text("state") == "cancelled")
            #expect(try await stage.plan("again").code == "cancellation_begun")
            let seen = try await api.get("/v1/cancellations/\(plan.text("cancellation"))", key: House.financeKey)
            #expect(progress(seen, "orders") == 200)
            let done = try await stage.run(plan)
            #expect(done.text("state") == "done", "\(done.json)")
            #expect(progress(done, "orders") == 461)
            #expect(progress(done, "holds") == 1)
            #expect(progress(done, "passes") == 1)
            #expect(
                String(decoding: done.bytes, as: UTF8.self).contains(
                    #""refunded":[{"amount":46000,"currency":"EUR"}]"#))
            #expect(try await stage.run(plan).bytes == done.bytes)
            #expect(try await stage.inForce() == 0)
            let told = try await house.service.feed(after: cursor)
            #expect(told.events.count > 400)
            for buyer in buyers {
                let holder = try #require(HolderID(buyer.holder))
                let money = try await house.service.database.read { try $0.amount(in: .wallet(holder), .eur) }
                #expect(money == Money(2_000, .eur))
            }
            try await stage.isClean()
        }
    }

    @Test func `a room that sold more than was shown is not cancelled by the old plan`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await Stage(house, api)
            let first = try await stage.sell(groups: 1)
            let plan = try await stage.plan()
            let late = try await api.wallet(500)
            let sale = try await api.buy(stage.room, key: late.key, price: 100)
            #expect(sale.status == 201)
            #expect(try await stage.run(plan).code == "cancellation_changed")
            // Less than was shown surprises nobody.
            for ticket in [sale.text("ticket")] {
                _ = try await api.post("/v1/tickets/\(ticket)/refund", key: late.key, once: "r")
            }
            let own = try await api.get("/v1/wallets/\(first[0].holder)/tickets", key: first[0].key)
            let ticket = try #require((own.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String)
            #expect(try await api.post("/v1/tickets/\(ticket)/refund", key: first[0].key, once: "r").status == 201)
            #expect(try await stage.run(plan).text("state") == "done")
            try await stage.isClean()
        }
    }

    @Test func `the second person is another one, and was there before`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await Stage(house, api)
            _ = try await stage.sell(groups: 6)
            let older = try await api.post("/v1/keys", #"{"scope":"operator"}"#, key: House.operatorKey).text("key")
            let plan = try await stage.plan(key: House.operatorKey)
            house.time.advance(bySeconds: 1)
            let newer = try await api.post("/v1/keys", #"{"scope":"finance"}"#, key: House.operatorKey).text("key")
            #expect(try await stage.approve(plan, key: House.operatorKey, once: "a").code == "cancellation_same_person")
            #expect(try await stage.approve(plan, key: newer, once: "b").code == "cancellation_new_key")
            #expect(try await stage.approve(plan, key: older, once: "c").status == 201)
            #expect(try await stage.approve(plan, key: House.financeKey, once: "d").code == "cancellation_approved")
            house.time.advance(bySeconds: 86_400)
            #expect(try await stage.run(plan, key: House.operatorKey).code == "cancellation_expired")
        }
    }

    @Test func `a stranger learns nothing of a plan`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await Stage(house, api)
            let plan = try await stage.plan()
            let other = try await api.host("Bea")
            let path = "/v1/cancellations/\(plan.text("cancellation"))"
            #expect(try await api.get(path, key: other.key).code == "cancellation_unknown")
            #expect(try await api.get(path + "/recipients", key: other.key).code == "cancellation_unknown")
            #expect(try await stage.run(plan, key: other.key).code == "cancellation_unknown")
            #expect(try await stage.plan("x", key: other.key).code == "key_scope")
            #expect(try await stage.run(plan, key: House.financeKey).code == "key_scope")
            #expect(try await stage.run(plan).text("state") == "done")
            #expect(try await stage.approve(plan, key: House.financeKey).code == "cancellation_begun")
        }
    }
}
