public import Values

/// A calendar month without a zone: `2026-01`.
public struct LocalMonth: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Months since January of the year 0.
    private let number: Int

    private init(number: Int) { self.number = number }

    public init(of day: LocalDay) {
        let (year, month, _) = day.civil
        number = year * 12 + month - 1
    }

    /// Reads `2026-01` exactly.
    public init?(_ text: some StringProtocol) {
        guard let first = LocalDay(text + "-01") else { return nil }
        self.init(of: first)
    }

    public func advanced(byMonths months: Int) -> LocalMonth { LocalMonth(number: number + months) }

    public var firstDay: LocalDay {
        guard let day = LocalDay(year: number / 12, month: number % 12 + 1, day: 1) else {
            preconditionFailure("Every month of the calendar has a first day.")
        }
        return day
    }

    public var lastDay: LocalDay { advanced(byMonths: 1).firstDay.advanced(byDays: -1) }

    /// The Mondays of its ISO weeks: those whose Thursday lies in it (R8).
    public var mondays: [LocalDay] {
        let first = firstDay
        let firstThursday = first.advanced(byDays: (4 - first.weekday + 7) % 7)
        let last = lastDay
        return stride(from: firstThursday.daysSince1970, through: last.daysSince1970, by: 7).map {
            LocalDay(daysSince1970: $0 - 3)
        }
    }

    public var description: String { String(firstDay.description.prefix(7)) }

    public static func < (lhs: LocalMonth, rhs: LocalMonth) -> Bool { lhs.number < rhs.number }
}

extension LocalMonth: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let month = LocalMonth(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "Not a month, such as 2026-01.")
        }
        self = month
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
