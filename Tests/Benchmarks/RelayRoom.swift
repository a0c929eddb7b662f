import AudioRelay
import Datagrams
import Foundation
import MediaWire

/// A relay with rooms of voices and many listeners, all of them connected by real ICE checks and DTLS
/// handshakes in memory. It keeps a clock of its own, so that 20 ms of sound cost what they cost and not 20 ms.
struct RelayRoom: ~Copyable {
    static let payloadBytes = 100
    /// Packets of a voice, and pauses as long, that fit before consent (30 s) would have to be renewed: a listener's client is freed as soon
    /// as it is connected, so that the process holds the relay's memory and not theirs.
    static let maximumTicks = 750
    static let pauseTicks = 3
    /// Seconds of CPU that the relay and its negotiator took so far for peers that came.
    private(set) var joiningCPUSeconds = 0.0
    private(set) var listeners = 0
    let rooms: Int
    /// In each room.
    let voices: Int
    /// Whether listeners speak as well, so that merged packets have 40 ms and not 60.
    let speaking: Bool
    /// 2.5 s for all of them: consent (30 s) has to last for the sound as well.
    private let joinNanoseconds: UInt64
    var relay: Relay
    var outbox = Outbox(bytes: 1 << 20)
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var socket: UDPSocket
    private let negotiator: Negotiator
    private let clientCertificate: RelayCertificate
    private let hand = HandshakeHand()
    private var publishers: [Client] = []
    /// Of the publishers, behind each other.
    private var sources: [SocketAddress] = []
    var peers: UInt64 = 0

    /// A client in memory. A class, because a `ClientPeer` cannot be copied into an array.
    private final class Client {
        var peer: ClientPeer
        var outbox = Outbox(bytes: 1 << 12)
        let address: SocketAddress

        init(_ peer: consuming ClientPeer, at address: SocketAddress) {
            self.peer = peer
            self.address = address
        }
    }

    /// An empty room; ``open()`` makes one with voices.
    private init(
        _ relay: consuming Relay, _ socket: consuming UDPSocket, _ negotiator: Negotiator, _ clients: RelayCertificate,
        rooms: Int, voices: Int, joins: Int, speaking: Bool
    ) {
        self.speaking = speaking
        joinNanoseconds = 2_500_000_000 / UInt64(joins)
        self.rooms = rooms
        self.voices = voices
        self.relay = relay
        self.socket = socket
        self.negotiator = negotiator
        clientCertificate = clients
        self.relay.handsOutHandshakes = true
    }

    deinit { hand.end() }

    /// - Parameters:
    ///   - voices: in each room.
    ///   - listeners: as many will come.
    ///   - peersElsewhere: how many another relay of the same room has.
    static func open(
        rooms: Int = 1, voices: Int = 3, listeners: Int, speaking: Bool = false, peersElsewhere: UInt64 = 0
    ) throws -> RelayRoom {
        let certificate = try RelayCertificate()
        let socket = try UDPSocket(bind: SocketAddress(ipv4: 0x7F00_0001, port: 0))
        let negotiator = Negotiator(candidates: [socket.localAddress], fingerprint: certificate.fingerprint)
        var opened = RelayRoom(
            try Relay(certificate: certificate), socket, negotiator, try RelayCertificate(), rooms: rooms,
            voices: voices, joins: rooms * voices + listeners, speaking: speaking)
        opened.peers = peersElsewhere
        // Voices have addresses of documentation (RFC 5737): nothing is ever sent there.
        for voice in 0..<rooms * voices {
            let address = SocketAddress(ipv4: 0xC000_0201, port: UInt16(1_024 + voice))
            opened.publishers.append(try opened.connect(.publish, from: address, room: voice / voices))
            opened.sources.append(address)
        }
        opened.joiningCPUSeconds = 0
        return opened
    }

    /// Lets a listener in, with three slots as our page asks for.
    mutating func admitListener(at address: SocketAddress) throws {
        // Room by room in turn, so that those of one room are not neighbours in memory, as in life.
        _ = try connect(.listen(slots: 3), from: address, room: listeners % rooms)
        listeners += 1
    }

    private mutating func connect(
        _ purpose: ClientPurpose, from address: SocketAddress, room: Int
    ) throws -> Client {
        let room = RoomKey(UInt64(1 + room))
        var generator = SystemRandomNumberGenerator()
        let peer = try ClientPeer(purpose, certificate: clientCertificate, candidates: [address], using: &generator)
        let client = Client(peer, at: address)
        peers += 1
        // So that joins are spread over time as they are in life, and what the relay frees later is freed among them.
        now = MonotonicInstant(nanoseconds: now.nanoseconds + joinNanoseconds)
        let begun = Clocks.threadCPUSeconds()
        let negotiation = try negotiator.answer(
            to: client.peer.offer, as: purpose == .publish ? .speaker : .listener, in: room, using: &generator)
        relay.perform(
            .addPeer(
                PeerAdmission(
                    peer: PeerID(peers), room: room, negotiated: negotiation.peer,
                    participant: UInt32(peers), mayPublish: purpose == .publish, speaks: speaking,
                    expiresAt: now.advanced(byMilliseconds: 3_600_000))),
            at: now, into: &outbox)
        joiningCPUSeconds += Clocks.threadCPUSeconds() - begun
        try client.peer.accept(answer: negotiation.answer, at: now, into: &client.outbox)
        try shakeHands(client)
        return client
    }

    /// Lets time pass until the relay has given back what only handshakes need (10 s after each).
    mutating func settle() {
        for _ in 0..<110 {
            now = now.advanced(byMilliseconds: 100)
            relay.advance(to: now, into: &outbox)
            outbox.removeAll()
            _ = relay.takeEvents()
        }
    }

    /// Carries datagrams to and fro until both sides are connected; the clock moves only when nothing else does.
    private mutating func shakeHands(_ client: Client) throws {
        var relayIsConnected = false
        for _ in 0..<100 {
            let toRelay = client.outbox.take()
            for datagram in toRelay {
                let begun = Clocks.threadCPUSeconds()
                datagram.bytes.withUnsafeBytes { relay.receive($0, from: client.address, at: now, into: &outbox) }
                for step in relay.takeHandshakes() {
                    // Its CPU is the other thread's.
                    joiningCPUSeconds += hand.take(step)
                    relay.finish(step, at: now, into: &outbox)
                }
                for case .connected(PeerID(peers)) in relay.takeEvents() { relayIsConnected = true }
                joiningCPUSeconds += Clocks.threadCPUSeconds() - begun
            }
            let toClient = outbox.take()
            for datagram in toClient where datagram.destination == client.address {
                datagram.bytes.withUnsafeBytes {
                    client.peer.receive($0, from: socket.localAddress, at: now, into: &client.outbox)
                }
            }
            if relayIsConnected, client.peer.isConnected {
                // A check that is on its way belongs to the joining and must not be taken for sound.
                for datagram in client.outbox.take() {
                    datagram.bytes.withUnsafeBytes { relay.receive($0, from: client.address, at: now, into: &outbox) }
                }
                outbox.removeAll()
                return
            }
            if toRelay.isEmpty, toClient.isEmpty {
                now = min(client.peer.deadline, relay.deadline)
                client.peer.advance(to: now, into: &client.outbox)
                relay.advance(to: now, into: &outbox)
            }
        }
        throw BaselineMissing(text: "peer \(peers) did not connect in memory")
    }

    // MARK: Sound

    /// Sound of all voices as it comes from the network: packet by packet, 20 ms of each voice in turn.
    mutating func voices(ticks count: Int) throws -> Arrivals {
        // Opus of 20 ms, hybrid, one frame.
        let payload = [0x78] + [UInt8](repeating: 0x33, count: Self.payloadBytes - 1)
        var packets = Arrivals()
        for tick in 0..<count {
            for (voice, client) in publishers.enumerated() {
                // Levels that move, as those of speech do.
                let level = AudioLevel(decibelsBelowFullScale: UInt8(20 + (tick * 7 + voice * 5) % 24), hasVoice: true)
                guard client.peer.send(payload, sampleCount: 960, level: level, into: &client.outbox) else {
                    throw BaselineMissing(text: "a voice cannot speak")
                }
                for packet in client.outbox.take() { packets.append(packet.bytes) }
            }
        }
        return packets
    }

    /// What forwarding cost.
    struct Forwarded {
        /// Packets of a voice to a listener, 20 ms of it each, in however few datagrams they went.
        var packets = 0
        var cpuSeconds = 0.0
        /// Datagrams, and messages to the kernel.
        var datagrams = 0
        var messages = 0
        /// Of one forwarded datagram, in bytes.
        var datagramBytes = 0
        /// Datagrams that the kernel did not take.
        var unsent = 0

        mutating func add(_ other: Self) {
            packets += other.packets
            cpuSeconds += other.cpuSeconds
            datagrams += other.datagrams
            messages += other.messages
            unsent += other.unsent
        }

        var microseconds: Double { cpuSeconds / Double(packets) * 1e6 }
    }

    /// Changes how the relay sends.
    mutating func setPace(_ pace: Pace) {
        relay.setPace(pace, at: now, into: &outbox)
        precondition(outbox.isEmpty, "Every slice ends with a pause.")
    }

    /// Hands the relay what `voices` made, and sends each time what it wants sent, or not at all.
    ///
    /// A pause of three packets at the end lets everything go that was collected.
    mutating func forward(_ packets: Arrivals, sending: Bool, pausing: Bool = true) throws -> Forwarded {
        var result = Forwarded()
        let voices = publishers.count
        let sources = sources
        let begun = Clocks.threadCPUSeconds()
        packets.bytes.withUnsafeBytes { sound in
            packets.ends.withUnsafeBufferPointer { ends in
                sources.withUnsafeBufferPointer { sources in
                    for position in 0..<ends.count - 1 {
                        let voice = position % voices
                        // The voices of a room are spread over the 20 ms.
                        if voice % max(1, voices / 3) == 0, voice < 3 * max(1, voices / 3) {
                            now = MonotonicInstant(nanoseconds: now.nanoseconds + 20_000_000 / UInt64(min(voices, 3)))
                            relay.advance(to: now, into: &outbox)
                            send(sending, into: &result)
                        }
                        let packet = UnsafeRawBufferPointer(rebasing: sound[ends[position]..<ends[position + 1]])
                        relay.receive(packet, from: sources[voice], at: now, into: &outbox)
                        // What comes within a millisecond is one turn of a media thread, which sends 256 datagrams at
                        // the latest.
                        if voice % max(1, voices / 20) == 0 || outbox.count >= 256 { send(sending, into: &result) }
                    }
                }
            }
        }
        if pausing { pause(sending, into: &result) }
        result.cpuSeconds = Clocks.threadCPUSeconds() - begun
        result.packets = packets.count * (listeners / rooms)
        // Now and then a report goes along; it is paid for and not counted.
        _ = relay.takeEvents()
        return result
    }

    mutating func pause(_ sending: Bool, into result: inout Forwarded) {
        now = now.advanced(byMilliseconds: UInt64(Self.pauseTicks) * 20)
        relay.advance(to: now, into: &outbox)
        send(sending, into: &result)
    }

    mutating func send(_ really: Bool, into result: inout Forwarded) {
        guard !outbox.isEmpty else { return }
        result.datagrams += outbox.count
        result.messages += outbox.messages.count
        result.datagramBytes = outbox.messages.last?.segmentBytes ?? 0
        if really { result.unsent += outbox.count - sendOutbox() }
        outbox.removeAll()
    }

    private mutating func sendOutbox() -> Int {
        outbox.withBytes { bytes in
            socket.sendMessages(from: bytes, count: outbox.messages.count) { index in
                let message = outbox.messages[index]
                return OutgoingMessage(
                    offset: message.offset, length: message.length, segmentBytes: message.segmentBytes,
                    destination: message.destination)
            }
        }.sent
    }

    /// Sends equal datagrams from an arena through the relay's socket, as many to each port in one message as `floor`
    /// has sealed; says how many the kernel took.
    mutating func send(_ floor: borrowing SealFloor, to ports: [SocketAddress]) -> Int {
        let (stride, bytes, length) = (floor.strideBytes, floor.datagramBytes, floor.datagramBytes * floor.packets)
        return socket.sendMessages(from: UnsafeRawBufferPointer(floor.arena), count: ports.count) {
            OutgoingMessage(offset: $0 * stride, length: length, segmentBytes: bytes, destination: ports[$0])
        }.sent
    }
}

extension Outbox {
    /// Everything in it as copies, and empties it.
    fileprivate mutating func take() -> [(bytes: [UInt8], destination: SocketAddress)] {
        var taken: [(bytes: [UInt8], destination: SocketAddress)] = []
        forEach { taken.append((Array($0), $1)) }
        removeAll()
        return taken
    }
}
