public import Values

/// What giving a pass back does to one of its tickets.
public struct PassRefundPart: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// It ends, and so much comes back.
        case refunded(Money)
        /// It was given back, cancelled or ended before.
        case ended
        /// Somebody else holds it.
        case passedOn
        /// Its terms give nothing back now: it stays with its holder. The code says why.
        case kept(because: String)
    }

    public let room: RoomID
    public let order: OrderID
    public let ticket: TicketID
    public let outcome: Outcome

    public init(room: RoomID, order: OrderID, ticket: TicketID, outcome: Outcome) {
        self.room = room
        self.order = order
        self.ticket = ticket
        self.outcome = outcome
    }

    /// What comes back; `nil` where nothing happens to the ticket.
    public var amount: Money? {
        switch outcome {
        case .refunded(let money): money
        case .ended, .passedOn, .kept: nil
        }
    }
}

/// A pass that is given back: each ticket by its own terms. A ticket of a room that is over, that was used up by its
/// terms or that was passed on stays as it is; all the others end, or none.
public struct PassRefund: Hashable, Sendable {
    public let parts: [PassRefundPart]
    /// What comes back altogether.
    public let total: Money

    /// - Parameter currency: of the pass.
    public init(parts: [PassRefundPart], in currency: Currency) {
        self.parts = parts
        total = parts.compactMap(\.amount).reduce(.zero(currency)) { $0 + $1 }
    }
}

/// Gives a pass back. Checks in this order: a ticket ends by it; the sum, if one is named, is what comes back.
///
/// - Parameter seen: what the caller was shown; `nil` takes what there is.
/// - Returns: the orders to be given back, with what each brings.
public func decidePassRefund(
    _ refund: PassRefund, seen: Money?
) throws(SeriesRefusal) -> [(order: OrderID, amount: Money)] {
    let orders = refund.parts.compactMap { part in part.amount.map { (order: part.order, amount: $0) } }
    guard !orders.isEmpty else { throw .nothingToRefund }
    guard seen == nil || seen == refund.total else { throw .refundChanged(now: refund.total) }
    return orders
}
