public import Values

/// What a host has after the night in one currency, and why it was paid or was not: one row per host and currency.
public struct CarriedRow: Hashable, Sendable {
    /// Why the balance stands as it stands. The codes are those of the night's decisions, and two more for hosts that
    /// have nothing left.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Everything available was paid this night.
        case paid
        /// Available, but less than the smallest payout of this currency.
        case belowMinimum = "below_minimum"
        /// Nothing is available yet; the pending part waits for its release day.
        case onHold = "on_hold"
        /// Payouts to this host are stopped.
        case blocked
        /// More was given back than earned since; later earnings make it good first.
        case negative
        /// No batch is made on this day (weekend or holiday).
        case noBatchDay = "not_a_batch_day"
        /// Nothing is owed.
        case nothing
    }

    public var host: String
    public var currency: Currency
    /// What is left available after the night's payouts; minor units, may be negative.
    public var available: Int64
    /// Earned by sales, but not available before a release day; in the host's account or still in escrow.
    public var pending: Int64
    public var reason: Reason
    /// The day on which something changes by itself: the next release.
    public var nextOn: LocalDay?
    /// How far the host has filled each bracket of the share policy, lowest first; minor units of base.
    public var bracketUse: [Int64]

    public init(
        host: String, currency: Currency, available: Int64, pending: Int64, reason: Reason, nextOn: LocalDay?,
        bracketUse: [Int64] = []
    ) {
        self.host = host
        self.currency = currency
        self.available = available
        self.pending = pending
        self.reason = reason
        self.nextOn = nextOn
        self.bracketUse = bracketUse
    }
}
