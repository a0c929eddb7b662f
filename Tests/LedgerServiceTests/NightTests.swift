import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Schemas
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct NightTests {
    /// Two tickets of 5.00 and a third that is given back, in a room that is closed.
    private func evening(_ house: House, _ api: API) async throws -> (host: String, room: String, orders: [String]) {
        let host = try await api.host()
        let room = try await api.room(host.key)
        var orders: [String] = []
        for index in 0..<3 {
            let buyer = try await api.wallet(500)
            let order = try await api.buy(room, key: buyer.key)
            orders.append(order.text("order"))
            if index == 2 {
                let refund = try await api.post(
                    "/v1/tickets/\(order.text("ticket"))/refund", key: buyer.key, once: "r")
                #expect(refund.status == 201)
            }
        }
        try house.time.set("2026-03-02T19:00:00Z")
        #expect(try await api.post("/v1/rooms/\(room)/open", key: host.key).text("state") == "open")
        try house.time.set("2026-03-02T19:40:00Z")
        #expect(try await api.post("/v1/rooms/\(room)/close", key: host.key).text("state") == "closed")
        house.time.advance(bySeconds: 60)
        return (host.id, room, orders)
    }

    @Test func `a night pays the host what the rules say, and running it again changes nothing`() async throws {
        let house = try await House()
        try await house.api { api in
            let (host, _, _) = try await evening(house, api)
            let first = try await api.post(
                "/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            #expect(first.status == 201, "\(first.json)")
            // Base of a ticket 417, of which 97 % are 404; two tickets remain.
            #expect(
                String(decoding: first.bytes, as: UTF8.self).contains(
                    #""gross":{"amount":808,"currency":"EUR"},"host":"\#(host)""#), "\(first.json)")
            #expect(first.int("rated") == 3)
            #expect(first.int("released") == 2)
            house.time.advance(bySeconds: 600)
            let second = try await api.post(
                "/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            #expect(first.bytes == second.bytes)
            let (entries, head) = try await house.service.database.read { transaction in
                (try transaction.entries(after: 0, through: .max, limit: 100), try transaction.journalHead().chain)
            }
            #expect(try verifyChain(entries) == head)
            #expect(first.text("headHash") == head.hash.hex)
            let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
            #expect(Balances(of: entries.map(\.entry)).violations(of: chart).isEmpty)
        }
    }

    @Test func `the reports of a night agree with each other and come out the same twice`() async throws {
        let house = try await House()
        try await house.api { api in
            let (host, room, _) = try await evening(house, api)
            _ = try await api.post("/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            let list = try await api.get("/v1/reports", key: House.financeKey)
            #expect(list.status == 200, "\(list.json)")
            let payouts = try await api.get("/v1/reports/payouts?format=csv", key: House.financeKey)
            #expect(
                String(decoding: payouts.bytes, as: UTF8.self)
                    == "batch_day,host,currency,gross,withheld,net\r\n2026-03-02,\(host),EUR,808,0,808\r\n")
            let page = try await api.get("/v1/reports/report.html?day=2026-03-02", key: House.operatorKey)
            #expect(page.status == 200)
            #expect(String(decoding: page.bytes, as: UTF8.self).contains(room))
            // What happens later belongs to later nights.
            let buyer = try await api.wallet(900)
            #expect(buyer.holder.hasPrefix("holder_"))
            let again = try await api.get("/v1/reports/report.html?day=2026-03-02", key: House.operatorKey)
            #expect(again.bytes == page.bytes)
            #expect(
                try await api.get("/v1/reports/nothing", key: House.financeKey).code == "report_unknown")
            #expect(
                try await api.get("/v1/reports/payouts?format=docx", key: House.financeKey).code == "report_format")
        }
    }

    @Test func `the default policy holds a share for a week and says until when`() async throws {
        let house = try await House(policy: "guichet-default-2026")
        try await house.api { api in
            _ = try await evening(house, api)
            try house.time.set("2026-03-03T00:30:00Z")
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-02"}"#, key: House.financeKey)
            #expect(night.status == 201, "\(night.json)")
            let text = String(decoding: night.bytes, as: UTF8.self)
            #expect(text.contains(#""payouts":[]"#))
            #expect(text.contains(#""nextOn":"2026-03-09""#), "\(text)")
            #expect(text.contains(#""reason":"on_hold""#))
            let reports = try await api.get("/v1/reports?day=2026-03-02", key: House.financeKey)
            #expect(reports.status == 200, "\(reports.json)")
            // A week later 8.08 is available, and less than the 50.00 that are paid out.
            try house.time.set("2026-03-10T00:30:00Z")
            let later = try await api.post("/v1/nights", #"{"day":"2026-03-09"}"#, key: House.financeKey)
            #expect(String(decoding: later.bytes, as: UTF8.self).contains(#""reason":"below_minimum""#))
            #expect(try await api.get("/v1/reports", key: House.financeKey).status == 200)
        }
    }

    @Test func `a refund after the payout is recovered from the next night's books`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet(500)
            let order = try await api.buy(room, key: buyer.key)
            try house.time.set("2026-03-02T23:30:00Z")
            let first = try await api.post("/v1/nights", #"{"day":"2026-03-02"}"#, key: House.financeKey)
            #expect(first.int("released") == 1, "\(first.json)")
            let refund = try await api.post(
                "/v1/tickets/\(order.text("ticket"))/refund", key: House.operatorKey, once: "op")
            #expect(refund.status == 201, "\(refund.json)")
            try house.time.set("2026-03-04T00:30:00Z")
            let second = try await api.post("/v1/nights", #"{"day":"2026-03-03"}"#, key: House.financeKey)
            let text = String(decoding: second.bytes, as: UTF8.self)
            #expect(text.contains(#""available":{"amount":-404,"currency":"EUR"}"#), "\(text)")
            #expect(text.contains(#""reason":"negative""#))
            let reports = try await api.get("/v1/reports?day=2026-03-03", key: House.financeKey)
            #expect(reports.status == 200, "\(reports.json)")
        }
    }

    @Test func `nights run in order, after their day, and with a finance key`() async throws {
        let house = try await House()
        try await house.api { api in
            func run(_ day: String, cutNow: Bool = false, key: String? = House.financeKey) async throws -> String {
                try await api.post("/v1/nights", #"{"day":"\#(day)","cutNow":\#(cutNow)}"#, key: key).code
            }
            #expect(try await run("2026-03-02") == "night_future")
            #expect(try await run("2026-03-03", cutNow: true) == "night_future")
            #expect(try await run("2026-03-02", key: nil) == "key_missing")
            let host = try await api.host()
            #expect(try await run("2026-03-02", key: host.key) == "key_scope")
            #expect(try await run("2026-03-01") == "")
            #expect(try await run("2026-02-28") == "night_out_of_order")
            #expect(try await api.get("/v1/nights/2026-02-28", key: House.financeKey).code == "night_unknown")
            #expect(try await api.get("/v1/nights/2026-03-01", key: House.financeKey).status == 200)
        }
    }

    @Test func `a night that was interrupted goes on, and takes more orders than one step holds`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try #require(RoomID(try await api.room(host.key, capacity: 600, price: 100)))
            let buyer = try await api.wallet(100_000)
            let caller = try await house.service.authenticate(buyer.key)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<520 {
                    group.addTask {
                        let key = try #require(IdempotencyKey("order-\(index)"))
                        _ = try await house.service.buy(room, at: Money(100, .eur), key: key, by: caller)
                    }
                }
                try await group.waitForAll()
            }
            try house.time.set("2026-03-02T23:30:00Z")
            // What a process that was killed behind the first step leaves: the cut and nothing else.
            let day = try #require(LocalDay("2026-03-02"))
            let now = house.service.clock.now()
            try await house.service.database.write { transaction in
                let head = try transaction.journalHead().chain.sequence
                try transaction.insertNight(
                    NightRow(
                        day: day, cut: head, payeeCut: 0, cutoff: now, policy: "guichet-demo-2026/1", begunAt: now),
                    ratedThrough: 0)
            }
            let under = try await api.get("/v1/nights/2026-03-02", key: House.financeKey)
            #expect(under.text("state") == "under_way")
            #expect(
                try await api.get("/v1/reports/payouts?day=2026-03-02", key: House.financeKey).code == "night_unknown")
            let next = try await api.post("/v1/nights", #"{"day":"2026-03-03","cutNow":true}"#, key: House.financeKey)
            #expect(next.code == "night_under_way")
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-02"}"#, key: House.financeKey)
            #expect(night.text("state") == "done", "\(night.json)")
            #expect(night.int("rated") == 520)
            #expect(night.int("released") == 520)
            // 100 with 20 % VAT inside is 83 of base, of which 97 % are 80.51: 81 for the host.
            #expect(
                String(decoding: night.bytes, as: UTF8.self).contains(#""gross":{"amount":42120,"currency":"EUR"}"#))
            let rest = try await house.service.database.read { transaction in
                try transaction.amount(in: .escrow(room), .eur)
            }
            #expect(rest == .zero(.eur))
        }
    }

    @Test func `a night killed between its steps ends as one that ran through, to the last hash`() async throws {
        let house = try await House(on: .sqlite)
        let service = house.service
        let host = try await service.createHost(name: "Ana", by: .operator)
        let owner = try await service.authenticate(host.key.key)
        let start = house.service.clock.now()
        let draft = RoomDraft(
            title: "T", language: "en", doorsOpenAt: start, startsAt: start,
            endsAt: start.advanced(bySeconds: 3_600), capacity: 20)
        let room = try await service.createRoom(draft, price: Money(100, .eur), by: owner).room
        let holder = try await service.createWallet()
        let buyer = try await service.authenticate(holder.key.key)
        let key = try #require(IdempotencyKey("t"))
        _ = try await service.topUp(holder.holder, Money(200_000, .eur), key: key, by: buyer)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<10 {
                group.addTask {
                    let key = try #require(IdempotencyKey("order-\(index)"))
                    _ = try await service.buy(room, at: Money(100, .eur), key: key, by: buyer)
                }
            }
            try await group.waitForAll()
        }
        try house.time.set("2026-03-03T00:30:00Z")
        let day = try #require(LocalDay("2026-03-02"))
        let through = try await House(after: house)
        let expected = try await through.service.runNight(day, by: .finance)
        #expect(expected.rated == 10)
        #expect(expected.released == 10)
        // Killed behind the cut, behind each of the full chunks of rating, behind a chunk of releases.
        let night = NightRun(service: service, day: day, actor: "finance", stepLimit: 4)
        var killed = [try await House(after: house)]
        #expect(try await night.cut(now: false))
        killed.append(try await House(after: house))
        while try await night.rateStep() { killed.append(try await House(after: house)) }
        #expect(try await night.releaseStep(after: .init()) != nil)
        killed.append(try await House(after: house))
        #expect(killed.count == 5)
        for rest in killed {
            #expect(try await rest.service.runNight(day, by: .finance) == expected)
            await rest.service.database.close()
        }
        await through.service.database.close()
        await service.database.close()
    }
}
