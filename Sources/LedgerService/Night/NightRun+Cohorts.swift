internal import BoxOffice
internal import Ledger
internal import Payouts
internal import Store
internal import Values

/// Funds that pay from an account of their own: a month that closes gives from it, and frees what was reserved for it.
extension NightRun {
    /// Writes a month into the fund's book, and completes the places of which it was the last.
    /// - Returns: the account that gives.
    func closeBook(
        _ month: LocalMonth, of program: FundProgram, among versions: FundVersions, giving given: Int64,
        at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> Account {
        // Places hold from the moment a cohort is there, whatever version the month's terms are of.
        guard versions.newest.cohort != nil else { return .fund }
        let reserved = try transaction.reservations(through: month, in: program.name)
        if given > 0 || !reserved.isEmpty {
            let (last, before) = try transaction.cohortAccount(of: program.name)
            var account = before
            // More than was reserved for it is given to nobody: that would be another place's money.
            guard account.close(releasing: reserved.reduce(0) { $0 + $1.amount }, giving: given) else {
                throw StoreFault.corrupt(column: "fund_reservations.after")
            }
            var row = FundBookRow(
                program, .monthClosed, number: last + 1, from: before, to: account, because: "\(month)", by: actor,
                at: now)
            row.month = month
            try transaction.append(
                row,
                reserving: reserved.map {
                    FundReservation(place: $0.place, month: $0.month, amount: -$0.amount)
                })
        }
        try complete(month, of: program, among: versions, at: now, in: transaction)
        return .fund(program.name)
    }

    private func complete(
        _ month: LocalMonth, of program: FundProgram, among versions: FundVersions, at now: Instant,
        in transaction: borrowing Transaction
    ) throws {
        for place in try transaction.heldPlaces(of: program.name)
        where versions.lastMonth(of: place.days) <= month {
            let (last, before) = try transaction.cohortAccount(of: program.name)
            var account = before
            account.end(releasing: 0)
            var row = FundBookRow(
                program, .completed, number: last + 1, from: before, to: account, because: "completed", by: actor,
                at: now)
            row.host = place.host
            row.place = place.number
            row.to = place.days.upperBound
            try transaction.append(row)
            try transaction.tellFundBook(row)
        }
    }
}
