public import Values

/// Balances per account and currency, derived from entries and from nothing else. Debit is positive.
public struct Balances: Hashable, Sendable {
    private struct Key: Hashable {
        let account: Account
        let currency: Currency
    }
    private var amounts: [Key: Int64] = [:]

    public init() {}

    /// The balances that these entries leave.
    public init(of entries: some Sequence<JournalEntry>) {
        for entry in entries { apply(entry) }
    }

    public mutating func apply(_ entry: JournalEntry) {
        for posting in entry.postings {
            amounts[Key(account: posting.account, currency: posting.amount.currency), default: 0] +=
                posting.amount.minorUnits
        }
    }

    /// Debit positive: a wallet with money in it has a negative balance.
    public func balance(of account: Account, in currency: Currency) -> Money {
        Money(amounts[Key(account: account, currency: currency)] ?? 0, currency)
    }

    /// The same, counted on the side on which the account grows: a wallet with money in it is positive.
    public func amount(in account: Account, in currency: Currency) -> Money {
        let debit = balance(of: account, in: currency)
        return account.accountClass.growsInDebit ? debit : -debit
    }

    /// Every account that was ever posted to, zero balances included, by account and then currency.
    public var rows: [Posting] {
        amounts.map { Posting(account: $0.key.account, amount: Money($0.value, $0.key.currency)) }
            .sorted { ($0.account.text, $0.amount.currency.code) < ($1.account.text, $1.amount.currency.code) }
    }

    /// The sum over all accounts per currency: zero, or the journal is broken (J11).
    public var trialBalance: [Currency: Int64] {
        amounts.reduce(into: [:]) { sums, next in sums[next.key.currency, default: 0] += next.value }
    }

    /// Accounts that the chart does not know, or that are in debit and may not be (J10).
    public func violations(of chart: ChartOfAccounts) -> [Posting] {
        rows.filter { row in
            guard let line = chart.line(for: row.account) else { return true }
            return !line.mayGoIntoDebit && row.amount.minorUnits > 0
        }
    }
}
