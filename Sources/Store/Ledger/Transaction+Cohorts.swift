public import Payouts
public import Values

/// A row of a fund's book: what happened, and how the account stood before and after it.
public struct FundBookRow: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case endowed, admitted, declined, withdrawn, ended, completed
        case monthClosed = "month_closed"
    }

    public let program: String
    public let version: Int
    public let number: Int
    public let kind: Kind
    public var host: HostID?
    /// The application that was decided.
    public var application: Int?
    public var place: Int?
    /// Of the days that the place was given for; of one that ended, ``to`` is its last day.
    public var enrolment: Int?
    public var from: LocalDay?
    public var to: LocalDay?
    public var cap: Int?
    /// That finance has seen.
    public var followers: Int64?
    /// Each criterion as it stood, JSON.
    public var criteria: String?
    public var month: LocalMonth?
    /// Of the entry that moved the account.
    public var sequence: Int64?
    public let before: CohortAccount
    public let after: CohortAccount
    public let reason: String
    public let actor: String
    public let at: Instant

    public init(
        _ program: FundProgram, _ kind: Kind, number: Int, from before: CohortAccount, to after: CohortAccount,
        because reason: String, by actor: String, at instant: Instant
    ) {
        self.init(
            program: program.name, version: program.version, number: number, kind: kind, before: before, after: after,
            reason: reason, actor: actor, at: instant)
    }

    init(
        program: String, version: Int, number: Int, kind: Kind, before: CohortAccount, after: CohortAccount,
        reason: String, actor: String, at: Instant
    ) {
        self.program = program
        self.version = version
        self.number = number
        self.kind = kind
        self.before = before
        self.after = after
        self.reason = reason
        self.actor = actor
        self.at = at
    }
}

/// A place in a fund's cohort.
public struct FundPlaceRow: Sendable, Hashable {
    public let number: Int
    public let host: HostID
    /// As it was given.
    public let days: ClosedRange<LocalDay>
    /// Its last day if it was ended before them.
    public let endedOn: LocalDay?
    public let isHeld: Bool
}

/// What a host declared when it applied.
public struct FundApplicationRow: Sendable, Hashable {
    public let host: HostID
    public let number: Int
    public let declared: CohortDeclaration
    public let note: String
    public let actor: String
    public let at: Instant
    /// Whether nobody has decided yet.
    public let isOpen: Bool
}

/// A change of what a place has reserved for a month.
public struct FundReservation: Sendable, Hashable {
    public let place: Int
    public let month: LocalMonth
    /// Minor units.
    public let amount: Int64

    public init(place: Int, month: LocalMonth, amount: Int64) {
        self.place = place
        self.month = month
        self.amount = amount
    }
}

extension Transaction {
    /// How a fund's account stands, and the number of the last row of its book; 0 before the first.
    public borrowing func cohortAccount(of program: String) throws(StoreFault) -> (number: Int, account: CohortAccount)
    {
        try row(
            """
            SELECT n, places, admitted, committed, balance FROM fund_book WHERE shard = $1 AND program = $2
            ORDER BY n DESC LIMIT 1
            """, shard, program
        ) { row throws(StoreFault) in (number: try row.int(0), account: try readAccount(row, from: 1)) }
            ?? (number: 0, account: CohortAccount())
    }

    /// Appends a row behind the last one, and what it changes of reservations.
    public borrowing func append(
        _ row: FundBookRow, reserving changes: [FundReservation] = []
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO fund_book (shard, program, version, n, prev_n, kind, host, application, place, enrolment, from_day,
              to_day, cap, followers, criteria, month, seq, places_before, places, admitted_before, admitted,
              committed_before, committed, balance_before, balance, reason, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
              $23, $24, $25, $26, $27, $28)
            """, shard, row.program, row.version, row.number, row.number == 1 ? Int?.none : row.number - 1,
            row.kind.rawValue, row.host, row.application, row.place, row.enrolment, row.from, row.to, row.cap,
            row.followers, row.criteria, row.month?.description, row.sequence, row.before.places, row.after.places,
            row.before.admissions, row.after.admissions, row.before.committed, row.after.committed, row.before.balance,
            row.after.balance, row.reason, row.actor, row.at)
        try holdPlace(row)
        for change in changes where change.amount != 0 {
            let before = try reserved(by: change.place, for: change.month, of: row.program)
            try execute(
                """
                INSERT INTO fund_reservations (shard, program, place, month, n, before, delta, after)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """, shard, row.program, change.place, change.month.description, row.number, before, change.amount,
                before + change.amount)
            try execute(
                "DELETE FROM fund_reserved WHERE shard = $1 AND program = $2 AND month = $3 AND place = $4", shard,
                row.program, change.month.description, change.place)
            guard before + change.amount > 0 else { continue }
            try execute(
                "INSERT INTO fund_reserved (shard, program, month, place, amount) VALUES ($1, $2, $3, $4, $5)", shard,
                row.program, change.month.description, change.place, before + change.amount)
        }
    }

    /// A place that is given is among those that are held until it is given up or through.
    private borrowing func holdPlace(_ row: FundBookRow) throws(StoreFault) {
        switch row.kind {
        case .admitted:
            try execute(
                "INSERT INTO fund_held_places (shard, program, place, n) VALUES ($1, $2, $3, $4)", shard, row.program,
                row.place, row.number)
        case .ended, .completed:
            try execute(
                "DELETE FROM fund_held_places WHERE shard = $1 AND program = $2 AND place = $3", shard, row.program,
                row.place)
        case .endowed, .declined, .withdrawn, .monthClosed: break
        }
    }

    private borrowing func reserved(
        by place: Int, for month: LocalMonth, of program: String
    ) throws(StoreFault) -> Int64 {
        try row(
            """
            SELECT amount FROM fund_reserved WHERE shard = $1 AND program = $2 AND month = $3 AND place = $4
            """, shard, program, month.description, place
        ) { row throws(StoreFault) in try row.integer(0) } ?? 0
    }

    /// What a place has reserved now, by month; only what is left.
    public borrowing func reservations(of place: Int, in program: String) throws(StoreFault) -> [FundReservation] {
        try rows(
            """
            SELECT place, month, amount FROM fund_reserved WHERE shard = $1 AND program = $2 AND place = $3
            ORDER BY month
            """, shard, program, place, read: readReservation)
    }

    /// What is reserved for months up to one of them: a month that never closed before is never closed.
    public borrowing func reservations(
        through month: LocalMonth, in program: String
    ) throws(StoreFault) -> [FundReservation] {
        try rows(
            """
            SELECT place, month, amount FROM fund_reserved WHERE shard = $1 AND program = $2 AND month <= $3
            ORDER BY place, month
            """, shard, program, month.description, read: readReservation)
    }

    /// Places of a fund that are held, in the order of their numbers.
    public borrowing func heldPlaces(of program: String) throws(StoreFault) -> [FundPlaceRow] {
        try rows(
            """
            SELECT a.place, a.host, a.from_day, a.to_day, NULL, NULL FROM fund_held_places p CROSS JOIN fund_book a
            WHERE p.shard = $1 AND p.program = $2 AND a.shard = p.shard AND a.program = p.program AND a.n = p.n
            ORDER BY a.place
            """, shard, program, read: readPlace)
    }

    /// Places of a fund that a host ever had, in the order of their numbers.
    public borrowing func fundPlaces(of program: String, host: HostID) throws(StoreFault) -> [FundPlaceRow] {
        try rows(
            """
            SELECT a.place, a.host, a.from_day, a.to_day, e.to_day, c.n FROM fund_book a
            LEFT JOIN fund_book e ON e.shard = a.shard AND e.program = a.program AND e.place = a.place AND e.kind = 'ended'
            LEFT JOIN fund_book c ON c.shard = a.shard AND c.program = a.program AND c.place = a.place
              AND c.kind = 'completed'
            WHERE a.shard = $1 AND a.program = $2 AND a.kind = 'admitted' AND a.host = $3 ORDER BY a.place
            """, shard, program, host, read: readPlace)
    }

    /// Days on which a host is in a program, as said before an instant; a place that was given up ends early.
    public borrowing func enrolments(
        of host: HostID, in program: String, before instant: Instant
    ) throws(StoreFault) -> [ClosedRange<LocalDay>] {
        try rows(
            """
            SELECT e.from_day, coalesce(x.to_day, e.to_day) FROM enrolments e
            LEFT JOIN fund_book a ON a.shard = e.shard AND a.program = e.program AND a.host = e.host
              AND a.enrolment = e.n AND a.kind = 'admitted'
            LEFT JOIN fund_book x ON x.shard = a.shard AND x.program = a.program AND x.place = a.place
              AND x.kind = 'ended' AND x.at_us < $4
            WHERE e.shard = $1 AND e.program = $2 AND e.host = $3 AND e.at_us < $4
              AND (x.n IS NULL OR x.to_day >= e.from_day) ORDER BY e.n
            """, shard, program, host, instant
        ) { row throws(StoreFault) in
            let (from, to) = (try row.day(0), try row.day(1))
            guard from <= to else { throw row.corrupt(1) }
            return from...to
        }
    }

    /// A version of a program; the last one for `nil`.
    public borrowing func fundProgram(_ name: String, version: Int?) throws(StoreFault) -> FundProgram? {
        guard let version else { return try fundProgram(name) }
        return try row(
            "SELECT terms FROM fund_programs WHERE shard = $1 AND program = $2 AND version = $3", shard, name, version,
            read: readProgram)
    }

    /// Whether anybody was ever put into a program.
    public borrowing func hasEnrolments(in program: String) throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM enrolments WHERE shard = $1 AND program = $2 LIMIT 1", shard, program) {
            _ throws(StoreFault) in true
        } ?? false
    }

    public borrowing func insertFundApplication(
        to program: String, of host: HostID, behind last: FundApplicationRow?, _ declared: CohortDeclaration,
        note: String,
        by actor: String, at instant: Instant
    ) throws(StoreFault) -> Int {
        let number = (last?.number ?? 0) + 1
        try execute(
            """
            INSERT INTO fund_applications (shard, program, first_version, host, n, prev_n, age_declared, followers, note,
              actor, at_us)
            VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, program, host, number, last?.number, declared.age ? 1 : 0, declared.followers, note, actor,
            instant)
        return number
    }

    /// The last application of a host.
    public borrowing func fundApplication(
        of host: HostID, to program: String
    ) throws(StoreFault) -> FundApplicationRow? {
        try row(
            """
            SELECT a.host, a.n, a.age_declared, a.followers, a.note, a.actor, a.at_us, b.n FROM fund_applications a
            LEFT JOIN fund_book b ON b.shard = a.shard AND b.program = a.program AND b.host = a.host
              AND b.application = a.n
            WHERE a.shard = $1 AND a.program = $2 AND a.host = $3 ORDER BY a.n DESC LIMIT 1
            """, shard, program, host, read: readApplication)
    }

    /// The last application of each host behind one of them, by host.
    public borrowing func fundApplications(
        to program: String, after host: String, limit: Int
    ) throws(StoreFault) -> [FundApplicationRow] {
        try rows(
            """
            SELECT a.host, a.n, a.age_declared, a.followers, a.note, a.actor, a.at_us, b.n FROM fund_applications a
            LEFT JOIN fund_book b ON b.shard = a.shard AND b.program = a.program AND b.host = a.host
              AND b.application = a.n
            WHERE a.shard = $1 AND a.program = $2 AND a.host > $3 AND NOT EXISTS (SELECT 1 FROM fund_applications m
              WHERE m.shard = a.shard AND m.program = a.program AND m.host = a.host AND m.n > a.n)
            ORDER BY a.host LIMIT $4
            """, shard, program, host, limit, read: readApplication)
    }

    /// Rows of a fund's book behind one of them, in order.
    public borrowing func fundBook(
        of program: String, after number: Int, limit: Int
    ) throws(StoreFault) -> [FundBookRow] {
        try rows(
            """
            SELECT n, places_before, admitted_before, committed_before, balance_before, places, admitted, committed,
              balance, version, kind, host, application, place, enrolment, from_day, to_day, cap, followers, criteria,
              month, seq, reason, actor, at_us, program
            FROM fund_book WHERE shard = $1 AND program = $2 AND n > $3 ORDER BY n LIMIT $4
            """, shard, program, number, limit, read: readBook)
    }
}

private func readAccount(_ row: borrowing Row, from column: Int) throws(StoreFault) -> CohortAccount {
    guard
        let account = CohortAccount(
            places: try row.int(column), admissions: try row.int(column + 1), committed: try row.integer(column + 2),
            balance: try row.integer(column + 3))
    else { throw row.corrupt(column) }
    return account
}

private func readPlace(_ row: borrowing Row) throws(StoreFault) -> FundPlaceRow {
    let (from, to) = (try row.day(2), try row.day(3))
    guard from <= to else { throw row.corrupt(3) }
    let ended = row.isNull(4) ? nil : try row.day(4)
    return FundPlaceRow(
        number: try row.int(0), host: try row.identifier(1), days: from...to, endedOn: ended,
        isHeld: ended == nil && row.isNull(5))
}

private func readReservation(_ row: borrowing Row) throws(StoreFault) -> FundReservation {
    guard let month = LocalMonth(try row.text(1)) else { throw row.corrupt(1) }
    return FundReservation(place: try row.int(0), month: month, amount: try row.integer(2))
}

private func readApplication(_ row: borrowing Row) throws(StoreFault) -> FundApplicationRow {
    FundApplicationRow(
        host: try row.identifier(0), number: try row.int(1),
        declared: CohortDeclaration(age: try row.integer(2) == 1, followers: try row.optionalInteger(3)),
        note: try row.text(4), actor: try row.text(5), at: try row.instant(6), isOpen: row.isNull(7))
}

private func readBook(_ row: borrowing Row) throws(StoreFault) -> FundBookRow {
    guard let kind = FundBookRow.Kind(rawValue: try row.text(10)) else { throw row.corrupt(10) }
    var read = FundBookRow(
        program: try row.text(25), version: try row.int(9), number: try row.int(0), kind: kind,
        before: try readAccount(row, from: 1), after: try readAccount(row, from: 5), reason: try row.text(22),
        actor: try row.text(23), at: try row.instant(24))
    read.host = try row.optionalIdentifier(11)
    read.application = try row.optionalInteger(12).map { Int($0) }
    read.place = try row.optionalInteger(13).map { Int($0) }
    read.enrolment = try row.optionalInteger(14).map { Int($0) }
    read.from = row.isNull(15) ? nil : try row.day(15)
    read.to = row.isNull(16) ? nil : try row.day(16)
    read.cap = try row.optionalInteger(17).map { Int($0) }
    read.followers = try row.optionalInteger(18)
    read.criteria = try row.optionalText(19)
    if let month = try row.optionalText(20) {
        guard let month = LocalMonth(month) else { throw row.corrupt(20) }
        read.month = month
    }
    read.sequence = try row.optionalInteger(21)
    return read
}
