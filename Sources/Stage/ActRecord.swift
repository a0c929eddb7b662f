public import Values

/// One line of the log of acts: who did what to whom, why and when; or tried to, and by which code it was refused.
///
/// The acts of one gateway are numbered from 1 without gaps, as receipts are.
public struct ActRecord: Hashable, Sendable, Codable {
    public var sequence: Int64
    public var room: RoomID
    /// An ``ActKind``, or one that is newer than this ledger.
    public var kind: ReasonCode
    /// `nil` for what the rules and the time did.
    public var actor: StagePerson?
    public var target: StagePerson?
    /// The role that was given, asked for or ended.
    public var role: Role?
    /// In the actor's own words.
    public var reason: String?
    /// The code of the refusal; `nil` for what was done.
    public var refused: ReasonCode?
    public var at: Instant

    public init(
        sequence: Int64 = 0, room: RoomID, _ change: StageChange, reason: String? = nil, refused: ReasonCode? = nil,
        at instant: Instant
    ) {
        self.sequence = sequence
        self.room = room
        kind = change.kind.code
        actor = change.actor
        target = change.target
        role = change.role
        self.reason = reason
        self.refused = refused
        at = instant
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        sequence = try container.decode(Int64.self, forKey: .sequence)
        room = try container.decode(RoomID.self, forKey: .room)
        kind = try container.decode(ReasonCode.self, forKey: .kind)
        actor = try container.decodeIfPresent(StagePerson.self, forKey: .actor)
        target = try container.decodeIfPresent(StagePerson.self, forKey: .target)
        role = try container.decodeIfPresent(Role.self, forKey: .role)
        reason = try container.decodeIfPresent(String.self, forKey: .reason)
        refused = try container.decodeIfPresent(ReasonCode.self, forKey: .refused)
        at = try container.decode(Instant.self, forKey: .at)
        guard sequence >= 1 else { throw container.beyondBound(.sequence) }
        guard (reason ?? "").utf8.count <= StageLimits.reasonBytes else { throw container.beyondBound(.reason) }
    }
}

/// Acts of one gateway on their way to the ledger, in order.
public struct ActBatch: Hashable, Sendable, Codable {
    public var gateway: GatewayID
    public var acts: [ActRecord]

    public init(gateway: GatewayID, acts: [ActRecord]) {
        self.gateway = gateway
        self.acts = acts
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        gateway = try container.decode(GatewayID.self, forKey: .gateway)
        acts = try container.decode([ActRecord].self, forKey: .acts)
        guard acts.count <= WireLimits.receipts,
            zip(acts, acts.dropFirst()).allSatisfy({ $0.sequence + 1 == $1.sequence })
        else { throw container.beyondBound(.acts) }
    }
}

/// The ledger has stored every act of the gateway up to this sequence number; 0 for none.
public struct ActAcknowledgement: Hashable, Sendable, Codable {
    public var acceptedThrough: Int64

    public init(acceptedThrough: Int64) { self.acceptedThrough = acceptedThrough }
}
