import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Stage
import Testing
import Values

@testable import RoomGateway

@Suite("What happens in a room, as it is told", .serialized, .timeLimit(.minutes(2)))
struct EventTests {
    @Test("whoever comes back gets what happened in between, once and in order")
    func resume() async throws {
        try await TestHouse.open { house in
            let (host, steady, broken) = (house.ticket(.host), house.ticket(.listener), house.ticket(.listener))
            let witness = EventReader(house, token: steady.token)
            var reader = EventReader(house, token: broken.token)
            let first = try #require(try await reader.event("state"))
            #expect(first.member("you") != nil)
            #expect(try await witness.event("state") != nil)
            var heard: [String] = []
            for round in 0..<6 {
                let isLocked = round % 2 == 0
                #expect(try await house.stage("stage/lock", host.token, #"{"locked":\#(isLocked)}"#).status == 200)
                #expect(
                    try await witness.event("state") { ($0.member("locked") as? Bool) == isLocked } != nil)
                // The line breaks while things happen; what was read until then counts.
                heard += reader.events.map(\.id).filter { !heard.contains($0) }
                let seen = reader.last
                reader.cut()
                #expect(
                    try await house.stage(
                        "stage/mode", host.token, #"{"mode":"\#(isLocked ? "invited" : "everyone")"}"#
                    )
                    .status == 200)
                reader = EventReader(house, token: broken.token, after: seen)
                #expect(
                    try await reader.event("state") {
                        ($0.member("mode") as? String) == (isLocked ? "invited" : "everyone")
                    } != nil)
            }
            let last = try #require(witness.events.last { $0.name == "state" }?.id)
            #expect(try await holds { reader.last == last || witness.last == reader.last })
            heard += reader.events.map(\.id).filter { !heard.contains($0) }
            let all = witness.events.map(\.id)
            // From where the broken one began: nothing is missing and nothing came twice.
            let numbers = heard.compactMap { Int($0.split(separator: "-")[1]) }
            #expect(numbers == Array(numbers[0]...numbers[numbers.count - 1]))
            #expect(Set(all).isSubset(of: Set(heard)) || all.first.map { heard.contains($0) } == false)
        }
    }

    @Test("an event of another run, and nonsense, bring the whole state again")
    func reset() async throws {
        try await TestHouse.open { house in
            for seen in ["nonsense", "zzz-1", "0r1-99999"] {
                let reader = EventReader(house, token: house.ticket(.listener).token, after: seen)
                let event = try #require(try await reader.event("reset"), "\(seen)")
                #expect(event.member("listeners") as? Int == 0)
                #expect(event.member("you") != nil)
                #expect(reader.events.first?.name == "reset")
                reader.cut()
            }
            // For readers that can't send headers.
            let token = house.ticket(.listener).token
            let reader = EventReader(house, token: token, query: "?after=zzz-1")
            #expect(try await reader.event("reset") != nil)
            reader.cut()
        }
    }

    @Test("a line that comes back takes the place of one that broke, however often")
    func comingBack() async throws {
        try await TestHouse.open { try await Self.comeBack($0) }
    }

    private static func comeBack(_ house: TestHouse) async throws {
        let (ticket, host) = (house.ticket(.listener), house.ticket(.host))
        var seen: String?
        for round in 0..<12 {
            let isLocked = round % 2 == 0
            let reader = EventReader(house, token: ticket.token, after: seen)
            // The broken lines before are still counted: the server notices them with its next heartbeat only.
            let answer = try await house.stage("stage/lock", host.token, #"{"locked":\#(isLocked)}"#)
            #expect(answer.status == 200)
            let state = try await reader.event("state") { ($0.member("locked") as? Bool) == isLocked }
            #expect(state != nil)
            seen = reader.last
            reader.cut()
        }
    }

    @Test("a reader that takes nothing is cut and holds nobody up")
    func slowReader() async throws {
        try await TestHouse.open { try await Self.fallBehind($0) }
    }

    private static func fallBehind(_ house: TestHouse) async throws {
        let token = house.ticket(.listener).token
        var request = HTTPClientRequest(url: house.url("events"))
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        // The answer is there, and its body is never read.
        let response = try await house.http.execute(request, timeout: .seconds(60))
        let rooms = house.gateway.rooms
        // Four megabytes a round, until what the sockets hold is full, and then the 64 events that wait for a reader.
        let isCut = try await holds {
            for _ in 0..<200 { await rooms.send(.speaking(Array(0..<4_000)), to: house.room.room) }
            return try await house.send("GET", "/metrics").body.contains("guichet_views_cut_total 1\n")
        }
        #expect(isCut)
        let metrics = try await house.send("GET", "/metrics").body
        #expect(metrics.contains("guichet_views 0\n"))
        // What it missed is not kept for ever either.
        let epoch = String(await rooms.rooms[house.room.room]?.log.epoch ?? "")
        let back = EventReader(house, token: token, after: "\(epoch)-0")
        let reset = try await back.event("reset")
        #expect(reset != nil)
        back.cut()
        withExtendedLifetime(response) {}
    }

    @Test("an end that came while the line was broken is told on coming back")
    func missedEnd() async throws {
        try await TestHouse.open { house in
            let (host, ticket) = (house.ticket(.host), house.ticket(.listener))
            let listening = house.listen(ticket.token, into: Ear())
            let found = try await holds {
                try await house.admission(host) { $0["role"] as? String == "listener" } != nil
            }
            #expect(found)
            let admission = try #require(try await house.admission(host) { $0["role"] as? String == "listener" })
            let reader = EventReader(house, token: ticket.token, query: "?admission=\(admission)")
            #expect(try await reader.event("state") != nil)
            let seen = reader.last
            reader.cut()
            // The same ticket comes in elsewhere.
            let second = house.listen(ticket.token, into: Ear())
            #expect(try await house.ledger.receipt { $0.kind.leftReason == .replaced } != nil)
            let back = EventReader(house, token: ticket.token, after: seen, query: "?admission=\(admission)")
            let ended = try #require(try await back.event("ended"))
            #expect(ended.member("code") as? String == "replaced")
            #expect(try await holds { back.hasEnded })
            listening.cancel()
            second.cancel()
        }
    }

    @Test("what concerns one person is told to nobody else")
    func ownEvents() async throws {
        try await TestHouse.open { house in
            let (host, ann, ben) = (house.ticket(.host), house.ticket(.listener), house.ticket(.listener))
            let listening = [ann, ben].map { house.listen($0.token, into: Ear()) }
            #expect(try await holds { try await house.people(host).count == 2 })
            let (anns, bens) = (EventReader(house, token: ann.token), EventReader(house, token: ben.token))
            #expect(try await anns.event("state") != nil)
            #expect(try await bens.event("state") != nil)
            #expect(try await house.stage("stage/hand", ann.token, #"{"raised":true}"#).status == 200)
            let own = try #require(try await anns.event("you"))
            #expect(own.member("hand") as? Bool == true)
            let state = try #require(try await bens.event("state") { ($0.member("handCount") as? Int) == 1 })
            #expect((state.member("hands") as? [Int])?.count == 1)
            #expect(bens.events.allSatisfy { $0.name != "you" })
            for task in listening { task.cancel() }
        }
    }
}
