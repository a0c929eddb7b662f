public import Ledger
public import Values

/// What a holder asks for. Ids come from the edge, so that a repeated request has the same ones.
public struct ExtensionWish: Hashable, Sendable {
    public let order: OrderID
    /// The price that the holder agreed to; `nil` asks what it costs.
    public let priceSeen: Money?

    public init(order: OrderID, priceSeen: Money?) {
        self.order = order
        self.priceSeen = priceSeen
    }
}

/// A ticket as its extension meets it.
public struct TicketForExtension: Hashable, Sendable {
    /// With its present end; `nil` for none of this holder's.
    public let standing: TicketStanding?
    /// The order that paid for the ticket.
    public let order: Order?
    public let room: Room?
    /// In their order.
    public let overtimes: [Overtime]
    /// Whether the room moved and the holder has not said yet whether to keep the ticket.
    public let isAsked: Bool
    /// Of the ticket's order.
    public let policy: SalePolicy
    public let taxes: TaxTable

    public init(
        standing: TicketStanding?, order: Order?, room: Room?, overtimes: [Overtime], isAsked: Bool = false,
        policy: SalePolicy, taxes: TaxTable = .empty
    ) {
        self.standing = standing
        self.order = order
        self.room = room
        self.overtimes = overtimes
        self.isAsked = isAsked
        self.policy = policy
        self.taxes = taxes
    }
}

/// More time for a ticket that was decided: everything that has to be stored, in one transaction.
///
/// Its money is an order of the room without a ticket of its own, like a tip's: so it lies in the room's escrow, is
/// divided by R1 and R2 in the sequence of sales, is released and paid with them, and goes back by R3. The ticket stays
/// what it is, under the same id, and ends later.
public struct TicketExtension: Hashable, Sendable {
    public let order: Order
    /// The order that paid for the ticket.
    public let ticketOrder: OrderID
    public let ticket: TicketID
    public let overtime: Overtime
    /// `nil` for time that costs nothing.
    public let entry: JournalEntry?
}

/// Why a ticket does not become longer, or an extension does not go back.
public enum ExtensionRefusal: Refusal, Hashable {
    case ticketUnknown
    case ticketReplaced
    case ticketEnded
    case roomCancelled
    case roomClosed
    /// The room does not go on, or not behind this ticket's end.
    case none
    /// The ticket goes to the room's end already.
    case whole(endsAt: Instant)
    /// The ticket was over before its extension was bought.
    case tooLate(endedAt: Instant)
    /// The room moved, and the holder has not answered.
    case moveOpen
    case price(now: Money)
    case insufficientFunds(missing: Money)
    /// No such extension, or not the caller's to give back.
    case unknown
    case alreadyRefunded
    /// Its time has begun.
    case begun(at: Instant)
    /// The ticket was made longer once more behind it.
    case notLast

    public var code: String {
        switch self {
        case .ticketUnknown: "ticket_unknown"
        case .ticketReplaced: "ticket_replaced"
        case .ticketEnded: "ticket_ended"
        case .roomCancelled: "room_cancelled"
        case .roomClosed: "room_closed"
        case .none: "extension_none"
        case .whole: "extension_whole"
        case .tooLate: "extension_too_late"
        case .moveOpen: "extension_move_open"
        case .price: "extension_price"
        case .insufficientFunds: "insufficient_funds"
        case .unknown: "extension_unknown"
        case .alreadyRefunded: "already_refunded"
        case .begun: "extension_begun"
        case .notLast: "extension_not_last"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .ticketUnknown, .ticketReplaced, .ticketEnded, .roomCancelled, .roomClosed, .none, .moveOpen, .unknown,
            .alreadyRefunded, .notLast:
            [:]
        case .whole(let end): ["ends_at": end.description]
        case .tooLate(let end): ["ended_at": end.description]
        case .price(let now): ["price": now.description]
        case .insufficientFunds(let missing): ["missing": missing.description]
        case .begun(let at): ["begun_at": at.description]
        }
    }
}

/// What making a ticket longer costs now, and until when it goes then.
public struct ExtensionOffer: Hashable, Sendable {
    public let overtime: Overtime
    public let terms: TicketTerms
}

/// Says what the next overtime costs the holder of a ticket.
///
/// Checks in this order: the ticket exists and somebody bought it, is not replaced, was not taken back; the room is not
/// cancelled, not closed; it goes on behind the ticket's end; the ticket is not over; no question about a move is open.
/// Whoever buys in time goes on without a gap; afterwards the next ticket is one at the room's price.
public func extensionOffer(
    for context: TicketForExtension, on day: LocalDay, at instant: Instant
) throws(ExtensionRefusal) -> ExtensionOffer {
    guard let standing = context.standing, let order = context.order, let room = context.room,
        order.id == standing.ticket.order, room.id == standing.ticket.room
    else { throw .ticketUnknown }
    guard !standing.isReplaced else { throw .ticketReplaced }
    guard !standing.isRevoked else { throw .ticketEnded }
    switch room.state {
    case .cancelled: throw .roomCancelled
    case .closed: throw .roomClosed
    case .scheduled, .open: break
    }
    let end = standing.ticket.notAfter
    guard let overtime = context.overtimes.first(where: { $0.from == end }) else {
        guard let last = context.overtimes.last, last.until == end else {
            // A ticket whose room moved ends at other times than its room until its holder has answered.
            throw context.isAsked ? .moveOpen : .none
        }
        throw instant < end ? .whole(endsAt: end) : .tooLate(endedAt: end)
    }
    guard instant < end else { throw .tooLate(endedAt: end) }
    guard !context.isAsked else { throw .moveOpen }
    return ExtensionOffer(
        overtime: overtime,
        terms: overtime.terms(under: context.policy, for: order.terms.country, taxes: context.taxes, on: day))
}

/// Makes a ticket longer. Checks what ``extensionOffer(for:on:at:)`` checks; then the price is the one that was seen; the
/// wallet has the money.
/// - Parameter wallet: what the holder's wallet has in the currency of the overtime's price.
public func decideExtension(
    _ wish: ExtensionWish, of context: TicketForExtension, wallet: Money, stamp: EntryStamp
) throws(ExtensionRefusal) -> TicketExtension {
    let offer = try extensionOffer(for: context, on: stamp.effectiveOn, at: stamp.postedAt)
    let gross = offer.terms.gross
    guard wish.priceSeen == nil || wish.priceSeen == gross else { throw .price(now: gross) }
    guard let standing = context.standing, let bought = context.order, let room = context.room else {
        throw .ticketUnknown
    }
    let held = wallet.currency == gross.currency ? wallet.minorUnits : 0
    guard held >= gross.minorUnits else {
        throw .insufficientFunds(missing: Money(gross.minorUnits - held, gross.currency))
    }
    guard
        let order = Order(
            id: wish.order, room: room.id, owner: room.host, cohosts: room.cohosts, holder: standing.ticket.holder,
            ticket: standing.ticket.id, terms: offer.terms, soldAt: stamp.postedAt)
    else { preconditionFailure("A room that was checked always makes an order.") }
    return TicketExtension(
        order: order, ticketOrder: bought.id, ticket: standing.ticket.id, overtime: offer.overtime,
        entry: JournalEntry(stamp, kind: .overtime, legs: PostingRecipe.sale(order)))
}

/// An extension as giving it back by itself meets it.
public struct ExtensionStanding: Hashable, Sendable {
    public let overtime: Overtime
    public let isGivenBack: Bool
    /// The present end of its ticket; `nil` for one that was taken back.
    public let ticketEnd: Instant?

    public init(overtime: Overtime, isGivenBack: Bool, ticketEnd: Instant?) {
        self.overtime = overtime
        self.isGivenBack = isGivenBack
        self.ticketEnd = ticketEnd
    }
}

/// Gives an extension back by itself, whole: its ticket, if it is in force, ends where it ended before.
///
/// Checks in this order: it exists, was not given back, its time has not begun, the ticket was not made longer behind it.
/// - Returns: the end of the ticket from now on; `nil` for a ticket that was taken back.
public func decideExtensionRefund(
    _ standing: ExtensionStanding?, at instant: Instant
) throws(ExtensionRefusal) -> Instant? {
    guard let standing else { throw .unknown }
    guard !standing.isGivenBack else { throw .alreadyRefunded }
    guard instant < standing.overtime.from else { throw .begun(at: standing.overtime.from) }
    guard let end = standing.ticketEnd else { return nil }
    guard end == standing.overtime.until else { throw .notLast }
    return standing.overtime.from
}

/// Whether an extension goes back with its ticket.
///
/// Whoever gives the ticket up, or has it resold, gets the time back that has not begun; where the host, the platform or
/// the cancelling of the room takes the ticket back, all of it.
public func extensionGoesBack(_ overtime: Overtime, with authority: RefundAuthority, at instant: Instant) -> Bool {
    switch authority {
    case .platform: true
    case .holder, .resale: instant < overtime.from
    }
}
