import Foundation
import LedgerService
import Simulation
import Stage
import Store
import Testing
import Values

@Suite struct GatewayTests {
    /// A gateway's key, and a chain of receipts that it wrote.
    private func receipts(_ count: Int, of gateway: GatewayID, seed: UInt64 = 1) throws -> [Receipt] {
        var generator = SeededGenerator(seed: seed)
        let at = Instant(seconds: 1_772_000_000)
        var chain = ReceiptChain(gateway: gateway)
        return (0..<count).map { index in
            let seat = Seat(
                admission: .make(at: at, using: &generator), ticket: .make(at: at, using: &generator),
                holder: .holder(.make(at: at, using: &generator)), role: .listener,
                direction: .listening, since: at)
            return chain.append(
                .entered, of: seat, room: .make(at: at, using: &generator), at: at.advanced(bySeconds: Int64(index)))
        }
    }

    private func gateway(_ api: API) async throws -> (id: GatewayID, key: String) {
        let answer = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey)
        #expect(answer.status == 201, "\(answer.json)")
        return (try #require(GatewayID(answer.text("subject"))), answer.text("key"))
    }

    private func body(_ receipts: [Receipt], of gateway: GatewayID) throws -> String {
        String(
            decoding: try JSONEncoder().encode(ReceiptBatch(gateway: gateway, receipts: receipts)), as: UTF8.self)
    }

    @Test func `receipts are taken once and in order, however often they are sent`() async throws {
        let house = try await House()
        try await house.api { api in
            let gateway = try await gateway(api)
            let all = try receipts(6, of: gateway.id)
            let path = "/v1/gateway/receipts"
            let first = try await api.post(path, try body(Array(all[0..<3]), of: gateway.id), key: gateway.key)
            #expect(first.status == 200, "\(first.json)")
            #expect(first.int("acceptedThrough") == 3)
            let overlapping = try await api.post(path, try body(Array(all[1..<5]), of: gateway.id), key: gateway.key)
            #expect(overlapping.int("acceptedThrough") == 5)
            let gap = try receipts(9, of: gateway.id)
            #expect(
                try await api.post(path, try body(Array(gap[7..<9]), of: gateway.id), key: gateway.key).code
                    == "receipt_gap")
            let forged = try receipts(6, of: gateway.id, seed: 2)
            #expect(
                try await api.post(path, try body([forged[1]], of: gateway.id), key: gateway.key).code
                    == "receipt_conflict")
            #expect(
                try await api.post(path, try body([forged[5]], of: gateway.id), key: gateway.key).code
                    == "receipt_chain")
            let other = try await self.gateway(api)
            #expect(
                try await api.post(path, try body([all[5]], of: gateway.id), key: other.key).code == "receipt_gateway")
            let stored = try await house.service.database.read { transaction in
                try transaction.rows("SELECT seq FROM receipts ORDER BY seq") { row throws(StoreFault) in
                    try row.int(0)
                }
            }
            #expect(stored == [1, 2, 3, 4, 5])
            let page = try await api.get("/v1/receipts?after=1&limit=3", key: House.operatorKey)
            #expect(page.status == 200, "\(page.json)")
            #expect(page.int("next") == 4)
            let told = try #require(page.json["receipts"] as? [[String: Any]])
            #expect(told.compactMap { $0["sequence"] as? Int } == [2, 3, 4])
            #expect(told.compactMap { $0["ticket"] as? String } == all[1...3].map { $0.ticket.text })
            for (path, key, code) in [
                ("/v1/receipts", gateway.key, "key_scope"),
                ("/v1/receipts?limit=0", House.operatorKey, "parameter_malformed"),
            ] {
                #expect(try await api.get(path, key: key).code == code)
            }
        }
    }

    @Test func `a waiting gateway hears of a change at once`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let gateway = try await gateway(api)
            let snapshot = try await api.get("/v1/gateway/snapshot", key: gateway.key)
            let cursor = try #require(snapshot.int("cursor"))
            async let page = api.get("/v1/gateway/feed?after=\(cursor)&wait=20", key: gateway.key)
            let started = ContinuousClock.now
            let room = try await api.room(host.key)
            let answer = try await page
            #expect(ContinuousClock.now - started < .seconds(10))
            #expect(String(decoding: answer.bytes, as: UTF8.self).contains(room))
            #expect(answer.int("next") == cursor + 1)
            let empty = try await api.get("/v1/gateway/feed?after=\(cursor + 1)", key: gateway.key)
            #expect(String(decoding: empty.bytes, as: UTF8.self) == #"{"events":[],"next":\#(cursor + 1)}"#)
            let wrong = try await api.get("/v1/gateway/feed?after=-1", key: gateway.key)
            #expect(wrong.code == "parameter_malformed")
        }
    }

    @Test func `a server that ends lets no gateway wait`() async throws {
        let house = try await House()
        async let page = house.service.feed(after: 0, waitSeconds: 30)
        house.service.endWaits()
        #expect(try await page.events.isEmpty)
        // Whoever asks during the end gets an answer at once, too.
        let started = ContinuousClock.now
        #expect(try await house.service.feed(after: 0, waitSeconds: 30).events.isEmpty)
        #expect(ContinuousClock.now - started < .seconds(15))
        await house.service.database.close()
    }

    @Test func `a snapshot and the feed behind it tell the same as the rooms do`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let start = try await house.service.feed(after: 0)
            _ = try await api.post("/v1/rooms/\(room)/open", key: host.key)
            _ = try await api.post("/v1/rooms/\(room)/open", key: host.key)
            let page = try await house.service.feed(after: start.next)
            // Opening an open room is no event.
            #expect(page.events.count == 1)
            guard case .room(let brief)? = page.events.first?.change else {
                Issue.record("The event is of another kind.")
                return
            }
            let snapshot = try await house.service.snapshot()
            #expect(snapshot.rooms == [brief])
            #expect(brief.state == .open)
            #expect(snapshot.cursor == page.next)
        }
    }

    @Test func `a pass lets its role in, and listeners get none`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let path = "/v1/rooms/\(room)/passes"
            let pass = try await api.post(path, #"{"role":"speaker","name":"Zoé"}"#, key: host.key)
            #expect(pass.status == 201, "\(pass.json)")
            let verdict = try await api.post("/v1/tickets/verify", #"{"token":"\#(pass.text("token"))"}"#)
            #expect(verdict.text("role") == "speaker")
            #expect(try await api.post(path, #"{"role":"listener"}"#, key: host.key).code == "pass_role")
            #expect(try await api.post(path, #"{"role":"king"}"#, key: host.key).code == "body_wrong_type")
            try house.time.set("2026-03-02T20:00:00Z")
            #expect(try await api.post(path, #"{"role":"host"}"#, key: host.key).code == "pass_room_over")
        }
    }

    @Test func `seats can be rebuilt from tickets and revocations`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 8)
            var generator = SeededGenerator(seed: 7)
            let buyer = try await api.wallet(20_000)
            var live: [String] = []
            for step in 0..<40 {
                if Bool.random(using: &generator), let ticket = live.randomElement(using: &generator) {
                    let answer = try await api.post("/v1/tickets/\(ticket)/refund", key: buyer.key, once: "r\(step)")
                    #expect(answer.status == 201)
                    live.removeAll { $0 == ticket }
                } else {
                    let answer = try await api.buy(room, key: buyer.key, once: "b\(step)")
                    #expect(live.count < 8 ? answer.status == 201 : answer.code == "sold_out")
                    if answer.status == 201 { live.append(answer.text("ticket")) }
                }
            }
            let (derived, stored) = try await house.service.database.read { transaction in
                (
                    try transaction.rows(
                        """
                        SELECT seat, ticket FROM tickets WHERE seat IS NOT NULL
                          AND ticket NOT IN (SELECT ticket FROM revocations) ORDER BY seat
                        """
                    ) { row throws(StoreFault) in "\(try row.int(0)) \(try row.text(1))" },
                    try transaction.rows("SELECT seat, ticket FROM seats WHERE ticket IS NOT NULL ORDER BY seat") {
                        row throws(StoreFault) in "\(try row.int(0)) \(try row.text(1))"
                    }
                )
            }
            #expect(derived == stored, "seed \(generator.seed)")
            #expect(stored.count == live.count)
        }
    }
}
