public import Values

/// A fund as data: what it gives, for which months, and when a month closes. A changed program is a new version; a month
/// that has closed keeps the figures of the version under which it was closed.
public struct FundProgram: Hashable, Sendable {
    /// What a fund gives by.
    public enum Scheme: Hashable, Sendable {
        case stipend(StipendTerms)
        case pot(PotTerms)
        case rateCard(RateCardTerms)
        case userCentric(PotTerms)

        /// As stored and shown.
        public var kind: String {
            switch self {
            case .stipend: "stipend"
            case .pot: "pot"
            case .rateCard: "rate_card"
            case .userCentric: "user_centric"
            }
        }
    }

    /// See ``isName(_:)``.
    public let name: String
    public let version: Int
    public let currency: Currency
    /// Days after the last of a month on which it closes.
    public let closeLagDays: Int
    /// Days from the closing until its amounts are available.
    public let holdDays: Int
    /// The first month that this version is for; `nil` for the first version, which is for all before the next one.
    public let fromMonth: LocalMonth?
    /// The months that it is for, both included; `nil` is without end.
    public let firstMonth: LocalMonth?
    public let lastMonth: LocalMonth?
    public let scheme: Scheme
    /// Of a stipend that takes so many hosts and no more, from an account of its own; `nil` for one without bounds.
    public let cohort: CohortTerms?

    public init(
        name: String, version: Int, currency: Currency, closeLagDays: Int, holdDays: Int, firstMonth: LocalMonth?,
        lastMonth: LocalMonth?, scheme: Scheme, cohort: CohortTerms? = nil, fromMonth: LocalMonth? = nil
    ) {
        self.name = name
        self.version = version
        self.currency = currency
        self.closeLagDays = closeLagDays
        self.holdDays = holdDays
        self.firstMonth = firstMonth
        self.lastMonth = lastMonth
        self.scheme = scheme
        self.cohort = cohort
        self.fromMonth = fromMonth
    }

    /// The day on which a month closes.
    public func closingDay(of month: LocalMonth) -> LocalDay { month.lastDay.advanced(byDays: closeLagDays) }

    /// The months that close after one day and up to another, in order.
    public func months(closingAfter start: LocalDay, through end: LocalDay) -> [LocalMonth] {
        guard start < end else { return [] }
        var month = LocalMonth(of: start.advanced(byDays: -closeLagDays))
        var found: [LocalMonth] = []
        while closingDay(of: month) <= end {
            if closingDay(of: month) > start, firstMonth.map({ $0 <= month }) ?? true,
                lastMonth.map({ month <= $0 }) ?? true
            {
                found.append(month)
            }
            month = month.advanced(byMonths: 1)
        }
        return found
    }

    /// Whether a name may be a program's: 1 to 40 letters, digits, hyphens, underscores and points.
    public static func isName(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

extension FundProgram {
    /// Whether a name can stand in that of an account of the journal as well.
    public static func isAccountName(_ name: String) -> Bool {
        isName(name)
            && !name.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// The same terms as another version, for months from one on.
    public func version(_ version: Int, from month: LocalMonth?) -> FundProgram {
        FundProgram(
            name: name, version: version, currency: currency, closeLagDays: closeLagDays, holdDays: holdDays,
            firstMonth: firstMonth, lastMonth: lastMonth, scheme: scheme, cohort: cohort, fromMonth: month)
    }
}
