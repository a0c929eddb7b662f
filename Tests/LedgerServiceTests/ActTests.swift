import Engines
import Foundation
import Ledger
import LedgerService
import Simulation
import Stage
import Store
import Testing
import Values

/// The log of acts on stages: taken once and in order, read by those who may.
@Suite struct ActTests {
    /// Acts of a gateway in a room, the last of them refused.
    private func acts(_ count: Int, in room: String, from first: Int64 = 1) throws -> [ActRecord] {
        let room = try #require(RoomID(room))
        var generator = SeededGenerator(seed: 5)
        let at = Instant(seconds: 1_772_000_000)
        func person(_ role: Role) -> StagePerson {
            StagePerson(
                ticket: .make(at: at, using: &generator), holder: .holder(.make(at: at, using: &generator)), role: role)
        }
        let (host, guest) = (person(.host), person(.listener))
        return (0..<Int64(count)).map { index in
            ActRecord(
                sequence: first + index, room: room,
                index.isMultiple(of: 2)
                    ? StageChange(.invited, by: host, to: guest, role: .speaker) : StageChange(.locked, by: guest),
                reason: index == 0 ? "a good question, \"asked\" \\ twice" : nil,
                refused: index.isMultiple(of: 2) ? nil : ReasonCode("stage_not_permitted"),
                at: at.advanced(bySeconds: index))
        }
    }

    private func body(_ acts: [ActRecord], of gateway: String) throws -> String {
        let gateway = try #require(GatewayID(gateway))
        return String(decoding: try JSONEncoder().encode(ActBatch(gateway: gateway, acts: acts)), as: UTF8.self)
    }

    @Test func `acts are taken once and in order, however often they are sent`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let (room, other) = (try await api.room(host.key), try await api.room(host.key))
            let gateway = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey)
            let (id, key) = (gateway.text("subject"), gateway.text("key"))
            let path = "/v1/gateway/acts"
            func send(_ acts: [ActRecord], key used: String? = nil, as name: String? = nil) async throws -> API.Answer {
                try await api.post(path, try body(acts, of: name ?? id), key: used ?? key)
            }
            let all = try acts(4, in: room) + acts(2, in: other, from: 5)
            #expect(try await send(Array(all[0..<3])).int("acceptedThrough") == 3)
            #expect(try await send(Array(all[1..<6])).int("acceptedThrough") == 6)
            #expect(try await send(all).int("acceptedThrough") == 6)
            var changed = all[2]
            changed.reason = "another one"
            #expect(try await send([changed]).code == "act_conflict")
            #expect(try await send(try acts(1, in: room, from: 9)).code == "act_gap")
            var generator = SeededGenerator(seed: 9)
            let nowhere = RoomID.make(at: Instant(seconds: 1), using: &generator)
            #expect(try await send(try acts(1, in: nowhere.text, from: 7)).code == "room_unknown")
            let second = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey)
            #expect(try await send(all, key: second.text("key")).code == "act_gateway")
            #expect(try await send(all, key: host.key).code == "key_scope")

            let log = try await api.get("/v1/rooms/\(room)/acts", key: host.key)
            #expect(log.status == 200, "\(log.json)")
            let lines = try #require(log.json["acts"] as? [[String: Any]])
            #expect(lines.compactMap { $0["n"] as? Int } == [1, 2, 3, 4])
            #expect(lines.compactMap { $0["kind"] as? String } == ["invited", "locked", "invited", "locked"])
            #expect(lines.compactMap { $0["refused"] as? String }.count == 2)
            #expect(lines[0]["reason"] as? String == "a good question, \"asked\" \\ twice")
            let page = try await api.get("/v1/rooms/\(room)/acts?limit=3", key: House.operatorKey)
            let rest = try await api.get(
                "/v1/rooms/\(room)/acts?limit=3&cursor=\(page.text("next"))", key: House.operatorKey)
            #expect((rest.json["acts"] as? [[String: Any]])?.compactMap { $0["n"] as? Int } == [4])
            let stranger = try await api.host("Bo")
            let wallet = try await api.wallet(0)
            for (used, code) in [(stranger.key, "key_scope"), (wallet.key, "key_scope")] {
                #expect(try await api.get("/v1/rooms/\(room)/acts", key: used).code == code)
            }
            let audit = try await house.service.audit(by: .auditor)
            #expect(audit.isClean, "\(audit.lines.flatMap(\.findings))")
        }
    }

    /// On SQLite, whose triggers can be taken away in one statement.
    private static let damages: [[StaticString]] = [
        ["DROP TRIGGER stage_acts_stay", "UPDATE stage_acts SET kind = 'unlocked' WHERE seq = 2"],
        ["DROP TRIGGER stage_acts_stay", "UPDATE stage_acts SET refused = '' WHERE seq = 2"],
        ["DROP TRIGGER stage_acts_stay", "UPDATE stage_acts SET refused = 'room_full' WHERE seq = 1"],
        [
            "DROP TRIGGER stage_acts_stay",
            "UPDATE stage_acts SET body = replace(body, '\"sequence\":2', '\"sequence\":3') WHERE seq = 2",
        ],
    ]

    @Test(arguments: 0..<4)
    func `planted damage is found`(number: Int) async throws {
        let house = try await House(on: .sqlite)
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let gateway = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey)
            let sent = try await api.post(
                "/v1/gateway/acts", try body(try acts(4, in: room), of: gateway.text("subject")),
                key: gateway.text("key"))
            #expect(sent.int("acceptedThrough") == 4)
            try await house.service.database.write { transaction in
                for statement in Self.damages[number] { try transaction.execute(statement) }
            }
            let found = try await house.service.audit(by: .auditor).lines.filter { !$0.findings.isEmpty }.map(\.check)
            #expect(found.contains("acts"), "\(Self.damages[number]): \(found)")
        }
    }
}
