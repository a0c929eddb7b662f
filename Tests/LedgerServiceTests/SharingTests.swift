import Foundation
import HTTPTypes
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct SharingTests {
    private func set(_ api: API, _ room: String, _ sharing: String, key: String) async throws -> API.Answer {
        try await api.send(.put, "/v1/rooms/\(room)/sharing", #"{"sharing":"\#(sharing)"}"#, key: key)
    }

    @Test func `a room changes its policy, and gateways and other systems hear of it once`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let plain = try await api.room(host.key)
            #expect(try await api.get("/v1/rooms/\(plain)").text("sharing") == "newest")
            let made = try await api.post(
                "/v1/rooms",
                """
                {"title":"T","startsAt":"2026-03-02T19:00:00Z","endsAt":"2026-03-02T20:00:00Z","capacity":1,\
                "price":{"amount":500,"currency":"EUR"},"sharing":"first"}
                """, key: host.key, once: "door")
            #expect(made.status == 201 && made.text("sharing") == "first", "\(made.json)")
            let room = made.text("room")
            let start = try await house.service.feed(after: 0)
            let read = try #require(try await api.get("/v1/rooms/\(room)").headers[.eTag])
            #expect(try await set(api, room, "devices-3", key: host.key).text("sharing") == "devices-3")
            // The same again is no event.
            #expect(try await set(api, room, "devices-3", key: House.operatorKey).status == 200)
            #expect(try await api.get("/v1/rooms/\(room)").headers[.eTag] != read)
            let page = try await house.service.feed(after: start.next)
            let briefs = page.events.compactMap { event -> RoomBrief? in
                if case .room(let brief) = event.change { return brief }
                return nil
            }
            #expect(briefs.map(\.sharing) == [.devices(3)])
            let snapshot = try await house.service.snapshot()
            #expect(Set(snapshot.rooms.map(\.sharing)) == [.newestWins, .devices(3)])
            #expect(snapshot.rooms.contains(try #require(briefs.first)))
            // What the gateway hears later of the room says it too.
            _ = try await api.post("/v1/rooms/\(room)/open", key: host.key)
            let opened = try await house.service.feed(after: page.next)
            guard case .room(let brief)? = opened.events.first?.change else {
                Issue.record("The event is of another kind.")
                return
            }
            #expect(brief.state == .open && brief.sharing == .devices(3))
            let events = try await api.get("/v1/events?limit=100", key: host.key)
            let told = try #require(events.json["events"] as? [[String: Any]])
            let sharing = told.filter { $0["type"] as? String == "room.sharing" }
            #expect(sharing.count == 2, "\(told)")
            let report = try await house.service.audit(by: .operator)
            #expect(report.lines.allSatisfy { $0.broken == 0 }, "\(report)")
            #expect(report.lines.contains { $0.check == "doors" && $0.counted == 2 })
        }
    }

    @Test func `who may not, what is none, what is over and what somebody else has changed is refused`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let other = try await api.host("Bea")
            let room = try await api.room(host.key)
            #expect(try await set(api, room, "first", key: other.key).code == "key_scope")
            for bad in ["devices-1", "devices-11", "last", ""] {
                #expect(try await set(api, room, bad, key: host.key).status == 400, "\(bad)")
            }
            let nowhere = "room_00000000000000000000000000"
            #expect(try await set(api, nowhere, "first", key: host.key).code == "room_unknown")
            _ = try await api.post("/v1/rooms/\(room)/open", key: host.key)
            _ = try await api.post("/v1/rooms/\(room)/close", key: host.key)
            #expect(try await set(api, room, "first", key: host.key).code == "room_closed")
            let gone = try await api.room(host.key)
            _ = try await api.post("/v1/rooms/\(gone)/cancel", key: host.key)
            #expect(try await set(api, gone, "first", key: host.key).code == "room_cancelled")
            let late = try await api.room(host.key)
            try house.time.set("2026-03-02T20:00:00Z")
            #expect(try await set(api, late, "first", key: host.key).code == "room_ended")
        }
    }
}
