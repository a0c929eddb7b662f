import Foundation
import Stage
import Synchronization
import Testing
import Values

@testable import RoomGateway

/// Rooms that become another gateway's, as one gateway sees them.
@Suite("Rooms of several gateways", .serialized, .timeLimit(.minutes(2)))
struct PlacementTests {
    private static let elsewhere = "https://audio-2.test"

    private func enter(_ house: TestHouse, _ ticket: TestHouse.Held) async throws -> TestHouse.Answer {
        try await house.send(
            "POST", "whep", token: ticket.token, type: "application/sdp", body: try TestHouse.deadOffer())
    }

    private func brief(_ house: TestHouse, elsewhere: String?) -> RoomBrief {
        var brief = house.room
        brief.elsewhere = elsewhere
        return brief
    }

    @Test("whoever is inside is sent away with the reason, nobody comes in, and a room that comes back begins anew")
    func moved() async throws {
        try await TestHouse.open { house in
            let (ear, host) = (Ear(), house.ticket(.host))
            let ticket = house.ticket(.listener)
            let listening = house.listen(ticket.token, into: ear)
            let publishing = house.publish(host.token, packets(2_000))
            #expect(try await ear.hears(10))
            await house.ledger.say(.room(brief(house, elsewhere: Self.elsewhere)))
            #expect(try await holds { ear.ended.withLock { $0 != nil } })
            let left = try #require(try await house.ledger.receipt { $0.ticket == ticket.id && $0.kind.isLeft })
            #expect(left.kind.leftReason == .roomMoved)
            let refused = try await enter(house, house.ticket(.listener))
            #expect(refused.status == 421 && refused.code == "room_elsewhere", "\(refused.body)")
            #expect(refused.body.contains(Self.elsewhere))
            for (method, path) in [("GET", "stage"), ("GET", "events")] {
                #expect(try await house.send(method, path, token: host.token).code == "room_elsewhere", "\(path)")
            }
            publishing.cancel()
            listening.cancel()
            await house.ledger.say(.room(brief(house, elsewhere: nil)))
            #expect(try await holds { try await enter(house, house.ticket(.listener)).status == 201 })
            let again = Ear()
            let second = house.listen(ticket.token, into: again)
            let speaking = house.publish(host.token, packets(2_000))
            #expect(try await again.hears(10))
            speaking.cancel()
            second.cancel()
        }
    }

    @Test("whoever was removed at the gateway before is refused here, and sent out if they were quicker")
    func removed() async throws {
        try await TestHouse.open { house in
            let (quick, late) = (house.ticket(.listener), house.ticket(.listener))
            let ear = Ear()
            let listening = house.listen(quick.token, into: ear)
            let publishing = house.publish(house.ticket(.host).token, packets(2_000))
            #expect(try await ear.hears(10))
            var brief = house.room
            brief.removed = [quick, late].map { StagePerson(ticket: $0.id, holder: $0.holder, role: .listener) }
            await house.ledger.say(.room(brief))
            #expect(try await ear.hasEnded())
            let left = try #require(try await house.ledger.receipt { $0.ticket == quick.id && $0.kind.isLeft })
            #expect(left.kind.leftReason == .removed)
            for ticket in [quick, late] {
                #expect(try await enter(house, ticket).code == "removed_from_room")
            }
            #expect(try await enter(house, house.ticket(.listener)).status == 201)
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("a snapshot says it as well")
    func snapshot() async throws {
        let there = {
            var brief = TestHouse.brief(capacity: 3)
            brief.elsewhere = Self.elsewhere
            return brief
        }()
        try await TestHouse.open(room: there) { house in
            let refused = try await enter(house, house.ticket(.listener))
            #expect(refused.status == 421 && refused.code == "room_elsewhere", "\(refused.body)")
        }
    }
}
