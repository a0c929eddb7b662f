/// A peer of a relay, numbered by whoever adds it; never used twice in the life of a relay.
public struct PeerID: Hashable, Sendable, CustomStringConvertible {
    public let number: UInt64
    public init(_ number: UInt64) { self.number = number }
    public var description: String { "peer \(number)" }
}

/// A room of a relay, numbered by whoever adds its peers.
public struct RoomKey: Hashable, Sendable, CustomStringConvertible {
    public let number: UInt64
    public init(_ number: UInt64) { self.number = number }
    public var description: String { "room \(number)" }

    /// The SSRC under which a slot of this room is heard by listeners that offered `slotCount` slots.
    ///
    /// A function of the room, so that the SDP answer can name it before the relay knows the listener. SplitMix64's
    /// mixing, then the lowest three bits say which of the six slots (1 + 2 + 3) it is: distinct within a room, never 0.
    public func ssrc(slot: Int, of slotCount: Int) -> UInt32 {
        var word = number &+ 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        word ^= word >> 31
        let position = UInt32(slotCount * (slotCount - 1) / 2 + slot + 1)
        return UInt32(truncatingIfNeeded: word) & ~7 | position
    }
}

/// How a peer takes part.
public enum PeerRole: Hashable, Sendable {
    /// Sends one voice (WHIP).
    case speaker
    /// Hears one to three slots (WHEP).
    case listener
}

/// Why a peer's connection is over.
public enum ClosingReason: Hashable, Sendable {
    /// The ticket's time box ended.
    case ticketEnded
    /// No authenticated check for 30 s (RFC 7675).
    case consentLost
    /// The peer said goodbye.
    case dtlsClosed
    /// Not connected within the time allowed.
    case handshakeTimeout
    /// The handshake broke, or the certificate was not the one promised.
    case handshakeFailed(String)
    /// `RelayCommand.removePeer`, with its code.
    case removed(String)
    /// `RelayCommand.closeRoom`, with its code.
    case roomClosed(String)

    /// A stable word for logs and receipts.
    public var code: String {
        switch self {
        case .ticketEnded: "ticket_ended"
        case .consentLost: "consent_lost"
        case .dtlsClosed: "left"
        case .handshakeTimeout: "handshake_timeout"
        case .handshakeFailed: "handshake_failed"
        case .removed(let code), .roomClosed(let code): code
        }
    }
}

/// What the gateway tells a relay.
public enum RelayCommand: Sendable {
    case addPeer(PeerAdmission)
    case removePeer(PeerID, code: String)
    /// A muted speaker's packets are opened and counted, and nobody hears them.
    case setMuted(PeerID, Bool)
    /// Moves the end of a peer's time box, later or earlier.
    case extend(PeerID, expiresAt: MonotonicInstant)
    case closeRoom(RoomKey, code: String)
    /// The other shards that have listeners of a room: voices of this one are handed to them.
    case spread(RoomKey, to: ShardSet)
    /// New ICE credentials for a peer that goes on.
    case restart(PeerID, ICERestart)
}

/// A peer that the gateway lets in.
public struct PeerAdmission: Sendable {
    public let peer: PeerID
    public let room: RoomKey
    public let negotiated: NegotiatedPeer
    /// Who it is within the room: the CSRC that listeners see. A person who speaks and listens has two peers and one
    /// participant number, and so never hears themself.
    public let participant: UInt32
    /// Whether its packets may be forwarded at all; a speaker without it is refused by `perform`.
    public let mayPublish: Bool
    /// Whether this person speaks in the room too: who answers should hear soon, so their packets hold 40 ms at most
    /// where an audience's hold 60.
    public let speaks: Bool
    /// A host's slot is never taken while the host speaks.
    public let isHost: Bool
    /// The ticket's end. A deadline inside the relay: nothing passes after it.
    public let expiresAt: MonotonicInstant

    public init(
        peer: PeerID, room: RoomKey, negotiated: NegotiatedPeer, participant: UInt32, mayPublish: Bool,
        speaks: Bool = false, isHost: Bool = false, expiresAt: MonotonicInstant
    ) {
        self.peer = peer
        self.room = room
        self.negotiated = negotiated
        self.participant = participant
        self.mayPublish = mayPublish
        self.speaks = speaks
        self.isHost = isHost
        self.expiresAt = expiresAt
    }
}

/// What a relay tells the gateway; drained with `Relay.takeEvents()`.
public enum RelayEvent: Hashable, Sendable {
    /// ICE and DTLS are done: sound can flow.
    case connected(PeerID)
    /// The peer is forgotten. `flow` is the last count of its packets.
    case closed(PeerID, ClosingReason, MediaFlow)
    /// Who is heard speaking in a room now, loudest first.
    case speaking(RoomKey, participants: [UInt32])
    /// A snapshot for receipts, every ten seconds of a connected peer.
    case mediaFlow(PeerID, MediaFlow)
}

/// What went from a speaker to the relay, or from the relay to a listener, since the peer connected.
public struct MediaFlow: Hashable, Sendable {
    public var packets: UInt64 = 0
    /// Bytes of Opus, without headers.
    public var bytes: UInt64 = 0
    /// Packets lost on the way: counted from the gaps (speaker), or as the listener reports it.
    public var lost: UInt64 = 0
    /// Interarrival jitter (RFC 3550, section 6.4.1) in units of 1/48,000 s.
    public var jitter: UInt32 = 0

    public init() {}
}
