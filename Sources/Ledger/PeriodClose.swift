public import Values

/// The close of a period: income and expenses become earnings, and nothing is dated on or before its day from then on.
public enum PeriodClose {
    /// The legs that empty every income and expense account into ``Account/earnings``, in the order of the balances.
    /// - Parameter balances: of these accounts at the period's last day, debit positive; zero makes no leg.
    public static func legs(_ balances: [Posting]) -> [Leg] {
        balances.compactMap { Leg.moving($0.amount, debit: .earnings, credit: $0.account) }
    }
}

/// A calendar month of the business calendar: `2026-11`.
public struct AccountingMonth: Hashable, Sendable, CustomStringConvertible {
    public let firstDay: LocalDay
    public let lastDay: LocalDay

    /// `nil` for another form than `YYYY-MM`, or a month that does not exist.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 7, let first = LocalDay("\(text)-01") else { return nil }
        let next =
            first.civil.month == 12
            ? LocalDay(year: first.civil.year + 1, month: 1, day: 1)
            : LocalDay(year: first.civil.year, month: first.civil.month + 1, day: 1)
        guard let next else { return nil }
        firstDay = first
        lastDay = next.advanced(byDays: -1)
    }

    public var description: String { String(firstDay.description.prefix(7)) }
}
