public import Values

/// A ticket that its holder offers to whoever has the code. A gift is one that is offered as soon as it is bought.
public struct TransferOffer: Hashable, Sendable {
    public let id: TransferID
    public let ticket: TicketID
    public let room: RoomID
    public let holder: HolderID
    public let offeredAt: Instant
    /// Exclusive.
    public let expiresAt: Instant

    public init(
        id: TransferID, ticket: TicketID, room: RoomID, holder: HolderID, offeredAt: Instant, expiresAt: Instant
    ) {
        self.id = id
        self.ticket = ticket
        self.room = room
        self.holder = holder
        self.offeredAt = offeredAt
        self.expiresAt = expiresAt
    }
}

/// Where an offer stands.
public enum TransferState: String, Hashable, Sendable, CaseIterable {
    /// Whoever has the code may accept.
    case open
    /// The ticket is in other hands.
    case accepted
    /// The holder took the offer back.
    case withdrawn
    /// Nobody came in time.
    case expired
    /// The ticket ended meanwhile: it was given back, or something else took its place. Where that is because the room
    /// moved, the offer goes on with the next ticket.
    case void
}

/// The life of an offer.
///
///     open ──accept──▶ accepted
///      │ ├──withdraw─▶ withdrawn
///      │ ├──time─────▶ expired
///      │ └──ticket's end─▶ void
///
/// | state     | accept  | withdraw  |
/// | --------- | ------- | --------- |
/// | open      | accepted | withdrawn |
/// | accepted  | refused | refused   |
/// | withdrawn | refused | no change |
/// | expired   | refused | no change |
/// | void      | refused | no change |
///
/// Nothing is written when time runs out or the ticket ends: both are seen when somebody looks.
public struct TransferStanding: Hashable, Sendable {
    public let offer: TransferOffer
    /// How it ended, if somebody ended it.
    public let end: TransferState?
    /// Whether the offered ticket is in force.
    public let isInForce: Bool

    public init(_ offer: TransferOffer, end: TransferState?, isInForce: Bool) {
        precondition(end == nil || end == .accepted || end == .withdrawn, "Other ends are not written down.")
        self.offer = offer
        self.end = end
        self.isInForce = isInForce
    }

    public func state(at instant: Instant) -> TransferState {
        if let end { return end }
        guard isInForce else { return .void }
        return instant < offer.expiresAt ? .open : .expired
    }

    /// The holder takes the offer back.
    /// - Returns: whether there is something to write down.
    public func withdraw(at instant: Instant) throws(TransferRefusal) -> Bool {
        switch state(at: instant) {
        case .open: return true
        case .accepted: throw .accepted
        case .withdrawn, .expired, .void: return false
        }
    }
}

/// What the terms of a room say of passing its tickets on, and how often this one was.
public struct TransferLimits: Hashable, Sendable {
    public let terms: RoomTerms
    /// How many times the ticket of the order was passed on.
    public let passed: Int

    public init(_ terms: RoomTerms, passed: Int) {
        self.terms = terms
        self.passed = passed
    }

    /// Until when tickets of a room are passed on; exclusive.
    ///
    /// Checks in this order: the room is not cancelled; it lets tickets pass at all; not too late; not too often.
    func deadline(in room: Room, at instant: Instant) throws(TransferRefusal) -> Instant {
        if case .cancelled = room.state { throw .roomCancelled }
        guard terms.maximumTransfers > 0 else { throw .never }
        let deadline = min(terms.transfersUntil.instant(in: room), room.overAt)
        guard instant < deadline else { throw .closed(endedAt: deadline) }
        guard passed < terms.maximumTransfers else { throw .limit(most: terms.maximumTransfers) }
        return deadline
    }
}

/// Why a ticket is not offered, taken back or accepted.
public enum TransferRefusal: Refusal, Hashable {
    /// No such ticket of this holder.
    case ticketUnknown
    case ticketReplaced
    case ticketEnded
    case roomCancelled
    /// The terms of the room keep tickets with their buyers.
    case never
    case closed(endedAt: Instant)
    case limit(most: Int)
    /// The ticket is offered already.
    case open
    /// The end of an offer lies after its beginning.
    case expiry
    /// No offer has this code or name.
    case unknown
    case accepted
    case withdrawn
    case expired(at: Instant)
    /// Its own holder has it already.
    case own

    public var code: String {
        switch self {
        case .ticketUnknown: "ticket_unknown"
        case .ticketReplaced: "ticket_replaced"
        case .ticketEnded: "ticket_ended"
        case .roomCancelled: "room_cancelled"
        case .never: "transfer_never"
        case .closed: "transfer_closed"
        case .limit: "transfer_limit"
        case .open: "transfer_open"
        case .expiry: "transfer_expiry"
        case .unknown: "transfer_unknown"
        case .accepted: "transfer_accepted"
        case .withdrawn: "transfer_withdrawn"
        case .expired: "transfer_expired"
        case .own: "transfer_own"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .ticketUnknown, .ticketReplaced, .ticketEnded, .roomCancelled, .never, .open, .expiry, .unknown,
            .accepted, .withdrawn, .own:
            [:]
        case .closed(let endedAt): ["ended_at": endedAt.description]
        case .limit(let most): ["most": String(most)]
        case .expired(let at): ["expired_at": at.description]
        }
    }
}

/// Offers a ticket. Checks in this order: the ticket exists, is not replaced, has not ended; what
/// ``TransferLimits/deadline(in:at:)`` checks; it is not offered already; the offer ends after it begins.
/// - Parameter expiresAt: `nil` for as long as tickets of the room are passed on, which is also the longest.
public func decideTransfer(
    of standing: TicketStanding?, as id: TransferID, until expiresAt: Instant?, isOffered: Bool, in room: Room,
    limits: TransferLimits, at instant: Instant
) throws(TransferRefusal) -> TransferOffer {
    guard let standing else { throw .ticketUnknown }
    guard !standing.isReplaced else { throw .ticketReplaced }
    guard !standing.isRevoked else { throw .ticketEnded }
    let deadline = try limits.deadline(in: room, at: instant)
    guard !isOffered else { throw .open }
    let end = min(expiresAt ?? deadline, deadline)
    guard instant < end else { throw .expiry }
    let ticket = standing.ticket
    return TransferOffer(
        id: id, ticket: ticket.id, room: ticket.room, holder: ticket.holder, offeredAt: instant, expiresAt: end)
}

/// Accepts an offer. Checks in this order: it exists, is open, is not the taker's own; what
/// ``TransferLimits/deadline(in:at:)`` checks.
/// - Returns: what the next ticket says otherwise.
public func decideAcceptance(
    of standing: TransferStanding?, by taker: HolderID, in room: Room?, limits: TransferLimits?, at instant: Instant
) throws(TransferRefusal) -> TicketChange {
    guard let standing, let room, let limits else { throw .unknown }
    switch standing.state(at: instant) {
    case .open: break
    case .accepted: throw .accepted
    case .withdrawn: throw .withdrawn
    case .expired: throw .expired(at: standing.offer.expiresAt)
    case .void: throw .ticketEnded
    }
    guard standing.offer.holder != taker else { throw .own }
    _ = try limits.deadline(in: room, at: instant)
    return TicketChange(holder: taker)
}

/// Until when an offer stands after its room moved and its ticket was exchanged: one that stood for as long as tickets
/// pass on does so still, at the new times; one with an end of its own keeps it, if that is earlier.
/// - Returns: `nil` where nothing is left of it.
public func offerEnd(
    of offer: TransferOffer, under terms: RoomTerms, in room: Room, after move: RoomMove, at instant: Instant
) -> Instant? {
    func deadline(_ room: Room) -> Instant { min(terms.transfersUntil.instant(in: room), room.overAt) }
    let before = deadline(room.taking(place: move.from))
    let now = deadline(room.taking(place: move.to))
    let end = offer.expiresAt >= before ? now : min(offer.expiresAt, now)
    return instant < end ? end : nil
}

extension Room {
    /// The same room at other times.
    public func taking(place times: RoomTimes) -> Room {
        let draft = RoomDraft(
            title: title, language: language, doorsOpenAt: times.doorsOpenAt, startsAt: times.startsAt,
            endsAt: times.endsAt, capacity: capacity, saleOpensAt: saleOpensAt, cohosts: cohosts)
        return Room(id: id, host: host, draft: draft, policy: policy, state: state)
    }
}
