public import Values

/// The terms of a fund as they followed each other. A month has those of the last version that is for it; a version is
/// set before its first month begins, so what was asked of weeks that were worked never changes.
///
/// Whom a cohort takes is no term of a month: the newest version says it from the moment it is set.
public struct FundVersions: Hashable, Sendable {
    private let all: [FundProgram]

    /// - Parameter all: at least one, each with a higher version than the one before it.
    public init?(_ all: [FundProgram]) {
        guard !all.isEmpty, zip(all, all.dropFirst()).allSatisfy({ $0.version < $1.version }) else { return nil }
        self.all = all
    }

    public var newest: FundProgram { all[all.count - 1] }

    /// The terms of a month; the first ones for a month before all of them.
    public func terms(of month: LocalMonth) -> FundProgram {
        all.last { version in version.fromMonth.map { $0 <= month } ?? true } ?? all[0]
    }

    /// The terms that hold in a month or come behind it: those that a new version from that month on replaces.
    public func terms(from month: LocalMonth?) -> [FundProgram] {
        guard let month else { return all }
        let first = terms(of: month).version
        return all.filter { $0.version >= first }
    }

    /// Whether the fund is for a month at all.
    public func covers(_ month: LocalMonth) -> Bool { terms(of: month).covers(month) }

    /// The months that close after one day and up to another, in order, each with its terms.
    public func months(
        closingAfter start: LocalDay, through end: LocalDay
    ) -> [(program: FundProgram, month: LocalMonth)] {
        var found: [(program: FundProgram, month: LocalMonth)] = []
        for version in all {
            for month in version.months(closingAfter: start, through: end)
            where terms(of: month).version == version.version {
                found.append((version, month))
            }
        }
        return found.sorted { $0.month < $1.month }
    }

    /// The most that a month can give for days: each week that is whole in them met; 0 where the fund is no stipend.
    public func most(for month: LocalMonth, in days: ClosedRange<LocalDay>) -> Int64 {
        guard case .stipend(let terms) = terms(of: month).scheme else { return 0 }
        return terms.most(for: month, in: days)
    }

    /// What a place of some days reserves, month by month; months of which nothing can come are left out.
    /// - Parameter isToCome: whether what is told now still counts for a month.
    public func reservations(
        for days: ClosedRange<LocalDay>, isToCome: (LocalMonth) throws -> Bool
    ) rethrows -> [(month: LocalMonth, amount: Int64)] {
        try monthsTouched(by: days).all.compactMap { month in
            guard covers(month), try isToCome(month) else { return nil }
            let most = most(for: month, in: days)
            return most > 0 ? (month, most) : nil
        }
    }

    /// Whether nothing can come of days because their months give nothing at all.
    public func isFree(for days: ClosedRange<LocalDay>) -> Bool {
        monthsTouched(by: days).all.allSatisfy { month in
            guard case .stipend(let terms) = terms(of: month).scheme else { return true }
            return terms.amount == 0
        }
    }

    /// The last month of a place that closes: the fund may end before the place does.
    public func lastMonth(of days: ClosedRange<LocalDay>) -> LocalMonth {
        let touched = monthsTouched(by: days)
        let last = touched.all.last { covers($0) } ?? touched.upperBound
        return min(last, newest.lastMonth ?? last)
    }
}

extension LocalMonth {
    /// The first day on which anything counts for it: its own first one, or that of its first ISO week.
    public var begins: LocalDay { mondays.first.map { min($0, firstDay) } ?? firstDay }

    /// The first month of which nothing has begun on a day.
    public static func unbegun(on day: LocalDay) -> LocalMonth {
        let month = LocalMonth(of: day).advanced(byMonths: 1)
        return month.begins > day ? month : month.advanced(byMonths: 1)
    }
}

/// Why terms of a fund are not taken.
public enum FundVersionRefusal: Refusal, Hashable {
    /// The month that they are to begin with has begun: from which one they can be.
    case begun(first: LocalMonth)
    /// Their first month would close before the month before it.
    case order

    public var code: String {
        switch self {
        case .begun: "fund_month_begun"
        case .order: "fund_closing_order"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .begun(let first): ["month": "\(first)"]
        case .order: [:]
        }
    }
}

/// The next version of a fund: from the month that it names, or from the first one that has not begun.
///
/// Checks in this order: its first month has not begun; months go on closing one after the other.
/// - Returns: `nil` for the terms that hold then already.
public func decideFundVersion(
    _ terms: FundProgram, after current: FundVersions, on today: LocalDay
) throws(FundVersionRefusal) -> FundProgram? {
    let newest = current.newest
    let first = LocalMonth.unbegun(on: today)
    let month = terms.fromMonth ?? first
    let isSame = terms.version(newest.version, from: newest.fromMonth) == newest
    if isSame, terms.fromMonth == nil || terms.fromMonth == newest.fromMonth { return nil }
    guard month >= first else { throw .begun(first: first) }
    let next = terms.version(newest.version + 1, from: month)
    let before = month.advanced(byMonths: -1)
    guard next.closingDay(of: month) > current.terms(of: before).closingDay(of: before) else { throw .order }
    return next
}
