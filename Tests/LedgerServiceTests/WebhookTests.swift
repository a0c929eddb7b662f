import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Logging
import Payouts
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct WebhookTests {
    private func worker(_ house: House, _ receiver: Receiver) -> WebhookWorker {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return WebhookWorker(house.service, receiver, logger: logger)
    }

    private func add(
        _ api: API, _ body: String = #"{"url":"https://example.org/hooks"}"#, key: String, once: String = "add"
    ) async throws -> (id: String, secret: String) {
        let answer = try await api.post("/v1/webhooks", body, key: key, once: once)
        #expect(answer.status == 201, "\(answer.json)")
        return (answer.text("webhook"), answer.text("secret"))
    }

    private func events(_ api: API, key: String, after: Int = 0) async throws -> [[String: Any]] {
        let page = try await api.get("/v1/events?after=\(after)", key: key)
        #expect(page.status == 200, "\(page.json)")
        return page.json["events"] as? [[String: Any]] ?? []
    }

    @Test func `what happens is told in order, with ids and amounts and nothing of a person`() async throws {
        let house = try await House()
        let receiver = Receiver()
        try await house.api { api in
            let ana = try await api.host("Ana Secret")
            _ = try await add(api, key: House.operatorKey)
            let room = try await api.room(ana.key)
            let buyer = try await api.wallet(2_000)
            let ticket = try await api.buy(room, key: buyer.key).text("ticket")
            #expect(try await api.post("/v1/tickets/\(ticket)/refund", key: buyer.key, once: "r").status == 201)
            let group = try await api.post(
                "/v1/orders", #"{"room":"\#(room)","count":2,"price":{"amount":500,"currency":"EUR"}}"#,
                key: buyer.key, once: "g")
            #expect(group.status == 201, "\(group.json)")
            let hold = try await api.post(
                "/v1/holds", #"{"room":"\#(room)","price":{"amount":500,"currency":"EUR"}}"#, key: buyer.key, once: "h")
            let id = hold.text("hold")
            #expect(try await api.post("/v1/holds/\(id)/pay", key: buyer.key, once: "p").status == 201)
            let late = try await api.post(
                "/v1/suspense",
                #"{"source":"bank","reference":"Ana Secret","amount":{"amount":7,"currency":"EUR"},"reason":"late"}"#,
                key: House.operatorKey, once: "s")
            let resolved = try await api.post(
                "/v1/suspense/\(late.text("item"))/resolve", #"{"refund":true}"#, key: House.operatorKey, once: "v")
            #expect(resolved.status == 201, "\(resolved.json)")
            try house.time.set("2026-03-02T19:00:00Z")
            #expect(try await api.post("/v1/rooms/\(room)/open", key: ana.key).status == 200)
            try house.time.set("2026-03-02T19:40:00Z")
            #expect(try await api.post("/v1/rooms/\(room)/close", key: ana.key).status == 200)
            house.time.advance(bySeconds: 60)
            let night = try await api.post(
                "/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            #expect(night.status < 300, "\(night.json)")
            try await worker(house, receiver).turn()
            #expect(
                receiver.kinds == [
                    "room.scheduled", "order.sold", "ticket.revoked", "order.refunded", "order.sold", "order.sold",
                    "hold.changed", "order.sold", "hold.changed", "hold.changed", "suspense.booked",
                    "suspense.resolved", "room.opened", "room.closed", "payout.made", "night.done",
                ])
            #expect(receiver.attempts.map { $0["sequence"] } == (1...16).map(String.init))
            #expect(Set(receiver.attempts.map(\.message.id)).count == 16)
            let all = receiver.attempts.map(\.message.body).joined()
            for word in ["Ana", "Secret", "bank", "Soirée", buyer.holder, buyer.key, "holder_", "token"] {
                #expect(!all.contains(word), "\(word)")
            }
            #expect(all.contains(#""amount":{"amount":500,"currency":"EUR"}"#) && all.contains(ticket))
            // Who polls gets the very same texts.
            let page = try await api.get("/v1/events", key: House.operatorKey)
            #expect(
                String(decoding: page.bytes, as: UTF8.self)
                    == #"{"events":[\#(receiver.attempts.map(\.message.body).joined(separator: ","))],"next":16}"#)
            let rest = try await api.get("/v1/events?after=14&limit=1", key: House.operatorKey)
            #expect(rest.int("next") == 15)
            let report = try await house.service.audit(by: .operator)
            for line in report.lines { #expect(line.findings.isEmpty, "\(line.check) \(line.findings)") }
        }
    }

    @Test func `a sale is told in the words that the encoder would find`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet(2_000)
            _ = try await api.buy(room, key: buyer.key)
            _ = try await api.post(
                "/v1/orders", #"{"room":"\#(room)","count":2,"price":{"amount":500,"currency":"EUR"}}"#,
                key: buyer.key, once: "g")
            let sold = try await house.service.database.read { transaction in
                try transaction.events(after: 0, limit: 100).filter { $0.kind == .orderSold }.map { event in
                    let body = try value(SaleBody.self, from: event.body, column: "outbox.body")
                    let order = try #require(try transaction.order(body.order))
                    let ticket = try #require(try transaction.ticket(order.ticket))
                    let facts = EventFacts(
                        order: order.id, ticket: order.ticket, room: order.room, purchase: order.purchase,
                        amount: order.gross, vat: Money(order.vat, .eur), fee: Money(order.fee, .eur),
                        seat: ticket.seat)
                    return (event.body, text(of: facts))
                }
            }
            #expect(sold.count == 3)
            for (told, encoded) in sold { #expect(told == encoded) }
        }
    }

    private struct SaleBody: Decodable { let order: OrderID }

    @Test func `payouts and gifts of funds are told in the words that the encoder would find`() async throws {
        let house = try await House()
        let host = try await house.service.createHost(name: "Ana", by: .operator).host.host
        let now = house.service.clock.now()
        let day = try #require(LocalDay("2026-03-02"))
        let month = try #require(LocalMonth("2026-02"))
        let (gross, withheld, net) = (Money(1_000, .jpy), Money(100, .jpy), Money(900, .jpy))
        let entry = try #require(
            JournalEntry(
                EntryStamp(id: .derived(at: now, from: "e"), postedAt: now, effectiveOn: day), kind: .payout,
                legs: PostingRecipe.payout(to: host, net: net, withheld: withheld)))
        let item = PayoutItem(host: host, gross: gross, withheld: withheld, net: net, entry: entry)
        let accrual = Accrual(
            id: .derived(at: now, from: "a"), kind: .fund, host: host, amount: net, availableOn: day, accruedOn: day)
        // The last name is of a list of facts.
        let programs = ["spark-2021", #"a "fund" / ü"#]
        try await house.service.database.write { transaction in
            try transaction.tellPayout(item, batch: "batch_2026-03-02", day: day, at: now)
            for program in programs { try transaction.tellFund(accrual, program: program, month: month, at: now) }
        }
        let told = try await house.service.database.read { transaction in
            try transaction.events(after: 0, limit: 100).suffix(3)
        }
        let payout = EventFacts(
            host: host, amount: net, gross: gross, withheld: withheld, batch: "batch_2026-03-02", day: day)
        let gifts = programs.map {
            EventFacts(host: host, amount: net, program: $0, month: month.description)
        }
        #expect(told.map(\.body) == ([payout] + gifts).map { text(of: $0) })
        #expect(told.map(\.kind) == [.payoutMade, .fundCredited, .fundCredited])
        #expect(told.allSatisfy { $0.host == host })
    }

    @Test func `a host hears of its own rooms and of nothing else`() async throws {
        let house = try await House()
        let receiver = Receiver()
        try await house.api { api in
            let ana = try await api.host()
            let bea = try await api.host("Bea")
            let own = try await add(api, #"{"url":"https://ana.example/","events":["order.sold"]}"#, key: ana.key)
            let rooms = [try await api.room(ana.key), try await api.room(bea.key)]
            for room in rooms { _ = try await api.buy(room, key: try await api.wallet().key) }
            try await worker(house, receiver).turn()
            #expect(receiver.kinds == ["order.sold"])
            #expect(receiver.attempts.allSatisfy { $0.message.body.contains(rooms[0]) })
            #expect(try await events(api, key: ana.key).count == 2)
            #expect(try await events(api, key: House.operatorKey).count == 4)
            // A turn later there is nothing to look through again.
            let shown = try await api.get("/v1/webhooks/\(own.id)", key: ana.key)
            #expect(shown.int("delivered") == 4)
            #expect(shown.json["secret"] == nil)
            for verb in ["enable", "disable", "rotate", "test", "remove"] {
                let answer = try await api.post("/v1/webhooks/\(own.id)/\(verb)", key: bea.key, once: verb)
                #expect(answer.code == "webhook_unknown")
            }
            let foreign = try await api.post(
                "/v1/webhooks", #"{"url":"https://x.example/","host":"\#(ana.id)"}"#, key: bea.key, once: "f")
            #expect(foreign.code == "key_scope")
            let forHost = try await api.post(
                "/v1/webhooks", #"{"url":"https://x.example/","host":"\#(ana.id)"}"#, key: House.operatorKey, once: "o")
            #expect(forHost.text("host") == ana.id)
            let listed = try await api.get("/v1/webhooks", key: ana.key)
            #expect((listed.json["webhooks"] as? [Any])?.count == 2)
        }
    }

    @Test func `each reason not to register has its own code`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            for (body, code) in [
                (#"{"url":"http://example.org/"}"#, "webhook_url"),
                (#"{"url":"https://10.0.0.1/"}"#, "webhook_address"),
                (#"{"url":"https://example.org/","events":["nothing"]}"#, "webhook_events"),
                (#"{"url":"https://example.org/","events":["webhook.test"]}"#, "webhook_events"),
                (#"{"url":"https://example.org/","events":["night.done"]}"#, "webhook_events"),
                (#"{"url":"https://example.org/","events":["order.sold","order.sold"]}"#, "webhook_events"),
            ] {
                #expect(try await api.post("/v1/webhooks", body, key: host.key, once: code).code == code, "\(body)")
            }
            let nobody = HostID.derived(at: Instant(seconds: 0), from: "nobody")
            let stray = try await api.post(
                "/v1/webhooks", #"{"url":"https://x.example/","host":"\#(nobody)"}"#, key: House.operatorKey, once: "n")
            #expect(stray.code == "host_unknown")
            for number in 0..<10 { _ = try await add(api, key: host.key, once: "add-\(number)") }
            let eleventh = try await api.post(
                "/v1/webhooks", #"{"url":"https://example.org/"}"#, key: host.key, once: "11")
            #expect(eleventh.code == "webhook_limit")
            // The same command again is the same endpoint, and the same secret.
            let first = try await add(api, key: host.key, once: "add-0")
            let again = try await add(api, key: host.key, once: "add-0")
            #expect(first == again && first.secret.hasPrefix("whsec_"))
            let path = "/v1/webhooks/\(first.id)"
            #expect(
                try await api.post(path + "/replay", #"{"after":99}"#, key: host.key, once: "r").code
                    == "webhook_cursor")
            #expect(
                try await api.post(path + "/replay", #"{"after":-1}"#, key: host.key, once: "q").code
                    == "webhook_cursor")
            #expect(try await api.post(path + "/disable", key: host.key, once: "d").text("state") == "disabled")
            #expect(try await api.post(path + "/test", key: host.key, once: "t").code == "webhook_not_enabled")
            #expect(try await api.post(path + "/remove", key: host.key, once: "x").text("state") == "removed")
            for verb in ["enable", "disable", "rotate"] {
                let answer = try await api.post(path + "/" + verb, key: host.key, once: "2" + verb)
                #expect(answer.code == "webhook_removed" && answer.status == 410)
            }
            let gone = try await api.post(path + "/replay", #"{"after":0}"#, key: host.key, once: "z")
            #expect(gone.code == "webhook_removed")
        }
    }

    @Test func `an event that fails is tried again under its id, and nothing overtakes it`() async throws {
        let house = try await House()
        let receiver = Receiver()
        try await house.api { api in
            let host = try await api.host()
            let hook = try await add(api, key: host.key)
            let room = try await api.room(host.key)
            _ = try await api.buy(room, key: try await api.wallet().key)
            receiver.answer(
                .answered(status: 500), .failed("timed out"), .answered(status: 302), .answered(status: 204),
                .answered(status: 503))
            let worker = worker(house, receiver)
            for pause in [2, 7, 37] as [Int64] {
                try await worker.turn()
                // Not before its time.
                try await worker.turn()
                house.time.advance(bySeconds: pause)
            }
            #expect(receiver.attempts.count == 3)
            #expect(receiver.taken.isEmpty)
            // The fourth attempt gets through; the next event fails once more, and its pause is the first again.
            try await worker.turn()
            house.time.advance(bySeconds: 2)
            try await worker.turn()
            #expect(receiver.kinds == ["room.scheduled", "order.sold"])
            #expect(Set(receiver.attempts.prefix(4).map(\.message.id)).count == 1)
            #expect(receiver.attempts.map { $0["sequence"] } == ["1", "1", "1", "1", "2", "2"])
            let log = try await api.get("/v1/webhooks/\(hook.id)/attempts", key: host.key)
            let outcomes = (log.json["attempts"] as? [[String: Any]])?.compactMap { $0["outcome"] as? String }
            #expect(
                outcomes == [
                    "delivered", "refused", "delivered", "redirects are not followed", "timed out", "refused",
                ])
        }
    }

    @Test func `signatures are those of Standard Webhooks, and after a rotation there are two`() async throws {
        let house = try await House()
        let receiver = Receiver()
        try await house.api { api in
            let host = try await api.host()
            let hook = try await add(api, key: host.key)
            let worker = worker(house, receiver)
            func test(_ once: String) async throws -> Receiver.Delivery {
                receiver.forget()
                _ = try await api.post("/v1/webhooks/\(hook.id)/test", key: host.key, once: once)
                try await worker.turn()
                return try #require(receiver.taken.last)
            }
            func signature(_ secret: String, _ message: WebhookMessage) throws -> String {
                let key = try #require(Data(base64Encoded: String(secret.dropFirst("whsec_".count))))
                #expect(key.count == 32)
                let text = "\(message.id).\(message.timestamp).\(message.body)"
                return "v1," + Data(hmacSHA256(Array(text.utf8), key: Array(key)).bytes).base64EncodedString()
            }
            let first = try await test("1").message
            #expect(first.signatures == (try signature(hook.secret, first)))
            #expect(first.timestamp == house.service.clock.now().seconds)
            let rotated = try await api.post("/v1/webhooks/\(hook.id)/rotate", key: host.key, once: "rotate")
            let secret = rotated.text("secret")
            #expect(secret != hook.secret && rotated.text("previousSecretUntil") != "")
            let second = try await test("2").message
            #expect(
                second.signatures == (try "\(signature(secret, second)) \(signature(hook.secret, second))"))
            house.time.advance(bySeconds: 86_400)
            let third = try await test("3").message
            #expect(third.signatures == (try signature(secret, third)))
            // A test is about nothing, and nobody's event.
            #expect(try await events(api, key: host.key).isEmpty)
            // Nothing that signs lies in the database.
            let stored = try await house.service.database.read { transaction in
                try transaction.rows("SELECT key_print FROM webhook_facts") { row throws(StoreFault) in try row.text(0)
                }
            }
            #expect(stored.allSatisfy { $0.count == 16 })
        }
    }

    @Test func `a replay sends everything behind a cursor again, in order, under the same ids`() async throws {
        let house = try await House()
        let receiver = Receiver()
        try await house.api { api in
            let host = try await api.host()
            let hook = try await add(api, key: host.key)
            let room = try await api.room(host.key, capacity: 80)
            let buyer = try await api.wallet(50_000)
            for number in 0..<70 { _ = try await api.buy(room, key: buyer.key, once: "\(number)") }
            let worker = worker(house, receiver)
            try await worker.turn()
            let first = receiver.taken.map(\.message.id)
            #expect(first.count == 71)
            let replay = try await api.post(
                "/v1/webhooks/\(hook.id)/replay", #"{"after":11}"#, key: host.key, once: "replay")
            #expect(replay.int("delivered") == 11)
            try await worker.turn()
            #expect(receiver.taken.map(\.message.id) == first + first.suffix(60))
            #expect(Set(receiver.taken.map(\.message.body)).count == 71)
        }
    }

    @Test func `an endpoint that is dead is paused with its reason, and goes on where it was`() async throws {
        let house = try await House()
        let receiver = Receiver()
        try await house.api { api in
            let host = try await api.host()
            let hook = try await add(api, key: host.key)
            let room = try await api.room(host.key)
            let worker = worker(house, receiver)
            receiver.setReachable(false)
            for _ in 0..<80 {
                try await worker.turn()
                house.time.advance(bySeconds: 3_600)
            }
            let paused = try await api.get("/v1/webhooks/\(hook.id)", key: host.key)
            #expect(paused.text("state") == "paused")
            #expect(
                paused.text("reason").contains("nothing got through since 2026-03-02T12:00:00Z; last: not reachable"))
            receiver.setReachable(true)
            _ = try await api.buy(room, key: try await api.wallet().key)
            try await worker.turn()
            #expect(receiver.taken.isEmpty)
            #expect(
                try await api.post("/v1/webhooks/\(hook.id)/enable", key: host.key, once: "e").text("state")
                    == "enabled")
            try await worker.turn()
            #expect(receiver.kinds.first == "room.scheduled")
            // Whoever says that it is gone is believed at once.
            receiver.answer(.answered(status: 410))
            _ = try await api.post("/v1/webhooks/\(hook.id)/test", key: host.key, once: "t")
            try await worker.turn()
            let gone = try await api.get("/v1/webhooks/\(hook.id)", key: host.key)
            #expect(gone.text("state") == "paused" && gone.text("reason").contains("410"))
        }
    }

    @Test func `what happens while deliveries are off waits, and a clock that went back holds nothing up`() async throws
    {
        let house = try await House()
        let receiver = Receiver()
        try await house.api { api in
            let host = try await api.host()
            let hook = try await add(api, key: host.key)
            let path = "/v1/webhooks/\(hook.id)"
            _ = try await api.post(path + "/disable", key: host.key, once: "d")
            _ = try await api.room(host.key)
            let worker = worker(house, receiver)
            try await worker.turn()
            #expect(receiver.attempts.isEmpty)
            _ = try await api.post(path + "/enable", key: host.key, once: "e")
            receiver.answer(.answered(status: 500))
            try await worker.turn()
            house.time.advance(bySeconds: -86_400)
            try await worker.turn()
            #expect(receiver.kinds == ["room.scheduled"])
        }
    }

    @Test func `a server with another key file neither signs nor shows a secret`() async throws {
        let house = try await House()
        let receiver = Receiver()
        try await house.api { api in
            let host = try await api.host()
            let hook = try await add(api, key: host.key)
            _ = try await api.room(host.key)
            // As another process of the same database has it, whose folder was not copied.
            let id = try #require(WebhookID(hook.id))
            try await house.service.database.write { transaction in
                let row = try #require(try transaction.webhook(id))
                try transaction.change(
                    row, to: row.endpoint, keyPrint: "0123456789abcdef", reason: "", by: "test",
                    at: house.time.clock.now())
            }
            try await worker(house, receiver).turn()
            #expect(receiver.attempts.isEmpty)
            let rotate = try await api.post("/v1/webhooks/\(hook.id)/rotate", key: host.key, once: "r")
            #expect(rotate.code == "webhook_other_key")
            let again = try await api.post(
                "/v1/webhooks", #"{"url":"https://example.org/hooks"}"#, key: host.key, once: "add")
            #expect(again.code == "webhook_other_key")
        }
    }
}
