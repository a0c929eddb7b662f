public import Values

/// A ticket that no longer opens the door.
public struct RevocationNotice: Hashable, Sendable, Codable {
    public var ticket: TicketID
    public var room: RoomID
    /// ``ReasonCode/refunded``, ``ReasonCode/disputed``, ``ReasonCode/withdrawn``, or one that is newer than this gateway.
    public var reason: ReasonCode
    /// When the ledger took it back.
    public var at: Instant

    public init(ticket: TicketID, room: RoomID, reason: ReasonCode, at: Instant) {
        self.ticket = ticket
        self.room = room
        self.reason = reason
        self.at = at
    }
}

/// All that a gateway needs to open its doors; the feed goes on behind ``cursor``.
public struct GatewaySnapshot: Hashable, Sendable, Codable {
    /// The sequence number of the last event that this snapshot contains; 0 before the first.
    public var cursor: Int64
    /// `iss` of tickets.
    public var issuer: String
    /// `aud` of tickets.
    public var audience: String
    /// The JWK Set as its text, so that one strict reader judges it wherever it comes from.
    public var jwks: String
    public var rooms: [RoomBrief]
    public var revoked: [RevocationNotice]
    /// Tickets in force that end at another time than their first token says.
    public var ends: [TicketEnd]
    /// Tickets that open doors for one key only.
    public var bindings: [TicketBinding]
    /// Who is banned now by hosts of rooms that are not over.
    public var bans: [HostBanNotice]

    public init(
        cursor: Int64, issuer: String, audience: String, jwks: String, rooms: [RoomBrief], revoked: [RevocationNotice],
        ends: [TicketEnd] = [], bindings: [TicketBinding] = [], bans: [HostBanNotice] = []
    ) {
        self.bans = bans
        self.ends = ends
        self.bindings = bindings
        self.cursor = cursor
        self.issuer = issuer
        self.audience = audience
        self.jwks = jwks
        self.rooms = rooms
        self.revoked = revoked
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        cursor = try container.decode(Int64.self, forKey: .cursor)
        issuer = try container.decode(String.self, forKey: .issuer)
        audience = try container.decode(String.self, forKey: .audience)
        jwks = try container.decode(String.self, forKey: .jwks)
        rooms = try container.decode([RoomBrief].self, forKey: .rooms)
        revoked = try container.decode([RevocationNotice].self, forKey: .revoked)
        // A ledger of an earlier version has none of these.
        ends = try container.decodeIfPresent([TicketEnd].self, forKey: .ends) ?? []
        bindings = try container.decodeIfPresent([TicketBinding].self, forKey: .bindings) ?? []
        bans = try container.decodeIfPresent([HostBanNotice].self, forKey: .bans) ?? []
        guard cursor >= 0 else { throw container.beyondBound(.cursor) }
        guard (1...WireLimits.nameBytes).contains(issuer.utf8.count) else { throw container.beyondBound(.issuer) }
        guard (1...WireLimits.nameBytes).contains(audience.utf8.count) else { throw container.beyondBound(.audience) }
        guard jwks.utf8.count <= WireLimits.keySetBytes else { throw container.beyondBound(.jwks) }
        guard rooms.count <= WireLimits.rooms else { throw container.beyondBound(.rooms) }
        guard revoked.count <= WireLimits.revocations else { throw container.beyondBound(.revoked) }
        guard ends.count <= WireLimits.ticketEnds else { throw container.beyondBound(.ends) }
        guard bindings.count <= WireLimits.bindings else { throw container.beyondBound(.bindings) }
        guard bans.count <= WireLimits.bans else { throw container.beyondBound(.bans) }
    }
}

/// One change that a gateway must follow, numbered by the ledger without gaps.
///
/// In JSON: `{"sequence": 7, "kind": "room", "room": {…}}`, `"kind": "revoked", "revoked": {…}`,
/// `"kind": "extended", "extended": {…}`, `"kind": "banned", "banned": {…}`, `"kind": "bound", "bound": {…}`,
/// `"kind": "keys", "jwks": "…"`.
public struct FeedEvent: Hashable, Sendable {
    public enum Change: Hashable, Sendable {
        /// The room is now so.
        case room(RoomBrief)
        case revoked(RevocationNotice)
        /// The ticket now ends then.
        case extended(TicketEnd)
        /// The ticket now opens doors for this key only.
        case bound(TicketBinding)
        /// A host lets somebody into none of its rooms, or in again.
        case banned(HostBanNotice)
        /// The public keys are now these: a JWK Set's text.
        case keys(jwks: String)
    }

    /// From 1.
    public var sequence: Int64
    public var change: Change

    public init(sequence: Int64, change: Change) {
        self.sequence = sequence
        self.change = change
    }
}

extension FeedEvent: Codable {
    private enum CodingKeys: String, CodingKey {
        case sequence, kind, room, revoked, extended, banned, bound, jwks
    }

    private enum Kind: String, Codable {
        case room, revoked, extended, banned, bound, keys
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        sequence = try container.decode(Int64.self, forKey: .sequence)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .room: change = .room(try container.decode(RoomBrief.self, forKey: .room))
        case .revoked: change = .revoked(try container.decode(RevocationNotice.self, forKey: .revoked))
        case .extended: change = .extended(try container.decode(TicketEnd.self, forKey: .extended))
        case .bound: change = .bound(try container.decode(TicketBinding.self, forKey: .bound))
        case .banned: change = .banned(try container.decode(HostBanNotice.self, forKey: .banned))
        case .keys:
            let jwks = try container.decode(String.self, forKey: .jwks)
            guard jwks.utf8.count <= WireLimits.keySetBytes else { throw container.beyondBound(.jwks) }
            change = .keys(jwks: jwks)
        }
        guard sequence >= 1 else { throw container.beyondBound(.sequence) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sequence, forKey: .sequence)
        switch change {
        case .room(let brief):
            try container.encode(Kind.room, forKey: .kind)
            try container.encode(brief, forKey: .room)
        case .revoked(let notice):
            try container.encode(Kind.revoked, forKey: .kind)
            try container.encode(notice, forKey: .revoked)
        case .extended(let end):
            try container.encode(Kind.extended, forKey: .kind)
            try container.encode(end, forKey: .extended)
        case .bound(let binding):
            try container.encode(Kind.bound, forKey: .kind)
            try container.encode(binding, forKey: .bound)
        case .banned(let notice):
            try container.encode(Kind.banned, forKey: .kind)
            try container.encode(notice, forKey: .banned)
        case .keys(let jwks):
            try container.encode(Kind.keys, forKey: .kind)
            try container.encode(jwks, forKey: .jwks)
        }
    }
}

/// What happened after a cursor, oldest first, and the cursor to ask with next.
public struct FeedPage: Hashable, Sendable, Codable {
    public var events: [FeedEvent]
    /// The sequence number of the last event, or the cursor that was asked with if there is none.
    public var next: Int64

    public init(events: [FeedEvent], next: Int64) {
        self.events = events
        self.next = next
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        events = try container.decode([FeedEvent].self, forKey: .events)
        next = try container.decode(Int64.self, forKey: .next)
        guard events.count <= WireLimits.feedEvents,
            zip(events, events.dropFirst()).allSatisfy({ $0.sequence < $1.sequence })
        else { throw container.beyondBound(.events) }
        guard next >= 0, events.last.map({ $0.sequence == next }) ?? true else { throw container.beyondBound(.next) }
    }
}
