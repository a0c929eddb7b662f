internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
internal import Values

extension NightRun {
    /// A payee behind whom a step goes on; two empty texts before the first.
    struct PayeeCursor: Sendable {
        var host = ""
        var currency = ""
    }

    /// Step 4: gives reserves back whose day has come, pays with reserves for what was taken back, and holds back the part
    /// of what becomes available that the risk class of its host says. A payee's moves of a night are one transaction,
    /// so one that has some is done.
    /// - Returns: where to go on; `nil` at the end.
    func reserveStep(after cursor: PayeeCursor) async throws -> PayeeCursor? {
        let next: PayeeCursor? = try await service.database.write { transaction in
            guard let night = try open(in: transaction), try transaction.hasRiskFacts() else { return nil }
            let standings = try transaction.reserveStandings(
                on: day, since: try transaction.night(before: day)?.day, after: (cursor.host, cursor.currency),
                limit: stepLimit)
            guard let last = standings.last else { return nil }
            let input = try input(night, in: transaction)
            for standing in standings where try !transaction.hasReserveMoves(of: standing.key, on: day) {
                let open = try transaction.openReserves(of: standing.key)
                let terms = try transaction.risk(of: standing.key.host, on: day)?.terms
                let moves = decideReserves(
                    ReserveStanding(
                        available: standing.available, fresh: standing.fresh, reversed: standing.reversed,
                        open: open.map(\.reserve)), under: terms, on: day)
                for move in moves { try carryOut(move, of: standing.key, open, input, in: transaction) }
            }
            CrashPoint.reserveWritten.pass()
            return PayeeCursor(host: last.key.host.text, currency: last.key.currency.code)
        }
        CrashPoint.reserveCommitted.pass()
        return next
    }

    private func carryOut(
        _ move: ReserveMove, of key: TierKey, _ open: [OpenReserveRow], _ input: NightInput,
        in transaction: borrowing Transaction
    ) throws {
        let place = try transaction.nextReserveMove(of: key)
        let taken: OpenReserveRow?
        switch move {
        case .released(let reserve), .used(let reserve, _): taken = open.first { $0.reserve == reserve }
        case .held: taken = nil
        }
        let chained = try transaction.append(move.entry(of: key, number: place.number, input))
        try transaction.insertReserveMove(
            move, of: key, on: day, at: place, from: taken,
            move.accruals(of: key, number: place.number, input), sequence: chained.sequence)
        try transaction.tell(
            move.credited < 0 ? .reserveHeld : .reserveReleased, of: "\(key.host)/\(key.currency)/\(place.number)",
            host: key.host, at: input.postedAt,
            EventFacts(host: key.host, amount: Money(move.amount, key.currency), state: move.kind, day: day))
    }

    /// Whose class is asked for the hold of an order: that of the night that releases it; where releases wait for their
    /// day, that of the night in which the room was over, which is the one that releases it in a house that sells.
    func riskDay(of room: Room, _ night: NightRow) -> LocalDay {
        guard releasesWhenAvailable, let end = room.delivered(before: night.cutoff) else { return day }
        return policy.calendar.businessDay(of: end)
    }
}

/// The days that risk classes add to the hold of orders, asked once for each host and day.
struct ExtraHolds {
    private struct Key: Hashable {
        let host: HostID
        let day: LocalDay
    }

    let hasAny: Bool
    private var known: [Key: Int] = [:]

    init(hasAny: Bool) { self.hasAny = hasAny }

    /// The most that any host with a share of the order has.
    mutating func days(
        of split: OrderSplit, on day: LocalDay, in transaction: borrowing Transaction
    ) throws(StoreFault) -> Int {
        guard hasAny else { return 0 }
        var most = 0
        for share in split.shares where share.amount.isPositive {
            let key = Key(host: share.host, day: day)
            let days: Int
            if let found = known[key] {
                days = found
            } else {
                days = try transaction.risk(of: share.host, on: day)?.terms.extraHoldDays ?? 0
                known[key] = days
            }
            most = max(most, days)
        }
        return most
    }
}
