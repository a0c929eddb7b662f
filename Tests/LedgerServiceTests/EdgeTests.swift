import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import LedgerService
import Simulation
import Store
import Testing

@Suite struct EdgeTests {
    @Test func `bodies that cannot be read are refused by name and change nothing`() async throws {
        let house = try await House()
        try await house.api { api in
            let key = try await api.host().key
            let good = """
                "title":"T","startsAt":"2026-03-02T19:00:00Z","endsAt":"2026-03-02T20:00:00Z","capacity":3
                """
            let money = #""price":{"amount":500,"currency":"EUR"}"#
            let cases: [(body: String, status: Int, code: String, path: String?)] = [
                ("", 400, "body_malformed", nil), ("{", 400, "body_malformed", nil),
                ("{\(good),\(money)", 400, "body_malformed", nil), ("[]", 400, "body_wrong_type", "the body"),
                ("{\(good),\(money)} x", 400, "body_malformed", nil),
                ("{\(good)}", 400, "body_wrong_type", "price"),
                (
                    "{\(good),\"price\":{\"amount\":\"500\",\"currency\":\"EUR\"}}", 400, "body_wrong_type",
                    "price.amount"
                ),
                ("{\(good),\"price\":{\"amount\":5.5,\"currency\":\"EUR\"}}", 400, "body_wrong_type", "price.amount"),
                ("{\(good),\"price\":{\"amount\":5,\"currency\":\"EURO\"}}", 400, "body_wrong_type", "price.currency"),
                ("{\(good),\"price\":{\"amount\":5,\"currency\":\"EUR\",\"x\":1}}", 400, "unknown_member", "price.x"),
                ("{\(good),\(money),\"capactiy\":4}", 400, "unknown_member", "capactiy"),
                ("{\(good),\(money),\"capacity\":4}", 400, "duplicate_member", "capacity"),
                ("{\(good),\(money),\"policy\":null,\"language\":7}", 400, "body_wrong_type", "language"),
                (String(repeating: "[", count: 5_000), 400, "body_malformed", nil),
            ]
            for item in cases {
                let answer = try await api.post("/v1/rooms", item.body, key: key)
                #expect(answer.status == item.status, "\(item.body.prefix(200)): \(answer.json)")
                #expect(answer.code == item.code, "\(item.body.prefix(200)): \(answer.json)")
                if let path = item.path {
                    #expect((answer.json["facts"] as? [String: String])?["path"] == path, "\(answer.json)")
                }
                #expect(answer.headers[.contentType] == "application/problem+json")
            }
            let none = try await api.get("/v1/rooms", key: key)
            #expect(String(decoding: none.bytes, as: UTF8.self) == #"{"rooms":[]}"#)
        }
    }

    @Test func `a body of another type, or too large, is refused`() async throws {
        let house = try await House()
        try await house.api { api in
            let form = try await api.send(.post, "/v1/wallets", "a=b", contentType: "application/x-www-form-urlencoded")
            #expect(form.status == 415)
            #expect(form.code == "content_type")
            let huge = try await api.post("/v1/wallets", "{\"a\":\"\(String(repeating: "x", count: 70_000))\"}")
            #expect(huge.status == 413)
            #expect(huge.code == "body_too_large")
            #expect(try await api.post("/v1/wallets").status == 201)
        }
    }

    @Test func `random bytes and random JSON never break the service`() async throws {
        let house = try await House()
        try await house.api { api in
            let wallet = try await api.wallet(500)
            var generator = SeededGenerator(seed: 20_261_122)
            let pieces = [
                "{", "}", "[", "]", "\"room\"", ":", ",", "null", "1e9", "-", "\"\\ud800\"", "true", "0x", "é",
            ]
            for _ in 0..<300 {
                let body = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                    pieces.randomElement(using: &generator) ?? ""
                }.joined()
                let answer = try await api.post("/v1/orders", body, key: wallet.key, once: "x")
                #expect(answer.status == 400, "\(generator.seed): \(body)")
            }
        }
    }

    @Test func `keys are needed, known and of the right scope`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let other = try await api.host("Bea")
            let room = try await api.room(host.key)
            let wallet = try await api.wallet(0)
            let none = try await api.get("/v1/rooms")
            #expect(none.status == 401)
            #expect(none.code == "key_missing")
            #expect(none.headers[.wwwAuthenticate] == "Bearer")
            #expect(try await api.get("/v1/rooms", key: "gk_host_nobody").code == "key_unknown")
            #expect(try await api.post("/v1/hosts", #"{"name":"X"}"#, key: host.key).code == "key_scope")
            #expect(try await api.post("/v1/rooms/\(room)/open", key: other.key).code == "key_scope")
            #expect(try await api.buy(room, key: host.key).code == "key_scope")
            #expect(try await api.get("/v1/wallets/\(wallet.holder)", key: host.key).code == "key_scope")
            #expect(try await api.get("/v1/gateway/snapshot", key: host.key).code == "key_scope")
            let stolen = try await api.post(
                "/v1/wallets/\(wallet.holder)/topups", #"{"amount":{"amount":500,"currency":"EUR"}}"#, key: host.key,
                once: "1")
            #expect(stolen.code == "key_scope")
        }
    }

    @Test func `only operators top up where the sandbox is off`() async throws {
        let house = try await House(sandbox: false)
        try await house.api { api in
            let wallet = try await api.wallet(0)
            let body = #"{"amount":{"amount":500,"currency":"EUR"}}"#
            let path = "/v1/wallets/\(wallet.holder)/topups"
            #expect(try await api.post(path, body, key: wallet.key, once: "1").code == "topup_not_allowed")
            #expect(try await api.post(path, body, key: House.operatorKey, once: "1").status == 201)
            #expect(try await api.post(path, body, key: House.operatorKey).code == "idempotency_key_missing")
            let spaced = try await api.post(path, body, key: House.operatorKey, once: "a b")
            #expect(spaced.code == "idempotency_key_malformed")
        }
    }

    @Test func `refusals speak the reader's language`() async throws {
        let house = try await House()
        try await house.api { api in
            let french = try await api.send(.get, "/v1/rooms", language: "de, fr-CA;q=0.8, en;q=0.3")
            #expect(french.text("title") == "Une clé est nécessaire")
            let english = try await api.send(.get, "/v1/rooms", language: "fr;q=0")
            #expect(english.text("title") == "A key is needed")
            #expect(english.int("status") == 401)
            #expect(english.text("type") == "urn:guichet:problem:key_missing")
        }
    }

    @Test func `unknown addresses and ids are not found, and answers carry the security headers`() async throws {
        let house = try await House()
        try await house.api { api in
            #expect(try await api.get("/v1/nowhere").code == "not_found")
            #expect(try await api.get("/v1/rooms/../../etc/passwd").status == 404)
            #expect(try await api.get("/v1/rooms/room_1").code == "not_found")
            #expect(try await api.get("/v1/tickets/ticket_1", key: House.operatorKey).code == "not_found")
            let health = try await api.get("/healthz")
            #expect(health.status == 200)
            for name in ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Request-Id"] {
                #expect(health.headers[try #require(HTTPField.Name(name))] != nil, "\(name)")
            }
            #expect(try await api.get("/.well-known/jwks.json").text("keys").isEmpty)
            #expect(try await api.get("/v1/openapi.yaml").status == 200)
        }
    }

    @Test func `the audit log has every administrative act and cannot be changed`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            _ = try await api.send(
                .put, "/v1/rooms/\(room)/price", #"{"price":{"amount":600,"currency":"EUR"}}"#, key: host.key)
            _ = try await api.post("/v1/rooms/\(room)/passes", #"{"role":"host"}"#, key: host.key)
            let acts = try await house.service.database.read { transaction in
                try transaction.rows("SELECT act FROM audit_log ORDER BY n") { row throws(StoreFault) in
                    try row.text(0)
                }
            }
            #expect(
                acts == [
                    "key_installed", "key_installed", "host_created", "room_created", "price_set", "pass_issued",
                ])
            await #expect(throws: StoreFault.self) {
                try await house.service.database.write { try $0.execute("DELETE FROM audit_log") }
            }
            await #expect(throws: StoreFault.self) {
                try await house.service.database.write { try $0.execute("UPDATE audit_log SET act = 'x'") }
            }
        }
    }
}
