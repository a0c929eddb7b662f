internal import BoxOffice
internal import Foundation
public import Payouts
public import Values

/// What a month of a fund gave a host, and by which figures.
public struct FundResultRow: Sendable {
    public enum Figures: Sendable, Hashable {
        case weeks(of: Int, enrolled: Int, met: Int)
        case heard(minutes: Int64, listeners: Int)
    }

    public let program: String
    public let month: LocalMonth
    public let host: HostID
    public let amount: Money
    public let isEligible: Bool
    public let figures: Figures
    /// Of the entry and the accrual; `nil` for who got nothing.
    public let booked: (sequence: Int64, accrual: AccrualID)?

    public init(
        program: String, month: LocalMonth, host: HostID, amount: Money, isEligible: Bool, figures: Figures,
        booked: (sequence: Int64, accrual: AccrualID)?
    ) {
        self.program = program
        self.month = month
        self.host = host
        self.amount = amount
        self.isEligible = isEligible
        self.figures = figures
        self.booked = booked
    }
}

/// A month of a fund that has closed.
public struct FundMonthRow: Sendable, Hashable {
    public let program: String
    public let version: Int
    public let month: LocalMonth
    public let closedOn: LocalDay
    /// The night that closed it.
    public let night: LocalDay
    /// What there was to give, what one host may have of it, and what was given.
    public let amount: Money
    public let cap: Int64
    public let given: Int64
    /// ``FundProgram/Scheme/kind``.
    public let kind: String

    public init(
        program: String, kind: String, version: Int, month: LocalMonth, closedOn: LocalDay, night: LocalDay,
        amount: Money,
        cap: Int64, given: Int64
    ) {
        self.program = program
        self.kind = kind
        self.version = version
        self.month = month
        self.closedOn = closedOn
        self.night = night
        self.amount = amount
        self.cap = cap
        self.given = given
    }
}

extension Transaction {
    /// Appends a version of a program.
    /// - Parameters:
    ///   - place: the order among programs that share on one day.
    ///   - beginning: when the first month of the version begins; `nil` for one that is for all months.
    public borrowing func insertFundProgram(
        _ program: FundProgram, place: Int, from beginning: Instant? = nil, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO fund_programs (shard, program, version, prev_version, place, kind, currency, terms, actor, at_us,
              from_month, from_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, program.name, program.version, program.version == 1 ? Int?.none : program.version - 1, place,
            program.scheme.kind, program.currency, text(of: program), actor, instant, program.fromMonth?.description,
            beginning)
    }

    /// The versions of every program that were there before an instant: stipends by name, then the others by place.
    public borrowing func fundVersions(before instant: Instant) throws(StoreFault) -> [FundVersions] {
        let all = try rows(
            """
            SELECT p.terms FROM fund_programs p WHERE p.shard = $1 AND p.at_us < $2
            ORDER BY CASE WHEN p.kind = 'stipend' THEN 0 ELSE 1 END,
              CASE WHEN p.kind = 'stipend' THEN 0 ELSE p.place END, p.program, p.version
            """, shard, instant, read: readProgram)
        var programs: [[FundProgram]] = []
        for version in all {
            if programs.last?.last?.name == version.name {
                programs[programs.count - 1].append(version)
            } else {
                programs.append([version])
            }
        }
        return programs.compactMap { FundVersions($0) }
    }

    /// The versions of a program; `nil` for one that nobody has set.
    public borrowing func fundVersions(of name: String) throws(StoreFault) -> FundVersions? {
        FundVersions(
            try rows(
                "SELECT terms FROM fund_programs WHERE shard = $1 AND program = $2 ORDER BY version", shard, name,
                read: readProgram))
    }

    /// The last version of a program.
    public borrowing func fundProgram(_ name: String) throws(StoreFault) -> FundProgram? {
        try row(
            "SELECT terms FROM fund_programs WHERE shard = $1 AND program = $2 ORDER BY version DESC LIMIT 1", shard,
            name, read: readProgram)
    }

    /// - Returns: its number among those of the host.
    @discardableResult
    public borrowing func insertEnrolment(
        of host: HostID, in program: String, _ days: ClosedRange<LocalDay>, by actor: String, at instant: Instant
    ) throws(StoreFault) -> Int {
        let last = try row(
            "SELECT max(n) FROM enrolments WHERE shard = $1 AND program = $2 AND host = $3", shard, program, host
        ) { row throws(StoreFault) in try row.optionalInteger(0) }
        let previous = last.flatMap(\.self)
        try execute(
            """
            INSERT INTO enrolments (shard, program, first_version, host, n, prev_n, from_day, to_day, actor, at_us)
            VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9)
            """, shard, program, host, (previous ?? 0) + 1, previous, days.lowerBound, days.upperBound, actor, instant)
        return Int(previous ?? 0) + 1
    }

    /// Who was in a program on some day of a range, as said before an instant; a place that was given up ends early.
    public borrowing func enrolments(
        in program: String, on days: ClosedRange<LocalDay>, before instant: Instant
    ) throws(StoreFault) -> [(host: HostID, days: ClosedRange<LocalDay>)] {
        try rows(
            """
            SELECT e.host, e.from_day, e.to_day, x.to_day FROM enrolments e
            LEFT JOIN fund_book a ON a.shard = e.shard AND a.program = e.program AND a.host = e.host
              AND a.enrolment = e.n AND a.kind = 'admitted'
            LEFT JOIN fund_book x ON x.shard = a.shard AND x.program = a.program AND x.place = a.place
              AND x.kind = 'ended' AND x.at_us < $5
            WHERE e.shard = $1 AND e.program = $2 AND e.from_day <= $4 AND e.to_day >= $3 AND e.at_us < $5
              AND (x.n IS NULL OR (x.to_day >= e.from_day AND x.to_day >= $3)) ORDER BY e.host || '', e.n
            """, shard, program, days.lowerBound, days.upperBound, instant
        ) { row throws(StoreFault) in
            let (from, to) = (try row.day(1), try row.day(2))
            guard from <= to else { throw row.corrupt(2) }
            let ended = row.isNull(3) ? to : min(to, try row.day(3))
            guard from <= ended else { throw row.corrupt(3) }
            return (host: try row.identifier(0), days: from...ended)
        }
    }

    public borrowing func linkAccount(
        _ account: String, to host: HostID, because reason: String, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try ensure(
            """
            INSERT INTO account_links (shard, host, account, reason, actor, at_us) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT DO NOTHING
            """, shard, host, account, reason, actor, instant)
    }

    /// Which accounts were known before an instant to be hosts' own.
    public borrowing func ownAccounts(before instant: Instant) throws(StoreFault) -> OwnAccounts {
        var own = OwnAccounts()
        try forEach("SELECT host, account FROM account_links WHERE shard = $1 AND at_us < $2", shard, instant) {
            row throws(StoreFault) in own.link(try row.text(1), to: try row.identifier(0))
        }
        return own
    }

    public borrowing func exclude(
        _ room: RoomID, because reason: String, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try ensure(
            """
            INSERT INTO room_exclusions (shard, room, reason, actor, at_us) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
            """, shard, room, reason, actor, instant)
    }

    /// Rooms that start in a stretch of time and count for funds: neither cancelled nor excluded before an instant.
    public borrowing func fundRooms(
        startingFrom start: Instant, until end: Instant, before instant: Instant
    ) throws(StoreFault) -> [FundRoom] {
        try rows(
            """
            SELECT r.room, r.host, r.cohosts, r.starts_us, r.ends_us, (SELECT min(c.at_us) FROM room_facts c
              WHERE c.shard = r.shard AND c.room = r.room AND c.state = 'closed' AND c.at_us < $4)
            FROM rooms r WHERE r.shard = $1 AND r.starts_us >= $2 AND r.starts_us < $3
              AND NOT EXISTS (SELECT 1 FROM room_facts f WHERE f.shard = r.shard AND f.room = r.room
                AND f.state = 'cancelled' AND f.at_us < $4)
              AND NOT EXISTS (SELECT 1 FROM room_exclusions x WHERE x.shard = r.shard AND x.room = r.room
                AND x.at_us < $4)
            ORDER BY r.room
            """, shard, start, end, instant
        ) { row throws(StoreFault) in
            let cohosts = try row.text(2)
            let (from, to) = (try row.instant(3), try row.instant(4))
            // A room that its host closed earlier lasted until then.
            let closed = try row.optionalInstant(5) ?? to
            return FundRoom(
                id: try row.identifier(0), owner: try row.identifier(1),
                cohosts: cohosts == "[]" ? [] : try parsedCohosts(cohosts).map(\.host), startsAt: from,
                endsAt: max(from, min(to, closed)))
        }
    }

    public borrowing func insertListening(
        _ interval: ListeningInterval, by listener: String, source: String, at instant: Instant
    ) throws(StoreFault) {
        try ensure(
            """
            INSERT INTO listening (shard, room, source, listener, from_us, to_us, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
            """, shard, interval.room, source, listener, interval.from, interval.to, instant)
    }

    /// What was heard, by listener, of rooms that start in a stretch of time; told before an instant.
    public borrowing func listening(
        ofRoomsFrom start: Instant, until end: Instant, before instant: Instant,
        body: (String, ListeningInterval) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        try forEach(
            """
            SELECT l.listener, l.room, l.from_us, l.to_us FROM rooms r
            JOIN listening l ON l.shard = r.shard AND l.room = r.room
            WHERE r.shard = $1 AND r.starts_us >= $2 AND r.starts_us < $3 AND l.at_us < $4 ORDER BY l.listener
            """, shard, start, end, instant
        ) { row throws(StoreFault) in
            try body(
                try row.text(0),
                ListeningInterval(room: try row.identifier(1), from: try row.instant(2), to: try row.instant(3)))
        }
    }

    /// The same in the order in which it is stored, which costs no sort.
    public borrowing func heardMonth(
        of rooms: [FundRoom], from start: Instant, until end: Instant, before instant: Instant
    ) throws(StoreFault) -> HeardMonth {
        var month = HeardMonth(of: rooms)
        try forEach(
            """
            SELECT l.room, l.listener, l.from_us, l.to_us FROM rooms r
            JOIN listening l ON l.shard = r.shard AND l.room = r.room
            WHERE r.shard = $1 AND r.starts_us >= $2 AND r.starts_us < $3 AND l.at_us < $4
            """, shard, start, end, instant
        ) { row throws(StoreFault) in
            let (from, to) = (try row.integer(2), try row.integer(3))
            try row.withText(0) { room throws(StoreFault) in
                try row.withText(1) { listener throws(StoreFault) in
                    month.add(room: room, listener: listener, from: from, to: to)
                }
            }
        }
        return month
    }

    /// What was heard of one room, told before an instant.
    public borrowing func listening(
        of room: RoomID, before instant: Instant
    ) throws(StoreFault) -> [(listener: String, interval: ListeningInterval)] {
        try rows(
            "SELECT listener, room, from_us, to_us FROM listening WHERE shard = $1 AND room = $2 AND at_us < $3", shard,
            room, instant
        ) { row throws(StoreFault) in
            (
                try row.text(0),
                ListeningInterval(room: try row.identifier(1), from: try row.instant(2), to: try row.instant(3))
            )
        }
    }

    public borrowing func hasClosed(_ month: LocalMonth, of program: String) throws(StoreFault) -> Bool {
        try row(
            "SELECT 1 FROM fund_months WHERE shard = $1 AND program = $2 AND month = $3", shard, program,
            month.description
        ) { _ throws(StoreFault) in true } ?? false
    }

    public borrowing func insertFundMonth(_ row: FundMonthRow, at instant: Instant) throws(StoreFault) {
        try execute(
            """
            INSERT INTO fund_months (shard, program, month, version, currency, closed_on, night, amount, cap, given, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, row.program, row.month.description, row.version, row.amount.currency, row.closedOn, row.night,
            row.amount.minorUnits, row.cap, row.given, instant)
    }

    public borrowing func insertFundResult(_ row: FundResultRow) throws(StoreFault) {
        var weeks: (Int, Int, Int)?
        var heard: (Int64, Int)?
        switch row.figures {
        case .weeks(let all, let enrolled, let met): weeks = (all, enrolled, met)
        case .heard(let minutes, let listeners): heard = (minutes, listeners)
        }
        try execute(
            """
            INSERT INTO fund_results (shard, program, month, host, currency, amount, eligible, weeks, weeks_enrolled,
              weeks_met, minutes, listeners, accrual, kind, seq)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """, shard, row.program, row.month.description, row.host, row.amount.currency, row.amount.minorUnits,
            row.isEligible ? 1 : 0, weeks?.0, weeks?.1, weeks?.2, heard?.0, heard?.1, row.booked?.accrual,
            row.booked == nil ? String?.none : "fund", row.booked?.sequence)
    }

    /// Months that have closed: by the order of their nights, then as they were closed in it.
    public borrowing func fundMonths() throws(StoreFault) -> [FundMonthRow] {
        try rows(
            """
            SELECT m.program, m.version, m.month, m.closed_on, m.night, m.amount, m.currency, m.cap, m.given,
              p.kind
            FROM fund_months m JOIN fund_programs p ON p.shard = m.shard AND p.program = m.program
              AND p.version = m.version
            WHERE m.shard = $1 ORDER BY m.night, CASE WHEN p.kind = 'stipend' THEN 0 ELSE 1 END,
              CASE WHEN p.kind = 'stipend' THEN 0 ELSE p.place END, m.program, m.month
            """, shard
        ) { row throws(StoreFault) in
            guard let month = LocalMonth(try row.text(2)) else { throw row.corrupt(2) }
            return FundMonthRow(
                program: try row.text(0), kind: try row.text(9), version: try row.int(1), month: month,
                closedOn: try row.day(3),
                night: try row.day(4), amount: try row.money(5, 6), cap: try row.integer(7), given: try row.integer(8))
        }
    }

    /// What a closed month gave, by host.
    public borrowing func fundResults(
        of program: String, _ month: LocalMonth
    ) throws(StoreFault) -> [FundResultRow] {
        try rows(
            """
            SELECT host, amount, currency, eligible, weeks, weeks_enrolled, weeks_met, minutes, listeners, seq, accrual
            FROM fund_results WHERE shard = $1 AND program = $2 AND month = $3 ORDER BY host
            """, shard, program, month.description
        ) { row throws(StoreFault) in
            let figures: FundResultRow.Figures =
                row.isNull(4)
                ? .heard(minutes: try row.integer(7), listeners: try row.int(8))
                : .weeks(of: try row.int(4), enrolled: try row.int(5), met: try row.int(6))
            let accrual: AccrualID? = try row.optionalIdentifier(10)
            let sequence = try row.optionalInteger(9)
            var booked: (sequence: Int64, accrual: AccrualID)?
            if let accrual, let sequence { booked = (sequence, accrual) }
            return FundResultRow(
                program: program, month: month, host: try row.identifier(0), amount: try row.money(1, 2),
                isEligible: try row.integer(3) == 1, figures: figures, booked: booked)
        }
    }
}

private func text(of program: FundProgram) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Numbers and names always have a JSON form.
    guard let data = try? encoder.encode(program) else { preconditionFailure("A fund has no JSON form.") }
    return String(decoding: data, as: UTF8.self)
}

func readProgram(_ row: borrowing Row) throws(StoreFault) -> FundProgram {
    guard let program = try? JSONDecoder().decode(FundProgram.self, from: Data(try row.text(0).utf8)) else {
        throw row.corrupt(0)
    }
    return program
}

extension Transaction {
    /// The place of a fund among all; the next free one for a fund that is new.
    public borrowing func fundPlace(of program: String) throws(StoreFault) -> Int {
        try row(
            """
            SELECT coalesce((SELECT min(place) FROM fund_programs WHERE shard = $1 AND program = $2),
              (SELECT max(place) + 1 FROM fund_programs WHERE shard = $1), 0)
            """, shard, program
        ) { row throws(StoreFault) in try row.int(0) } ?? 0
    }
}
