internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
internal import Values

/// The night of a business day (R6): cut, rate, close the months of funds, pay back what was not held, release, hold
/// reserves back and give them back, compute the batch's digest, pay, publish.
///
/// Each step is one or more transactions of at most ``stepLimit`` orders or payees; each says what it did in the rows
/// that it writes, so a night that was interrupted goes on where it stopped, and one that is done changes nothing. Facts
/// that do not fit together are a fault (`NightFault`): nothing of that step is stored, and a person has to look.
struct NightRun: Sendable {
    let service: LedgerService
    let day: LocalDay
    let actor: String
    /// By whose key, if the program itself did not ask: the batch's maker does not approve it.
    var creator: String?

    /// ``NightInput/releasesWhenAvailable``.
    var releasesWhenAvailable = false

    /// Orders or payees in one transaction: a sale waits at most for one of these, some tens of milliseconds.
    var stepLimit = 500

    var settings: LedgerSettings { service.settings }
    var policy: SalePolicy { settings.housePolicy }

    /// Runs what is missing of the night.
    func run(cutNow: Bool) async throws {
        guard try await cut(now: cutNow) else { return }
        do {
            try await rateAndCloseMonths()
            var room = ""
            while let next = try await deliverStep(after: room) { room = next }
            var cursor = ReleaseCursor()
            while let next = try await undeliveredStep(after: cursor) { cursor = next }
            try await release()
            var payee = PayeeCursor()
            while let next = try await reserveStep(after: payee) { payee = next }
            try await digestStep()
            while try await payStep() {}
            while try await registerStep() {}
            try await end()
        } catch is DoneElsewhere {
            // Each step of either was whole, so nothing is left to do but to show the night.
        }
    }

    /// Steps 2 and 3: rates what is new, and closes months of funds. What the first month heard is added up while the orders
    /// are rated: the one only reads, of facts that change no more, and the other only writes.
    private func rateAndCloseMonths() async throws {
        let due = try await dueMonths()
        async let ahead = settledResults(of: due.first)
        try await rate()
        let first = try await ahead
        for (index, month) in due.enumerated() {
            if index == 0, let first {
                try await close(month, giving: first)
            } else {
                try await close(month, giving: try await results(of: month))
            }
        }
    }

    /// Step 1: decides what belongs to the night. The sequence decides, not the clock.
    /// - Returns: `false` if the night is done already.
    func cut(now cutNow: Bool) async throws -> Bool {
        let now = service.clock.now()
        let end = policy.calendar.cutoff(of: day)
        let isOver = now >= end
        let goesOn = try await service.database.write { transaction in
            if try transaction.night(day) != nil { return try transaction.nightEnd(day) == nil }
            if let last = try transaction.nights(limit: 1).first {
                guard last.day < day else { throw LedgerRefusal.nightOutOfOrder }
                guard try transaction.nightEnd(last.day) != nil else { throw LedgerRefusal.nightUnderWay }
            }
            let mayBeCut = cutNow && day <= policy.calendar.businessDay(of: now)
            guard isOver || mayBeCut else { throw LedgerRefusal.nightFuture }
            let cut =
                isOver
                ? try transaction.lastSequence(before: end) : try transaction.journalHead().chain.sequence
            let before = try transaction.night(before: day)
            let payeeCut = try transaction.lastPayeeFact(before: isOver ? end : nil)
            let row = NightRow(
                day: day, cut: max(cut, before?.cut ?? 0), payeeCut: max(payeeCut, before?.payeeCut ?? 0),
                cutoff: min(end, now), policy: policy.id, begunAt: now)
            try transaction.insertNight(row, ratedThrough: before?.cut ?? 0)
            try transaction.audit(
                actor: actor, act: "night_begun", subject: day.description, detail: "cut \(row.cut)", at: now)
            CrashPoint.cutWritten.pass()
            return true
        }
        CrashPoint.cutCommitted.pass()
        return goesOn
    }

    func begun(in transaction: borrowing Transaction) throws -> NightRow {
        guard let night = try transaction.night(day) else { throw LedgerRefusal.nightUnknown }
        guard try transaction.nightEnd(day) == nil else { throw DoneElsewhere() }
        return night
    }

    /// The same up to the digest: a night whose batch is decided rates, closes and releases nothing more, whatever comes
    /// between its steps; `nil` from then on.
    func open(in transaction: borrowing Transaction) throws -> NightRow? {
        let night = try begun(in: transaction)
        return try transaction.batchDigest(of: day) == nil ? night : nil
    }

    /// Two ran the same night at once and the other one was faster; what it stored is the night.
    struct DoneElsewhere: Error {}

    func input(_ night: NightRow, in transaction: borrowing Transaction) throws -> NightInput {
        // Another policy in its place would pay other sums than the digest says.
        guard let policy = settings.policies[night.policy] else { throw LedgerRefusal.policyUnknown }
        var input = NightInput(
            day: day, cut: night.cut, postedAt: max(service.clock.now(), try transaction.journalHead().postedAt),
            policy: policy, policies: settings.policies)
        input.releasesWhenAvailable = releasesWhenAvailable
        return input
    }
}
