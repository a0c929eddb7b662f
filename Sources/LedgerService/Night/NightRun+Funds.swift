internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
internal import Values

/// Months of funds that close on the day (R6, R8, R9, R10): stipends by name, then the others in their order.
///
/// One transaction a month, which stands once; a night that was interrupted goes on behind the last one that is there.
/// Facts told behind the cut-off change nothing.
extension NightRun {
    /// A month that closes, in the order in which months do.
    typealias DueMonth = (program: FundProgram, month: LocalMonth, versions: FundVersions)

    func dueMonths() async throws -> [DueMonth] {
        let day = day
        return try await service.database.read { transaction in
            guard let night = try transaction.night(day) else { throw LedgerRefusal.nightUnknown }
            // Nights that were left out close their months now; before the first night nothing was due. A day that was
            // cut before its end is not over: its months close with the next night.
            let before = try transaction.night(before: day).map { wholeDay($0) } ?? day.advanced(byDays: -1)
            return try transaction.fundVersions(before: night.cutoff).flatMap { versions in
                versions.months(closingAfter: before, through: wholeDay(night)).map {
                    (program: $0.program, month: $0.month, versions: versions)
                }
            }
        }
    }

    /// What hosts get of a month. What was told before the closing day's end changes no more: it is read beside the sales,
    /// on the connection of reports, so that a month of a million connections keeps nobody from reading.
    func results(of due: DueMonth) async throws -> [FundFacts.Result] {
        let facts = facts(of: due)
        return try await service.database.report { transaction -> [FundFacts.Result] in
            try transaction.hasClosed(facts.month, of: facts.program.name) ? [] : try facts.results(in: transaction)
        }
    }

    /// The same beforehand, once the closing day is over for a minute: what another process was told just before its end
    /// may not have been written yet.
    func settledResults(of due: DueMonth?) async throws -> [FundFacts.Result]? {
        guard let due, service.clock.now() >= facts(of: due).cutoff.advanced(bySeconds: 60) else { return nil }
        return try await results(of: due)
    }

    private func facts(of due: DueMonth) -> FundFacts {
        FundFacts(
            program: due.program, month: due.month, calendar: policy.calendar,
            cutoff: policy.calendar.cutoff(of: due.program.closingDay(of: due.month)))
    }

    /// The last day that was over when a night was cut.
    private func wholeDay(_ night: NightRow) -> LocalDay {
        night.cutoff < policy.calendar.cutoff(of: night.day) ? night.day.advanced(byDays: -1) : night.day
    }

    func close(_ due: DueMonth, giving results: [FundFacts.Result]) async throws {
        let (program, month, versions) = due
        let facts = facts(of: due)
        try await service.database.write { transaction in
            guard try open(in: transaction) != nil, try !transaction.hasClosed(month, of: program.name) else { return }
            let given = Int64(clamping: results.reduce(Int128(0)) { $0 + Int128($1.amount) })
            let now = max(service.clock.now(), try transaction.journalHead().postedAt)
            let (amount, cap) = facts.bounds(of: results)
            try transaction.insertFundMonth(
                FundMonthRow(
                    program: program.name, kind: program.scheme.kind, version: program.version, month: month,
                    closedOn: program.closingDay(of: month), night: day, amount: Money(amount, program.currency),
                    cap: cap, given: given), at: now)
            let account = try closeBook(month, of: program, among: versions, giving: given, at: now, in: transaction)
            for result in results {
                try give(result, from: account, for: month, of: program, at: now, in: transaction)
            }
            try transaction.audit(
                actor: actor, act: "fund_month_closed", subject: program.name,
                detail: "\(month) \(Money(given, program.currency))", at: now)
            CrashPoint.monthWritten.pass()
        }
        CrashPoint.monthCommitted.pass()
    }

    private func give(
        _ result: FundFacts.Result, from account: Account, for month: LocalMonth, of program: FundProgram,
        at now: Instant,
        in transaction: borrowing Transaction
    ) throws {
        let amount = Money(result.amount, program.currency)
        let name = "fund|\(program.name)|\(month)|\(result.host)"
        let stamp = EntryStamp(id: .derived(at: now, from: name), postedAt: now, effectiveOn: day)
        var booked: (sequence: Int64, accrual: AccrualID)?
        if let entry = JournalEntry(
            stamp, kind: .fund, legs: PostingRecipe.fund(to: result.host, amount, from: account))
        {
            let accrual = Accrual(
                id: .derived(at: now, from: name), kind: .fund, host: result.host, amount: amount,
                availableOn: max(day, program.closingDay(of: month).advanced(byDays: program.holdDays)),
                accruedOn: day)
            booked = (try transaction.append(entry).sequence, accrual.id)
            try transaction.insertAccrual(accrual)
            try transaction.tellFund(accrual, program: program.name, month: month, at: now)
        }
        try transaction.insertFundResult(
            FundResultRow(
                program: program.name, month: month, host: result.host, amount: amount,
                isEligible: result.isEligible, figures: result.figures, booked: booked))
    }
}

/// Fetches what a month of a fund needs, and lets the rules decide.
struct FundFacts {
    struct Result {
        let host: HostID
        let amount: Int64
        let isEligible: Bool
        let figures: FundResultRow.Figures
    }

    let program: FundProgram
    let month: LocalMonth
    let calendar: BusinessCalendar
    /// Facts told from here on do not count.
    let cutoff: Instant

    /// What there was to give, and the most of it for one host; minor units.
    func bounds(of results: [Result]) -> (amount: Int64, cap: Int64) {
        switch program.scheme {
        case .stipend(let terms):
            (Int64(clamping: Int128(terms.amount) * Int128(results.count)), terms.amount)
        case .pot(let terms), .userCentric(let terms): (terms.amount, terms.cap)
        case .rateCard(let terms): (terms.budget, terms.hostCap ?? terms.budget)
        }
    }

    func results(in transaction: borrowing Transaction) throws -> [Result] {
        switch program.scheme {
        case .stipend(let terms): return try stipends(terms, in: transaction)
        case .pot(let terms):
            let hosts = try heard(terms.listening, enrolledIn: terms.enrolledIn, in: transaction)
            return shares(
                sharePot(terms.amount, cap: terms.cap, minUniqueListeners: terms.minUniqueListeners, among: hosts))
        case .rateCard(let terms):
            return shares(payByRate(terms, to: try heard(terms.listening, enrolledIn: nil, in: transaction)))
        case .userCentric(let terms):
            let rooms = try rooms(enrolledIn: terms.enrolledIn, in: transaction)
            var sums = UserCentricSums()
            try eachListener(terms.listening, rooms, in: transaction) { sums.add($0, $1, in: rooms) }
            return shares(sums.share(terms))
        }
    }

    private func shares(_ shares: [FundShare]) -> [Result] {
        shares.map {
            Result(
                host: $0.heard.host, amount: $0.amount, isEligible: $0.isEligible,
                figures: .heard(minutes: $0.heard.minutes, listeners: $0.heard.listeners))
        }
    }

    // Listening

    var start: Instant { calendar.instant(of: month.firstDay, minutes: 0) }
    var end: Instant { calendar.instant(of: month.lastDay.advanced(byDays: 1), minutes: 0) }

    func rooms(
        enrolledIn other: String?, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [RoomID: FundRoom] {
        let rooms = try roomList(enrolledIn: other, in: transaction)
        return Dictionary(uniqueKeysWithValues: rooms.map { ($0.id, $0) })
    }

    private func roomList(
        enrolledIn other: String?, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [FundRoom] {
        var rooms = try transaction.fundRooms(startingFrom: start, until: end, before: cutoff)
        if let other {
            let hosts = try transaction.enrolments(in: other, on: month.firstDay...month.lastDay, before: cutoff)
            let enrolled = Set(hosts.map(\.host))
            rooms.removeAll { !enrolled.contains($0.owner) }
        }
        return rooms
    }

    private func heard(
        _ terms: ListeningTerms, enrolledIn other: String?, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [HostListening] {
        let rooms = try roomList(enrolledIn: other, in: transaction)
        let heard = try transaction.heardMonth(of: rooms, from: start, until: end, before: cutoff)
        return heard.hosts(own: try transaction.ownAccounts(before: cutoff), under: terms, calendar: calendar)
    }

    /// Hands the verified minutes of one listener after the other to `body`.
    private func eachListener(
        _ terms: ListeningTerms, _ rooms: [RoomID: FundRoom], in transaction: borrowing Transaction,
        body: (String, [RoomID: Int64]) -> Void
    ) throws(StoreFault) {
        try eachListening(in: transaction) { listener, intervals, own in
            body(
                listener,
                verifiedMinutes(of: listener, intervals, in: rooms, own: own, under: terms, calendar: calendar))
        }
    }

    /// Hands what one listener after the other heard to `body`: memory for one of them at a time.
    func eachListening(
        in transaction: borrowing Transaction, body: (String, [ListeningInterval], OwnAccounts) -> Void
    ) throws(StoreFault) {
        let own = try transaction.ownAccounts(before: cutoff)
        var listener: String?
        var intervals: [ListeningInterval] = []
        func finish() {
            guard let listener, !intervals.isEmpty else { return }
            body(listener, intervals, own)
        }
        try transaction.listening(ofRoomsFrom: start, until: end, before: cutoff) { name, interval throws(StoreFault) in
            if name != listener {
                finish()
                listener = name
                intervals.removeAll(keepingCapacity: true)
            }
            intervals.append(interval)
        }
        finish()
    }

    // Stipends

    private func stipends(_ terms: StipendTerms, in transaction: borrowing Transaction) throws -> [Result] {
        guard let first = month.mondays.first, let last = month.mondays.last?.advanced(byDays: 6) else { return [] }
        let enrolments = try transaction.enrolments(in: program.name, on: first...last, before: cutoff)
        let days = Dictionary(grouping: enrolments, by: \.host)
        let rooms = try transaction.fundRooms(
            startingFrom: calendar.instant(of: first, minutes: 0),
            until: calendar.instant(of: last.advanced(byDays: 1), minutes: 0), before: cutoff)
        let byHost = Dictionary(grouping: rooms, by: \.owner)
        let own = try transaction.ownAccounts(before: cutoff)
        return try days.keys.sorted().map { host in
            let rooms = try (byHost[host] ?? []).map { room in
                try transaction.stipendRoom(
                    room, minSeconds: terms.minSeconds, own: own, calendar: calendar, before: cutoff)
            }
            let result = decideStipend(
                for: month, under: terms, enrolments: (days[host] ?? []).map(\.days), rooms: rooms)
            return Result(
                host: host, amount: result.amount, isEligible: result.amount > 0,
                figures: .weeks(of: result.weeks, enrolled: result.weeksEnrolled, met: result.weeksMet))
        }
    }
}
