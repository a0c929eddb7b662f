public import Values

/// What a room's terms say of tickets that are given back if somebody else takes them.
public struct ResaleRule: Hashable, Sendable {
    /// Of the price, what comes back once the ticket is resold.
    public let share: BasisPoints
    /// Until when a ticket may be put up and is resold; exclusive.
    public let until: RoomTerms.Anchor

    public init(share: BasisPoints, until: RoomTerms.Anchor) {
        self.share = share
        self.until = until
    }

    public func deadline(in room: Room) -> Instant { min(until.instant(in: room), room.overAt) }
}

/// A ticket that its holder gives back as soon as somebody else buys its seat, and keeps until then.
public struct Resale: Hashable, Sendable {
    public let id: ResaleID
    public let ticket: TicketID
    public let order: OrderID
    public let room: RoomID
    public let holder: HolderID
    /// Of the price, as the terms of the room say.
    public let share: BasisPoints
    public let offeredAt: Instant

    public init(
        id: ResaleID, ticket: TicketID, order: OrderID, room: RoomID, holder: HolderID, share: BasisPoints,
        offeredAt: Instant
    ) {
        self.id = id
        self.ticket = ticket
        self.order = order
        self.room = room
        self.holder = holder
        self.share = share
        self.offeredAt = offeredAt
    }
}

/// Where a ticket that was put up stands.
public enum ResaleState: String, Hashable, Sendable, CaseIterable {
    /// Whoever finds no ordinary seat may buy it; first put up, first resold.
    case offered
    /// Its seat is kept for a buyer whose money is not here yet. The holder still comes in.
    case lent
    /// Somebody else has the seat; its holder has the money.
    case resold
    /// The holder took it back.
    case kept
    /// The ticket ended otherwise, or another one took its place.
    case void
    /// Nobody came in time.
    case over
}

/// The life of a ticket that was put up.
///
///     offered ──buyer pays──▶ resold ◀──money── lent
///      │ │ ◀──hold ends without money───────────┘ ▲
///      │ ├──hold or offer of a buyer──────────────┘
///      │ ├──keep──▶ kept
///      │ ├──ticket's end──▶ void
///      │ └──time──▶ over
///
/// | state   | keep      | refund, pass on by the holder | ticket's end by others |
/// | ------- | --------- | ----------------------------- | ---------------------- |
/// | offered | kept      | void                          | void                   |
/// | lent    | refused   | refused                       | void, the buyer stays  |
/// | resold  | refused   | –                             | –                      |
/// | kept    | no change | –                             | –                      |
/// | void    | no change | –                             | –                      |
/// | over    | no change | void                          | void                   |
///
/// A seat is lent, not given: its ticket lets its holder in until the money of the buyer is here. If the hold lapses the
/// seat goes back to the ticket, which stands where it stood in the line. So nobody loses a ticket to a buyer who does
/// not pay, and no seat ever has two people in it. Nothing is written when time runs out or the ticket ends: both are
/// seen when somebody looks.
public struct ResaleStanding: Hashable, Sendable {
    public let resale: Resale
    /// How it ended, if that is written down.
    public let end: ResaleState?
    /// Until when its seat is kept for a buyer.
    public let lentUntil: Instant?
    /// Whether the ticket is in force.
    public let isInForce: Bool
    /// Until when it is resold.
    public let deadline: Instant

    public init(_ resale: Resale, end: ResaleState?, lentUntil: Instant?, isInForce: Bool, deadline: Instant) {
        precondition(end == nil || end == .resold || end == .kept, "Other ends are not written down.")
        self.resale = resale
        self.end = end
        self.lentUntil = lentUntil
        self.isInForce = isInForce
        self.deadline = deadline
    }

    public func state(at instant: Instant) -> ResaleState {
        if let end { return end }
        guard isInForce else { return .void }
        if let lentUntil, instant < lentUntil { return .lent }
        return instant < deadline ? .offered : .over
    }

    /// The holder takes it back.
    /// - Returns: whether there is something to write down.
    public func keep(at instant: Instant) throws(ResaleRefusal) -> Bool {
        switch state(at: instant) {
        case .offered: return true
        case .kept, .void, .over: return false
        case .lent: throw .lent(until: lentUntil ?? instant)
        case .resold: throw .resold
        }
    }
}

/// Why a ticket is not put up, or not taken back.
public enum ResaleRefusal: Refusal, Hashable {
    /// No such ticket of this holder.
    case ticketUnknown
    case ticketReplaced
    case ticketEnded
    case roomCancelled
    /// The terms of the room resell nothing.
    case never
    case closed(endedAt: Instant)
    /// The ticket was used, which ends it under the terms of the room.
    case used(at: Instant)
    /// It is put up already.
    case open
    /// It was not put up.
    case notOffered
    /// Somebody is paying for its seat.
    case lent(until: Instant)
    case resold

    public var code: String {
        switch self {
        case .ticketUnknown: "ticket_unknown"
        case .ticketReplaced: "ticket_replaced"
        case .ticketEnded: "ticket_ended"
        case .roomCancelled: "room_cancelled"
        case .never: "resale_never"
        case .closed: "resale_closed"
        case .used: "resale_used"
        case .open: "resale_open"
        case .notOffered: "resale_not_offered"
        case .lent: "resale_lent"
        case .resold: "resale_sold"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .ticketUnknown, .ticketReplaced, .ticketEnded, .roomCancelled, .never, .open, .notOffered, .resold: [:]
        case .closed(let endedAt): ["ended_at": endedAt.description]
        case .used(let at): ["used_at": at.description]
        case .lent(let until): ["until": until.description]
        }
    }
}

/// Puts a ticket up. Checks in this order: the ticket exists, is not replaced, has not ended; the room is not cancelled;
/// its terms resell; not too late; the ticket was not used, where that ends it; it is not put up already.
/// - Parameter firstUse: of a ticket of the order.
public func decideResale(
    of standing: TicketStanding?, as id: ResaleID, in room: Room, terms: RoomTerms, firstUse: Instant?, isOpen: Bool,
    at instant: Instant
) throws(ResaleRefusal) -> Resale {
    guard let standing else { throw .ticketUnknown }
    guard !standing.isReplaced else { throw .ticketReplaced }
    guard !standing.isRevoked else { throw .ticketEnded }
    if case .cancelled = room.state { throw .roomCancelled }
    guard let rule = terms.resale else { throw .never }
    let deadline = rule.deadline(in: room)
    guard instant < deadline else { throw .closed(endedAt: deadline) }
    if terms.endsWithUse, let firstUse { throw .used(at: firstUse) }
    guard !isOpen else { throw .open }
    let ticket = standing.ticket
    return Resale(
        id: id, ticket: ticket.id, order: ticket.order, room: ticket.room, holder: ticket.holder, share: rule.share,
        offeredAt: instant)
}

extension Resale {
    /// What comes back when it is resold: its share of the price, less what was given back before; zero where nothing is
    /// left of it.
    public func due(of standing: OrderStanding) -> Money {
        let gross = standing.order.gross
        let due = quotientHalfUp(gross.minorUnits, share.value, 10_000) - standing.reversed
        return Money(max(0, due), gross.currency)
    }
}
