public import Values

/// All that one host's statement in one currency says.
///
/// It must add up, else no report is made: `opening + Σ lines.credited + Σ movements.amount − Σ payouts.gross` is
/// the credit balance of `liabilities:host:HOST` at the head. A payout that the bank returned still counts; its
/// return is a movement.
public struct HostFacts: Hashable, Sendable {
    /// Something else that moved the host's account: an adjustment, a dispute fee, a returned payout.
    public struct Movement: Hashable, Sendable {
        public var day: LocalDay
        public var kind: String
        public var reason: String
        /// Signed, minor units; positive is in the host's favour.
        public var amount: Int64

        public init(day: LocalDay, kind: String, reason: String, amount: Int64) {
            self.day = day
            self.kind = kind
            self.reason = reason
            self.amount = amount
        }
    }

    public var host: String
    /// How the host is called; the id where no name is known.
    public var name: String
    public var currency: Currency
    /// First and last business day of the period, both included.
    public var from: LocalDay
    public var through: LocalDay
    /// What the platform owed the host when the period began.
    public var opening: Int64
    public var lines: [StatementLine]
    public var movements: [Movement]
    /// Payouts of the period.
    public var payouts: [PayoutRow]
    /// The account at the cut and why it stands so.
    public var carried: CarriedRow
    /// The smallest payout in this currency.
    public var minimumPayout: Int64
    public var terms: HostTerms

    public init(
        host: String, name: String, currency: Currency, from: LocalDay, through: LocalDay, opening: Int64,
        lines: [StatementLine], movements: [Movement], payouts: [PayoutRow], carried: CarriedRow,
        minimumPayout: Int64, terms: HostTerms = HostTerms()
    ) {
        self.host = host
        self.name = name
        self.currency = currency
        self.from = from
        self.through = through
        self.opening = opening
        self.lines = lines
        self.movements = movements
        self.payouts = payouts
        self.carried = carried
        self.minimumPayout = minimumPayout
        self.terms = terms
    }
}
