public import Values

/// How a host is paid in one currency, as a night found it: what a statement says beside its figures.
public struct HostTerms: Hashable, Sendable {
    /// A payout that was sent, or of which something was heard, in the period.
    public struct Transfer: Hashable, Sendable {
        /// Of the batch that it pays an item of.
        public var batchDay: LocalDay
        /// The business day of the last that was heard of it.
        public var day: LocalDay
        /// By which banks name it (ISO 20022 `EndToEndId`).
        public var endToEndID: String
        /// To where, masked.
        public var account: String
        public var net: Int64
        /// `requested`, `refused`, `paid` or `returned`.
        public var state: String

        public init(
            batchDay: LocalDay, day: LocalDay, endToEndID: String, account: String, net: Int64, state: String
        ) {
            self.batchDay = batchDay
            self.day = day
            self.endToEndID = endToEndID
            self.account = account
            self.net = net
            self.state = state
        }
    }

    /// Where the host is paid, masked; `nil` where nobody has said.
    public var account: String?
    /// Of the gross of each payout.
    public var withholding: BasisPoints
    /// The rate at which the host's next sale is shared.
    public var bracketRate: BasisPoints?
    /// How much base is left at that rate; `nil` in the last bracket, which has no end.
    public var bracketLeft: Int64?
    /// The next day on which payouts are made.
    public var nextPayoutOn: LocalDay?
    public var transfers: [Transfer]

    public init(
        account: String? = nil, withholding: BasisPoints = BasisPoints(0), bracketRate: BasisPoints? = nil,
        bracketLeft: Int64? = nil, nextPayoutOn: LocalDay? = nil, transfers: [Transfer] = []
    ) {
        self.account = account
        self.withholding = withholding
        self.bracketRate = bracketRate
        self.bracketLeft = bracketLeft
        self.nextPayoutOn = nextPayoutOn
        self.transfers = transfers
    }
}
