internal import BoxOffice
internal import Payouts
internal import Reporting
internal import Store
internal import Values

extension ReportSource {
    /// How each payee of the register is paid, as of the night: later changes and later news are left out, so that the
    /// same night gives the same bytes for ever.
    func terms(
        of carried: [CarriedEntry], since before: NightRow?, _ policy: SalePolicy, in transaction: borrowing Transaction
    ) throws -> [TierKey: HostTerms] {
        let start = before?.cutoff ?? Instant(microseconds: 0)
        var transfers: [TierKey: [HostTerms.Transfer]] = [:]
        for news in try transaction.transferNews(from: start, until: night.cutoff) {
            transfers[TierKey(host: news.host, currency: news.net.currency), default: []].append(
                HostTerms.Transfer(
                    batchDay: news.batchDay, day: policy.calendar.businessDay(of: news.at),
                    endToEndID: LedgerService.endToEndID(of: news.payout),
                    account: Self.masked(news.destination, news.provider, isBankAccount: news.isBankAccount),
                    net: news.net.minorUnits, state: news.state))
        }
        // A calendar of holidays only would have no next day: a year is looked at.
        let next = (1...366).lazy.map { night.day.advanced(byDays: $0) }.first(where: policy.isBatchDay)
        var terms: [TierKey: HostTerms] = [:]
        for entry in carried {
            let key = entry.key
            let destination = try transaction.destination(of: key.host, before: night.cutoff)
            let bracket = Self.bracket(policy.tiers[key.currency] ?? [], entry.bracketUse)
            terms[key] = HostTerms(
                account: destination.map { Self.masked($0.text, $0.provider, isBankAccount: $0.isBankAccount) },
                withholding: try transaction.payee(key.host, through: night.payeeCut)?.withholding ?? BasisPoints(0),
                bracketRate: bracket?.rate, bracketLeft: bracket?.left, nextPayoutOn: next,
                transfers: (transfers[key] ?? []).sorted {
                    ($0.batchDay, $0.endToEndID) < ($1.batchDay, $1.endToEndID)
                })
        }
        return terms
    }

    /// The bracket into which the next sale falls, and what is left of it (R1: the lowest one that is not full).
    static func bracket(_ tiers: [Tier], _ use: [Int64]) -> (rate: BasisPoints, left: Int64?)? {
        var below: Int64 = 0
        for (index, tier) in tiers.enumerated() {
            guard let end = tier.upTo else { return (tier.rate, nil) }
            let left = end - below - (index < use.count ? use[index] : 0)
            if left > 0 { return (tier.rate, left) }
            below = end
        }
        return nil
    }

    /// An account at a bank is masked as it is stored; of anything else the last four characters are shown, where that is
    /// less than half of it.
    static func masked(_ text: String, _ provider: ProviderName, isBankAccount: Bool) -> String {
        if isBankAccount { return text }
        return text.count > 8 ? "\(provider.rawValue) …\(text.suffix(4))" : provider.rawValue
    }
}
