internal import BoxOffice
internal import Ledger
internal import Values

extension NightlyRun {
    /// Pays each payee the whole available balance, or says why not (R6, R7).
    ///
    /// What is available is carried if it is negative, the host blocked, the day without a batch, or the sum below the
    /// minimum, in this order; what is on hold is carried until its day.
    /// - Parameter balances: by host and currency, in this order; each payee once.
    public static func payOut(_ balances: [DueBalance], _ input: NightInput) throws(NightFault) -> PayoutBatch {
        var items: [PayoutItem] = []
        var carried: [CarriedAmount] = []
        for balance in balances {
            let host = balance.key.host
            for sum in [balance.available, balance.held]
            where sum.minorUnits.magnitude > UInt64(Money.limit) { throw .beyondLimit(host) }
            if let reason = reasonToCarry(balance.available, of: host, input) {
                if !balance.available.isZero {
                    carried.append(CarriedAmount(host: host, amount: balance.available, reason: reason))
                }
            } else {
                items.append(item(host, balance.available, input))
            }
            if let day = balance.heldUntil, !balance.held.isZero {
                carried.append(CarriedAmount(host: host, amount: balance.held, reason: .onHold(until: day)))
            }
        }
        return PayoutBatch(day: input.day, cut: input.cut, policy: input.policy.id, items: items, carried: carried)
    }

    private static func reasonToCarry(_ sum: Money, of host: HostID, _ input: NightInput) -> CarryReason? {
        let minimum = input.policy.minimumPayout(in: sum.currency)
        if sum.minorUnits < 0 { return .negative }
        if input.blocked.contains(host) { return .blocked }
        if !input.policy.isBatchDay(input.day) { return .notABatchDay }
        if sum.minorUnits < minimum { return .belowMinimum(Money(minimum, sum.currency)) }
        return nil
    }

    private static func item(_ host: HostID, _ gross: Money, _ input: NightInput) -> PayoutItem {
        let rate = input.withholding[host]?.value ?? 0
        precondition((0...10_000).contains(rate), "Withholding is a part of the payout.")
        let withheld = Money(quotientHalfUp(gross.minorUnits, rate, 10_000), gross.currency)
        let net = gross - withheld
        let stamp = EntryStamp(
            id: EntryID.derived(at: input.postedAt, from: "payout|\(input.day)|\(host)|\(gross.currency)"),
            postedAt: input.postedAt, effectiveOn: input.day)
        let legs = PostingRecipe.payout(to: host, net: net, withheld: withheld)
        guard let entry = JournalEntry(stamp, kind: .payout, legs: legs) else {
            preconditionFailure("A payout within the limit always moves something.")
        }
        return PayoutItem(host: host, gross: gross, withheld: withheld, net: net, entry: entry)
    }
}
