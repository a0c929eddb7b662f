import AudioRelay
import Datagrams
import Foundation
import MediaWire

/// A relay with one room of three voices and many listeners, all of them connected by real ICE checks and DTLS
/// handshakes in memory. It keeps a clock of its own, so that 20 ms of sound cost what they cost and not 20 ms.
struct RelayRoom: ~Copyable {
    static let voices = 3
    static let payloadBytes = 100
    /// Packets of a voice that fit before consent (30 s) would have to be renewed: a listener's client is freed as soon
    /// as it is connected, so that the process holds the relay's memory and not theirs.
    static let maximumTicks = 1_000
    private static let room = RoomKey(1)

    /// Seconds of CPU that the relay and its negotiator took so far for peers that came.
    private(set) var joiningCPUSeconds = 0.0
    private(set) var listeners = 0
    private var relay: Relay
    private var outbox = Outbox(bytes: 1 << 20)
    private var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var socket: UDPSocket
    private let negotiator: Negotiator
    private let clientCertificate: RelayCertificate
    private var publishers: [Client] = []
    private var peers: UInt64 = 0

    /// A client in memory. A class, because a `ClientPeer` cannot be copied into an array.
    private final class Client {
        var peer: ClientPeer
        var outbox = Outbox(bytes: 1 << 16)
        let address: SocketAddress

        init(_ peer: consuming ClientPeer, at address: SocketAddress) {
            self.peer = peer
            self.address = address
        }
    }

    /// An empty room; ``open()`` makes one with voices.
    private init(
        _ relay: consuming Relay, _ socket: consuming UDPSocket, _ negotiator: Negotiator, _ clients: RelayCertificate
    ) {
        self.relay = relay
        self.socket = socket
        self.negotiator = negotiator
        clientCertificate = clients
    }

    static func open() throws -> RelayRoom {
        let certificate = try RelayCertificate()
        let socket = try UDPSocket(bind: SocketAddress(ipv4: 0x7F00_0001, port: 0))
        let negotiator = Negotiator(candidates: [socket.localAddress], fingerprint: certificate.fingerprint)
        var opened = RelayRoom(try Relay(certificate: certificate), socket, negotiator, try RelayCertificate())
        // Voices have addresses of documentation (RFC 5737): nothing is ever sent there.
        for voice in 0..<voices {
            let address = SocketAddress(ipv4: 0xC000_0201 + UInt32(voice), port: 40_000)
            opened.publishers.append(try opened.connect(.publish, from: address))
        }
        opened.joiningCPUSeconds = 0
        return opened
    }

    /// Lets a listener in, with three slots as our page asks for.
    mutating func admitListener(at address: SocketAddress) throws {
        _ = try connect(.listen(slots: 3), from: address)
        listeners += 1
    }

    private mutating func connect(_ purpose: ClientPurpose, from address: SocketAddress) throws -> Client {
        var generator = SystemRandomNumberGenerator()
        let peer = try ClientPeer(purpose, certificate: clientCertificate, candidates: [address], using: &generator)
        let client = Client(peer, at: address)
        peers += 1
        // So that joins are spread over time as they are in life, and what the relay frees later is freed among them.
        now = now.advanced(byMilliseconds: 5)
        let begun = Clocks.threadCPUSeconds()
        let negotiation = try negotiator.answer(
            to: client.peer.offer, as: purpose == .publish ? .speaker : .listener, in: Self.room, using: &generator)
        relay.perform(
            .addPeer(
                PeerAdmission(
                    peer: PeerID(peers), room: Self.room, negotiated: negotiation.peer,
                    participant: UInt32(peers), mayPublish: purpose == .publish,
                    expiresAt: now.advanced(byMilliseconds: 3_600_000))),
            at: now, into: &outbox)
        joiningCPUSeconds += Clocks.threadCPUSeconds() - begun
        try client.peer.accept(answer: negotiation.answer, at: now, into: &client.outbox)
        try shakeHands(client)
        return client
    }

    /// Carries datagrams to and fro until both sides are connected; the clock moves only when nothing else does.
    private mutating func shakeHands(_ client: Client) throws {
        var relayIsConnected = false
        for _ in 0..<100 {
            let toRelay = client.outbox.take()
            for datagram in toRelay {
                let begun = Clocks.threadCPUSeconds()
                datagram.bytes.withUnsafeBytes { relay.receive($0, from: client.address, at: now, into: &outbox) }
                for case .connected(PeerID(peers)) in relay.takeEvents() { relayIsConnected = true }
                joiningCPUSeconds += Clocks.threadCPUSeconds() - begun
            }
            let toClient = outbox.take()
            for datagram in toClient where datagram.destination == client.address {
                datagram.bytes.withUnsafeBytes {
                    client.peer.receive($0, from: socket.localAddress, at: now, into: &client.outbox)
                }
            }
            if relayIsConnected, client.peer.isConnected { return }
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
    mutating func voices(ticks count: Int) throws -> [[UInt8]] {
        let payload = [UInt8](repeating: 0x33, count: Self.payloadBytes)
        var packets: [[UInt8]] = []
        for tick in 0..<count {
            for (voice, client) in publishers.enumerated() {
                // Levels that move, as those of speech do.
                let level = AudioLevel(decibelsBelowFullScale: UInt8(20 + (tick * 7 + voice * 5) % 24), hasVoice: true)
                guard client.peer.send(payload, sampleCount: 960, level: level, into: &client.outbox) else {
                    throw BaselineMissing(text: "a voice cannot speak")
                }
                packets += client.outbox.take().map(\.bytes)
            }
        }
        return packets
    }

    /// What forwarding cost.
    struct Forwarded {
        var packets = 0
        var cpuSeconds = 0.0
        /// Of one forwarded packet, in bytes.
        var datagramBytes = 0
        /// Datagrams that the kernel did not take.
        var unsent = 0
    }

    /// Hands the relay what `voices` made, and sends each time at once what it wants sent, or not at all.
    mutating func forward(_ packets: [[UInt8]], sending: Bool) throws -> Forwarded {
        var result = Forwarded()
        let begun = Clocks.threadCPUSeconds()
        for (position, packet) in packets.enumerated() {
            if position % Self.voices == 0 { now = now.advanced(byMilliseconds: 20) }
            let source = publishers[position % Self.voices].address
            packet.withUnsafeBytes { relay.receive($0, from: source, at: now, into: &outbox) }
            // Now and then a report goes along; it is paid for and not counted.
            guard outbox.count >= listeners else {
                throw BaselineMissing(text: "the relay forwarded \(outbox.count) packets to \(listeners) listeners")
            }
            result.packets += listeners
            if sending { result.unsent += outbox.count - sendOutbox() }
            result.datagramBytes = outbox.datagrams.last?.length ?? 0
            outbox.removeAll()
            _ = relay.takeEvents()
        }
        result.cpuSeconds = Clocks.threadCPUSeconds() - begun
        return result
    }

    private mutating func sendOutbox() -> Int {
        let datagrams = outbox.datagrams
        return outbox.withBytes { bytes in
            socket.send(from: bytes, count: datagrams.count) { index in
                let datagram = datagrams[index]
                return (datagram.offset, datagram.length, datagram.destination)
            }
        }.sent
    }

    /// Sends equal datagrams from an arena through the relay's socket.
    mutating func send(from arena: UnsafeRawBufferPointer, stride: Int, bytes: Int, to ports: [SocketAddress]) -> Int {
        socket.send(from: arena, count: ports.count) { (offset: $0 * stride, length: bytes, destination: ports[$0]) }
            .sent
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
