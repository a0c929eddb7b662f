import MediaWire
import Simulation
import Testing

@testable import AudioRelay

/// A client of a test with its address and what it heard.
final class Guest {
    var peer: ClientPeer
    let id: PeerID
    /// Where it is now: people change networks.
    var address: SocketAddress
    let participant: UInt32
    var heard: [HeardPacket] = []
    /// When, for each of them.
    var heardAt: [MonotonicInstant] = []
    var closings: [ClientClosing] = []
    var isConnected = false
    var stalls = 0
    /// Datagrams of any kind that arrived here.
    var arrivals: [(at: MonotonicInstant, bytes: [UInt8])] = []

    init(_ peer: consuming ClientPeer, id: PeerID, address: SocketAddress, participant: UInt32) {
        self.peer = peer
        self.id = id
        self.address = address
        self.participant = participant
    }

    /// The indices with which a slot was heard.
    func indices(slot: Int) -> [UInt64] { heard.filter { $0.slot == slot }.map(\.index) }
    var payloads: [[UInt8]] { heard.map(\.payload) }
}

/// A relay, clients and a network between them, on a clock of its own.
final class Hall {
    var relay: Relay
    var link: LossyLink<SocketAddress>
    var guests: [Guest] = []
    var events: [RelayEvent] = []
    var now = MonotonicInstant(nanoseconds: 5_000_000_000)
    var outbox = Outbox()
    /// What left the relay, for tests that look at datagrams.
    var sent: [(destination: SocketAddress, bytes: [UInt8])] = []
    /// How many messages that took.
    var messages = 0
    let relayAddress = SocketAddress(ipv4: 0xC000_0201, port: 40_000)
    let negotiator: Negotiator
    /// How long steps of handshakes are out, for a relay that hands them out.
    var handshakeMilliseconds: UInt64? {
        didSet { relay.handsOutHandshakes = handshakeMilliseconds != nil }
    }
    private var steps: [(step: HandshakeStep, due: MonotonicInstant)] = []
    /// Peers are numbered from behind this: no two relays of one gateway have the same.
    var peersElsewhere: UInt64 = 0
    private var generator: SeededGenerator
    private static let clientCertificate = Result { try RelayCertificate() }

    init(_ conditions: LossyLink<SocketAddress>.Conditions = .init(), seed: UInt64 = 1) throws {
        let certificate = try RelayCertificate()
        relay = try Relay(certificate: certificate, generator: SeededGenerator(seed: seed))
        link = LossyLink(conditions, seed: seed &+ 1)
        generator = SeededGenerator(seed: seed &+ 2)
        negotiator = Negotiator(candidates: [relayAddress], fingerprint: certificate.fingerprint)
    }

    @discardableResult
    func admit(
        _ direction: ClientPurpose, room: UInt64 = 1, participant: UInt32, isHost: Bool = false,
        mayPublish: Bool = true, speaks: Bool = false, milliseconds: UInt64 = 3_600_000,
        certificate: RelayCertificate? = nil,
        changeOffer: (String) -> String = { $0 }
    ) throws -> Guest {
        let number = UInt64(guests.count + 1) + peersElsewhere
        let client = try ClientPeer(
            direction, certificate: certificate ?? Self.clientCertificate.get(), candidates: [], using: &generator)
        let role: PeerRole = direction == .publish ? .speaker : .listener
        let negotiation = try negotiator.answer(
            to: changeOffer(client.offer), as: role, in: RoomKey(room), using: &generator)
        let guest = Guest(
            client, id: PeerID(number),
            address: SocketAddress(
                ipv4: 0x0A00_0000 | UInt32(number), port: UInt16(truncatingIfNeeded: 10_000 + number)),
            participant: participant)
        guests.append(guest)
        perform(
            .addPeer(
                PeerAdmission(
                    peer: guest.id, room: RoomKey(room), negotiated: negotiation.peer, participant: participant,
                    mayPublish: mayPublish, speaks: speaks, isHost: isHost,
                    expiresAt: now.advanced(byMilliseconds: milliseconds))))
        try guest.peer.accept(answer: negotiation.answer, at: now, into: &outbox)
        flush(from: guest.address)
        return guest
    }

    func perform(_ command: RelayCommand) {
        relay.perform(command, at: now, into: &outbox)
        flush(from: relayAddress)
    }

    func change(_ pace: Pace) {
        relay.setPace(pace, at: now, into: &outbox)
        flush(from: relayAddress)
    }

    /// One packet of a voice; `level` in decibels below full scale.
    func say(_ payload: [UInt8], _ guest: Guest, level: UInt8? = nil) {
        _ = guest.peer.send(
            payload, sampleCount: 960, level: level.map { AudioLevel(decibelsBelowFullScale: $0, hasVoice: $0 < 60) },
            into: &outbox)
        flush(from: guest.address)
    }

    /// Lets time pass: whatever is due or arrives happens in its order.
    func run(milliseconds: UInt64) {
        let end = now.advanced(byMilliseconds: milliseconds)
        var steps = 0
        while steps < 2_000_000 {
            steps += 1
            for datagram in link.arrivals(by: now.nanoseconds) { deliver(datagram) }
            if relay.deadline <= now {
                relay.advance(to: now, into: &outbox)
                flush(from: relayAddress)
            }
            let stepDue = takeSteps()
            events += relay.takeEvents()
            var next = min(end.nanoseconds, relay.deadline.nanoseconds, stepDue.nanoseconds, link.nextArrival ?? .max)
            for guest in guests {
                if guest.peer.deadline <= now {
                    guest.peer.advance(to: now, into: &outbox)
                    flush(from: guest.address)
                }
                collect(guest)
                next = min(next, guest.peer.deadline.nanoseconds)
            }
            next = min(next, link.nextArrival ?? .max)
            if next >= end.nanoseconds, stepDue > end, link.nextArrival.map({ $0 > end.nanoseconds }) ?? true,
                relay.deadline > now || now >= end
            {
                if now >= end { return }
                now = end
            } else {
                now = MonotonicInstant(nanoseconds: max(now.nanoseconds, next))
            }
        }
        Issue.record("time does not move")
    }

    /// Takes what the relay hands out, the newest first, and gives it back when its time has come; says when that is.
    private func takeSteps() -> MonotonicInstant {
        let due = now.advanced(byMilliseconds: handshakeMilliseconds ?? 0)
        steps.insert(contentsOf: relay.takeHandshakes().map { ($0, due) }, at: 0)
        for (step, _) in steps.filter({ $0.due <= now }) {
            step.run()
            relay.finish(step, at: now, into: &outbox)
            flush(from: relayAddress)
        }
        steps.removeAll { $0.due <= now }
        return steps.map(\.due).min() ?? .never
    }

    /// Everybody connected, or the test fails.
    func connectAll(milliseconds: UInt64 = 1_000) {
        run(milliseconds: milliseconds)
        for guest in guests { #expect(guest.isConnected, "\(guest.id)") }
    }

    func inject(_ bytes: [UInt8], from source: SocketAddress) {
        bytes.withUnsafeBytes { relay.receive($0, from: source, at: now, into: &outbox) }
        flush(from: relayAddress)
    }

    private func deliver(_ datagram: LossyLink<SocketAddress>.Datagram) {
        if datagram.destination == relayAddress {
            inject(datagram.bytes, from: datagram.source)
        } else if let guest = guests.first(where: { $0.address == datagram.destination }) {
            guest.arrivals.append((now, datagram.bytes))
            datagram.bytes.withUnsafeBytes {
                guest.peer.receive($0, from: datagram.source, at: now, into: &outbox)
            }
            flush(from: guest.address)
            collect(guest)
        }
    }

    private func collect(_ guest: Guest) {
        for event in guest.peer.takeEvents() {
            switch event {
            case .connected: guest.isConnected = true
            case .heard(let packet):
                guest.heard.append(packet)
                guest.heardAt.append(now)
            case .stalled: guest.stalls += 1
            case .closed(let reason): guest.closings.append(reason)
            }
        }
    }

    func flush(from source: SocketAddress) {
        if source == relayAddress { messages += outbox.messages.count }
        outbox.forEach { bytes, destination in
            if source == relayAddress { sent.append((destination, Array(bytes))) }
            link.send(Array(bytes), from: source, to: destination, at: now.nanoseconds)
        }
        outbox.removeAll()
    }
}

/// Levels as speech has them: up and down by 15 dB around `base` within some hundred milliseconds.
func speechLevel(_ packet: Int, base: UInt8) -> UInt8 {
    base + UInt8(packet % 8 < 4 ? packet % 8 * 5 : (8 - packet % 8) * 5)
}

/// An Opus-like payload that says who and which.
func voice(_ who: UInt8, _ number: Int) -> [UInt8] {
    [0x78, who, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
        + [UInt8](repeating: who, count: 60)
}
