public import BoxOffice
public import Values

/// A credit or debit of a host with the day from which it counts. Whole, never changed, paid once.
public struct Accrual: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable {
        /// The host's share of an order.
        case share
        /// What a refund after the release took back.
        case reversal
        /// A correction by hand, the fee of a dispute that the host bears, or a move of the host's reserve.
        case adjustment
        /// What a fund gives for a month.
        case fund
    }

    public let id: AccrualID
    public let kind: Kind
    public let host: HostID
    /// Signed, never zero: positive is owed to the host.
    public let amount: Money
    /// From this business day on it is available (R5).
    public let availableOn: LocalDay
    /// The business day whose night made it.
    public let accruedOn: LocalDay
    /// Of a share and its reversals; `nil` for what is of no order.
    public let room: RoomID?
    public let order: OrderID?

    public init(
        id: AccrualID, kind: Kind, host: HostID, amount: Money, availableOn: LocalDay, accruedOn: LocalDay,
        room: RoomID? = nil, order: OrderID? = nil
    ) {
        self.id = id
        self.kind = kind
        self.host = host
        self.amount = amount
        self.availableOn = availableOn
        self.accruedOn = accruedOn
        self.room = room
        self.order = order
    }
}

/// When a host's share of an order becomes available: the later of the local days of sale and room end, and the hold
/// (R5).
public func availabilityDay(soldAt: Instant, roomEndedAt: Instant, policy: SalePolicy) -> LocalDay {
    max(policy.calendar.localDay(of: soldAt), policy.calendar.localDay(of: roomEndedAt))
        .advanced(byDays: policy.holdDays)
}
