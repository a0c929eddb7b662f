public import Values

/// What decides how much of a ticket comes back, beside the order and the room: computed and never judged.
public struct RefundConditions: Hashable, Sendable {
    public let terms: RoomTerms
    /// When a ticket of the order was first used; `nil` before.
    public let firstUse: Instant?
    /// Whether the ticket has ended already: then its holder has nothing more to give back.
    public let hasEnded: Bool
    /// When the room ends as this ticket was sold; `nil` where that is the room's end. Overtime gives no time to think
    /// again.
    public let soldUntil: Instant?

    public init(_ terms: RoomTerms, firstUse: Instant? = nil, hasEnded: Bool = false, soldUntil: Instant? = nil) {
        self.soldUntil = soldUntil
        self.terms = terms
        self.firstUse = firstUse
        self.hasEnded = hasEnded
    }
}

/// What a refund would give.
public struct RefundOffer: Hashable, Sendable {
    /// Of the gross, all refunds together.
    public let share: BasisPoints
    /// What comes back now.
    public let amount: Money
    /// When it will be less; `nil` while no time ends it.
    public let until: Instant?
}

/// What the holder gets for giving the ticket back now.
///
/// Checks in this order: the ticket has not ended, something is left; of a cancelled room all of it comes back; else the
/// terms give something back at all, the ticket was not used where that ends it, a step of the terms holds, and more is
/// due than was given back before.
public func refundOffer(
    of standing: OrderStanding, in room: Room, under conditions: RefundConditions, at instant: Instant
) throws(RefundRefusal) -> RefundOffer {
    let gross = standing.order.gross
    guard !conditions.hasEnded, standing.order.isFree || standing.remaining.isPositive else { throw .alreadyRefunded }
    if case .cancelled = room.state {
        return RefundOffer(share: BasisPoints(10_000), amount: standing.remaining, until: nil)
    }
    let room = conditions.soldUntil.map { room.ending(at: $0) } ?? room
    let terms = conditions.terms
    guard let last = terms.steps.last else { throw .never }
    if terms.endsWithUse, let used = conditions.firstUse { throw .used(at: used) }
    guard let step = terms.step(at: instant, in: room) else { throw .refundClosed(endedAt: last.deadline(in: room)) }
    let due = quotientHalfUp(gross.minorUnits, step.share.value, 10_000) - standing.reversed
    guard due > 0 || standing.order.isFree else { throw .nothingDue }
    return RefundOffer(share: step.share, amount: Money(due, gross.currency), until: step.deadline(in: room))
}
