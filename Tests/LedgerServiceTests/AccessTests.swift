import HTTPTypes
import Schemas
import Testing

/// Every route with the key of every scope, against what the description says of it.
@Suite struct AccessTests {
    /// One operation of the description, and who may call it.
    private struct Operation {
        let method: String
        let path: String
        /// Scopes of `Key: …` in the operation's description; `nil` where no key is needed.
        let scopes: Set<String>?
    }

    private static let scopes: Set = ["operator", "host", "moderator", "finance", "auditor", "gateway", "wallet"]

    private static func operations() -> [Operation] {
        var operations: [Operation] = []
        var path = ""
        var method: String?
        var scopes: Set<String> = []
        var isOpen = false
        func finish() {
            if let method { operations.append(Operation(method: method, path: path, scopes: isOpen ? nil : scopes)) }
            method = nil
            scopes = []
            isOpen = false
        }
        for line in String(decoding: OpenAPIDescription.yaml, as: UTF8.self).split(separator: "\n") {
            if line == "components:" { break }
            if line.hasPrefix("  /"), line.hasSuffix(":") {
                finish()
                path = String(line.dropFirst(2).dropLast())
            } else if let verb = ["get", "post", "put", "patch", "delete"].first(where: { line == "    \($0):" }) {
                finish()
                method = verb.uppercased()
            } else if line.hasPrefix("      description: "), let sentence = line.components(of: "Key: ") {
                let words = sentence.split { !$0.isLetter }.map(String.init)
                scopes = Set(words).intersection(Self.scopes)
            } else if line == "      security: []" || line.hasPrefix("      security: [{}") {
                isOpen = true
            }
        }
        finish()
        return operations
    }

    /// Bodies with which a permitted caller gets further than the question of the key.
    private static let bodies = [
        "POST /v1/hosts": #"{"name":"X"}"#, "POST /v1/keys": #"{"scope":"moderator","host":"{host}"}"#,
        "POST /v1/keys/revoke": #"{"subject":"nobody"}"#,
        "PUT /v1/hosts/{host}/payee": #"{"blocked":false,"reason":"test"}"#,
        "POST /v1/hosts/{host}/risk": #"{"class":"standard","reason":"test"}"#,
        "POST /v1/provider-calls/{call}/answers": #"{"outcome":"made","reason":"test"}"#,
        "POST /v1/provider-statements": #"{"provider":"sandbox"}"#,
        "POST /v1/provider-differences/resolutions":
            #"{"provider":"sandbox","line":"x","resolution":"explained","reason":"test"}"#,
        "POST /v1/hosts/{host}/adjustments": #"{"amount":{"amount":5,"currency":"EUR"},"reason":"test"}"#,
        "POST /v1/rooms": """
        {"title":"T","startsAt":"2026-03-02T19:00:00Z","endsAt":"2026-03-02T20:00:00Z","capacity":1,\
        "price":{"amount":500,"currency":"EUR"}}
        """,
        "PUT /v1/rooms/{room}/price": #"{"price":{"amount":500,"currency":"EUR"}}"#,
        "POST /v1/rooms/{room}/passes": #"{"role":"speaker"}"#,
        "POST /v1/wallets/{holder}/topups": #"{"amount":{"amount":500,"currency":"EUR"}}"#,
        "POST /v1/nights": #"{"day":"2026-03-09"}"#,
    ]

    @Test func `each route lets in exactly the scopes that its description names`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let wallet = try await api.wallet()
            let ticket = try await api.buy(room, key: wallet.key).text("ticket")
            func key(_ body: String) async throws -> API.Answer {
                let answer = try await api.post("/v1/keys", body, key: House.operatorKey)
                #expect(answer.status == 201, "\(answer.json)")
                return answer
            }
            let gateway = try await key(#"{"scope":"gateway"}"#)
            let keys = [
                "operator": House.operatorKey, "finance": House.financeKey, "host": host.key, "wallet": wallet.key,
                "gateway": gateway.text("key"), "auditor": try await key(#"{"scope":"auditor"}"#).text("key"),
                "moderator": try await key(#"{"scope":"moderator","host":"\#(host.id)"}"#).text("key"),
            ]
            let ids = [
                "{room}": room, "{host}": host.id, "{holder}": wallet.holder, "{ticket}": ticket,
                "{day}": "2026-03-01", "{name}": "payouts.csv",
            ]
            let operations = Self.operations()
            #expect(operations.count > 25)
            for (number, operation) in operations.enumerated() where operation.scopes != nil {
                let allowed = try #require(operation.scopes)
                let route = "\(operation.method) \(operation.path)"
                #expect(!allowed.isEmpty, "\(route) names no scope.")
                func filled(_ text: String) -> String { ids.reduce(text) { $0.replacing($1.key, with: $1.value) } }
                let known = filled(operation.path)
                // Ids of things that this house has none of: there the key may be asked after the thing.
                let isKnown = !known.contains("{")
                let path = known.replacing(/\{[^}]+\}/, with: "x")
                let method = try #require(HTTPRequest.Method(operation.method))
                let body = operation.method == "GET" ? nil : filled(Self.bodies[route] ?? "{}")
                // What may be told apart by its body alone is sent with one that is good.
                let isCertain = isKnown && (operation.method == "GET" || Self.bodies[route] != nil)
                for (scope, key) in keys.merging(["nobody": ""], uniquingKeysWith: { first, _ in first }) {
                    let answer = try await api.send(
                        method, path, body, key: key.isEmpty ? nil : key, once: "\(scope)-\(number)")
                    if allowed.contains(scope) {
                        #expect(answer.code != "key_scope", "\(route) refuses \(scope)")
                    } else {
                        #expect((400...499).contains(answer.status), "\(route) lets \(scope) in: \(answer.status)")
                        if isCertain {
                            #expect(
                                ["key_scope", "key_missing", "ticket_unknown"].contains(answer.code),
                                "\(route) tells \(scope): \(answer.code)")
                        }
                    }
                    if scope == "nobody", isKnown { #expect(answer.code == "key_missing", "\(route): \(answer.code)") }
                }
            }
        }
    }

    @Test func `a host and its moderator see and touch nothing of another host`() async throws {
        let house = try await House()
        try await house.api { api in
            let ana = try await api.host()
            let bea = try await api.host("Bea")
            let room = try await api.room(ana.key)
            let wallet = try await api.wallet()
            let ticket = try await api.buy(room, key: wallet.key).text("ticket")
            let made = try await api.post("/v1/keys", #"{"scope":"moderator","name":"Phone"}"#, key: bea.key)
            #expect(made.status == 201, "\(made.json)")
            #expect(made.text("subject") == bea.id)
            for key in [bea.key, made.text("key")] {
                let rooms = try await api.get("/v1/rooms", key: key)
                #expect((rooms.json["rooms"] as? [Any])?.isEmpty == true)
                for step in ["open", "close", "cancel"] {
                    #expect(try await api.post("/v1/rooms/\(room)/\(step)", key: key).code == "key_scope")
                }
                let pass = try await api.post("/v1/rooms/\(room)/passes", #"{"role":"speaker"}"#, key: key)
                #expect(pass.code == "key_scope")
                #expect(try await api.get("/v1/tickets/\(ticket)", key: key).code == "ticket_unknown")
                let refund = try await api.post("/v1/tickets/\(ticket)/refund", key: key, once: "r")
                #expect(refund.code == "ticket_unknown")
            }
            let foreign = try await api.post("/v1/keys", #"{"scope":"host","host":"\#(ana.id)"}"#, key: bea.key)
            #expect(foreign.code == "key_scope")
            let revoked = try await api.post("/v1/keys/revoke", #"{"subject":"\#(ana.id)"}"#, key: bea.key)
            #expect(revoked.code == "key_not_found")
            let listed = try await api.get("/v1/keys", key: bea.key)
            let keys = try #require(listed.json["keys"] as? [[String: Any]])
            #expect(Set(keys.compactMap { $0["scope"] as? String }) == ["host", "moderator"])
            #expect(keys.allSatisfy { $0["subject"] as? String == bea.id })
        }
    }

    @Test func `a moderator brings speakers on the stage, but not the host, and opens no doors`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let moderator = try await api.post("/v1/keys", #"{"scope":"moderator"}"#, key: host.key).text("key")
            let path = "/v1/rooms/\(room)/passes"
            #expect(try await api.post(path, #"{"role":"speaker"}"#, key: moderator).status == 201)
            #expect(try await api.post(path, #"{"role":"cohost"}"#, key: moderator).status == 201)
            #expect(try await api.post(path, #"{"role":"host"}"#, key: moderator).code == "key_scope")
            #expect(try await api.post("/v1/rooms/\(room)/open", key: moderator).code == "key_scope")
            #expect(try await api.post("/v1/keys", #"{"scope":"moderator"}"#, key: moderator).code == "key_scope")
        }
    }
}

extension Substring {
    /// What stands behind the last `mark`; `nil` without one.
    fileprivate func components(of mark: String) -> Substring? {
        ranges(of: mark).last.map { self[$0.upperBound...] }
    }
}
