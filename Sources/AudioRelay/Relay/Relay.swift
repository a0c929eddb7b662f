public import MediaWire

/// One shard of the audio relay, as a value: datagrams, commands and instants go in; an outbox, events and a deadline
/// come out. It reads no clock, opens no socket and starts no thread.
///
/// Not one packet flows but between peers that the gateway added, whose ICE check was authenticated, whose certificate
/// was the one their offer promised, and whose time box is still open: its end is a deadline in here.
///
/// Cost of a tick of one voice to 500 listeners: one decryption and 500 seals of 0.22 µs, written where `sendmmsg`
/// takes them from; nothing is allocated or counted per listener.
///
/// `@unchecked Sendable`: it owns the OpenSSL objects of its peers and the memory of its rooms (``RoomTable``) alone and
/// can't be copied, so that handing it to a thread hands them over; no two threads can hold it at a time. A handshake
/// that it hands out it has let go of until the step comes back (``HandshakeStep``); rings to other relays have one writer
/// and one reader (``VoiceRing``).
public struct Relay: ~Copyable, @unchecked Sendable {
    /// From `addPeer` until sound can flow.
    public static let handshakeMilliseconds: UInt64 = 20_000
    /// RFC 7675, section 5.1.
    public static let consentMilliseconds: UInt64 = 30_000
    static let reportMilliseconds: UInt64 = 2_000
    static let snapshotMilliseconds: UInt64 = 10_000
    /// Payloads beyond this do not fit one packet on every path together with header and tag.
    static let maximumPayloadBytes = 1_200

    let dtlsContext: DTLSContext
    let controlCiphers = ControlCiphers()
    var generator: any RandomNumberGenerator
    var peers: [Peer?] = []
    /// Parallel to `peers`; what is in the place of a peer that is gone means nothing and opens nothing.
    var media: [PeerMedia] = []
    var freePeers: [Int] = []
    /// Of `peers`.
    var deadlines = DeadlineTable()
    var rooms = RoomTable()
    /// Of `rooms`.
    var roomDeadlines = DeadlineTable()
    var peerByID: [PeerID: Int] = [:]
    var peerByFragment: [ICEFragment: Int] = [:]
    var peerByAddress: [SocketAddress: Int] = [:]
    var roomByKey: [RoomKey: Int] = [:]
    var events: [RelayEvent] = []
    let scratch: UnsafeMutableBufferPointer<UInt8>
    let flushSpace = FlushSpace()
    /// Classes that have collected something.
    var collecting: [Collecting] = []
    var nextFlush = MonotonicInstant.never
    /// Whether steps of handshakes are handed out (``takeHandshakes()``) instead of taken in ``receive(_:from:at:into:)``.
    public var handsOutHandshakes = false
    var handshakes: [HandshakeStep] = []
    /// Rings to the other shards, by number, and where listeners of rooms are besides here.
    var links: [VoiceRing?] = []
    var spreads: [RoomKey: ShardSet] = [:]
    var shardsToWake = ShardSet()
    /// Voices put into rings for other shards, and taken out of theirs.
    public internal(set) var handedOver: UInt64 = 0
    public internal(set) var takenOver: UInt64 = 0
    /// How packets are sent; see ``setPace(_:at:into:)``.
    public internal(set) var pace = Pace.atOnce

    /// Datagrams dropped since the relay was made, by reason.
    public internal(set) var drops = DropCounters()

    /// - Parameter generator: for time stamps and first sequence numbers; a seeded one makes a test repeatable.
    public init(
        certificate: RelayCertificate, generator: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) throws(CryptographyFault) {
        dtlsContext = try DTLSContext(certificate)
        self.generator = generator
        scratch = .allocate(capacity: 2_048)
        scratch.initialize(repeating: 0)
    }

    deinit {
        scratch.deallocate()
        flushSpace.deallocate()
    }

    /// When `advance(to:into:)` must be called at the latest.
    public var deadline: MonotonicInstant { min(deadlines.earliest, roomDeadlines.earliest, nextFlush) }

    public var peerCount: Int { peerByID.count }
    public var roomCount: Int { roomByKey.count }

    /// Whether a live peer passed an authenticated check from there.
    public func knows(_ address: SocketAddress) -> Bool { peerByAddress[address] != nil }

    /// What happened since the last call, oldest first; empty costs nothing.
    public mutating func takeEvents() -> [RelayEvent] {
        guard !events.isEmpty else { return [] }
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    // MARK: What comes in

    /// Takes one datagram. Never throws: what is not right is counted in `drops`.
    public mutating func receive(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        advance(to: now, into: &outbox)
        switch PacketKind.classify(datagram) {
        case .stun: receiveSTUN(datagram, from: source, at: now, into: &outbox)
        case .dtls: receiveDTLS(datagram, from: source, at: now, into: &outbox)
        case .rtp: receiveMedia(datagram, from: source, at: now, into: &outbox)
        case .unknown: drops.count(.unknownKind)
        }
    }

    /// Carries out a command; one that names a peer or room that is gone does nothing.
    public mutating func perform(_ command: RelayCommand, at now: MonotonicInstant, into outbox: inout Outbox) {
        advance(to: now, into: &outbox)
        switch command {
        case .addPeer(let admission): add(admission, at: now)
        case .removePeer(let id, let code):
            if let peer = peerByID[id] { remove(peer, .removed(code), at: now, into: &outbox) }
        case .setMuted(let id, let isMuted):
            guard let peer = peerByID[id], let room = peers[peer]?.room else { return }
            media[peer].isMuted = isMuted
            if isMuted { silenceEverywhere(id, in: room, at: now) }
        case .extend(let id, let expiresAt):
            guard let peer = peerByID[id] else { return }
            peers[peer]?.expiresAt = expiresAt
            reschedule(peer)
            advance(to: now, into: &outbox)
        case .spread(let key, let shards):
            spreads[key] = shards.isEmpty ? nil : shards
            if let room = roomByKey[key] { rooms[room]?.pointee.elsewhere = shards }
        case .restart(let id, let restart):
            if let peer = peerByID[id] { self.restart(peer, restart) }
        case .closeRoom(let key, let code):
            guard let room = roomByKey[key] else { return }
            for peer in peers.indices where peers[peer]?.room == room {
                remove(peer, .roomClosed(code), at: now, into: &outbox)
            }
        }
    }

    /// Does what is due. Cheap when nothing is.
    public mutating func advance(to now: MonotonicInstant, into outbox: inout Outbox) {
        if nextFlush <= now { flushDue(at: now, into: &outbox) }
        if deadlines.earliest <= now {
            var next = 0
            while let peer = deadlines.firstDue(from: next, by: now) {
                attend(peer, at: now, into: &outbox)
                next = peer + 1
            }
            deadlines.settle()
        }
        if roomDeadlines.earliest <= now {
            var next = 0
            while let room = roomDeadlines.firstDue(from: next, by: now) {
                attendRoom(room, at: now, into: &outbox)
                next = room + 1
            }
            roomDeadlines.settle()
        }
    }
}

extension Relay {
    // MARK: Peers come and go

    private mutating func add(_ admission: PeerAdmission, at now: MonotonicInstant) {
        let negotiated = admission.negotiated
        precondition(peerByID[admission.peer] == nil, "A peer's number is used once.")
        guard admission.expiresAt > now else {
            events.append(.closed(admission.peer, .ticketEnded, MediaFlow()))
            return
        }
        guard peerByFragment[negotiated.fragment] == nil else {
            // 48 random bits met twice: the client may try again.
            events.append(.closed(admission.peer, .handshakeFailed("unavailable"), MediaFlow()))
            return
        }
        let room = roomIndex(for: admission.room, at: now)
        rooms[room]?.pointee.peers += 1
        let peer = Peer(
            id: admission.peer, room: room, negotiated: negotiated, participant: admission.participant,
            slotClass: Room.slotClass(
                slotCount: negotiated.slotCount, frames: min(negotiated.frames, admission.speaks ? 2 : 3)),
            mayPublish: admission.mayPublish && negotiated.role == .speaker, isHost: admission.isHost,
            key: STUNKey(password: negotiated.password), expiresAt: admission.expiresAt,
            connectBy: now.advanced(byMilliseconds: Self.handshakeMilliseconds),
            dtls: DTLSEndpoint(dtlsContext, role: .server, peerFingerprint: negotiated.peerFingerprint))
        let index: Int
        if let free = freePeers.popLast() {
            index = free
            peers[index] = peer
            media[index] = PeerMedia(peer)
        } else {
            index = peers.count
            peers.append(peer)
            media.append(PeerMedia(peer))
            deadlines.append()
        }
        peerByID[admission.peer] = index
        peerByFragment[negotiated.fragment] = index
        reschedule(index)
    }

    private mutating func roomIndex(for key: RoomKey, at now: MonotonicInstant) -> Int {
        if let room = roomByKey[key] { return room }
        var room = Room(key: key, at: now, using: &generator)
        room.elsewhere = spreads[key] ?? ShardSet()
        let deadline = room.deadline
        let index = rooms.insert(room)
        if index == roomDeadlines.count { roomDeadlines.append() }
        roomDeadlines.set(deadline, at: index)
        roomByKey[key] = index
        return index
    }

    /// Cuts a peer off. Its goodbyes are the last bytes that it gets.
    mutating func remove(_ index: Int, _ reason: ClosingReason, at now: MonotonicInstant, into outbox: inout Outbox) {
        countSent(index)
        guard let peer = peers[index] else { return }
        if let destination = destination(of: index) {
            sendGoodbye(peer, to: destination, into: &outbox)
            peer.dtls?.close()
            peer.dtls?.drain { outbox.append($0, to: destination) }
        }
        rooms[peer.room]?.pointee.removeListener(index, from: peer.slotClass)
        if peer.mayPublish { silenceEverywhere(peer.id, in: peer.room, at: now) }
        for address in peer.addresses where peerByAddress[address] == index { peerByAddress[address] = nil }
        peerByID[peer.id] = nil
        peerByFragment[peer.negotiated.fragment] = nil
        if let restart = peer.restarting { peerByFragment[restart.fragment] = nil }
        events.append(.closed(peer.id, reason, media[index].flow))
        // The session goes with the peer, so nothing may open with its keys.
        media[index].transform = nil
        media[index].path = nil
        peers[index] = nil
        deadlines.set(.never, at: index)
        freePeers.append(index)
        guard let room = rooms[peer.room] else { return }
        room.pointee.peers -= 1
        if room.pointee.peers == 0 {
            roomByKey[room.pointee.key] = nil
            rooms.remove(peer.room)
            roomDeadlines.set(.never, at: peer.room)
            collecting.removeAll { $0.room == peer.room }
        }
    }

    private mutating func silenceEverywhere(_ speaker: PeerID, in room: Int, at now: MonotonicInstant) {
        silence(speaker, in: room, at: now)
        handOverSilence(of: speaker, in: room)
    }

    /// Takes a speaker out of every slot of the room.
    mutating func silence(_ speaker: PeerID, in room: Int, at now: MonotonicInstant) {
        guard let place = rooms[room] else { return }
        var changed = false
        for slotClass in place.pointee.classes.indices where place.pointee.classes[slotClass].vacate(speaker) {
            changed = true
        }
        if changed { tellSpeaking(room, at: now) }
    }

    mutating func tellSpeaking(_ room: Int, at now: MonotonicInstant) {
        guard let place = rooms[room] else { return }
        if let participants = place.pointee.changeOfSpeaking(at: now) {
            events.append(.speaking(place.pointee.key, participants: participants))
        }
        roomDeadlines.set(place.pointee.deadline, at: room)
    }

    // MARK: Time

    mutating func reschedule(_ index: Int) {
        guard let deadline = peers[index]?.deadline else { return }
        deadlines.set(deadline, at: index)
    }

    /// Where a peer gets what is for it, once it has come that far.
    func destination(of index: Int) -> SocketAddress? { media[index].path ?? peers[index]?.handshakeAddress }

    private mutating func attend(_ index: Int, at now: MonotonicInstant, into outbox: inout Outbox) {
        guard let peer = peers[index] else { return }
        if peer.expiresAt <= now { return remove(index, .ticketEnded, at: now, into: &outbox) }
        if peer.consentUntil <= now { return remove(index, .consentLost, at: now, into: &outbox) }
        if !peer.isConnected, peer.connectBy <= now {
            return remove(index, .handshakeTimeout, at: now, into: &outbox)
        }
        if let dtls = peer.dtls, dtls.deadline <= now {
            take(dtls.advance(to: now), of: index, at: now, into: &outbox)
            guard peers[index] != nil else { return }
        }
        if peer.nextSnapshot <= now {
            countSent(index)
            events.append(.mediaFlow(peer.id, media[index].flow))
            peers[index]?.nextSnapshot = now.advanced(byMilliseconds: Self.snapshotMilliseconds)
        }
        if peer.nextReport <= now {
            sendReceiverReport(index, at: now, into: &outbox)
            peers[index]?.nextReport = now.advanced(byMilliseconds: Self.reportMilliseconds)
        }
        reschedule(index)
    }

    private mutating func attendRoom(_ index: Int, at now: MonotonicInstant, into outbox: inout Outbox) {
        guard let room = rooms[index] else { return }
        if room.pointee.nextLook <= now { tellSpeaking(index, at: now) }
        if room.pointee.nextReport <= now {
            sendSenderReports(index, at: now, into: &outbox)
            room.pointee.nextReport = now.advanced(byMilliseconds: Self.reportMilliseconds)
        }
        roomDeadlines.set(room.pointee.deadline, at: index)
    }
}
