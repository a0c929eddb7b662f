internal import BoxOffice
internal import HTTPEdge
internal import Payouts
internal import Store
internal import Values

/// What selection does to a fund's book. Each of it is one row behind the last one, decided by the rules of
/// ``CohortAccount`` and ``Candidate``.
extension LedgerService {
    /// Accepts an application: every criterion is met now, and a figure that was only declared was confirmed.
    ///
    /// Checks in this order: the host has applied and has no place; followers are confirmed; each criterion; then those
    /// of ``admit``.
    func accept(
        _ decision: CohortDecision, for days: ClosedRange<LocalDay>, _ facts: CohortFacts, by actor: String,
        in transaction: borrowing Transaction
    ) throws {
        let standing = try facts.standing(of: decision.host, in: transaction)
        switch standing.candidate.state {
        case .applied: break
        case .outside: throw CohortRefusal.notApplied
        case .placed: throw CohortRefusal.placed
        }
        guard facts.cohort.criteria.minFollowers == 0 || decision.followers != nil else {
            throw CohortRefusal.followers
        }
        let criteria = try facts.criteria(
            of: decision.host, declared: standing.application?.declared, confirmed: decision.followers,
            in: transaction)
        if let unmet = criteria.first(where: { !$0.met }) {
            throw CohortRefusal.notEligible(criterion: unmet.criterion, have: unmet.have, need: unmet.need)
        }
        try admit(
            decision.host, for: days, facts, followers: decision.followers, criteria: criteria,
            because: decision.reason, by: actor, in: transaction)
    }

    /// Gives a place and reserves its months; an application of the host is answered by it.
    ///
    /// Checks in this order: the host has no place, and had none in these months; something of the place is still to
    /// come; a place is left; the account can pay it.
    func admit(
        _ host: HostID, for days: ClosedRange<LocalDay>, _ facts: CohortFacts, followers: Int64? = nil,
        criteria: [Criterion]? = nil, because reason: String, by actor: String, in transaction: borrowing Transaction
    ) throws {
        let program = facts.program
        var (candidate, application, places) = try facts.standing(of: host, in: transaction)
        try candidate.admit()
        // Two places of a month would be rounded together, and could share a week.
        let touched = monthsTouched(by: days)
        for earlier in places where earlier.endedOn.map({ $0 >= earlier.days.lowerBound }) ?? true {
            let held = monthsTouched(by: earlier.days.lowerBound...(earlier.endedOn ?? earlier.days.upperBound))
            guard held.overlaps(touched) else { continue }
            throw CohortRefusal.monthTaken(max(held.lowerBound, touched.lowerBound))
        }
        let reserved = try facts.versions.reservations(for: days) {
            try isToCome($0, facts, in: transaction)
        }
        guard !reserved.isEmpty || facts.versions.isFree(for: days) else { throw CohortRefusal.noMonths }
        let total = reserved.reduce(Int128(0)) { $0 + Int128($1.amount) }
        let (last, before) = try transaction.cohortAccount(of: program.name)
        var account = before
        let number = try account.admit(
            reserving: Money(Int64(clamping: total), program.currency), cap: facts.cohort.places)
        var row = FundBookRow(
            program, .admitted, number: last + 1, from: before, to: account, because: reason, by: actor, at: facts.now)
        row.host = host
        row.application = application?.isOpen == true ? application?.number : nil
        row.place = number
        row.from = days.lowerBound
        row.to = days.upperBound
        row.cap = facts.cohort.places
        row.followers = followers
        row.criteria = criteria.map { text(of: $0) }
        row.enrolment = try transaction.insertEnrolment(
            of: host, in: program.name, days, by: actor, at: facts.now)
        try record(
            row, facts,
            reserving: reserved.map { FundReservation(place: number, month: $0.month, amount: $0.amount) },
            in: transaction)
    }

    /// Whether what is told now still counts for a month. The clock was read before this transaction had its turn, so a
    /// night may have closed the month since.
    private func isToCome(
        _ month: LocalMonth, _ facts: CohortFacts, in transaction: borrowing Transaction
    ) throws -> Bool {
        guard facts.isToCome(month) else { return false }
        return try !transaction.hasClosed(month, of: facts.program.name)
    }

    /// An application is answered without a place.
    func close(
        _ host: HostID, _ facts: CohortFacts, _ kind: FundBookRow.Kind, because reason: String, by actor: String,
        in transaction: borrowing Transaction
    ) throws {
        var (candidate, application, _) = try facts.standing(of: host, in: transaction)
        if kind == .declined { try candidate.decline() } else { try candidate.withdraw() }
        let (last, account) = try transaction.cohortAccount(of: facts.program.name)
        var row = FundBookRow(
            facts.program, kind, number: last + 1, from: account, to: account, because: reason, by: actor,
            at: facts.now)
        row.host = host
        row.application = application?.number
        try record(row, facts, in: transaction)
    }

    /// A place ends with a day; what it has reserved for later weeks is free. A month for which nothing counts any more
    /// that is told now keeps its part until it closes.
    func end(
        _ host: HostID, _ facts: CohortFacts, on day: LocalDay?, because reason: String, by actor: String,
        in transaction: borrowing Transaction
    ) throws {
        let program = facts.program
        var (candidate, _, places) = try facts.standing(of: host, in: transaction)
        try candidate.end()
        guard let place = places.first(where: \.isHeld) else { throw CohortRefusal.notPlaced }
        let before = place.days.lowerBound.advanced(byDays: -1)
        let last = min(place.days.upperBound, max(before, day ?? facts.calendar.localDay(of: facts.now)))
        if let day, day != last { throw FundRefusal.days }
        let left = try transaction.reservations(of: place.number, in: program.name)
        let released = try left.compactMap { one -> FundReservation? in
            guard try isToCome(one.month, facts, in: transaction) else { return nil }
            let still = last > before ? facts.versions.most(for: one.month, in: place.days.lowerBound...last) : 0
            guard still < one.amount else { return nil }
            return FundReservation(place: one.place, month: one.month, amount: still - one.amount)
        }
        let (number, account) = try transaction.cohortAccount(of: program.name)
        var after = account
        after.end(releasing: -released.reduce(0) { $0 + $1.amount })
        var row = FundBookRow(
            program, .ended, number: number + 1, from: account, to: after, because: reason, by: actor, at: facts.now)
        row.host = host
        row.place = place.number
        row.to = last
        try record(row, facts, reserving: released, in: transaction)
    }

    /// Appends a row, and tells of it.
    func record(
        _ row: FundBookRow, _ facts: CohortFacts, amount: Money? = nil, reserving: [FundReservation] = [],
        in transaction: borrowing Transaction
    ) throws {
        try transaction.append(row, reserving: reserving)
        try transaction.tellFundBook(row, amount: amount)
        try transaction.audit(
            actor: row.actor, act: "fund_\(row.kind.rawValue)", subject: row.host?.text ?? row.program,
            detail: "\(row.program) \(row.number): \(row.reason)", at: row.at)
    }
}

extension Transaction {
    /// Tells of a row of a fund's book; a month that has closed is told host by host.
    borrowing func tellFundBook(_ row: FundBookRow, amount: Money? = nil) throws(StoreFault) {
        let kind: EventKind
        switch row.kind {
        case .endowed: kind = .fundEndowed
        case .admitted: kind = .fundAdmitted
        case .declined: kind = .fundDeclined
        case .withdrawn: kind = .fundWithdrawn
        case .ended: kind = .fundEnded
        case .completed: kind = .fundCompleted
        case .monthClosed: return
        }
        try tell(
            kind, of: "\(row.program)/\(row.number)", host: row.host, at: row.at,
            EventFacts(host: row.host, amount: amount, program: row.program))
    }
}

extension LedgerService {
    /// What hosts were promised stays: the stipend, how weeks count for it, its months and when they close, once places
    /// were given; that there is a cohort for good. One comes only while nobody is in the fund without a place.
    func keepPromises(
        from versions: FundVersions, to next: FundProgram, in transaction: borrowing Transaction
    ) throws {
        let current = versions.newest
        guard current.cohort != nil else {
            guard try next.cohort == nil || !transaction.hasEnrolments(in: current.name) else {
                throw CohortRefusal.promised
            }
            return
        }
        guard next.cohort != nil else { throw CohortRefusal.promised }
        guard try transaction.cohortAccount(of: current.name).account.admissions > 0 else { return }
        // Not the newest terms alone: those of the months that the new ones take over.
        for replaced in versions.terms(from: next.fromMonth) {
            guard case .stipend(let before) = replaced.scheme, case .stipend(let after) = next.scheme,
                (before.amount, before.mode) == (after.amount, after.mode), replaced.firstMonth == next.firstMonth,
                replaced.lastMonth == next.lastMonth, replaced.closeLagDays == next.closeLagDays
            else { throw CohortRefusal.promised }
        }
    }
}
