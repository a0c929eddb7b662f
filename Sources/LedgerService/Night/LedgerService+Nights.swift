public import BoxOffice
public import HTTPEdge
internal import Payouts
internal import Store
public import Values

extension LedgerService {
    /// Runs the night of a business day, or what is missing of it; a night that is done is only shown.
    /// - Parameters:
    ///   - cutNow: closes the running day at this moment instead of waiting for its end.
    ///   - signature: of the key that asks: whoever makes a batch does not approve it.
    public func runNight(
        _ day: LocalDay, cutNow: Bool = false, by caller: Caller, signature: Signature? = nil
    ) async throws -> NightView {
        try requireFinance(caller)
        try await NightRun(service: self, day: day, actor: caller.actor, creator: signature?.name)
            .run(cutNow: cutNow)
        try await writeHeadFiles()
        return try await night(day, by: caller)
    }

    /// Whether a night would do something: its day is over or cut now, and it was not done before.
    func isToRun(_ day: LocalDay, cutNow: Bool) async throws -> Bool {
        let isOver = cutNow || clock.now() >= settings.housePolicy.calendar.cutoff(of: day)
        guard isOver else { return false }
        return try await database.read { try $0.nightEnd(day) == nil }
    }

    public func night(_ day: LocalDay, by caller: Caller) async throws -> NightView {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            guard let row = try transaction.night(day) else { throw LedgerRefusal.nightUnknown }
            return try view(of: row, in: transaction)
        }
    }

    /// Nights, the last one first.
    public func nights(by caller: Caller) async throws -> [NightView] {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            var views: [NightView] = []
            // A year and a bit: what a list is read for.
            for row in try transaction.nights(limit: 400) { views.append(try view(of: row, in: transaction)) }
            return views
        }
    }

    /// A page of the same.
    public func nights(
        _ page: PageRequest, by caller: Caller
    ) async throws -> (nights: [NightView], next: String?) {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            let (rows, next) = page.page(
                try transaction.nights(before: page.after ?? "9999-12-31", limit: page.limit + 1),
                key: \.day.description)
            var views: [NightView] = []
            for row in rows { views.append(try view(of: row, in: transaction)) }
            return (views, next)
        }
    }

    private func view(of row: NightRow, in transaction: borrowing Transaction) throws -> NightView {
        let end = try transaction.nightEnd(row.day)
        let progress = try transaction.progress(of: row.day)
        return NightView(
            day: row.day, state: end == nil ? "under_way" : "done", cutoff: row.cutoff, cutSequence: row.cut,
            policy: row.policy, headSequence: end?.headSequence, headHash: end?.headHash, digest: end?.digest,
            rated: progress.rated, released: progress.released,
            payouts: try transaction.payouts(of: row.day).map {
                NightView.Payout(
                    host: $0.host, gross: Money($0.gross, $0.currency), withheld: Money($0.withheld, $0.currency),
                    net: Money($0.net, $0.currency))
            },
            carried: try transaction.carried(on: row.day).map {
                NightView.Carried(
                    host: $0.key.host, available: Money($0.available, $0.key.currency),
                    pending: Money($0.pending, $0.key.currency), reason: $0.reason, nextOn: $0.nextOn)
            })
    }
}
