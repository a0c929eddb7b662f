internal import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// A payout of a provider to our bank, as shown.
public struct ProviderPayoutView: Sendable, Hashable, Encodable {
    public let provider: String
    public let payout: String
    public let amount: Money
    /// `pending`, `paid` or `failed`.
    public let state: String
    public let createdAt: Instant
}

public struct ProviderPayoutPage: Sendable, Hashable, Encodable {
    public let payouts: [ProviderPayoutView]
    public let next: String?
}

/// Money that providers send to our bank.
extension LedgerService {
    /// Payouts in the order of their names.
    public func providerPayouts(_ page: PageRequest, by caller: Caller) async throws -> ProviderPayoutPage {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            let words = (page.after ?? "").split(separator: " ", maxSplits: 1).map(String.init)
            let cursor = words.count == 2 ? (words[0], words[1]) : ("", "")
            let rows = try transaction.providerPayouts(after: cursor, limit: page.limit + 1)
            let (shown, next) = page.page(rows) { "\($0.provider.rawValue) \($0.payout.name)" }
            return ProviderPayoutPage(
                payouts: shown.map {
                    ProviderPayoutView(
                        provider: $0.provider.rawValue, payout: $0.payout.name, amount: $0.payout.amount,
                        state: $0.payout.state.rawValue, createdAt: $0.createdAt)
                }, next: next)
        }
    }

    /// Books what a provider says of a payout.
    func apply(
        _ payout: ProviderPayout, from provider: ProviderName, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> ReportOutcome {
        guard (1...Money.limit).contains(payout.amount.minorUnits) else { return .refused("a payout of nothing") }
        let known = try transaction.providerPayout(payout.name, of: provider)
        if let known, known.payout.amount != payout.amount {
            return .refused("\(payout.name) has changed its amount")
        }
        let row =
            known
            ?? ProviderPayoutRow(
                provider: provider,
                payout: ProviderPayout(name: payout.name, amount: payout.amount, state: .pending), createdAt: now)
        if known == nil { try transaction.insertProviderPayout(row) }
        var life = ProviderPayoutLife(row.payout.state)
        guard let movement = life.tell(payout.state) else { return known == nil ? .applied : .known }
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        let legs = PostingRecipe.providerPayout(movement, of: payout.amount)
        let sequence = try JournalEntry(stamp, kind: .settlement, legs: legs).map {
            try transaction.append($0).sequence
        }
        try transaction.append(life.state, to: row, sequence: sequence, at: now)
        try transaction.audit(
            actor: provider.rawValue, act: "provider_payout_\(life.state.rawValue)", subject: payout.name,
            detail: payout.amount.description, at: now)
        return .applied
    }
}
