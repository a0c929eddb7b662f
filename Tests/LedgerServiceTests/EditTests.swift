import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// What several people edit, and lists that grow while they are read.
@Suite struct EditTests {
    private func put(
        _ api: API, _ path: String, _ body: String, key: String, tag: String?
    ) async throws -> API.Answer {
        var headers: HTTPFields = [.contentType: "application/json", .authorization: "Bearer \(key)"]
        if let tag { headers[.ifMatch] = tag }
        return try await api.client.execute(
            uri: path, method: .put, headers: headers, body: ByteBuffer(string: body)
        ) { response in
            API.Answer(
                status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
        }
    }

    @Test func `a price that somebody else changed meanwhile is not overwritten, and sales are no change`() async throws
    {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let path = "/v1/rooms/\(room)"
            let read = try #require(try await api.get(path).headers[.eTag])
            let wallet = try await api.wallet()
            #expect(try await api.buy(room, key: wallet.key).status == 201)
            #expect(try await api.get(path).headers[.eTag] == read)
            func set(_ amount: Int, tag: String?) async throws -> API.Answer {
                try await put(
                    api, path + "/price", #"{"price":{"amount":\#(amount),"currency":"EUR"}}"#, key: host.key, tag: tag)
            }
            let first = try await set(600, tag: read)
            #expect(first.status == 200)
            let next = try #require(first.headers[.eTag])
            #expect(next != read)
            let late = try await set(700, tag: read)
            #expect(late.status == 412 && late.code == "version_changed")
            #expect(try await set(700, tag: "W/\(next)").code == "version_changed")
            #expect(try await set(700, tag: "x").code == "parameter_malformed")
            #expect(try await set(700, tag: "\"other\", \(next)").status == 200)
            #expect(try await set(800, tag: "*").status == 200)
            #expect(try await set(900, tag: nil).status == 200)
            _ = try await api.post(path + "/open", key: host.key)
            #expect(try await api.get(path).headers[.eTag] != next)
        }
    }

    @Test func `what holds for a payee is changed by whoever read it last`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let path = "/v1/hosts/\(host.id)/payee"
            let read = try #require(try await api.get(path, key: House.financeKey).headers[.eTag])
            let body = #"{"blocked":true,"reason":"The bank sent it back"}"#
            #expect(try await put(api, path, body, key: House.financeKey, tag: read).status == 200)
            let late = #"{"withholdingBp":100,"reason":"Form"}"#
            #expect(try await put(api, path, late, key: House.operatorKey, tag: read).code == "version_changed")
        }
    }

    @Test func `rooms and tickets come in pages that stay as they are while more are made`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let other = try await api.host("Bea")
            var made: [String] = []
            for _ in 0..<5 {
                // Ids of one instant have no order.
                house.time.advance(bySeconds: 1)
                made.append(try await api.room(host.key))
                _ = try await api.room(other.key)
            }
            func pages(_ path: String, _ member: String, _ id: String, key: String) async throws -> [String] {
                var seen: [String] = []
                var cursor = ""
                for _ in 0..<9 {
                    let answer = try await api.get("\(path)?limit=2\(cursor)", key: key)
                    #expect(answer.status == 200, "\(answer.json)")
                    let elements = answer.json[member] as? [[String: Any]] ?? []
                    #expect(elements.count <= 2)
                    seen += elements.compactMap { $0[id] as? String }
                    guard let next = answer.json["next"] as? String else { break }
                    cursor = "&cursor=\(next)"
                }
                return seen
            }
            #expect(try await pages("/v1/rooms", "rooms", "room", key: host.key) == made)
            #expect(try await pages("/v1/rooms", "rooms", "room", key: House.operatorKey).count == 10)
            let wallet = try await api.wallet(5_000)
            var tickets: [String] = []
            for room in made {
                house.time.advance(bySeconds: 1)
                tickets.append(try await api.buy(room, key: wallet.key, once: room).text("ticket"))
            }
            let path = "/v1/wallets/\(wallet.holder)/tickets"
            #expect(try await pages(path, "tickets", "ticket", key: wallet.key) == tickets.reversed())
            // A cursor belongs to its list.
            let page = try await api.get("/v1/rooms?limit=1", key: host.key)
            let next = try #require(page.json["next"] as? String)
            #expect(try await api.get("\(path)?cursor=\(next)", key: wallet.key).code == "parameter_malformed")
        }
    }

    @Test func `a room or a pass that is made twice under one name is made once`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let body = """
                {"title":"T","startsAt":"2026-03-02T12:00:10Z","endsAt":"2026-03-02T20:00:00Z","capacity":1,\
                "price":{"amount":500,"currency":"EUR"}}
                """
            let first = try await api.post("/v1/rooms", body, key: host.key, once: "r")
            #expect(first.status == 201, "\(first.json)")
            // Hours later, when such a room could no longer be made.
            try house.time.set("2026-03-02T15:00:00Z")
            let second = try await api.post("/v1/rooms", body, key: host.key, once: "r")
            #expect(second.status == 201 && second.bytes == first.bytes)
            let other = try await api.post(
                "/v1/rooms", body.replacing("\"T\"", with: "\"U\""), key: host.key, once: "r")
            #expect(other.code == "idempotency_mismatch")
            let path = "/v1/rooms/\(first.text("room"))/passes"
            let pass = try await api.post(path, #"{"role":"speaker"}"#, key: host.key, once: "p")
            #expect(try await api.post(path, #"{"role":"speaker"}"#, key: host.key, once: "p").bytes == pass.bytes)
            #expect(
                try await api.post(path, #"{"role":"host"}"#, key: host.key, once: "p").code == "idempotency_mismatch")
        }
    }
}
