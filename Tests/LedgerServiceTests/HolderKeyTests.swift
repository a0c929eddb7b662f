import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Stage
import Store
import Testing
import Tickets
import Values

@testable import LedgerService

@Suite struct HolderKeyTests {
    private func ask(_ api: API, _ room: String, _ policy: String, key: String) async throws -> API.Answer {
        try await api.send(.put, "/v1/rooms/\(room)/holder-key", #"{"holderKey":"\#(policy)"}"#, key: key)
    }

    private func claim(
        _ house: House, _ api: API, _ ticket: String, _ mine: SigningKey, key: String, once: String,
        path: String? = nil, shifted seconds: Int64 = 0
    ) async throws -> API.Answer {
        let proof = HolderProof.make(
            with: mine, method: "POST", url: "\(house.service.settings.issuer)\(path ?? "/v1/tickets/\(ticket)/claim")",
            ticket: nil, id: once, at: house.time.clock.now().advanced(bySeconds: seconds))
        return try await api.send(
            .post, "/v1/tickets/\(ticket)/claim", key: key, once: once, proof: proof)
    }

    private func key(of token: String) throws -> String? {
        let payload = try #require(Base64URL.decode(token.split(separator: ".")[1]))
        let claims = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
        return (claims["cnf"] as? [String: String])?["jkt"]
    }

    @Test func `a room asks for keys, and gateways and other systems hear of it once`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let plain = try await api.room(host.key)
            #expect(try await api.get("/v1/rooms/\(plain)").text("holderKey") == "none")
            let made = try await api.post(
                "/v1/rooms",
                """
                {"title":"T","startsAt":"2026-03-02T19:00:00Z","endsAt":"2026-03-02T20:00:00Z","capacity":1,\
                "price":{"amount":500,"currency":"EUR"},"holderKey":"required"}
                """, key: host.key, once: "door")
            #expect(made.status == 201 && made.text("holderKey") == "required", "\(made.json)")
            let start = try await house.service.feed(after: 0)
            let read = try #require(try await api.get("/v1/rooms/\(plain)").headers[.eTag])
            #expect(try await ask(api, plain, "required", key: host.key).text("holderKey") == "required")
            #expect(try await ask(api, plain, "required", key: House.operatorKey).status == 200)
            #expect(try await api.get("/v1/rooms/\(plain)").headers[.eTag] != read)
            let page = try await house.service.feed(after: start.next)
            let briefs = page.events.compactMap { event -> RoomBrief? in
                if case .room(let brief) = event.change { return brief }
                return nil
            }
            #expect(briefs.map(\.holderKey) == [.required])
            #expect(try await house.service.snapshot().rooms.map(\.holderKey) == [.required, .required])
            // What gateways hear later of the room says both of its door.
            _ = try await api.send(.put, "/v1/rooms/\(plain)/sharing", #"{"sharing":"first"}"#, key: host.key)
            let next = try await house.service.feed(after: page.next)
            guard case .room(let brief)? = next.events.first?.change else {
                Issue.record("The event is of another kind.")
                return
            }
            #expect(brief.sharing == .firstWins && brief.holderKey == .required)
            #expect(try await ask(api, plain, "none", key: host.key).text("holderKey") == "none")
            let report = try await house.service.audit(by: .operator)
            #expect(report.lines.allSatisfy { $0.broken == 0 }, "\(report)")
            #expect(report.lines.contains { $0.check == "holder keys" && $0.counted == 3 })
        }
    }

    @Test func `who may not, what is none, and what is over is refused`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let other = try await api.host("Bea")
            let room = try await api.room(host.key)
            #expect(try await ask(api, room, "required", key: other.key).code == "key_scope")
            for bad in ["optional", "", "Required"] {
                #expect(try await ask(api, room, bad, key: host.key).status == 400, "\(bad)")
            }
            _ = try await api.post("/v1/rooms/\(room)/open", key: host.key)
            _ = try await api.post("/v1/rooms/\(room)/close", key: host.key)
            #expect(try await ask(api, room, "required", key: host.key).code == "room_closed")
        }
    }

    @Test func `the first key that claims a ticket has it, and passing it on frees it for another`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let (buyer, friend) = (try await api.wallet(), try await api.wallet())
            let sale = try await api.buy(room, key: buyer.key)
            let ticket = sale.text("ticket")
            let (mine, theirs) = (SigningKey.generate(), SigningKey.generate())
            #expect(
                try await claim(house, api, ticket, mine, key: buyer.key, once: "early").code == "holder_key_not_asked")
            _ = try await ask(api, room, "required", key: host.key)
            #expect(
                try await claim(house, api, ticket, mine, key: friend.key, once: "theft").code == "ticket_unknown")
            #expect(try await claim(house, api, ticket, mine, key: host.key, once: "host").code == "key_scope")
            #expect(
                try await claim(house, api, ticket, mine, key: buyer.key, once: "old", shifted: -61).code
                    == "proof_stale")
            #expect(
                try await claim(house, api, ticket, mine, key: buyer.key, once: "else", path: "/v1/orders").code
                    == "proof_target")
            let bare = try await api.post("/v1/tickets/\(ticket)/claim", key: buyer.key, once: "bare")
            #expect(bare.status == 401 && bare.code == "proof_missing")
            #expect(try key(of: sale.text("token")) == nil)
            let bound = try await claim(house, api, ticket, mine, key: buyer.key, once: "mine")
            #expect(bound.status == 200 && bound.text("boundTo") == mine.id, "\(bound.json)")
            #expect(try key(of: bound.text("token")) == mine.id)
            // Again, in another way again, and as anybody reads it.
            #expect(try await claim(house, api, ticket, mine, key: buyer.key, once: "mine").bytes == bound.bytes)
            #expect(try await claim(house, api, ticket, mine, key: buyer.key, once: "again").status == 200)
            #expect(try await api.get("/v1/tickets/\(ticket)", key: buyer.key).text("token") == bound.text("token"))
            #expect(try await claim(house, api, ticket, theirs, key: buyer.key, once: "late").code == "ticket_claimed")
            #expect(
                try await claim(house, api, ticket, theirs, key: buyer.key, once: "mine").code
                    == "idempotency_mismatch")

            let offer = try await api.post("/v1/tickets/\(ticket)/transfers", key: buyer.key, once: "offer")
            let taken = try await api.post(
                "/v1/transfers/accept", #"{"code":"\#(offer.text("code"))"}"#, key: friend.key, once: "take")
            let next = taken.text("ticket")
            let unbound = try key(of: taken.text("token"))
            #expect(taken.status == 201 && unbound == nil, "\(taken.json)")
            #expect(
                try await claim(house, api, ticket, mine, key: buyer.key, once: "gone").code == "ticket_replaced")
            #expect(try await claim(house, api, next, theirs, key: friend.key, once: "next").status == 200)
            let events = try await api.get("/v1/events?limit=100", key: host.key)
            let told = try #require(events.json["events"] as? [[String: Any]])
            #expect(told.filter { $0["type"] as? String == "ticket.bound" }.count == 2)
            let report = try await house.service.audit(by: .operator)
            #expect(report.lines.allSatisfy { $0.broken == 0 }, "\(report)")
            #expect(report.lines.contains { $0.check == "holder keys" && $0.counted == 3 })
        }
    }

    @Test func `two devices that claim at once: one has the ticket`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let buyer = try await api.wallet()
            let ticket = try await api.buy(room, key: buyer.key).text("ticket")
            _ = try await ask(api, room, "required", key: host.key)
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let answer = try await claim(
                            house, api, ticket, .generate(), key: buyer.key, once: "race-\(number)")
                        return answer.status == 200 ? "bound" : answer.code
                    }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(codes.sorted() == ["bound"] + [String](repeating: "ticket_claimed", count: 7), "\(codes)")
        }
    }
}
