public import BoxOffice
public import Ledger
public import Values

/// What rating made of the new facts.
public struct Rating: Hashable, Sendable {
    /// In sequence order; each is to be stored with its order for good.
    public var splits: [OrderSplit] = []
    /// The use after the facts, of every owner and currency in them.
    public var tierUse: [TierKey: TierUse] = [:]
    /// What refunds after the release took back from hosts.
    public var accruals: [Accrual] = []
}

/// The release of one order's escrow.
public struct Release: Hashable, Sendable {
    public let order: OrderID
    public let room: RoomID
    /// `nil` where nothing was left to move.
    public let entry: JournalEntry?
    public let availableOn: LocalDay
    /// One for each host with a share.
    public let accruals: [Accrual]
}

/// What a host is paid in one batch and currency.
public struct PayoutItem: Hashable, Sendable {
    public let host: HostID
    /// `net + withheld`; positive.
    public let gross: Money
    public let withheld: Money
    public let net: Money
    public let entry: JournalEntry

    public init(host: HostID, gross: Money, withheld: Money, net: Money, entry: JournalEntry) {
        self.host = host
        self.gross = gross
        self.withheld = withheld
        self.net = net
        self.entry = entry
    }
}

/// Why an amount of a host was not paid in a batch.
public enum CarryReason: Hashable, Sendable {
    case negative
    case blocked
    case notABatchDay
    case belowMinimum(Money)
    /// Not available before this day; the earliest, where there are several.
    case onHold(until: LocalDay)

    public var code: String {
        switch self {
        case .negative: "negative"
        case .blocked: "blocked"
        case .notABatchDay: "not_a_batch_day"
        case .belowMinimum: "below_minimum"
        case .onHold: "on_hold"
        }
    }

    /// The figure behind the code: the minimum or the day; empty for the others.
    public var detail: String {
        switch self {
        case .negative, .blocked, .notABatchDay: ""
        case .belowMinimum(let minimum): minimum.description
        case .onHold(let day): day.description
        }
    }
}

/// An amount of a host that waits, and why.
public struct CarriedAmount: Hashable, Sendable {
    public let host: HostID
    public let amount: Money
    public let reason: CarryReason

    public init(host: HostID, amount: Money, reason: CarryReason) {
        self.host = host
        self.amount = amount
        self.reason = reason
    }
}

/// All payouts of one business day.
public struct PayoutBatch: Hashable, Sendable {
    public let day: LocalDay
    public let cut: Int64
    /// ``SalePolicy/id`` of the house's policy.
    public let policy: String
    /// By host and currency.
    public let items: [PayoutItem]
    /// By host and currency; at most one row for what is available and one for what is on hold.
    public let carried: [CarriedAmount]

    public init(day: LocalDay, cut: Int64, policy: String, items: [PayoutItem], carried: [CarriedAmount]) {
        self.day = day
        self.cut = cut
        self.policy = policy
        self.items = items
        self.carried = carried
    }

    /// ``BatchDigest`` of all items.
    public var digest: SHA256Digest {
        var digest = BatchDigest(of: day, cut: cut, policy: policy)
        for item in items { digest.add(item) }
        return digest.value()
    }
}

/// Everything that a night decides; to be stored in one transaction.
public struct NightDecision: Hashable, Sendable {
    public let rating: Rating
    public let releases: [Release]
    public let batch: PayoutBatch
    /// Which accruals the batch pays: never again in another.
    public let paid: [AccrualID]

    /// The journal entries in the order in which they are to be posted.
    public var entries: [JournalEntry] { releases.compactMap(\.entry) + batch.items.map(\.entry) }

    /// The accruals that this night made, paid or not.
    public var accruals: [Accrual] { rating.accruals + releases.flatMap(\.accruals) }

}
