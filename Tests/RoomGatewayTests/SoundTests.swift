import AudioRelay
import Datagrams
import MediaWire
import RoomClient
import RoomGateway
import Stage
import Testing
import Values

@Suite("Sound through the gateway", .serialized, .timeLimit(.minutes(2)))
struct SoundTests {
    @Test("two listeners hear the host's very packets, in order")
    func twoListeners() async throws {
        try await TestHouse.open { house in
            let ears = [Ear(), Ear()]
            let listening = ears.map { house.listen(house.ticket(.listener).token, into: $0) }
            let sound = packets(500)
            let publishing = house.publish(house.ticket(.host).token, sound, loops: false)
            for ear in ears { #expect(try await ear.hears(60)) }
            publishing.cancel()
            for task in listening { task.cancel() }
            _ = try await publishing.value
            for task in listening { _ = try await task.value }
            for ear in ears {
                let heard = ear.payloads
                let first = try #require(sound.firstIndex { $0.bytes == heard.first })
                #expect(heard == sound[first..<(first + heard.count)].map(\.bytes))
                #expect(ear.contributors.count == 1)
            }
        }
    }

    @Test("a refund silences the listener within a second, and nobody else")
    func refund() async throws {
        try await TestHouse.open { house in
            let (refunded, other) = (Ear(), Ear())
            let ticket = house.ticket(.listener)
            let tasks = [
                house.listen(ticket.token, into: refunded), house.listen(house.ticket(.listener).token, into: other),
            ]
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            #expect(try await refunded.hears(10))
            #expect(try await other.hears(10))
            let said = monotonicNanoseconds()
            await house.ledger.say(
                .revoked(.init(ticket: ticket.id, room: house.room.room, reason: .refunded, at: wallNow())))
            #expect(try await refunded.hasEnded())
            let before = other.count
            #expect(try await other.hears(before + 60))
            #expect(refunded.count(after: said + 1_000_000_000) == 0)
            let left = try #require(
                try await house.ledger.receipt { $0.ticket == ticket.id && $0.kind.isLeft })
            guard case .left(let reason, _, let packets, let media) = left.kind else { return }
            #expect(reason == .refunded)
            #expect(packets > 0)
            // Sound flowed from the moment of the connection to the refund, and not before or after.
            let stretch = try #require(media?.stretches.last)
            #expect(stretch.to <= left.occurredAt && media?.stretches.count == 1)
            publishing.cancel()
            for task in tasks { task.cancel() }
        }
    }

    @Test("a ticket's end cuts the sound without anybody saying so")
    func ticketEnd() async throws {
        try await TestHouse.open { house in
            let ear = Ear()
            let ticket = house.ticket(.listener, seconds: 3)
            let started = monotonicNanoseconds()
            let listening = house.listen(ticket.token, into: ear)
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            #expect(try await ear.hears(10))
            #expect(try await ear.hasEnded())
            #expect(ear.count(after: started + 4_000_000_000) == 0)
            let left = try #require(try await house.ledger.receipt { $0.ticket == ticket.id && $0.kind.isLeft })
            guard case .left(let reason, _, _, _) = left.kind else { return }
            #expect(reason == .ticketExpired)
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("a removal cuts, stays, and binds the person with another ticket too")
    func removal() async throws {
        try await TestHouse.open { house in
            let ear = Ear()
            let host = house.ticket(.host)
            let ticket = house.ticket(.listener)
            let listening = house.listen(ticket.token, into: ear)
            let publishing = house.publish(host.token, packets(200))
            #expect(try await ear.hears(10))
            let stage = try await house.send("GET", "stage", token: host.token)
            #expect(stage.status == 200)
            let people = stage.member("participants") as? [[String: Any]] ?? []
            let admission = try #require(people.first { $0["role"] as? String == "listener" }?["admission"] as? String)
            let denied = try await house.send(
                "POST", "remove", token: ticket.token, type: "application/json", body: #"{"admission":"\#(admission)"}"#
            )
            #expect(denied.code == "stage_not_permitted")
            let removed = try await house.send(
                "POST", "remove", token: host.token, type: "application/json",
                body: #"{"admission":"\#(admission)","reason":"noise"}"#)
            let at = monotonicNanoseconds()
            #expect(removed.status == 200)
            #expect(try await ear.hasEnded())
            #expect(ear.count(after: at + 1_000_000_000) == 0)
            for again in [ticket, house.ticket(.listener, holder: ticket.holder)] {
                let refused = house.listen(again.token, into: Ear())
                await #expect { try await refused.value } throws: {
                    ($0 as? RefusedByServer)?.code == "removed_from_room"
                }
            }
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("a muted speaker is not heard until unmuted")
    func muting() async throws {
        try await TestHouse.open { house in
            let ear = Ear()
            let host = house.ticket(.host)
            let speaker = house.ticket(.speaker)
            let listening = house.listen(house.ticket(.listener).token, into: ear)
            let publishing = house.publish(speaker.token, packets(200))
            #expect(try await ear.hears(10))
            let stage = try await house.send("GET", "stage", token: host.token)
            let people = stage.member("participants") as? [[String: Any]] ?? []
            let admission = try #require(people.first { $0["role"] as? String == "speaker" }?["admission"] as? String)
            func mute(_ muted: Bool, by token: String) async throws -> TestHouse.Answer {
                try await house.send(
                    "POST", "mute", token: token, type: "application/json",
                    body: #"{"admission":"\#(admission)","muted":\#(muted)}"#)
            }
            #expect(try await mute(true, by: host.token).status == 200)
            let silent = monotonicNanoseconds()
            #expect(try await mute(false, by: speaker.token).code == "muted_by_moderator")
            try await Task.sleep(for: .milliseconds(700))
            #expect(ear.count(after: silent + 500_000_000) == 0)
            #expect(try await mute(false, by: host.token).status == 200)
            let before = ear.count
            #expect(try await ear.hears(before + 10))
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("the newest entry of a ticket wins; closing the room ends everybody")
    func newestWins() async throws {
        try await TestHouse.open(capacity: 1) { house in
            let (old, new) = (Ear(), Ear())
            let ticket = house.ticket(.listener)
            let first = house.listen(ticket.token, into: old)
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            #expect(try await old.hears(5))
            let full = house.listen(house.ticket(.listener).token, into: Ear())
            await #expect { try await full.value } throws: { ($0 as? RefusedByServer)?.code == "room_full" }
            let second = house.listen(ticket.token, into: new)
            #expect(try await new.hears(5))
            #expect(try await old.hasEnded())
            #expect(try await house.ledger.receipt { $0.kind.leftReason == .replaced } != nil)
            var closed = house.room
            closed.state = .closed
            await house.ledger.say(.room(closed))
            #expect(try await new.hasEnded())
            _ = try await publishing.value
            let late = house.listen(ticket.token, into: Ear())
            await #expect { try await late.value } throws: { ($0 as? RefusedByServer)?.code == "room_closed" }
            first.cancel()
            second.cancel()
        }
    }
}
