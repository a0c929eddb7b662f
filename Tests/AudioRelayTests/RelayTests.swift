import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("Relay")
struct RelayTests {
    @Test("What a speaker sends arrives at every listener to the byte, numbered without a gap")
    func fanOut() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listeners = try [1, 2, 3].map { try hall.admit(.listen(slots: $0), participant: 100 + UInt32($0)) }
        hall.connectAll()
        #expect(hall.events.filter { if case .connected = $0 { true } else { false } }.count == 4)
        let said = (0..<100).map { voice(7, $0) }
        for payload in said {
            hall.say(payload, speaker, level: 30)
            hall.run(milliseconds: 20)
        }
        for listener in listeners {
            #expect(listener.payloads == said)
            let first = try #require(listener.heard.first)
            #expect(first.slot == 0 && first.index < 0x8000)
            #expect(listener.heard.map(\.index) == (0..<100).map { first.index + UInt64($0) })
            #expect(listener.heard.map(\.timestamp) == (0..<100).map { first.timestamp &+ UInt32($0) * 960 })
            #expect(listener.heard.allSatisfy { $0.contributors == [7] })
            #expect(listener.heard.allSatisfy { $0.level?.decibelsBelowFullScale == 30 })
        }
        #expect(hall.events.contains(.speaking(RoomKey(1), participants: [7])))
    }

    @Test("Nobody gets a packet without a handshake, and no address without a check gets an answer")
    func nothingWithoutHandshake() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 3), participant: 8)
        let stranger = SocketAddress(ipv4: 0x0909_0909, port: 999)
        hall.inject([22, 254, 253] + [UInt8](repeating: 0, count: 60), from: stranger)
        hall.inject([0x80, 111] + [UInt8](repeating: 1, count: 60), from: stranger)
        #expect(hall.relay.drops[.unknownAddress] == 2)
        #expect(hall.sent.isEmpty)
        #expect(!speaker.peer.send(voice(7, 0), sampleCount: 960, into: &hall.outbox))
        hall.connectAll()
        #expect(listener.heard.isEmpty)
        // Media from a checked but unconnected peer is no better.
        hall.inject([0x80, 111] + [UInt8](repeating: 1, count: 60), from: stranger)
        #expect(hall.relay.drops[.unknownAddress] == 3)
    }

    @Test("A client whose certificate is not the one of its offer is refused")
    func wrongCertificate() throws {
        let hall = try Hall()
        let other = try RelayCertificate().fingerprint.attribute
        let guest = try hall.admit(.listen(slots: 1), participant: 1) { offer in
            offer.split(separator: "\r\n").map {
                $0.hasPrefix("a=fingerprint:") ? "a=fingerprint:\(other)" : String($0)
            }.joined(separator: "\r\n") + "\r\n"
        }
        hall.run(milliseconds: 2_000)
        #expect(hall.events.contains(.closed(guest.id, .handshakeFailed("fingerprint"), MediaFlow())))
        #expect(hall.relay.peerCount == 0 && hall.relay.roomCount == 0)
    }

    @Test("The end of a ticket cuts at the moment it was sold for, and nothing follows the goodbye")
    func ticketEnd() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 2), participant: 8, milliseconds: 3_000)
        let end = hall.now.advanced(byMilliseconds: 3_000)
        hall.connectAll()
        for number in 0..<200 {
            hall.say(voice(7, number), speaker, level: 30)
            hall.run(milliseconds: 20)
        }
        let last = try #require(listener.arrivals.last)
        // One millisecond of the link is on top.
        #expect(last.at <= end.advanced(byMilliseconds: 1))
        #expect(listener.heard.count > 80 && listener.heard.count <= 100)
        #expect(listener.closings == [.endedByServer])
        let closings = hall.events.compactMap { event -> MediaFlow? in
            if case .closed(listener.id, .ticketEnded, let flow) = event { flow } else { nil }
        }
        #expect(closings.first?.packets == UInt64(listener.heard.count))
    }

    @Test("A ticket that is prolonged goes on, one that is shortened ends at once")
    func extension_() throws {
        let hall = try Hall()
        let guest = try hall.admit(.listen(slots: 1), participant: 1, milliseconds: 2_000)
        hall.connectAll()
        hall.perform(.extend(guest.id, expiresAt: hall.now.advanced(byMilliseconds: 10_000)))
        hall.run(milliseconds: 5_000)
        #expect(hall.relay.peerCount == 1)
        hall.perform(.extend(guest.id, expiresAt: hall.now))
        #expect(hall.relay.peerCount == 0)
    }

    @Test("A removed peer gets its goodbye and then nothing; a muted one is heard by nobody")
    func removalAndMute() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 3), participant: 8)
        hall.connectAll()
        hall.say(voice(7, 0), speaker, level: 30)
        hall.run(milliseconds: 20)
        #expect(listener.heard.count == 1)
        hall.perform(.setMuted(speaker.id, true))
        hall.say(voice(7, 1), speaker, level: 30)
        hall.run(milliseconds: 20)
        #expect(listener.heard.count == 1)
        #expect(hall.relay.drops[.muted] == 1)
        #expect(hall.events.contains(.speaking(RoomKey(1), participants: [])))
        hall.perform(.setMuted(speaker.id, false))
        hall.say(voice(7, 2), speaker, level: 30)
        hall.run(milliseconds: 20)
        #expect(listener.heard.map(\.index) == [listener.heard[0].index, listener.heard[0].index + 1])
        hall.perform(.removePeer(listener.id, code: "refunded"))
        hall.run(milliseconds: 5)
        let count = listener.arrivals.count
        let sentBefore = hall.sent.count
        for number in 3..<20 {
            hall.say(voice(7, number), speaker, level: 30)
            hall.run(milliseconds: 20)
        }
        #expect(listener.arrivals.count == count)
        #expect(listener.closings == [.endedByServer])
        #expect(!hall.sent[sentBefore...].contains { $0.destination == listener.address })
    }

    @Test("Rooms do not leak into each other, and closing one leaves the other")
    func rooms() throws {
        let hall = try Hall()
        let first = try hall.admit(.publish, room: 1, participant: 1)
        let second = try hall.admit(.publish, room: 2, participant: 1)
        let listeners = try [1, 2].map { try hall.admit(.listen(slots: 3), room: $0, participant: 9) }
        hall.connectAll()
        for number in 0..<20 {
            hall.say(voice(1, number), first, level: 30)
            hall.say(voice(2, number), second, level: 30)
            hall.run(milliseconds: 20)
        }
        #expect(listeners[0].payloads == (0..<20).map { voice(1, $0) })
        #expect(listeners[1].payloads == (0..<20).map { voice(2, $0) })
        hall.perform(.closeRoom(RoomKey(1), code: "room_closed"))
        hall.say(voice(2, 20), second, level: 30)
        hall.run(milliseconds: 50)
        #expect(hall.relay.peerCount == 2 && hall.relay.roomCount == 1)
        #expect(listeners[0].closings == [.endedByServer] && listeners[1].heard.count == 21)
    }

    @Test("A replayed packet, another SSRC, a wrong payload type and a listener's media are refused and counted")
    func hostileMedia() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 3), participant: 8)
        hall.connectAll()
        hall.say(voice(7, 0), speaker, level: 30)
        _ = speaker.peer.send(voice(7, 1), sampleCount: 960, into: &hall.outbox)
        var packet: [UInt8] = []
        hall.outbox.forEach { bytes, _ in packet = Array(bytes) }
        hall.flush(from: speaker.address)
        hall.run(milliseconds: 20)
        let heard = listener.heard.count
        hall.inject(packet, from: speaker.address)
        #expect(hall.relay.drops[.replayed] == 1)
        var other = packet
        other[11] ^= 1
        hall.inject(other, from: speaker.address)
        #expect(hall.relay.drops[.unpinnedSSRC] == 1)
        other = packet
        other[1] = 96
        hall.inject(other, from: speaker.address)
        #expect(hall.relay.drops[.payloadType] == 1)
        other = packet
        other[3] &+= 1
        hall.inject(other, from: speaker.address)
        #expect(hall.relay.drops[.unauthentic] == 1)
        hall.inject(packet, from: listener.address)
        #expect(hall.relay.drops[.notPublisher] == 1)
        hall.inject(packet, from: SocketAddress(ipv4: 1, port: 1))
        #expect(hall.relay.drops[.unknownAddress] == 1)
        hall.run(milliseconds: 20)
        #expect(listener.heard.count == heard)
    }

    @Test("Random datagrams change nothing but the counters", arguments: [1, 2, 3])
    func noise(seed: UInt64) throws {
        let hall = try Hall(seed: seed)
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 3), participant: 8)
        hall.connectAll()
        var generator = SeededGenerator(seed: seed)
        let before = hall.relay.drops.total
        let sentBefore = hall.sent.count
        for _ in 0..<2_000 {
            var bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                UInt8(truncatingIfNeeded: generator.next())
            }
            // DTLS from a checked address reaches OpenSSL; the other kinds are ours.
            if let first = bytes.first, (20...63).contains(first) { bytes[0] = 0x80 }
            let sources = [speaker.address, listener.address, SocketAddress(ipv4: 5, port: 5)]
            hall.inject(bytes, from: sources[Int.random(in: 0..<3, using: &generator)])
        }
        #expect(hall.relay.drops.total - before == 2_000)
        #expect(hall.sent.count == sentBefore)
        hall.say(voice(7, 0), speaker, level: 30)
        hall.run(milliseconds: 20)
        #expect(listener.payloads == [voice(7, 0)])
    }

    @Test("Broken DTLS from a connected peer's address does not end the connection")
    func brokenDTLS() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 1), participant: 8)
        hall.connectAll()
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let bytes =
                [UInt8.random(in: 20...25, using: &generator), 254, 253]
                + (0..<Int.random(in: 0...100, using: &generator)).map { _ in
                    UInt8(truncatingIfNeeded: generator.next())
                }
            hall.inject(bytes, from: speaker.address)
        }
        hall.say(voice(7, 0), speaker, level: 30)
        hall.run(milliseconds: 20)
        #expect(listener.payloads == [voice(7, 0)])
    }

    @Test("A peer that never connects, and one that falls silent, are forgotten with all they took")
    func memory() throws {
        let hall = try Hall()
        let guest = try hall.admit(.listen(slots: 1), participant: 1)
        hall.connectAll()
        hall.link.conditions.lostPerMille = 1_000
        let late = try hall.admit(.publish, participant: 2)
        hall.run(milliseconds: 40_000)
        func reason(_ id: PeerID) -> ClosingReason? {
            hall.events.lazy.compactMap { if case .closed(id, let reason, _) = $0 { reason } else { nil } }.first
        }
        #expect(reason(guest.id) == .consentLost)
        #expect(reason(late.id) == .handshakeTimeout)
        #expect(hall.relay.peerCount == 0 && hall.relay.roomCount == 0)
        #expect(hall.relay.peerByAddress.isEmpty && hall.relay.peerByFragment.isEmpty)
        #expect(hall.relay.peers.allSatisfy { $0 == nil } && hall.relay.rooms.count == 0)
        #expect(hall.relay.deadline == .never)
        #expect(guest.closings == [.consentLost] && late.closings == [.unreachable])
    }

    @Test("A client that leaves is noticed by its goodbye, soon after it came and much later", arguments: [1, 60])
    func leaving(seconds: UInt64) throws {
        let hall = try Hall()
        let guest = try hall.admit(.listen(slots: 3), participant: 1)
        hall.connectAll()
        hall.run(milliseconds: seconds * 1_000)
        guest.peer.close(into: &hall.outbox)
        hall.flush(from: guest.address)
        hall.run(milliseconds: 10)
        #expect(hall.events.contains(.closed(guest.id, .dtlsClosed, MediaFlow())))
    }

    @Test("Both ends keep the connection for minutes, and report what they sent and got")
    func longConnection() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 1), participant: 8)
        hall.connectAll()
        for number in 0..<600 {
            hall.say(voice(7, number), speaker, level: speechLevel(number, base: 25))
            hall.run(milliseconds: 20)
        }
        hall.run(milliseconds: 120_000)
        #expect(hall.relay.peerCount == 2)
        #expect(listener.heard.count == 600)
        let speakerFlow = hall.events.compactMap { event -> MediaFlow? in
            if case .mediaFlow(speaker.id, let flow) = event { flow } else { nil }
        }
        let last = try #require(speakerFlow.last)
        #expect(last.packets == 600 && last.lost == 0 && last.jitter < 48)
        let flows = hall.events.compactMap { event -> MediaFlow? in
            if case .mediaFlow(listener.id, let flow) = event { flow } else { nil }
        }
        let heard = try #require(flows.last)
        #expect(heard.packets == 600 && heard.bytes == 600 * 64)
    }
}
