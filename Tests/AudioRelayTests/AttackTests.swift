import MediaWire
import Simulation
import Testing

@testable import AudioRelay

/// Attacks on the relay while somebody speaks and somebody listens: what they take is bounded, what they send is
/// counted, and the listener hears no gap.
@Suite("Attacks")
struct AttackTests {
    /// A hall where sound flows, and the check that the listener's client would send.
    private final class Concert {
        let hall: Hall
        let speaker, listener: Guest
        private var said: [[UInt8]] = []

        init() throws {
            hall = try Hall()
            speaker = try hall.admit(.publish, participant: 7)
            listener = try hall.admit(.listen(slots: 3), participant: 8)
            hall.connectAll()
        }

        /// One packet of speech and its 20 ms, with `attack` in the midst of them.
        func play(_ packets: Int, while attack: (Int) throws -> Void) rethrows {
            for _ in 0..<packets {
                let payload = voice(7, said.count)
                said.append(payload)
                hall.say(payload, speaker, level: speechLevel(said.count, base: 25))
                hall.run(milliseconds: 10)
                try attack(said.count)
                hall.run(milliseconds: 10)
            }
        }

        func play(_ packets: Int) { play(packets, while: { _ in }) }

        /// Whether every packet was heard, once, in order, numbered without a gap.
        var isWhole: Bool {
            let first = listener.heard.first?.index ?? 0
            return listener.payloads == said && listener.heard.map(\.index) == said.indices.map { first + UInt64($0) }
        }

        /// The next packet of the speaker as it lies on the wire; it is not sent.
        func captured() -> [UInt8] {
            var packet: [UInt8] = []
            _ = speaker.peer.send(voice(7, 9_999), sampleCount: 960, into: &hall.outbox)
            hall.outbox.forEach { bytes, _ in packet = Array(bytes) }
            hall.outbox.removeAll()
            return packet
        }
    }

    private func stranger(_ number: Int) -> SocketAddress {
        SocketAddress(ipv4: 0x0B00_0000 | UInt32(truncatingIfNeeded: number), port: UInt16(1_024 + number % 60_000))
    }

    /// A check as STUN has it; `key` is the password that signs it.
    private func check(receiver: String, sender: String, key: String, number: UInt64) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { buffer in
            var random = SeededGenerator(seed: number)
            var writer = STUNWriter(buffer, kind: .bindingRequest, transactionID: STUNTransactionID(using: &random))
            var (receiver, sender) = (receiver, sender)
            receiver.withUTF8 { receiver in
                sender.withUTF8 { sender in
                    writer.append(
                        receiverFragment: UnsafeRawBufferPointer(receiver),
                        senderFragment: UnsafeRawBufferPointer(sender))
                }
            }
            writer.append(priority: 1)
            writer.append(controlling: number)
            writer.appendUseCandidate()
            writer.appendIntegrity(STUNKey(password: key))
            writer.appendFingerprint()
            return Array(UnsafeRawBufferPointer(rebasing: buffer[..<(writer.finish() ?? 0)]))
        }
    }

    @Test("Floods of checks that nobody signed take nothing and get no answer")
    func floodOfChecks() throws {
        let concert = try Concert()
        let hall = concert.hall
        let index = try #require(hall.relay.peerByID[concert.listener.id])
        let ours = try #require(hall.relay.peers[index]?.negotiated)
        let addresses = hall.relay.peerByAddress.count
        concert.play(100) { round in
            hall.sent.removeAll()
            for number in 0..<200 {
                let sequence = round * 200 + number
                // A live fragment with a wrong password, and one that nobody has.
                let receiver = number % 2 == 0 ? ours.localFragment : "AAAA\(1_000 + number)"
                hall.inject(
                    check(
                        receiver: receiver, sender: ours.peerFragment, key: "0123456789abcdefghijklmn",
                        number: UInt64(sequence)), from: stranger(sequence))
            }
            #expect(hall.sent.isEmpty, "an unsigned check was answered")
        }
        #expect(hall.relay.drops[.stunIntegrity] == 10_000 && hall.relay.drops[.unknownFragment] == 10_000)
        #expect(hall.relay.peerByAddress.count == addresses && hall.relay.peerCount == 2)
        #expect(concert.isWhole)
    }

    @Test("A listener's own signed checks from ten thousand addresses keep eight, and sound goes to the last nominated")
    func floodOfSignedChecks() throws {
        let concert = try Concert()
        let hall = concert.hall
        let other = try hall.admit(.listen(slots: 1), participant: 9)
        hall.run(milliseconds: 500)
        let index = try #require(hall.relay.peerByID[other.id])
        let ours = try #require(hall.relay.peers[index]?.negotiated)
        concert.play(50) { round in
            for number in 0..<200 {
                let sequence = round * 200 + number
                hall.inject(
                    check(
                        receiver: ours.localFragment, sender: ours.peerFragment, key: ours.password,
                        number: UInt64(sequence)), from: stranger(sequence))
            }
        }
        #expect(hall.relay.peers[index]?.addresses.count == Peer.maximumAddresses)
        #expect(hall.relay.peerByAddress.count <= 2 * Peer.maximumAddresses)
        #expect(concert.isWhole)
    }

    @Test("Captured sound from a spoofed, an unchecked or another peer's address is heard by nobody")
    func spoofedSound() throws {
        let concert = try Concert()
        let hall = concert.hall
        let other = try hall.admit(.publish, participant: 10)
        hall.run(milliseconds: 500)
        concert.play(10)
        let packet = concert.captured()
        hall.inject(packet, from: stranger(1))
        #expect(hall.relay.drops[.unknownAddress] == 1)
        // Under the other speaker's address it is opened with that one's keys, and does not open.
        hall.inject(packet, from: other.address)
        #expect(hall.relay.drops[.unauthentic] == 1)
        hall.inject(packet, from: concert.listener.address)
        #expect(hall.relay.drops[.notPublisher] == 1)
        hall.run(milliseconds: 50)
        #expect(!concert.listener.payloads.contains(voice(7, 9_999)))
    }

    @Test("A packet that comes again for minutes is refused each time")
    func replays() throws {
        let concert = try Concert()
        let hall = concert.hall
        _ = concert.speaker.peer.send(voice(7, 0), sampleCount: 960, level: nil, into: &hall.outbox)
        var packet: [UInt8] = []
        hall.outbox.forEach { bytes, _ in packet = Array(bytes) }
        hall.flush(from: concert.speaker.address)
        hall.run(milliseconds: 20)
        let before = concert.listener.heard.count
        for _ in 0..<500 {
            hall.inject(packet, from: concert.speaker.address)
            hall.run(milliseconds: 200)
        }
        #expect(hall.relay.drops[.replayed] == 500)
        #expect(concert.listener.heard.count == before)
    }

    @Test(
        "Three thousand handshakes that are begun and left are forgotten, with all they took",
        .timeLimit(.minutes(2)))
    func halfOpenHandshakes() throws {
        let concert = try Concert()
        let hall = concert.hall
        let generator = SystemRandomNumberGenerator()
        let identity = try ClientContext(RelayCertificate())
        var drawn = generator
        try concert.play(100) { round in
            for number in 0..<30 {
                let sequence = round * 30 + number
                let client = ClientPeer(.listen(slots: 1), in: identity, candidates: [], using: &drawn)
                let negotiation = try hall.negotiator.answer(
                    to: client.offer, as: .listener, in: RoomKey(1), using: &drawn)
                hall.perform(
                    .addPeer(
                        PeerAdmission(
                            peer: PeerID(UInt64(100_000 + sequence)), room: RoomKey(1), negotiated: negotiation.peer,
                            participant: UInt32(100_000 + sequence), mayPublish: false,
                            expiresAt: hall.now.advanced(byMilliseconds: 3_600_000))))
                // It passes the check, sends the head of a ClientHello, and is never seen again.
                let from = stranger(sequence)
                hall.inject(
                    check(
                        receiver: negotiation.peer.localFragment, sender: negotiation.peer.peerFragment,
                        key: negotiation.peer.password, number: UInt64(sequence)), from: from)
                hall.inject([22, 254, 253] + [UInt8](repeating: 0, count: 80), from: from)
            }
        }
        concert.play(2_000)
        #expect(hall.relay.peerCount == 2, "the speaker and the listener")
        #expect(hall.relay.peerByFragment.count == 2)
        #expect(hall.relay.peerByAddress.count == 2)
        #expect(hall.relay.rooms.count == 1)
        #expect(concert.isWhole)
        let ended = hall.events.filter { event in
            switch event {
            case .closed(_, .handshakeTimeout, _), .closed(_, .handshakeFailed, _): true
            default: false
            }
        }
        #expect(ended.count == 3_000)
    }
}
