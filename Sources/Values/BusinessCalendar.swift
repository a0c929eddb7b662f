internal import Foundation
internal import Synchronization

/// Which instants belong to which business day: a zone and a cut-off (payout rules, "Conventions" and R6).
///
/// A business day `D` ends at its cut-off, exclusive: local midnight after `D` by default, or `HH:MM` of `D`.
/// On days when clocks change a day has 23 or 25 hours; the zone's rules decide.
public struct BusinessCalendar: Sendable, Hashable {
    /// IANA name, for example `Europe/Paris`.
    public let zone: String
    /// Minutes of the local day at which the business day ends, 1…1440; 1440 is midnight after it.
    public let cutoffMinutes: Int
    private let calendar: Calendar
    /// The day that was asked for last: nearly every instant of a ledger is of today, and Foundation takes tens of
    /// microseconds to find a day's end.
    private let recent = RecentDay()

    /// - Returns: `nil` for a zone that the system does not know or a cut-off outside 1…1440.
    public init?(zone: String, cutoffMinutes: Int = 1440) {
        guard let timeZone = TimeZone(identifier: zone), (1...1440).contains(cutoffMinutes) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        self.zone = zone
        self.cutoffMinutes = cutoffMinutes
        self.calendar = calendar
    }

    /// The local calendar day of an instant, whatever the cut-off.
    public func localDay(of instant: Instant) -> LocalDay { localTime(of: instant).day }

    /// The local calendar day of an instant and its minute, 0…1439: what its clocks show.
    public func localTime(of instant: Instant) -> (day: LocalDay, minute: Int) {
        let second = instant.seconds + Int64(calendar.timeZone.secondsFromGMT(for: date(instant)))
        let day = second.flooredQuotient(86_400)
        return (LocalDay(daysSince1970: Int(day)), Int((second - day * 86_400) / 60))
    }

    /// The business day to which an instant belongs: the first day whose cut-off lies after it.
    public func businessDay(of instant: Instant) -> LocalDay {
        if let day = recent.day(of: instant) { return day }
        let day = searchedBusinessDay(of: instant)
        recent.keep(day, from: cutoff(of: day.advanced(byDays: -1)), until: cutoff(of: day))
        return day
    }

    private func searchedBusinessDay(of instant: Instant) -> LocalDay {
        let local = localDay(of: instant)
        for day in [local.advanced(byDays: -1), local] where instant < cutoff(of: day) { return day }
        return local.advanced(byDays: 1)
    }

    /// The instant at which business day `day` ends, exclusive.
    public func cutoff(of day: LocalDay) -> Instant {
        cutoffMinutes == 1440
            ? instant(of: day.advanced(byDays: 1), minutes: 0)
            : instant(of: day, minutes: cutoffMinutes)
    }

    /// A wall-clock time of a day as an instant; a time that a clock change skips is moved past the gap.
    public func instant(of day: LocalDay, minutes: Int) -> Instant {
        let (year, month, dayOfMonth) = day.civil
        let parts = DateComponents(
            year: year, month: month, day: dayOfMonth, hour: minutes / 60, minute: minutes % 60)
        // A Gregorian calendar has a date for every day that `LocalDay` can hold.
        guard let date = calendar.date(from: parts) else { preconditionFailure("No such wall-clock time: \(day).") }
        return Instant(seconds: Int64(date.timeIntervalSince1970.rounded()))
    }

    private func date(_ instant: Instant) -> Date { Date(timeIntervalSince1970: Double(instant.seconds)) }
}

extension BusinessCalendar {
    // The calendar follows from the zone, and what was asked last is no part of the value.
    public static func == (lhs: BusinessCalendar, rhs: BusinessCalendar) -> Bool {
        lhs.zone == rhs.zone && lhs.cutoffMinutes == rhs.cutoffMinutes
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(zone)
        hasher.combine(cutoffMinutes)
    }
}

/// One business day with its ends. A class, so that copies of a calendar share it.
private final class RecentDay: Sendable {
    private struct Known {
        let day: LocalDay
        let start: Instant
        let end: Instant
    }

    // Protects the last answer; held for two comparisons.
    private let known = Mutex<Known?>(nil)

    func day(of instant: Instant) -> LocalDay? {
        known.withLock { known in
            guard let known, known.start <= instant, instant < known.end else { return nil }
            return known.day
        }
    }

    func keep(_ day: LocalDay, from start: Instant, until end: Instant) {
        known.withLock { $0 = Known(day: day, start: start, end: end) }
    }
}
