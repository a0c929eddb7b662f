import AudioRelay
import Datagrams
import MediaWire
import Synchronization
import Testing

@testable import RelayThreads

/// Two media threads with everything that meets them: people over sockets, handshakes elsewhere, voices over rings,
/// commands, counters and events from other threads. `Scripts/sanitize thread` runs this for what meets in memory.
@Suite("Two media threads", .serialized, .timeLimit(.minutes(5)))
struct MediaThreadTests {
    /// Threads, people on another one, and whoever lets them in.
    private final class House: Sendable {
        let threads: MediaThreads
        let crowd = Crowd()
        let room = RoomKey(7)
        private let certificate: RelayCertificate
        private let count = Atomic<UInt64>(0)
        private let events = Mutex<[RelayEvent]>([])

        init(_ pace: PaceRange) throws {
            certificate = try RelayCertificate()
            threads = try MediaThreads(
                count: 2, bind: [SocketAddress(ipv4: 0x7F00_0001, port: 0)], streams: .off,
                certificate: try RelayCertificate(), pace: pace, smallRoomPeers: 0
            ) { thread, _ in (thread.localAddresses, []) }
        }

        func admit(_ purpose: ClientPurpose) throws -> Person {
            let number = count.add(1, ordering: .relaxed).newValue
            let person = try Person(
                PeerID(number), purpose, participant: UInt32(number), certificate: certificate)
            var generator = SystemRandomNumberGenerator()
            let place = threads.place(in: room)
            defer { withExtendedLifetime(place) {} }
            let negotiation = try place.negotiator.answer(
                to: person.offer, as: purpose == .publish ? .speaker : .listener, in: room, using: &generator)
            let now = MonotonicInstant(nanoseconds: monotonicNanoseconds())
            threads.perform(
                .addPeer(
                    PeerAdmission(
                        peer: person.id, room: room, negotiated: negotiation.peer, participant: person.participant,
                        mayPublish: purpose == .publish, expiresAt: now.advanced(byMilliseconds: 3_600_000))))
            crowd.add(person, answer: negotiation.answer)
            return person
        }

        /// Everything that was told so far.
        func told() -> [RelayEvent] {
            events.withLock { events in
                events += threads.takeEvents()
                return events
            }
        }

        func close() async {
            await threads.stop()
            await crowd.stop()
        }
    }

    /// Looks every ten milliseconds, a minute at most: under a sanitizer everything takes ten times as long.
    private func holds(_ condition: () throws -> Bool) async throws -> Bool {
        for _ in 0..<6_000 {
            if try condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// What was heard of one voice, packet by packet, whatever it came merged with.
    private func numbers(_ packets: [HeardPacket], of speaker: Person) -> [Int] {
        packets.filter { $0.contributors == [speaker.participant] && $0.payload.count == 63 }.map {
            Int($0.payload[2]) << 8 | Int($0.payload[3])
        }
    }

    @Test(
        "all hear both voices in order from either thread while others come, go and are muted",
        arguments: [
            PaceRange(quickest: .atOnce, slowest: .atOnce), PaceRange(quickest: .tick10, slowest: .tick10),
        ])
    func meet(_ pace: PaceRange) async throws {
        let house = try House(pace)
        let speakers = [try house.admit(.publish), try house.admit(.publish)]
        let listeners = try (0..<4).map { try house.admit(.listen(slots: $0 % 2 == 0 ? 3 : 2)) }
        // One of each kind on each thread, so that every voice goes over a ring to half of the listeners.
        #expect(house.threads.load() == [3, 3])
        for person in speakers + listeners {
            #expect(try await holds { house.crowd.isConnected(person.id) })
        }
        // Others come and go meanwhile, and somebody looks at everything.
        let looking = Task.detached {
            while !Task.isCancelled {
                _ = house.threads.currentCounters()
                _ = house.told()
                try? await Task.sleep(for: .milliseconds(3))
            }
        }
        for round in 0..<4 {
            let guest = try house.admit(round % 2 == 0 ? .listen(slots: 1) : .publish)
            house.threads.perform(.setMuted(guest.id, true))
            #expect(try await holds { house.crowd.isConnected(guest.id) })
            house.threads.perform(.removePeer(guest.id, code: "left"))
            #expect(try await holds { house.crowd.isClosed(guest.id) })
        }
        for listener in listeners {
            #expect(
                try await holds {
                    let heard = house.crowd.heard(by: listener.id)
                    return speakers.allSatisfy { numbers(heard, of: $0).count >= 100 }
                })
        }
        looking.cancel()
        await looking.value
        let counters = house.threads.currentCounters()
        #expect(counters.voicesHandedOver > 100 && counters.voicesTakenOver > 100)
        await house.close()
        for listener in listeners {
            let heard = house.crowd.heard(by: listener.id)
            for speaker in speakers {
                let numbers = numbers(heard, of: speaker)
                #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
                for packet in heard where packet.contributors == [speaker.participant] {
                    let number = Int(packet.payload[2]) << 8 | Int(packet.payload[3])
                    #expect(packet.payload == Crowd.voice(speaker.participant, number))
                }
            }
        }
        let told = house.told()
        for person in speakers + listeners { #expect(told.contains(.connected(person.id))) }
    }

    @Test("threads end while people connect, speak and leave, and everybody is told")
    func end() async throws {
        for _ in 0..<3 {
            let house = try House(.auto)
            let people = try (0..<6).map { try house.admit($0 == 0 ? .publish : .listen(slots: 1)) }
            #expect(try await holds { house.crowd.isConnected(people[0].id) })
            house.threads.perform(.closeRoom(house.room, code: "room_ended"))
            await house.close()
            let told = house.told()
            for person in people {
                #expect(
                    told.contains {
                        if case .closed(person.id, .roomClosed("room_ended"), _) = $0 { true } else { false }
                    })
            }
        }
    }
}
