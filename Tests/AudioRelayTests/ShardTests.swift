import MediaWire
import Simulation
import Testing

@testable import AudioRelay

/// Two relays that a room is spread over, each with its part of the people and its own network.
final class TwinHalls {
    let halls: [Hall]
    /// From the first to the second, and back.
    let rings: [VoiceRing]

    init(_ conditions: LossyLink<SocketAddress>.Conditions = .init(), ringBytes: Int = 1 << 18) throws {
        halls = [try Hall(conditions, seed: 11), try Hall(conditions, seed: 22)]
        halls[1].peersElsewhere = 1_000
        rings = [VoiceRing(bytes: ringBytes), VoiceRing(bytes: ringBytes)]
        for shard in 0..<2 { halls[shard].relay.connect(to: 1 - shard, by: rings[shard]) }
    }

    func spread(_ room: UInt64 = 1) {
        for shard in 0..<2 { halls[shard].perform(.spread(RoomKey(room), to: ShardSet([1 - shard]))) }
    }

    /// What each has for the other is handed over.
    func handOver() {
        for (shard, hall) in halls.enumerated() {
            _ = hall.relay.takeVoices(from: rings[1 - shard], atMost: 1_000, at: hall.now, into: &hall.outbox)
            hall.flush(from: hall.relayAddress)
        }
    }

    func run(milliseconds: UInt64) {
        for _ in 0..<milliseconds {
            for hall in halls { hall.run(milliseconds: 1) }
            handOver()
        }
    }

    func connectAll() {
        run(milliseconds: 500)
        for hall in halls { for guest in hall.guests { #expect(guest.isConnected, "\(guest.id)") } }
    }
}

@Suite("Relays that share a room")
struct ShardTests {
    @Test("Listeners of both relays hear the same sound, to the byte and numbered without a gap")
    func sameSound() throws {
        let twins = try TwinHalls()
        let speakers = [
            try twins.halls[0].admit(.publish, participant: 1), try twins.halls[1].admit(.publish, participant: 2),
        ]
        let listeners = try twins.halls.flatMap { hall in
            try [1, 3].map { try hall.admit(.listen(slots: $0), participant: 100 + UInt32($0)) }
        }
        twins.spread()
        twins.connectAll()
        for number in 0..<100 {
            twins.halls[0].say(voice(1, number), speakers[0], level: speechLevel(number, base: 30))
            twins.run(milliseconds: 10)
            twins.halls[1].say(voice(2, number), speakers[1], level: speechLevel(number, base: 32))
            twins.run(milliseconds: 10)
        }
        for listener in listeners where listener.heard.contains(where: { $0.slot == 1 }) {
            for slot in 0..<2 {
                let heard = listener.heard.filter { $0.slot == slot }
                let first = try #require(heard.first)
                #expect(heard.map(\.index) == (0..<100).map { first.index + UInt64($0) })
                #expect(heard.map(\.timestamp) == (0..<100).map { first.timestamp &+ UInt32($0) * 960 })
                #expect(Set(heard.map(\.contributors)).count == 1)
            }
            for who in 1...2 {
                #expect(
                    listener.heard.filter { $0.contributors == [UInt32(who)] }.map(\.payload)
                        == (0..<100).map { voice(UInt8(who), $0) })
            }
        }
        // Who has one slot hears the same of the two on either relay.
        #expect(listeners[0].heard.map(\.payload) == listeners[2].heard.map(\.payload))
        #expect(listeners[0].heard.count >= 100)
        for hall in twins.halls { #expect(hall.relay.handedOver == 100 && hall.relay.takenOver == 100) }
    }

    @Test("Nobody hears themself from the other relay, and others there do")
    func nobodyHearsThemself() throws {
        let twins = try TwinHalls()
        let speaker = try twins.halls[0].admit(.publish, participant: 7)
        let own = try twins.halls[1].admit(.listen(slots: 3), participant: 7)
        let other = try twins.halls[1].admit(.listen(slots: 3), participant: 8)
        twins.spread()
        twins.connectAll()
        for number in 0..<50 {
            twins.halls[0].say(voice(7, number), speaker, level: 30)
            twins.run(milliseconds: 20)
        }
        #expect(own.heard.isEmpty)
        #expect(other.payloads == (0..<50).map { voice(7, $0) })
    }

    @Test("Mute and leaving take a voice out of the slots of every relay at once")
    func muteAndLeave() throws {
        let twins = try TwinHalls()
        let muted = try twins.halls[0].admit(.publish, participant: 1)
        let leaving = try twins.halls[0].admit(.publish, participant: 2)
        let listener = try twins.halls[1].admit(.listen(slots: 3), participant: 9)
        twins.spread()
        twins.connectAll()
        func speak(_ number: Int) {
            twins.halls[0].say(voice(1, number), muted, level: 30)
            twins.halls[0].say(voice(2, number), leaving, level: 30)
            twins.run(milliseconds: 20)
        }
        for number in 0..<10 { speak(number) }
        #expect(twins.halls[1].events.last == .speaking(RoomKey(1), participants: [1, 2]))
        twins.halls[0].perform(.setMuted(muted.id, true))
        twins.run(milliseconds: 2)
        #expect(twins.halls[1].events.last == .speaking(RoomKey(1), participants: [2]))
        let before = listener.heard.count
        for number in 10..<20 { speak(number) }
        #expect(listener.heard[before...].allSatisfy { $0.contributors == [2] })
        #expect(listener.heard.count == before + 10)
        twins.halls[0].perform(.removePeer(leaving.id, code: "left"))
        twins.run(milliseconds: 2)
        #expect(twins.halls[1].events.last == .speaking(RoomKey(1), participants: []))
        twins.halls[0].perform(.setMuted(muted.id, false))
        for number in 20..<30 { speak(number) }
        #expect(listener.heard.suffix(10).allSatisfy { $0.contributors == [1] })
        for slot in 0..<3 {
            let indices = listener.indices(slot: slot)
            #expect(indices == indices.indices.map { (indices.first ?? 0) + UInt64($0) })
        }
    }

    @Test("Both relays choose the same three of five voices, and never cut the host")
    func sameChoice() throws {
        let twins = try TwinHalls()
        // Four speakers on one relay, the host on the other.
        let speakers = try (1...4).map { try twins.halls[0].admit(.publish, participant: UInt32($0)) }
        let host = try twins.halls[1].admit(.publish, participant: 5, isHost: true)
        let listeners = try twins.halls.map { try $0.admit(.listen(slots: 3), participant: 100) }
        twins.spread()
        twins.connectAll()
        for number in 0..<150 {
            for (who, speaker) in speakers.enumerated() {
                // Louder and louder; the host is the quietest.
                let level = speechLevel(number, base: UInt8(40 - 8 * who))
                twins.halls[0].say(voice(UInt8(who + 1), number), speaker, level: level)
            }
            twins.halls[1].say(voice(5, number), host, level: speechLevel(number, base: 45))
            twins.run(milliseconds: 20)
        }
        func heard(_ listener: Guest) -> Set<UInt32> {
            Set(listener.heard.suffix(60).compactMap { $0.contributors.first })
        }
        #expect(heard(listeners[0]) == heard(listeners[1]))
        #expect(heard(listeners[0]).count == 3)
        for listener in listeners {
            #expect(listener.payloads.filter { $0[1] == 5 }.count == 150)
        }
    }

    @Test("Ticks and merging of the listeners' relay work for voices of the other", arguments: [Pace.tick20, .merged])
    func pace(_ pace: Pace) throws {
        let twins = try TwinHalls()
        let speaker = try twins.halls[0].admit(.publish, participant: 1)
        let listener = try twins.halls[1].admit(.listen(slots: 3), participant: 9)
        let near = try twins.halls[0].admit(.listen(slots: 3), participant: 8)
        twins.spread()
        twins.connectAll()
        twins.halls[1].change(pace)
        for number in 0..<60 {
            twins.halls[0].say(voice(1, number), speaker, level: 30)
            twins.run(milliseconds: 20)
        }
        twins.run(milliseconds: 100)
        #expect(near.payloads == (0..<60).map { voice(1, $0) })
        #expect(listener.heard.count == (pace == .merged ? 20 : 60))
        let first = try #require(listener.heard.first)
        #expect(listener.heard.map(\.index) == listener.heard.indices.map { first.index + UInt64($0) })
        #expect(listener.heard.last?.timestamp == first.timestamp &+ UInt32(pace == .merged ? 57 : 59) * 960)
    }

    @Test(
        "A relay that stood still for 400 ms sends all that the other had for it, in order",
        arguments: [Pace.tick20, .merged])
    func stall(_ pace: Pace) throws {
        let twins = try TwinHalls()
        let speakers = try (1...3).map { try twins.halls[0].admit(.publish, participant: UInt32($0)) }
        let listener = try twins.halls[1].admit(.listen(slots: 3), participant: 9)
        twins.spread()
        twins.connectAll()
        twins.halls[1].change(pace)
        for number in 0..<20 {
            for (who, speaker) in speakers.enumerated() {
                twins.halls[0].say(voice(UInt8(who + 1), number), speaker, level: 30)
            }
            for hall in twins.halls { hall.run(milliseconds: 20) }
        }
        #expect(listener.heard.isEmpty)
        twins.run(milliseconds: 200)
        #expect(twins.halls[1].relay.drops[.notSent] == 0 && twins.halls[1].relay.takenOver == 60)
        for slot in 0..<3 {
            let heard = listener.heard.filter { $0.slot == slot }
            let first = try #require(heard.first)
            #expect(heard.map(\.index) == heard.indices.map { first.index + UInt64($0) })
            #expect(heard.last?.timestamp == first.timestamp &+ UInt32(pace == .merged ? 18 : 19) * 960)
        }
    }

    @Test("A room of one relay is handed to nobody, and one that is no longer spread neither")
    func notSpread() throws {
        let twins = try TwinHalls()
        let speaker = try twins.halls[0].admit(.publish, participant: 1)
        let stranger = try twins.halls[1].admit(.listen(slots: 3), room: 2, participant: 9)
        twins.connectAll()
        twins.halls[0].say(voice(1, 0), speaker, level: 30)
        twins.run(milliseconds: 20)
        #expect(twins.halls[0].relay.handedOver == 0)
        twins.spread()
        twins.halls[0].say(voice(1, 1), speaker, level: 30)
        twins.run(milliseconds: 20)
        // The other relay has no such room: what comes too late is nobody's.
        #expect(twins.halls[1].relay.takenOver == 1)
        twins.halls[0].perform(.spread(RoomKey(1), to: ShardSet()))
        twins.halls[0].say(voice(1, 2), speaker, level: 30)
        twins.run(milliseconds: 20)
        #expect(twins.halls[0].relay.handedOver == 1)
        #expect(stranger.heard.isEmpty)
    }

    @Test("A ring that nobody empties costs its own listeners their sound, and nobody else; silence still gets through")
    func fullRing() throws {
        let twins = try TwinHalls(ringBytes: 1 << 16)
        let speaker = try twins.halls[0].admit(.publish, participant: 1)
        let near = try twins.halls[0].admit(.listen(slots: 3), participant: 8)
        let far = try twins.halls[1].admit(.listen(slots: 3), participant: 9)
        twins.spread()
        twins.connectAll()
        for number in 0..<10 {
            twins.halls[0].say(voice(1, number), speaker, level: 30)
            twins.run(milliseconds: 20)
        }
        for number in 10..<1_010 {
            twins.halls[0].say(voice(1, number), speaker, level: 30)
            twins.halls[0].run(milliseconds: 20)
        }
        #expect(near.heard.count == 1_010)
        let refused = twins.halls[0].relay.drops[.notHandedOver]
        #expect(refused > 500 && twins.halls[0].relay.handedOver == 1_010 - refused)
        twins.halls[0].perform(.setMuted(speaker.id, true))
        #expect(twins.halls[0].relay.drops[.notHandedOver] == refused)
        twins.halls[1].run(milliseconds: 20_000)
        twins.run(milliseconds: 20)
        // What waited for seconds is not played any more.
        #expect(far.heard.count == 10)
        #expect(twins.halls[1].relay.drops[.notHandedOver] == 1_000 - refused)
        let said = twins.halls[1].events.last { if case .speaking = $0 { true } else { false } }
        #expect(said == .speaking(RoomKey(1), participants: []))
    }

    @Test("On a lossy network sound goes on for the listeners of both relays", .timeLimit(.minutes(2)))
    func lossy() throws {
        let twins = try TwinHalls(.init(lostPerMille: 100, delayMilliseconds: 5...45))
        let speaker = try twins.halls[0].admit(.publish, participant: 1)
        let listeners = try twins.halls.map { try $0.admit(.listen(slots: 3), participant: 9) }
        twins.spread()
        twins.run(milliseconds: 4_000)
        for number in 0..<250 {
            twins.halls[0].say(voice(1, number), speaker, level: speechLevel(number, base: 30))
            twins.run(milliseconds: 20)
        }
        for listener in listeners {
            #expect(listener.heard.count > 180)
            #expect(Set(listener.heard.map(\.index)).count == listener.heard.count)
        }
    }
}
