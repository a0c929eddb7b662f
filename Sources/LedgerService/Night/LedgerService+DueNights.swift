internal import BoxOffice
internal import HTTPEdge
internal import Payouts
internal import Store
public import Values

extension LedgerService {
    /// Nights that one turn of the timer runs at most: a month that the server stood still is caught up day by day.
    private static let nightsPerTurn = 31

    /// The nights that a timer should have run by now, the oldest first: of every business day since the last night whose
    /// end is past, and behind whose end the wall clock has shown the time. A night that was interrupted is the first of
    /// them. Before the first night ever, only the day that ended last counts.
    /// - Parameter minutes: of the local day, 0 to 1439.
    public func dueNights(atMinutes minutes: Int) async throws -> [LocalDay] {
        let calendar = settings.housePolicy.calendar
        let now = clock.now()
        let next = try await database.read { transaction -> LocalDay? in
            guard let last = try transaction.nights(limit: 1).first else { return nil }
            return try transaction.nightEnd(last.day) == nil ? last.day : last.day.advanced(byDays: 1)
        }
        var day = next ?? calendar.businessDay(of: now).advanced(byDays: -1)
        var due: [LocalDay] = []
        while due.count < Self.nightsPerTurn, isDue(day, atMinutes: minutes, calendar, at: now) {
            due.append(day)
            day = day.advanced(byDays: 1)
        }
        return due
    }

    /// The first moment behind a day's end at which a clock on the wall shows the time.
    private func isDue(
        _ day: LocalDay, atMinutes minutes: Int, _ calendar: BusinessCalendar, at now: Instant
    ) -> Bool {
        let end = calendar.cutoff(of: day)
        let sameDay = calendar.instant(of: calendar.localDay(of: end), minutes: minutes)
        let turn =
            sameDay >= end
            ? sameDay : calendar.instant(of: calendar.localDay(of: end).advanced(byDays: 1), minutes: minutes)
        return now >= turn
    }

    /// Runs the nights that are due, in the name of the timer: no key made them, so any two may approve them.
    /// - Returns: the days whose nights are done now.
    public func runDueNights(atMinutes minutes: Int) async throws -> [LocalDay] {
        let days = try await dueNights(atMinutes: minutes)
        for day in days { _ = try await runNight(day, by: .operator, signature: Signature(name: "timer")) }
        return days
    }
}
