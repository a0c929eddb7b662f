import HTTPEdge
import Hummingbird
import HummingbirdTesting
import LedgerService
import NIOCore
import Store
import Testing
import Values

@testable import HTTPEdge

@Suite struct KeyTests {
    @Test func `a revoked key opens nothing, by key or by subject`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let wallet = try await api.wallet(0)
            func revoke(_ body: String, key: String = House.operatorKey) async throws -> API.Answer {
                try await api.post("/v1/keys/revoke", body, key: key)
            }
            #expect(try await revoke(#"{"key":"\#(wallet.key)"}"#, key: host.key).code == "key_not_found")
            #expect(try await api.get("/v1/rooms", key: host.key).status == 200)
            #expect(try await revoke(#"{"key":"\#(host.key)"}"#).int("revoked") == 1)
            #expect(try await revoke(#"{"key":"\#(host.key)"}"#).int("revoked") == 0)
            #expect(try await api.get("/v1/rooms", key: host.key).code == "key_unknown")
            #expect(try await api.get("/v1/wallets/\(wallet.holder)", key: wallet.key).status == 200)
            #expect(try await revoke(#"{"subject":"\#(wallet.holder)"}"#).int("revoked") == 1)
            #expect(try await api.get("/v1/wallets/\(wallet.holder)", key: wallet.key).code == "key_unknown")
            #expect(try await revoke("{}").code == "key_to_revoke")
            #expect(try await revoke(#"{"key":"a","subject":"b"}"#).code == "key_to_revoke")
            #expect(try await revoke(#"{"key":"gk_host_nobody"}"#).code == "key_not_found")
            #expect(try await revoke(#"{"subject":"moon"}"#).code == "key_not_found")
        }
    }

    @Test func `an operator key is changed by making another one, never by revoking itself`() async throws {
        let house = try await House()
        try await house.api { api in
            let own = #"{"key":"\#(House.operatorKey)"}"#
            #expect(try await api.post("/v1/keys/revoke", own, key: House.operatorKey).code == "key_own")
            let all = #"{"subject":"operator"}"#
            #expect(try await api.post("/v1/keys/revoke", all, key: House.operatorKey).code == "key_own")
            let next = try await api.post("/v1/keys", #"{"scope":"operator"}"#, key: House.operatorKey).text("key")
            #expect(try await api.post("/v1/keys/revoke", own, key: next).int("revoked") == 1)
            #expect(try await api.get("/v1/rooms", key: House.operatorKey).code == "key_unknown")
        }
    }

    @Test func `a key ends at its moment, and lists say what they know of it but not the key`() async throws {
        let house = try await House()
        try await house.api { api in
            func make(_ body: String) async throws -> API.Answer {
                try await api.post("/v1/keys", body, key: House.operatorKey)
            }
            for (body, code) in [
                (#"{"scope":"auditor","expiresAt":"2026-03-02T12:00:00Z"}"#, "key_expiry"),
                (#"{"scope":"auditor","expiresAt":"2037-03-02T12:00:00Z"}"#, "key_expiry"),
                (#"{"scope":"auditor","name":""}"#, "key_name"), (#"{"scope":"wallet"}"#, "key_subject"),
                (#"{"scope":"host"}"#, "key_subject"), (#"{"scope":"king"}"#, "body_wrong_type"),
                (#"{"scope":"host","host":"host_01kaz7c5e8f2v8y6t4m2s9r3qd"}"#, "host_unknown"),
            ] {
                #expect(try await make(body).code == code, "\(body)")
            }
            let made = try await make(
                #"{"scope":"auditor","name":"Audit","expiresAt":"2026-03-02T13:00:00Z"}"#)
            #expect(made.status == 201, "\(made.json)")
            let key = made.text("key")
            #expect(key.hasPrefix("gk_auditor_") && key.count == 54)
            #expect(try await api.get("/v1/nights", key: key).status == 200)
            try await house.service.storeKeyUses()
            try house.time.set("2026-03-02T12:59:59Z")
            let list = try await api.get("/v1/keys", key: key)
            let all = try #require(list.json["keys"] as? [[String: Any]])
            let listed = try #require(all.first { $0["id"] as? String == made.text("id") })
            #expect(listed["name"] as? String == "Audit")
            let staff = try #require(all.first { $0["scope"] as? String == "operator" }?["id"] as? String)
            #expect(listed["createdBy"] as? String == "operator \(staff)")
            #expect(listed["lastUsedAt"] as? String == "2026-03-02T12:00:00Z")
            #expect(!String(decoding: list.bytes, as: UTF8.self).contains(key))
            try house.time.set("2026-03-02T13:00:00Z")
            let over = try await api.get("/v1/nights", key: key)
            #expect(over.status == 401)
            #expect(over.code == "key_expired")
            let revoked = try await api.post(
                "/v1/keys/revoke", #"{"id":"\#(made.text("id"))"}"#, key: House.operatorKey)
            #expect(revoked.int("revoked") == 1)
            #expect(try await api.get("/v1/nights", key: key).code == "key_unknown")
        }
    }

    @Test func `a command that is sent twice makes one key, and answers with the same characters`() async throws {
        let house = try await House()
        try await house.api { api in
            func twice(_ path: String, _ body: String, key: String?, once: String) async throws -> API.Answer {
                let first = try await api.post(path, body, key: key, once: once)
                let second = try await api.post(path, body, key: key, once: once)
                #expect(first.status == 201, "\(first.json)")
                #expect(first.bytes == second.bytes)
                return first
            }
            let host = try await twice("/v1/hosts", #"{"name":"Ana"}"#, key: House.operatorKey, once: "h")
            #expect(try await api.get("/v1/rooms", key: host.text("key")).status == 200)
            _ = try await twice("/v1/keys", #"{"scope":"finance"}"#, key: House.operatorKey, once: "k")
            let other = try await api.post("/v1/keys", #"{"scope":"auditor"}"#, key: House.operatorKey, once: "k")
            #expect(other.code == "idempotency_mismatch")
            // The characters follow from the key of whoever asks: a colleague is not given some that open nothing.
            let colleague = try await api.post("/v1/keys", #"{"scope":"operator"}"#, key: House.operatorKey, once: "c")
                .text("key")
            for (path, body, once) in [
                ("/v1/keys", #"{"scope":"finance"}"#, "k"), ("/v1/hosts", #"{"name":"Ana"}"#, "h"),
            ] {
                let answer = try await api.post(path, body, key: colleague, once: once)
                #expect(answer.code == "idempotency_mismatch", "\(path) \(answer.json)")
            }
            let name = "0123456789abcdef0123456789abcdef"
            let wallet = try await twice("/v1/wallets", "{}", key: nil, once: name)
            #expect(try await api.get("/v1/wallets/\(wallet.text("holder"))", key: wallet.text("key")).status == 200)
            #expect(try await api.post("/v1/wallets", once: "1").code == "idempotency_key_weak")
            let kept = try await house.service.database.read { transaction in
                try transaction.rows("SELECT idem_key, outcome FROM idempotency_keys") { row throws(StoreFault) in
                    try row.text(0) + row.text(1)
                }
            }
            for secret in [name, host.text("key"), wallet.text("key")] {
                #expect(!kept.contains { $0.contains(secret) })
            }
        }
    }

    @Test func `the log tells people of one office apart by their keys, whose commands are one office's`() async throws
    {
        let house = try await House()
        try await house.api { api in
            let made = try await api.post("/v1/keys", #"{"scope":"operator","name":"Bea"}"#, key: House.operatorKey)
            let bea = (id: made.text("id"), key: made.text("key"))
            let body =
                #"{"source":"bank","reference":"1","amount":{"amount":5,"currency":"EUR"},"reason":"x"}"#
            let booked = try await api.post("/v1/suspense", body, key: bea.key, once: "s")
            #expect(booked.status == 201, "\(booked.json)")
            // Sent again with another key of the office, because the first one was changed meanwhile.
            let again = try await api.post("/v1/suspense", body, key: House.operatorKey, once: "s")
            #expect(again.bytes == booked.bytes)
            let actors = try await house.service.database.read { transaction in
                try transaction.rows("SELECT actor, act FROM audit_log ORDER BY n") { row throws(StoreFault) in
                    (try row.text(0), try row.text(1))
                }
            }
            #expect(actors.filter { $0.1 == "suspense_booked" }.map(\.0) == ["operator \(bea.id)"])
            #expect(actors.filter { $0.1 == "key_made" }.allSatisfy { $0.0.hasPrefix("operator key_") })
        }
    }

    @Test func `pages of a list go on behind the last element, whatever came in between`() async throws {
        let house = try await House()
        try await house.api { api in
            // Ids of one instant have no order.
            for _ in 0..<3 {
                house.time.advance(bySeconds: 1)
                _ = try await api.host()
            }
            func page(_ query: String) async throws -> (ids: [String], next: String?) {
                let answer = try await api.get("/v1/keys?\(query)", key: House.operatorKey)
                #expect(answer.status == 200, "\(answer.json)")
                let keys = answer.json["keys"] as? [[String: Any]] ?? []
                return (keys.compactMap { $0["id"] as? String }, answer.json["next"] as? String)
            }
            let all = try await page("limit=1000")
            #expect(all.ids.count == 5 && all.next == nil)
            let first = try await page("limit=2")
            house.time.advance(bySeconds: 1)
            _ = try await api.host()
            let toSecond = try #require(first.next)
            let second = try await page("limit=2&cursor=\(toSecond)")
            let toThird = try #require(second.next)
            let third = try await page("limit=2&cursor=\(toThird)")
            let pages = first.ids + second.ids + third.ids
            #expect(Array(pages.prefix(5)) == all.ids)
            #expect(third.next == nil && third.ids.count == 2)
            for query in [
                "limit=0", "limit=1001", "limit=x", "cursor=", "cursor=%20", "cursor=a2V5cw", "cursor=cm9vbXMgeA",
            ] {
                let answer = try await api.get("/v1/keys?\(query)", key: House.operatorKey)
                #expect(answer.code == "parameter_malformed", "\(query)")
            }
        }
    }

    private struct Visitor: RequestContext, RemoteAddressRequestContext {
        var coreContext: CoreRequestContextStorage
        let remoteAddress: SocketAddress?

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            remoteAddress = try? SocketAddress(ipAddress: "203.0.113.7", port: 40_000)
        }
    }

    @Test func `one network makes thirty wallets at once and then one in two seconds`() async throws {
        let house = try await House()
        try await house.api(as: Visitor.self) { api in
            for _ in 0..<30 { #expect(try await api.post("/v1/wallets").status == 201) }
            let refused = try await api.post("/v1/wallets")
            #expect(refused.status == 429)
            #expect(refused.code == "too_many_requests")
            #expect(refused.headers[.retryAfter] == "2")
            house.time.advance(bySeconds: 2)
            #expect(try await api.post("/v1/wallets").status == 201)
            #expect(try await api.post("/v1/wallets").status == 429)
        }
    }

    @Test func `a key asks so often and no oftener, and an invented one fills no table`() throws {
        let limiter = KeyLimiter(RateLimiter.Rate(burst: 3, perSecond: 1), capacity: 2)
        let start = Instant(seconds: 1_772_000_000)
        for _ in 0..<3 { try limiter.check("a", at: start) }
        #expect(throws: EdgeRefusal.tooManyRequests(seconds: 1)) { try limiter.check("a", at: start) }
        try limiter.check("b", at: start)
        // The table is full of keys that are busy: memory stays bounded.
        #expect(throws: EdgeRefusal.tooManyRequests(seconds: 1)) { try limiter.check("c", at: start) }
        try limiter.check("a", at: start.advanced(bySeconds: 1))
        try limiter.check("c", at: start.advanced(bySeconds: 9))
    }

    @Test func `every route of the interface is behind the limits of key and network`() async throws {
        let house = try await House()
        let router: Router<Visitor> = makeEdgeRouter()
        router.add(middleware: NetworkLimit(RateLimiter.Rate(burst: 5, perSecond: 1), clock: house.time.clock))
        LedgerRoutes(house.service, perKey: RateLimiter.Rate(burst: 2, perSecond: 1)).add(to: router)
        try await Application(router: router).test(.router) { client in
            let api = API(client: client)
            for _ in 0..<2 { #expect(try await api.get("/v1/keys", key: House.operatorKey).status == 200) }
            let tired = try await api.get("/v1/keys", key: House.operatorKey)
            #expect(tired.code == "too_many_requests" && tired.headers[.retryAfter] == "1")
            #expect(try await api.get("/v1/keys", key: House.financeKey).code == "key_scope")
            #expect(try await api.get("/v1/nights", key: House.financeKey).status == 200)
            // Five of this network: now nothing is looked at, not even the key.
            #expect(try await api.get("/healthz").code == "too_many_requests")
            house.time.advance(bySeconds: 1)
            #expect(try await api.get("/healthz").status == 200)
        }
        await house.service.database.close()
    }

    @Test func `a network is an IPv4 address or an IPv6 64, and loopback is none`() throws {
        func network(_ text: String) throws -> String? { try SocketAddress(ipAddress: text, port: 1).limitedNetwork }
        for loopback in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] { #expect(try network(loopback) == nil) }
        #expect(try network("192.0.2.1") == network("::ffff:192.0.2.1"))
        #expect(try network("192.0.2.1") != network("192.0.2.2"))
        #expect(try network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::1"))
        #expect(try network("2001:db8:1:2::1") != network("2001:db8:1:3::1"))
    }
}
