public import Values

/// What the house asks for before money leaves it: how many people agree, what they have to explain, and how sound the
/// books must be. Data of the installation; every amount is in minor units of its currency.
public struct PayoutSafeguards: Hashable, Sendable {
    /// Up to which sum of a batch one approval is enough; a currency that is not here always takes two.
    public var oneApprovalUpTo: [Currency: Int64] = [:]
    /// A single payout above it needs a reason; a currency that is not here has no such limit.
    public var itemAbove: [Currency: Int64] = [.eur: 1_000_000, .usd: 1_000_000, .gbp: 1_000_000]
    /// The same for the sum of a batch.
    public var totalAbove: [Currency: Int64] = [.eur: 10_000_000, .usd: 10_000_000, .gbp: 10_000_000]
    /// A payout of more than so many times the host's average needs a reason.
    public var growthTimes: Int64 = 5
    /// For how many days a changed destination is new: approvers have to say why they trust it, and one that was changed
    /// behind their backs waits.
    public var coolOffDays = 3
    /// For how many days nothing is paid to details that were changed, whoever has seen them; another change begins the
    /// days anew.
    public var detailsDays = 3
    /// The same for the first details of a host, which are in the place of none.
    public var firstDetailsDays = 0
    /// How long money in suspense may wait before it holds batches.
    public var suspenseDays = 7
    /// How long a provider's event may wait to be understood before it holds batches.
    public var inboxMinutes: Int64 = 15
    /// How old an audit may be behind which batches leave: of the night before, with some hours to spare.
    public var auditHours: Int64 = 36
    /// For how long a provider may owe its statement of a payment, or the answer about a repayment or a payout, before that
    /// holds batches. Providers write their statements within the day.
    public static let statementHours: Int64 = 24

    public init() {}

    /// Until when a destination that was set at an instant is new.
    public func coolsOff(_ since: Instant) -> Instant { since.advanced(bySeconds: Int64(coolOffDays) * 86_400) }

    /// Until when a destination is not paid to: it is younger than the house waits for any, or it was changed lately and
    /// not everybody who approved the batch has seen that. The first destination of a host is no change, and has days of
    /// its own.
    /// - Parameters:
    ///   - number: of the destination among those of its host, from 1.
    ///   - seenAt: when the first of those who approved did so; `nil` if nobody has.
    public func distrusted(_ number: Int64, since: Instant, _ seenAt: Instant?, at now: Instant) -> Instant? {
        let wait = since.advanced(bySeconds: Int64(number > 1 ? detailsDays : firstDetailsDays) * 86_400)
        let isUnseen = number > 1 && !(seenAt.map { since < $0 } ?? false)
        let end = isUnseen ? max(wait, coolsOff(since)) : wait
        return now < end ? end : nil
    }
}

/// Something about a batch that whoever approves it has to explain.
public enum PayoutFinding: Hashable, Sendable {
    case itemAbove(HostID, Money)
    case totalAbove(Money)
    /// The host is paid elsewhere than before, since so short a time.
    case newDestination(HostID, since: Instant)
    case growth(HostID, Money, average: Money)

    public var code: String {
        switch self {
        case .itemAbove: "item_above"
        case .totalAbove: "total_above"
        case .newDestination: "new_destination"
        case .growth: "growth"
        }
    }

    public var host: HostID? {
        switch self {
        case .itemAbove(let host, _), .newDestination(let host, _), .growth(let host, _, _): host
        case .totalAbove: nil
        }
    }

    public var amount: Money? {
        switch self {
        case .itemAbove(_, let amount), .totalAbove(let amount), .growth(_, let amount, _): amount
        case .newDestination: nil
        }
    }
}

/// An item of a batch as whoever approves it meets it.
public struct PayoutReviewItem: Hashable, Sendable {
    public let host: HostID
    public let net: Money
    /// Since when the host is paid where it is; `nil` where that was never changed.
    public let changedAt: Instant?
    /// How many earlier batches paid the host in this currency, of the last ones that an average is made of.
    public let earlier: Int64
    /// What they paid together, in minor units.
    public let earlierSum: Int64

    public init(host: HostID, net: Money, changedAt: Instant?, earlier: Int64 = 0, earlierSum: Int64 = 0) {
        self.host = host
        self.net = net
        self.changedAt = changedAt
        self.earlier = earlier
        self.earlierSum = earlierSum
    }
}

extension PayoutSafeguards {
    /// Sums of a batch, by currency. Within `Money.limit`, since the night pays nothing beyond it.
    public static func totals(of items: some Sequence<Money>) -> [Money] {
        var sums: [Currency: Int64] = [:]
        for net in items { sums[net.currency, default: 0] += net.minorUnits }
        return sums.map { Money($0.value, $0.key) }.sorted { $0.currency < $1.currency }
    }

    /// Whether a batch of these sums takes two people.
    public func needsSecond(_ totals: [Money]) -> Bool {
        totals.contains { $0.minorUnits > oneApprovalUpTo[$0.currency] ?? 0 }
    }

    /// What has to be explained: sums first, then item by item.
    public func findings(of items: [PayoutReviewItem], at instant: Instant) -> [PayoutFinding] {
        var findings: [PayoutFinding] = []
        for total in Self.totals(of: items.map(\.net)) {
            if let limit = totalAbove[total.currency], total.minorUnits > limit { findings.append(.totalAbove(total)) }
        }
        for item in items { findings += self.findings(of: item, at: instant) }
        return findings
    }

    /// What has to be explained about an item: its limit, its destination, its growth.
    public func findings(of item: PayoutReviewItem, at instant: Instant) -> [PayoutFinding] {
        var findings: [PayoutFinding] = []
        if let limit = itemAbove[item.net.currency], item.net.minorUnits > limit {
            findings.append(.itemAbove(item.host, item.net))
        }
        if let since = item.changedAt, instant < coolsOff(since) {
            findings.append(.newDestination(item.host, since: since))
        }
        if let average = growth(of: item) { findings.append(.growth(item.host, item.net, average: average)) }
        return findings
    }

    /// The average that an item is too far above; `nil` where it is not, or where nothing was paid before. Compared as
    /// `net · count > times · sum`, so nothing is rounded.
    private func growth(of item: PayoutReviewItem) -> Money? {
        guard item.earlier > 0 else { return nil }
        let (count, sum) = (item.earlier, item.earlierSum)
        guard Int128(item.net.minorUnits) * Int128(count) > Int128(growthTimes) * Int128(sum) else { return nil }
        return Money(sum / count, item.net.currency)
    }
}
