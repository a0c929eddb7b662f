internal import Ledger
public import Values

/// The days that a report is about, both inclusive, and how they are called: `2026-11-22`, `2026-11`, `2026-Q4`, `2026`
/// or `2026-11-01_2026-11-15`.
public struct ReportPeriod: Hashable, Sendable, CustomStringConvertible {
    /// What periods a report is usually made for.
    public enum Unit: String, Hashable, Sendable, Codable, CaseIterable {
        case day, month, quarter, year
    }

    public let firstDay: LocalDay
    public let lastDay: LocalDay
    public let description: String

    public init(day: LocalDay) {
        firstDay = day
        lastDay = day
        description = day.description
    }

    /// `2026-11`; `nil` for another form.
    public init?(month text: String) {
        guard let month = AccountingMonth(text) else { return nil }
        firstDay = month.firstDay
        lastDay = month.lastDay
        description = month.description
    }

    /// `2026-Q4`; `nil` for another form.
    public init?(quarter text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 7, parts.count == 2, parts[1].hasPrefix("Q"), let year = LocalDay("\(parts[0])-01-01"),
            let number = Int(parts[1].dropFirst()), (1...4).contains(number),
            let first = LocalDay(year: year.civil.year, month: 3 * number - 2, day: 1),
            let next = number == 4
                ? LocalDay(year: year.civil.year + 1, month: 1, day: 1)
                : LocalDay(year: year.civil.year, month: 3 * number + 1, day: 1)
        else { return nil }
        firstDay = first
        lastDay = next.advanced(byDays: -1)
        description = text
    }

    /// `2026`; `nil` for another form.
    public init?(year text: String) {
        guard text.utf8.count == 4, let first = LocalDay("\(text)-01-01"), let last = LocalDay("\(text)-12-31") else {
            return nil
        }
        firstDay = first
        lastDay = last
        description = text
    }

    /// `nil` where the last day is before the first.
    public init?(from first: LocalDay, to last: LocalDay) {
        guard first <= last else { return nil }
        firstDay = first
        lastDay = last
        description = "\(first)_\(last)"
    }

    /// The period of a kind that a day is in.
    public init(_ unit: Unit, of day: LocalDay) {
        let (year, month, _) = day.civil
        let text = day.description
        let found =
            switch unit {
            case .day: Optional(ReportPeriod(day: day))
            case .month: ReportPeriod(month: String(text.prefix(7)))
            case .quarter: ReportPeriod(quarter: "\(text.prefix(4))-Q\((month + 2) / 3)")
            case .year: ReportPeriod(year: String(text.prefix(4)))
            }
        // Each text is made of a day that exists, so there is such a period; the year 9999 has no day after it.
        self = found ?? ReportPeriod(day: LocalDay(year: year, month: month, day: 1) ?? day)
    }
}

/// What a report was made of, beside its rows.
public struct ReportScope: Hashable, Sendable {
    /// The name at the head of pages.
    public var platform: String
    /// IANA name of the zone in which days are counted.
    public var timeZone: String
    public var period: ReportPeriod
    /// The first and the last entry that is dated in the period, where there is one.
    public var firstSequence: Int64?
    public var lastSequence: Int64?
    /// The last entry that the report knows of, and its hash: 0 and zeros for an empty journal.
    public var through: Int64
    public var headHash: String

    public init(
        platform: String, timeZone: String, period: ReportPeriod, firstSequence: Int64?, lastSequence: Int64?,
        through: Int64, headHash: String
    ) {
        self.platform = platform
        self.timeZone = timeZone
        self.period = period
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.through = through
        self.headHash = headHash
    }
}

/// How a file is written for whoever reads it.
public enum ReportProfile: String, Hashable, Sendable, CaseIterable {
    /// RFC 4180: comma, point, ISO 8601, UTF-8; for programs.
    case standard
    /// For a French Excel: semicolon, decimal comma, byte order mark, titles as headings; cells that Excel would
    /// compute are guarded.
    case frExcel = "fr-excel"
}

/// A form that every report of a query can have.
public enum ReportFormat: String, Hashable, Sendable, CaseIterable {
    case csv, json, html, xlsx

    public var contentType: String {
        switch self {
        case .csv: "text/csv; charset=utf-8; header=present"
        case .json: "application/json"
        case .html: "text/html; charset=utf-8"
        case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
    }
}

/// Where the bytes of a report go, piece by piece.
public protocol ReportSink: AnyObject {
    func write(_ bytes: [UInt8]) throws
}

/// Bytes that are kept, for reports that are known to be short.
public final class KeptBytes: ReportSink {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public func write(_ bytes: [UInt8]) { self.bytes += bytes }
}
