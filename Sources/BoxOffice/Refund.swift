public import Ledger
public import Values

/// Who asks for a refund: it decides whether the terms of the room apply.
public enum RefundAuthority: Hashable, Sendable {
    /// The holder: what the terms of the room say, or all of it if the room is cancelled.
    case holder
    /// The platform's staff, or the cancelling of a room: any amount that is left, at any time.
    case platform
    /// Somebody else bought the seat: what the terms give for that, and the ticket ends.
    case resale
}

/// What is asked for.
public struct RefundRequest: Hashable, Sendable {
    public let id: RefundID
    /// `nil` gives back all that there is: for a holder what is due, for the platform what is left. A holder who names
    /// an amount has seen an offer and gets exactly that.
    public let amount: Money?
    public let authority: RefundAuthority

    public init(id: RefundID, amount: Money? = nil, authority: RefundAuthority) {
        self.id = id
        self.amount = amount
        self.authority = authority
    }
}

/// A refund that was decided: everything that has to be stored, in one transaction. It is also the fact from which the
/// night gives bracket capacity back (R4) and makes the hosts' negative accruals.
public struct Refund: Hashable, Sendable {
    public let id: RefundID
    public let order: OrderID
    public let room: RoomID
    public let amount: Money
    /// γ before and after, minor units of the order's gross.
    public let reversedBefore: Int64
    public let reversedAfter: Int64
    public let refundedAt: Instant
    /// What the hosts gave back, each positive unless rounding put a minor unit on the other side; empty before the
    /// release.
    public let hostReversals: [HostAmount]
    /// When the hosts' shares of the order become available; `nil` before the release.
    public let shareAvailableOn: LocalDay?
    /// γ' of R4 before and after: what gives bracket capacity back. An open dispute does not, a lost one does.
    public let bracketsBefore: Int64
    public let bracketsAfter: Int64

    /// - Parameters:
    ///   - bracketsBefore: `nil` where γ' is γ: no dispute has touched the order.
    public init(
        id: RefundID, order: OrderID, room: RoomID, amount: Money, reversedBefore: Int64, reversedAfter: Int64,
        refundedAt: Instant, hostReversals: [HostAmount], shareAvailableOn: LocalDay?, bracketsBefore: Int64? = nil,
        bracketsAfter: Int64? = nil
    ) {
        self.id = id
        self.order = order
        self.room = room
        self.amount = amount
        self.reversedBefore = reversedBefore
        self.reversedAfter = reversedAfter
        self.refundedAt = refundedAt
        self.hostReversals = hostReversals
        self.shareAvailableOn = shareAvailableOn
        self.bracketsBefore = bracketsBefore ?? reversedBefore
        self.bracketsAfter = bracketsAfter ?? reversedAfter
    }
}

/// The refund, its journal entry, and the ticket that ends with it.
public struct RefundDecision: Hashable, Sendable {
    public let refund: Refund
    public let entry: JournalEntry
    /// Whether the ticket of the order is to be revoked: it ends when its holder gives it back, or when the whole gross
    /// was given back.
    public let endsTicket: Bool
    /// Whether something stays with the room though the ticket ends.
    public let settles: Bool
}

/// Why nothing is given back.
public enum RefundRefusal: Refusal, Hashable {
    case ticketUnknown
    case alreadyRefunded
    case refundClosed(endedAt: Instant)
    /// The terms of the room give nothing back.
    case never
    /// The ticket was used, which ends its refund under the terms of the room.
    case used(at: Instant)
    /// As much was given back before as the terms give now.
    case nothingDue
    /// Not what a refund would give now.
    case offerChanged(now: Money)
    /// Another ticket stands in its place: that one can be given back.
    case replaced
    /// Not positive, of another currency, or more than is left.
    case exceedsOrder(remaining: Money)

    public var code: String {
        switch self {
        case .ticketUnknown: "ticket_unknown"
        case .alreadyRefunded: "already_refunded"
        case .refundClosed: "refund_closed"
        case .never: "refund_never"
        case .used: "refund_used"
        case .nothingDue: "refund_nothing_due"
        case .offerChanged: "refund_changed"
        case .replaced: "ticket_replaced"
        case .exceedsOrder: "refund_exceeds_order"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .ticketUnknown, .alreadyRefunded, .never, .nothingDue, .replaced: [:]
        case .used(let at): ["used_at": at.description]
        case .offerChanged(let now): ["amount": now.description]
        case .refundClosed(let endedAt): ["ended_at": endedAt.description]
        case .exceedsOrder(let remaining): ["remaining": remaining.description]
        }
    }
}

/// Gives money back to whoever holds the ticket.
///
/// Checks in this order: the order exists and belongs to the room. For a holder: what ``refundOffer(of:in:under:at:)``
/// checks; the amount, if one is named, is what the offer gives. For the platform, and for a
/// resale: something is left; the amount fits.
public func decideRefund(
    _ request: RefundRequest, standing: OrderStanding?, room: Room?, under conditions: RefundConditions,
    stamp: EntryStamp
) throws(RefundRefusal) -> RefundDecision {
    guard let standing, let room, standing.order.room == room.id else { throw .ticketUnknown }
    let remaining = standing.remaining
    let amount: Money
    switch request.authority {
    case .holder:
        let offer = try refundOffer(of: standing, in: room, under: conditions, at: stamp.postedAt)
        guard request.amount == nil || request.amount == offer.amount else { throw .offerChanged(now: offer.amount) }
        amount = offer.amount
    case .platform, .resale:
        guard remaining.isPositive else { throw .alreadyRefunded }
        amount = request.amount ?? remaining
        guard amount.currency == remaining.currency, (1...remaining.minorUnits).contains(amount.minorUnits) else {
            throw .exceedsOrder(remaining: remaining)
        }
    }
    let order = standing.order
    let after = standing.reversed + amount.minorUnits
    let recipe = PostingRecipe.refund(standing, to: after)
    guard let entry = JournalEntry(stamp, kind: .refund, legs: recipe.legs) else {
        preconditionFailure("A positive refund always moves something.")
    }
    let availableOn: LocalDay?
    switch standing.settlement {
    case .escrow: availableOn = nil
    case .released(_, let day): availableOn = day
    }
    let refund = Refund(
        id: request.id, order: order.id, room: order.room, amount: amount, reversedBefore: standing.reversed,
        reversedAfter: after, refundedAt: stamp.postedAt, hostReversals: recipe.hosts, shareAvailableOn: availableOn)
    let isWhole = after == order.gross.minorUnits
    let endsTicket = isWhole || request.authority != .platform
    return RefundDecision(
        refund: refund, entry: entry, endsTicket: endsTicket, settles: endsTicket && !isWhole)
}
