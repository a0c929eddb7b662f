internal import BoxOffice
internal import Payouts
internal import Store
internal import Values

/// What is known of a host at a moment, for the rules of a fund.
struct CohortFacts {
    let versions: FundVersions
    /// The newest terms: they say whom the cohort takes.
    let program: FundProgram
    let cohort: CohortTerms
    let calendar: BusinessCalendar
    let now: Instant

    /// - Throws: ``CohortRefusal/none`` for a fund without a cohort.
    init(_ versions: FundVersions, calendar: BusinessCalendar, at now: Instant) throws(CohortRefusal) {
        let program = versions.newest
        guard case .stipend = program.scheme, let cohort = program.cohort else { throw .none }
        self.versions = versions
        self.program = program
        self.cohort = cohort
        self.calendar = calendar
        self.now = now
    }

    /// Whether what is told now still counts for a month.
    func isToCome(_ month: LocalMonth) -> Bool {
        now < calendar.cutoff(of: versions.terms(of: month).closingDay(of: month))
    }

    /// Where a host stands, its open application and the place that it holds.
    func standing(
        of host: HostID, in transaction: borrowing Transaction
    ) throws(StoreFault) -> (candidate: Candidate, application: FundApplicationRow?, places: [FundPlaceRow]) {
        let places = try transaction.fundPlaces(of: program.name, host: host)
        let application = try transaction.fundApplication(of: host, to: program.name)
        let state: Candidate.State =
            places.contains(where: \.isHeld) ? .placed : application?.isOpen == true ? .applied : .outside
        return (Candidate(state), application, places)
    }

    /// Each thing that the fund asks, as it stands now.
    func criteria(
        of host: HostID, declared: CohortDeclaration?, confirmed: Int64? = nil, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [Criterion] {
        let asked = cohort.criteria
        var held: [StipendRoom] = []
        if asked.rooms > 0 {
            let own = try transaction.ownAccounts(before: now)
            let start = now.advanced(bySeconds: -Int64(asked.days) * 86_400)
            for row in try transaction.rooms(of: host, startingFrom: start, until: now, before: now)
            where !row.isCancelled && row.excluded == nil && row.room.endsAt <= now {
                held.append(
                    try transaction.stipendRoom(
                        row.room, minSeconds: asked.minSeconds, own: own, calendar: calendar, before: now))
            }
        }
        let hasPayee: Bool
        if asked.verifiedPayee {
            let isBlocked = try transaction.payee(host)?.isBlocked == true
            let destination = try transaction.destination(of: host)
            hasPayee = !isBlocked && destination != nil
        } else {
            hasPayee = false
        }
        return asked.check(rooms: held, hasPayee: hasPayee, declared: declared, confirmed: confirmed)
    }

    func view(of host: HostID, in transaction: borrowing Transaction) throws(StoreFault) -> CandidacyView {
        let (candidate, application, places) = try standing(of: host, in: transaction)
        let (_, account) = try transaction.cohortAccount(of: program.name)
        let isOpen = application?.isOpen == true || candidate.state == .placed
        let criteria = try criteria(
            of: host, declared: isOpen ? application?.declared : nil, in: transaction)
        var place: FundPlaceView?
        if let held = places.first(where: \.isHeld) {
            place = FundPlaceView(
                place: held.number, from: held.days.lowerBound, to: held.days.upperBound,
                reserved: try transaction.reservations(of: held.number, in: program.name).map {
                    FundPlaceView.Month(month: $0.month, reserved: Money($0.amount, program.currency))
                })
        }
        return CandidacyView(
            fund: program.name, host: host, state: candidate.state,
            application: application.flatMap { row in
                guard isOpen else { return nil }
                return CandidacyView.Application(
                    number: row.number, ageDeclared: row.declared.age, followers: row.declared.followers,
                    note: row.note.isEmpty ? nil : row.note, at: row.at)
            }, place: place, criteria: criteria, eligible: criteria.allSatisfy(\.met),
            placesLeft: max(0, cohort.places - account.places), asOf: now)
    }
}

extension Transaction {
    /// How many others heard a room for so long, told before an instant; on the stage of a stipend only the owner's own
    /// accounts do not count (R8).
    borrowing func fundListeners(
        of room: FundRoom, minSeconds: Int64, own: OwnAccounts, before instant: Instant
    ) throws(StoreFault) -> Int {
        let heard = Dictionary(grouping: try listening(of: room.id, before: instant), by: \.listener)
        return heard.count { listener, intervals in
            !own.has(listener, of: room.owner)
                && heardSeconds(intervals.map(\.interval), of: room) >= max(1, minSeconds)
        }
    }

    /// A room with its length and its listeners.
    borrowing func stipendRoom(
        _ room: FundRoom, minSeconds: Int64, own: OwnAccounts, calendar: BusinessCalendar, before instant: Instant
    ) throws(StoreFault) -> StipendRoom {
        StipendRoom(
            day: calendar.localDay(of: room.startsAt),
            seconds: room.startsAt.microseconds(until: room.endsAt) / 1_000_000,
            listeners: try fundListeners(of: room, minSeconds: minSeconds, own: own, before: instant))
    }
}
