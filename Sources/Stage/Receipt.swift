public import Values

/// What a gateway saw at the door, in the order in which it saw it: durable proof for refunds, billing and disputes.
///
/// The receipts of one gateway are numbered from 1 without gaps and chained by hash (``ReceiptChain``), so a receipt
/// that was changed, left out or slipped in is found.
public struct Receipt: Hashable, Sendable {
    /// What happened to the admission.
    public enum Kind: Hashable, Sendable {
        case entered
        /// The holder of an earlier admission built the connection again: its seat went over to this one. No second entry.
        case resumed(AdmissionID)
        /// A valid ticket was turned away; the code is that of the refusal.
        case refused(code: ReasonCode)
        /// The admission ended after so many whole seconds; packets are those that went to or came from the peer, and
        /// the record says when. Without one where no sound could flow, and from gateways of before there were any.
        case left(reason: ReasonCode, secondsConnected: Int64, packets: Int64, media: MediaRecord? = nil)
    }

    public let gateway: GatewayID
    /// From 1, without gaps.
    public let sequence: Int64
    public let admission: AdmissionID
    public let ticket: TicketID
    public let room: RoomID
    public let holder: Subject
    public let role: Role
    /// Which way the sound went. JSON and hash name it only where it is not the one of the role: a host who listens, or
    /// somebody of the audience who was invited to speak.
    public let direction: Seat.Direction
    public let kind: Kind
    public let occurredAt: Instant
    /// ``hash`` of the receipt before; 64 zeros before the first.
    public let previousHash: String
    /// 64 hexadecimal digits, as ``ReceiptChain`` defines them.
    public let hash: String

    /// Only the chain makes receipts; a reader gets them from JSON or from rows and lets the chain verify them.
    public init(
        gateway: GatewayID, sequence: Int64, admission: AdmissionID, ticket: TicketID, room: RoomID, holder: Subject,
        role: Role, direction: Seat.Direction? = nil, kind: Kind, occurredAt: Instant, previousHash: String,
        hash: String
    ) {
        self.direction = direction ?? role.ownDirection
        self.gateway = gateway
        self.sequence = sequence
        self.admission = admission
        self.ticket = ticket
        self.room = room
        self.holder = holder
        self.role = role
        self.kind = kind
        self.occurredAt = occurredAt
        self.previousHash = previousHash
        self.hash = hash
    }
}

extension Receipt: Codable {
    private enum CodingKeys: String, CodingKey {
        case gateway, sequence, admission, ticket, room, holder, role, kind, code, reason, secondsConnected, packets
        case resumes, media, direction
        case occurredAt, previousHash, hash
    }

    private enum KindName: String, Codable {
        case entered, resumed, refused, left
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        gateway = try container.decode(GatewayID.self, forKey: .gateway)
        sequence = try container.decode(Int64.self, forKey: .sequence)
        admission = try container.decode(AdmissionID.self, forKey: .admission)
        ticket = try container.decode(TicketID.self, forKey: .ticket)
        room = try container.decode(RoomID.self, forKey: .room)
        holder = try container.decode(Subject.self, forKey: .holder)
        role = try container.decode(Role.self, forKey: .role)
        direction =
            try container.decodeIfPresent(Seat.Direction.self, forKey: .direction) ?? role.ownDirection
        occurredAt = try container.decode(Instant.self, forKey: .occurredAt)
        previousHash = try container.decode(String.self, forKey: .previousHash)
        hash = try container.decode(String.self, forKey: .hash)
        switch try container.decode(KindName.self, forKey: .kind) {
        case .entered: kind = .entered
        case .resumed: kind = .resumed(try container.decode(AdmissionID.self, forKey: .resumes))
        case .refused: kind = .refused(code: try container.decode(ReasonCode.self, forKey: .code))
        case .left:
            let seconds = try container.decode(Int64.self, forKey: .secondsConnected)
            let packets = try container.decode(Int64.self, forKey: .packets)
            guard seconds >= 0 else { throw container.beyondBound(.secondsConnected) }
            guard packets >= 0 else { throw container.beyondBound(.packets) }
            let reason = try container.decode(ReasonCode.self, forKey: .reason)
            kind = .left(
                reason: reason, secondsConnected: seconds, packets: packets,
                media: try container.decodeIfPresent(MediaRecord.self, forKey: .media))
        }
        guard sequence >= 1 else { throw container.beyondBound(.sequence) }
        guard ReceiptChain.isHash(previousHash) else { throw container.beyondBound(.previousHash) }
        guard ReceiptChain.isHash(hash) else { throw container.beyondBound(.hash) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(gateway, forKey: .gateway)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(admission, forKey: .admission)
        try container.encode(ticket, forKey: .ticket)
        try container.encode(room, forKey: .room)
        try container.encode(holder, forKey: .holder)
        try container.encode(role, forKey: .role)
        if direction != role.ownDirection { try container.encode(direction, forKey: .direction) }
        switch kind {
        case .entered:
            try container.encode(KindName.entered, forKey: .kind)
        case .resumed(let earlier):
            try container.encode(KindName.resumed, forKey: .kind)
            try container.encode(earlier, forKey: .resumes)
        case .refused(let code):
            try container.encode(KindName.refused, forKey: .kind)
            try container.encode(code, forKey: .code)
        case .left(let reason, let seconds, let packets, let media):
            try container.encode(KindName.left, forKey: .kind)
            try container.encode(reason, forKey: .reason)
            try container.encode(seconds, forKey: .secondsConnected)
            try container.encode(packets, forKey: .packets)
            try container.encodeIfPresent(media, forKey: .media)
        }
        try container.encode(occurredAt, forKey: .occurredAt)
        try container.encode(previousHash, forKey: .previousHash)
        try container.encode(hash, forKey: .hash)
    }
}

extension Role {
    /// Which way the sound of this role's tickets goes, unless a receipt says otherwise.
    var ownDirection: Seat.Direction { may(.speak) ? .speaking : .listening }
}

/// Receipts of one gateway on their way to the ledger, in order.
public struct ReceiptBatch: Hashable, Sendable, Codable {
    public var gateway: GatewayID
    public var receipts: [Receipt]

    public init(gateway: GatewayID, receipts: [Receipt]) {
        self.gateway = gateway
        self.receipts = receipts
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        gateway = try container.decode(GatewayID.self, forKey: .gateway)
        receipts = try container.decode([Receipt].self, forKey: .receipts)
        let own = gateway
        guard receipts.count <= WireLimits.receipts, receipts.allSatisfy({ $0.gateway == own }),
            zip(receipts, receipts.dropFirst()).allSatisfy({ $0.sequence + 1 == $1.sequence })
        else { throw container.beyondBound(.receipts) }
    }
}

/// The ledger has stored every receipt of the gateway up to this sequence number; 0 for none.
public struct ReceiptAcknowledgement: Hashable, Sendable, Codable {
    public var acceptedThrough: Int64

    public init(acceptedThrough: Int64) { self.acceptedThrough = acceptedThrough }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        acceptedThrough = try container.decode(Int64.self, forKey: .acceptedThrough)
        guard acceptedThrough >= 0 else { throw container.beyondBound(.acceptedThrough) }
    }
}
