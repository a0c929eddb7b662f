import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

/// Several gateways behind one ledger: each room is one gateway's.
@Suite struct PlacementTests {
    private struct Gateway {
        let id: GatewayID
        let key: String

        init(_ api: API) async throws {
            let made = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey)
            #expect(made.status == 201, "\(made.json)")
            id = try #require(GatewayID(made.text("subject")))
            key = made.text("key")
        }
    }

    private func tell(
        _ api: API, _ gateway: String, _ url: String, takes: Bool = true, key: String = House.operatorKey
    ) async throws -> API.Answer {
        try await api.send(.put, "/v1/gateways/\(gateway)", #"{"url":"\#(url)","takesRooms":\#(takes)}"#, key: key)
    }

    /// What a gateway is told of a room, by its snapshot: where else it is, or here.
    private func told(_ api: API, _ gateway: Gateway, of room: String) async throws -> String? {
        let snapshot = try await api.get("/v1/gateway/snapshot", key: gateway.key)
        let rooms = try #require(snapshot.json["rooms"] as? [[String: any Sendable]])
        let brief = try #require(rooms.first { $0["room"] as? String == room })
        return brief["elsewhere"] as? String
    }

    private func isClean(_ house: House) async throws {
        let report = try await house.service.audit(by: .auditor)
        #expect(report.isClean, "\(report.lines.filter { !$0.findings.isEmpty })")
    }

    @Test func `one gateway that nobody told of takes every room`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let gateway = try await Gateway(api)
            #expect(try await told(api, gateway, of: room) == nil)
            #expect(try await api.get("/v1/rooms/\(room)").json["gatewayURL"] == nil)
            #expect(try await api.get("/v1/gateways", key: House.operatorKey).json["gateways"] as? [String] == [])
            try await isClean(house)
        }
    }

    @Test func `rooms are shared out, each is one gateway's, and all of them are told whose`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let first = try await api.room(host.key)
            let (one, two) = (try await Gateway(api), try await Gateway(api))
            let said = try await tell(api, one.id.text, "https://one.test")
            #expect(said.status == 200 && said.int("rooms") == 1, "\(said.json)")
            // Said again, nothing changes.
            #expect(try await tell(api, one.id.text, "https://one.test").bytes == said.bytes)
            #expect(try await tell(api, two.id.text, "https://two.test").int("rooms") == 0)
            let second = try await api.room(host.key)
            #expect(try await api.get("/v1/rooms/\(first)").text("gatewayURL") == "https://one.test")
            #expect(try await api.get("/v1/rooms/\(second)").text("gatewayURL") == "https://two.test")
            #expect(try await told(api, one, of: first) == nil)
            #expect(try await told(api, two, of: first) == "https://one.test")
            #expect(try await told(api, one, of: second) == "https://two.test")
            #expect(try await told(api, two, of: second) == nil)
            // One that is about to go gets none, and answers from another address.
            #expect(try await tell(api, two.id.text, "https://two.example", takes: false).int("rooms") == 1)
            for _ in 0..<2 {
                let more = try await api.room(host.key)
                #expect(try await api.get("/v1/rooms/\(more)").text("gatewayURL") == "https://one.test")
            }
            #expect(try await told(api, one, of: second) == "https://two.example")
            let list = try await api.get("/v1/gateways", key: House.operatorKey)
            let rooms = (list.json["gateways"] as? [[String: any Sendable]] ?? []).map { $0["rooms"] as? Int ?? -1 }
            #expect(rooms.sorted() == [1, 3], "\(list.json)")
            try await isClean(house)
        }
    }

    @Test func `a room that is given to another gateway is told to both, as it is when they read`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let (one, two) = (try await Gateway(api), try await Gateway(api))
            _ = try await tell(api, one.id.text, "https://one.test")
            _ = try await tell(api, two.id.text, "https://two.test", takes: false)
            let room = try await api.room(host.key)
            let cursor = try #require(try await api.get("/v1/gateway/snapshot", key: one.key).int("cursor"))
            func move(_ gateway: String, key: String = House.operatorKey) async throws -> API.Answer {
                try await api.send(.put, "/v1/rooms/\(room)/gateway", #"{"gateway":"\#(gateway)"}"#, key: key)
            }
            #expect(try await move(two.id.text).text("gatewayURL") == "https://two.test")
            #expect(try await move(two.id.text).text("gatewayURL") == "https://two.test")
            func feed(_ gateway: Gateway) async throws -> [String] {
                let page = try await api.get("/v1/gateway/feed?after=\(cursor)", key: gateway.key)
                return (page.json["events"] as? [[String: any Sendable]] ?? []).map { event in
                    let brief = event["room"] as? [String: any Sendable]
                    return brief?["elsewhere"] as? String ?? "here"
                }
            }
            #expect(try await feed(one) == ["https://two.test"])
            #expect(try await feed(two) == ["here"])
            // An auditor reads what was written, which is nobody's view.
            _ = try await move(one.id.text)
            // The first event is read late: it must not let anybody in who is not let in now.
            #expect(try await feed(two) == ["https://one.test", "https://one.test"])
            #expect(try await feed(one) == ["here", "here"])
            #expect(
                try await move(GatewayID.derived(at: Instant(seconds: 1), from: "x").text).code == "gateway_unknown")
            #expect(try await move(two.id.text, key: host.key).code == "key_scope")
            let none = try await api.send(
                .put, "/v1/rooms/\(RoomID.derived(at: Instant(seconds: 1), from: "x"))/gateway",
                #"{"gateway":"\#(one.id)"}"#, key: House.operatorKey)
            #expect(none.code == "room_unknown")
            #expect(try await api.post("/v1/rooms/\(room)/cancel", key: host.key, once: "c").status == 200)
            #expect(try await move(two.id.text).code == "gateway_room_over")
            try await isClean(house)
        }
    }

    @Test func `whoever was removed stays out of the room at its next gateway, also where that is told late`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let (one, two) = (try await Gateway(api), try await Gateway(api))
            _ = try await tell(api, one.id.text, "https://one.test")
            _ = try await tell(api, two.id.text, "https://two.test", takes: false)
            let room = try #require(RoomID(try await api.room(host.key)))
            func person(_ name: String) -> StagePerson {
                StagePerson(
                    ticket: .derived(at: Instant(seconds: 1), from: name),
                    holder: .holder(.derived(at: Instant(seconds: 1), from: name)), role: .listener)
            }
            @Sendable func remove(_ person: StagePerson, _ sequence: Int64, refused: ReasonCode? = nil) async throws {
                let act = ActRecord(
                    sequence: sequence, room: room, StageChange(.removed, by: nil, to: person), refused: refused,
                    at: house.time.clock.now())
                let body = try JSONEncoder().encode(ActBatch(gateway: one.id, acts: [act]))
                let taken = try await api.post(
                    "/v1/gateway/acts", String(decoding: body, as: UTF8.self), key: one.key)
                #expect(taken.status == 200, "\(taken.json)")
            }
            @Sendable func removed() async throws -> [StagePerson] {
                try await house.service.snapshot(for: two.id).rooms.first { $0.room == room }?.removed ?? []
            }
            try await remove(person("a"), 1)
            // Who was not allowed to removed nobody.
            try await remove(person("b"), 2, refused: ReasonCode("not_permitted"))
            // As long as the room has one gateway, that one knows by itself.
            #expect(try await house.service.snapshot(for: one.id).rooms.allSatisfy { $0.removed == nil })
            #expect(try await removed() == [])
            let moved = try await api.send(
                .put, "/v1/rooms/\(room)/gateway", #"{"gateway":"\#(two.id)"}"#, key: House.operatorKey)
            #expect(moved.status == 200, "\(moved.json)")
            #expect(try await removed() == [person("a")])
            let cursor = try await house.service.snapshot(for: two.id).cursor
            try await remove(person("c"), 3)
            let page = try await house.service.feed(after: cursor, for: two.id)
            guard case .room(let brief)? = page.events.first?.change, page.events.count == 1 else {
                Issue.record("\(page)")
                return
            }
            #expect(brief.removed == [person("a"), person("c")] && brief.elsewhere == nil)
            #expect(try await house.service.snapshot(for: one.id).rooms.first { $0.room == room }?.removed == nil)
            try await isClean(house)
        }
    }

    @Test func `nobody but an operator tells of gateways, and only of those that have a key`() async throws {
        let house = try await House()
        try await house.api { api in
            let gateway = try await Gateway(api)
            let stranger = GatewayID.derived(at: Instant(seconds: 1), from: "x").text
            #expect(try await tell(api, stranger, "https://one.test").code == "gateway_unknown")
            #expect(try await tell(api, "gateway_x", "https://one.test").code == "not_found")
            #expect(try await tell(api, gateway.id.text, "https://one.test/x").code == "gateway_address")
            #expect(try await tell(api, gateway.id.text, "https://one.test", key: gateway.key).code == "key_scope")
            #expect(try await api.get("/v1/gateways", key: gateway.key).code == "key_scope")
            #expect(try await api.get("/v1/gateways", key: House.operatorKey).json["gateways"] as? [String] == [])
        }
    }
}
