import AudioRelay
import MediaWire

/// A relay, four people and a network without loss between them, on a clock of its own.
final class Theatre {
    private final class Guest {
        var peer: ClientPeer
        let room: Int
        let address: SocketAddress
        /// What the two sides of its checks are called, and the password that seals them.
        let receiver, sender, password: String
        var isConnected = false
        var isClosed = false
        var heard = 0

        init(
            _ peer: consuming ClientPeer, room: Int, address: SocketAddress, receiver: String, sender: String,
            password: String
        ) {
            self.peer = peer
            self.room = room
            self.address = address
            self.receiver = receiver
            self.sender = sender
            self.password = password
        }
    }

    private struct Datagram {
        let bytes: [UInt8]
        let from: SocketAddress
        let to: SocketAddress
    }

    private static let certificates = Result { (try RelayCertificate(), try RelayCertificate()) }
    private static let guestsExpected = 4

    /// Of the guests, and of strangers.
    let addresses =
        (0..<4).map { SocketAddress(ipv4: 0x0A00_0001 + UInt32($0), port: 10_000) }
        + (0..<4).map { SocketAddress(ipv4: 0x0B00_0001, port: 1_024 + UInt16($0)) }
    private let relayAddress = SocketAddress(ipv4: 0xC000_0201, port: 40_000)
    private var relay: Relay
    private var guests: [Guest] = []
    private var outbox = Outbox()
    private var network: ArraySlice<Datagram> = []
    private var now = MonotonicInstant(nanoseconds: 5_000_000_000)
    /// By room.
    private var said: [Set<[UInt8]>] = [[], []]
    private var words = 0
    /// Where an authentic check came from.
    private var proven: Set<SocketAddress> = []
    /// Somebody used a seal of theirs elsewhere: media may go there, as ICE has it.
    private var isTampered = false
    /// What the guests sent last, and where from.
    private var sent: [(bytes: [UInt8], from: SocketAddress)] = []

    /// Everybody is connected.
    init() throws(Violation) {
        guard case .success(let (ours, theirs)) = Self.certificates,
            let relay = try? Relay(certificate: ours, generator: Counter())
        else { throw Violation("a relay can be made") }
        self.relay = relay
        let negotiator = Negotiator(candidates: [relayAddress], fingerprint: ours.fingerprint)
        var generator = Counter()
        for number in 0..<Self.guestsExpected {
            try admit(number, negotiator, theirs, using: &generator)
        }
        for _ in 0..<100 where !guests.allSatisfy(\.isConnected) { try step(milliseconds: 10) }
        try require(guests.allSatisfy(\.isConnected), "everybody connects on a good network")
    }

    private func admit(
        _ number: Int, _ negotiator: Negotiator, _ certificate: RelayCertificate, using generator: inout Counter
    ) throws(Violation) {
        let (room, speaks) = (number / 2, number % 2 == 0)
        guard
            let client = try? ClientPeer(
                speaks ? .publish : .listen(slots: 2), certificate: certificate, candidates: [], using: &generator),
            let settled = try? negotiator.answer(
                to: client.offer, as: speaks ? .speaker : .listener, in: RoomKey(UInt64(room + 1)), using: &generator),
            let answer = try? SessionDescription(parsing: settled.answer), let section = answer.media.first,
            let password = answer.icePassword(section)
        else { throw Violation("an offer of ours is answered") }
        let guest = Guest(
            client, room: room, address: addresses[number], receiver: settled.peer.localFragment,
            sender: settled.peer.remoteFragment, password: password)
        guests.append(guest)
        proven.insert(guest.address)
        relay.perform(
            .addPeer(
                PeerAdmission(
                    peer: PeerID(UInt64(number + 1)), room: RoomKey(UInt64(room + 1)), negotiated: settled.peer,
                    participant: UInt32(number + 1), mayPublish: speaks,
                    expiresAt: now.advanced(byMilliseconds: 3_600_000))), at: now, into: &outbox)
        guard (try? guest.peer.accept(answer: settled.answer, at: now, into: &outbox)) != nil else {
            throw Violation("an answer of ours is taken")
        }
        try flush(from: guest.address)
    }

    // MARK: What may happen

    func setPace(_ pace: Pace) throws(Violation) {
        relay.setPace(pace, at: now, into: &outbox)
        try flush(from: relayAddress)
    }

    /// Any bytes, from any of ``addresses``.
    func send(_ bytes: [UInt8], from source: SocketAddress) throws(Violation) {
        try deliver(Datagram(bytes: bytes, from: source, to: relayAddress))
        try settle()
    }

    /// A word of one of the two speakers; changed on its way, or from where it is not expected, nobody may hear it.
    func say(
        _ text: [UInt8], by speaker: Int, from source: SocketAddress, changed: (place: Int, pattern: UInt8)
    ) throws(Violation) {
        let guest = guests[speaker * 2]
        let isHeard = changed.pattern == 0 && (source == guest.address || isTampered)
        guard var packet = word(text, of: guest, isHeard: isHeard) else { return }
        packet[changed.place % packet.count] ^= changed.pattern
        try send(packet, from: source)
    }

    /// A check with somebody's seal; broken again where something is changed.
    ///
    /// - Parameter seal: its attributes, bit by bit.
    func check(
        of number: Int, from source: SocketAddress, seal: UInt8, changed: (place: Int, pattern: UInt8)
    ) throws(Violation) {
        let guest = guests[number]
        var generator = Counter(value: UInt64(seal) + 7)
        let bytes = written(capacity: 512) { buffer in
            var writer = STUNWriter(
                buffer, kind: .bindingRequest, transactionID: STUNTransactionID(using: &generator))
            Array("\(guest.receiver):\(guest.sender)".utf8).withUnsafeBytes { writer.append(username: $0) }
            if seal & 1 == 0 { writer.append(priority: UInt32(seal) << 20) }
            if seal & 2 == 0 { writer.append(controlling: UInt64(seal)) }
            if seal & 4 == 4 { writer.append(controlled: 3) }
            if seal & 8 == 0 { writer.appendUseCandidate() }
            writer.appendIntegrity(STUNKey(password: guest.password))
            if seal & 16 == 0 { writer.appendFingerprint() }
            return writer.finish()
        }
        guard var bytes else { throw Violation("a check can be written") }
        let place = changed.place % bytes.count
        bytes[place] ^= changed.pattern
        // FINGERPRINT lies behind what the seal covers, and under another name it is an attribute that nobody needs.
        let isSealed = changed.pattern == 0 || (seal & 16 == 0 && place >= bytes.count - 8)
        if isSealed { noteSeal(from: source, of: guest.address) }
        try send(bytes, from: source)
    }

    /// One of the last datagrams of the guests once more, from anywhere.
    func repeatDatagram(_ number: Int, from source: SocketAddress) throws(Violation) {
        guard !sent.isEmpty else { return }
        let (bytes, sender) = sent[number % sent.count]
        let kind = bytes.withUnsafeBytes { PacketKind.classify($0) }
        // Who hears a check can send it from elsewhere: ICE knows no better.
        if kind == .stun { noteSeal(from: source, of: sender) }
        try send(bytes, from: source)
    }

    func everybodySpeaks() throws(Violation) {
        for guest in [guests[0], guests[2]] {
            guard let packet = word([], of: guest, isHeard: true) else { continue }
            try send(packet, from: guest.address)
        }
    }

    func pass(milliseconds: UInt64) throws(Violation) {
        var left = milliseconds
        while left > 0 {
            try step(milliseconds: min(left, 50))
            left -= min(left, 50)
        }
    }

    // MARK: What must hold

    func checkBounds() throws(Violation) {
        try require(relay.peerCount <= Self.guestsExpected && relay.roomCount <= 2, "nobody comes by a datagram")
        for address in addresses where !proven.contains(address) {
            try require(!relay.knows(address), "an address is known by an authentic check only")
        }
    }

    func finish() throws(Violation) {
        try pass(milliseconds: 100)
        guard !isTampered else { return }
        try require(
            relay.peerCount == Self.guestsExpected && guests.allSatisfy { !$0.isClosed },
            "nobody is thrown out by what others send")
        let before = (guests[1].heard, guests[3].heard)
        try everybodySpeaks()
        try pass(milliseconds: 100)
        try require(guests[1].heard == before.0 + 1 && guests[3].heard == before.1 + 1, "the next word is heard")
    }

    // MARK: The network

    private func noteSeal(from source: SocketAddress, of sender: SocketAddress) {
        if source != sender { isTampered = true }
        proven.insert(source)
    }

    /// The next packet of a speaker as it lies on the wire.
    private func word(_ text: [UInt8], of guest: Guest, isHeard: Bool) -> [UInt8]? {
        words += 1
        // Two rooms never say the same.
        let payload =
            [0x78, UInt8(guest.room), UInt8(truncatingIfNeeded: words >> 8), UInt8(truncatingIfNeeded: words)] + text
        if isHeard { said[guest.room].insert(payload) }
        _ = guest.peer.send(
            payload, sampleCount: 960, level: AudioLevel(decibelsBelowFullScale: 30, hasVoice: true), into: &outbox)
        var packet: [UInt8]?
        outbox.forEach { bytes, _ in packet = Array(bytes) }
        outbox.removeAll()
        // What nobody may hear must not come again unchanged.
        if let packet, isHeard { remember(packet, from: guest.address) }
        return packet
    }

    private func remember(_ bytes: [UInt8], from source: SocketAddress) {
        sent.append((bytes, source))
        if sent.count > 16 { sent.removeFirst() }
    }

    private func step(milliseconds: UInt64) throws(Violation) {
        now = now.advanced(byMilliseconds: milliseconds)
        relay.advance(to: now, into: &outbox)
        try flush(from: relayAddress)
        for guest in guests {
            guest.peer.advance(to: now, into: &outbox)
            try flush(from: guest.address)
        }
        try settle()
    }

    private func flush(from source: SocketAddress) throws(Violation) {
        var gone: [Datagram] = []
        outbox.forEach { bytes, destination in gone.append(Datagram(bytes: Array(bytes), from: source, to: destination))
        }
        outbox.removeAll()
        for datagram in gone where source == relayAddress {
            try require(proven.contains(datagram.to), "nothing goes where no authentic check came from")
        }
        if source != relayAddress { for datagram in gone { remember(datagram.bytes, from: source) } }
        network += gone
    }

    private func settle() throws(Violation) {
        var deliveries = 0
        while let datagram = network.popFirst() {
            deliveries += 1
            try require(deliveries < 10_000, "answers do not answer each other for ever")
            try deliver(datagram)
        }
        network = []
    }

    private func deliver(_ datagram: Datagram) throws(Violation) {
        if datagram.to == relayAddress {
            try inExactMemory(datagram.bytes) { bytes throws(Violation) in
                relay.receive(bytes, from: datagram.from, at: now, into: &outbox)
            }
            return try flush(from: relayAddress)
        }
        guard let guest = guests.first(where: { $0.address == datagram.to }) else { return }
        try inExactMemory(datagram.bytes) { bytes throws(Violation) in
            guest.peer.receive(bytes, from: datagram.from, at: now, into: &outbox)
        }
        try flush(from: guest.address)
        for event in guest.peer.takeEvents() {
            switch event {
            case .connected: guest.isConnected = true
            case .heard(let packet):
                guest.heard += 1
                try require(said[guest.room].contains(packet.payload), "what is heard was said in this room")
            case .stalled: break
            case .closed: guest.isClosed = true
            }
        }
    }
}
