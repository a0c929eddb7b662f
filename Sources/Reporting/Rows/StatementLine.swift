public import Values

/// One order on a host's statement. Minor units of the statement's currency.
public struct StatementLine: Hashable, Sendable {
    /// A part of the base and the rate at which it was shared; a sale that crosses a bracket has two.
    public struct RatedPart: Hashable, Sendable {
        public var base: Int64
        public var rate: BasisPoints

        public init(base: Int64, rate: BasisPoints) {
            self.base = base
            self.rate = rate
        }
    }

    /// Where the host's share of this order is.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// The room was not delivered yet: the money sits in the room's escrow.
        case escrow
        /// Earned, available from `releaseOn`.
        case pending
        /// Available, not paid yet.
        case available
        case paid
        /// Taken back in full.
        case refunded
    }

    /// The business day of the sale.
    public var day: LocalDay
    public var room: String
    public var title: String
    public var order: String
    public var gross: Int64
    public var vat: Int64
    public var fee: Int64
    public var base: Int64
    public var parts: [RatedPart]
    /// This host's share as fixed at the sale.
    public var share: Int64
    /// Of `share`, what was taken back so far by refunds and disputes; not negative.
    public var shareReversed: Int64
    /// Of `gross`, what was taken back so far; not negative.
    public var reversed: Int64
    /// What the order added to the host's account within the statement's period; negative for a reversal of
    /// something credited earlier. Zero while it is in escrow.
    public var credited: Int64
    /// The business day from which the share is available; absent while it is not known.
    public var releaseOn: LocalDay?
    public var state: State

    public init(
        day: LocalDay, room: String, title: String, order: String, gross: Int64, vat: Int64, fee: Int64,
        base: Int64, parts: [RatedPart], share: Int64, shareReversed: Int64, reversed: Int64, credited: Int64,
        releaseOn: LocalDay?, state: State
    ) {
        self.day = day
        self.room = room
        self.title = title
        self.order = order
        self.gross = gross
        self.vat = vat
        self.fee = fee
        self.base = base
        self.parts = parts
        self.share = share
        self.shareReversed = shareReversed
        self.reversed = reversed
        self.credited = credited
        self.releaseOn = releaseOn
        self.state = state
    }
}
