internal import BoxOffice
internal import HTTPEdge
public import Payouts
internal import Store
public import Values

/// How the duties of a host in a stipend go, week by week.
public struct FundProgressView: Sendable, Encodable {
    public struct Room: Sendable, Encodable {
        public let room: RoomID
        public let day: LocalDay
        public let minutes: Int64
        public let listeners: Int
        public let counts: Bool
        /// Why it does not count.
        public let reason: DutyRoom.Reason?
    }

    public struct Week: Sendable, Encodable {
        public let from: LocalDay
        public let to: LocalDay
        public let state: DutyWeek.State
        public let counted: Int
        public let needed: Int
        public let rooms: [Room]
    }

    public struct Month: Sendable, Encodable {
        public let month: LocalMonth
        public let closesOn: LocalDay
        public let closed: Bool
        public let weeksMet: Int
        /// What it would give if it closed as it is; of a month that has closed what it gave.
        public let earned: Money
        /// The most that it can still give.
        public let possible: Money
        public let weeks: [Week]
    }

    public let fund: String
    public let host: HostID
    public let roomsPerWeek: Int
    public let minRoomMinutes: Int64
    public let minRoomListeners: Int
    /// From the first with a week in the program; the last twelve that have begun.
    public let months: [Month]
    public let asOf: Instant
}

extension LedgerService {
    /// The duties of a host in a stipend as far as rooms and what gateways signed of them say by now. A month that has
    /// closed is shown as it closed.
    public func fundProgress(of host: HostID, in fund: String, by caller: Caller) async throws -> FundProgressView {
        if caller != .host(host) { try requireFinanceReading(caller) }
        let now = clock.now()
        let calendar = settings.housePolicy.calendar
        return try await database.read { transaction in
            guard let versions = try transaction.fundVersions(of: fund) else { throw FundRefusal.unknown }
            guard case .stipend = versions.newest.scheme else { throw FundRefusal.takesNobody }
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            let days = try transaction.enrolments(of: host, in: fund, before: now)
            let today = calendar.localDay(of: now)
            let present = monthsTouched(by: today...today).lowerBound
            let touched = Set(days.flatMap { monthsTouched(by: $0).all })
                .filter { $0 <= present && versions.covers($0) }
            guard case .stipend(let terms) = versions.terms(of: present).scheme else { throw FundRefusal.takesNobody }
            let own = try transaction.ownAccounts(before: now)
            let months = try touched.sorted().suffix(12).compactMap { month -> FundProgressView.Month? in
                let program = versions.terms(of: month)
                guard case .stipend(let terms) = program.scheme else { return nil }
                let reader = DutyReader(
                    program: program, terms: terms, host: host, calendar: calendar, now: now, own: own)
                return try reader.view(of: month, in: transaction)
            }
            return FundProgressView(
                fund: fund, host: host, roomsPerWeek: terms.roomsPerWeek, minRoomMinutes: terms.minRoomMinutes,
                minRoomListeners: terms.minRoomListeners,
                months: months, asOf: now)
        }
    }
}

/// Reads the duties of one host.
private struct DutyReader {
    let program: FundProgram
    let terms: StipendTerms
    let host: HostID
    let calendar: BusinessCalendar
    let now: Instant
    let own: OwnAccounts

    func view(of month: LocalMonth, in transaction: borrowing Transaction) throws -> FundProgressView.Month {
        let closesOn = program.closingDay(of: month)
        // What is told behind the closing day changes nothing.
        let cutoff = min(now, calendar.cutoff(of: closesOn))
        let progress = dutyProgress(
            of: month, under: terms,
            enrolments: try transaction.enrolments(of: host, in: program.name, before: cutoff),
            rooms: try rooms(of: month, before: cutoff, in: transaction), today: calendar.localDay(of: now))
        let isClosed = try transaction.hasClosed(month, of: program.name)
        var earned = Money(progress.earned, program.currency)
        if isClosed {
            earned =
                try transaction.fundResults(of: program.name, month).first { $0.host == host }?.amount
                ?? .zero(program.currency)
        }
        return FundProgressView.Month(
            month: month, closesOn: closesOn, closed: isClosed, weeksMet: progress.weeks.count { $0.state == .met },
            earned: earned, possible: isClosed ? earned : Money(progress.possible, program.currency),
            weeks: progress.weeks.map { week in
                FundProgressView.Week(
                    from: week.monday, to: week.monday.advanced(byDays: 6), state: week.state, counted: week.counted,
                    needed: week.needed,
                    rooms: week.rooms.map { entry in
                        FundProgressView.Room(
                            room: entry.room.room, day: entry.room.figures.day,
                            minutes: entry.room.figures.seconds / 60, listeners: entry.room.figures.listeners,
                            counts: entry.reason == nil, reason: entry.reason)
                    })
            })
    }

    private func rooms(
        of month: LocalMonth, before cutoff: Instant, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [DutyRoom] {
        guard let first = month.mondays.first, let last = month.mondays.last else { return [] }
        let start = calendar.instant(of: first, minutes: 0)
        let end = calendar.instant(of: last.advanced(byDays: 7), minutes: 0)
        var found: [DutyRoom] = []
        for row in try transaction.rooms(of: host, startingFrom: start, until: end, before: cutoff) {
            found.append(
                DutyRoom(
                    room: row.room.id,
                    figures: try transaction.stipendRoom(
                        row.room, minSeconds: terms.minSeconds, own: own, calendar: calendar, before: cutoff),
                    isCancelled: row.isCancelled, isExcluded: row.excluded != nil, isOver: row.room.endsAt <= now))
        }
        return found
    }
}
