internal import Ledger
internal import Payouts
internal import Values

/// What a payee had in a night, from accruals and batches alone.
private struct ReservePayee {
    struct Owed {
        let kind: String
        let order: String
        let amount: Int64
        let availableOn: LocalDay
        let accruedOn: LocalDay
        /// The day of the batch that paid it.
        let paidOn: LocalDay?
        /// A bank sent it back: it was available before.
        let isReturn: Bool
        /// The night that made it for a reserve.
        let movedOn: LocalDay?

        func isNew(since before: LocalDay?) -> Bool {
            guard !isReturn else { return false }
            return before.map { availableOn > $0 || accruedOn > $0 } ?? true
        }
    }

    struct Move {
        let day: LocalDay
        let kind: String
        let amount: Int64
        let reserve: Int64
        let left: Int64
        let until: LocalDay
    }

    var owed: [Owed] = []
    var moves: [Move] = []

    /// As the night found it: what was accrued and available by then and in no batch before, without what the night itself
    /// did with reserves.
    func standing(on day: LocalDay, since before: LocalDay?) -> ReserveStanding {
        var (available, fresh, reversed): (Int128, Int128, Int128) = (0, 0, 0)
        let isNewShare = { (order: String) in
            owed.contains { $0.kind == "share" && $0.order == order && $0.isNew(since: before) }
        }
        for one in owed
        where one.availableOn <= day && one.accruedOn <= day && one.paidOn.map({ $0 >= day }) ?? true
            && one.movedOn != day
        {
            available += Int128(one.amount)
            guard one.isNew(since: before) else { continue }
            switch one.kind {
            case "share": fresh += Int128(one.amount)
            case "reversal" where isNewShare(one.order): fresh += Int128(one.amount)
            case "reversal": reversed -= Int128(one.amount)
            default: break
            }
        }
        var open: [Int64: OpenReserve] = [:]
        for move in moves where move.day < day {
            open[move.reserve] =
                move.left > 0 ? OpenReserve(number: move.reserve, left: move.left, until: move.until) : nil
        }
        return ReserveStanding(
            available: Int64(clamping: available), fresh: Int64(clamping: fresh),
            reversed: Int64(clamping: max(0, reversed)), open: Array(open.values))
    }
}

extension Transaction {
    /// Every night is decided again from what it found: it held back, used and gave back exactly that.
    borrowing func auditHeld(_ line: inout AuditLine) throws(StoreFault) {
        let payees = try reservePayees()
        guard !payees.isEmpty else { return }
        let nights = try rows(
            """
            SELECT n.day, (SELECT max(b.day) FROM nights b WHERE b.shard = n.shard AND b.day < n.day) FROM nights n
            JOIN night_results r ON r.shard = n.shard AND r.day = n.day WHERE n.shard = $1 ORDER BY n.day
            """, shard
        ) { row throws(StoreFault) in (day: try row.day(0), before: row.isNull(1) ? nil : try row.day(1)) }
        for (key, payee) in payees.sorted(by: { ($0.key.host, $0.key.currency) < ($1.key.host, $1.key.currency) }) {
            for night in nights {
                let terms = try risk(of: key.host, on: night.day)?.terms
                let found = payee.moves.filter { $0.day == night.day }
                // What was held before is used up by a later class too.
                let mayHold = terms.map { $0.reserve.value > 0 } == true || payee.moves.contains { $0.day <= night.day }
                guard mayHold else { continue }
                let decided = decideReserves(
                    payee.standing(on: night.day, since: night.before), under: terms, on: night.day)
                let expected = decided.map { "\($0.kind) \($0.amount)" }
                let made = found.map { "\($0.kind) \($0.amount)" }
                guard made != expected else { continue }
                line.add(
                    "reserve_moves", "\(key.host)/\(key.currency)/\(night.day)",
                    "the night made '\(made.joined(separator: ", "))', what it found gives "
                        + "'\(expected.joined(separator: ", "))'")
            }
        }
    }

    /// Payees that ever were under a class with a reserve.
    private borrowing func reservePayees() throws(StoreFault) -> [TierKey: ReservePayee] {
        var payees: [TierKey: ReservePayee] = [:]
        try forEach(
            """
            SELECT m.host, m.currency, m.day, m.kind, m.amount, m.reserve, m.left_after, m.until_day
            FROM reserve_moves m WHERE m.shard = $1 ORDER BY m.host, m.currency, m.n
            """, shard
        ) { row throws(StoreFault) in
            let key = TierKey(host: try row.identifier(0), currency: try row.currency(1))
            payees[key, default: ReservePayee()].moves.append(
                ReservePayee.Move(
                    day: try row.day(2), kind: try row.text(3), amount: try row.integer(4), reserve: try row.integer(5),
                    left: try row.integer(6), until: try row.day(7)))
        }
        try forEach(
            """
            SELECT a.host, a.currency, a.kind, coalesce(a.order_id, ''), a.amount, a.available_on, a.accrued_on, b.day,
              CASE WHEN r.accrual IS NULL THEN 0 ELSE 1 END, coalesce(m.day, w.day)
            FROM accruals a
            LEFT JOIN payout_lines l ON l.shard = a.shard AND l.accrual = a.accrual
            LEFT JOIN payout_batches b ON b.shard = l.shard AND b.batch = l.batch
            LEFT JOIN payout_return_lines r ON r.shard = a.shard AND r.accrual = a.accrual
            LEFT JOIN reserve_moves m ON m.shard = a.shard AND m.accrual = a.accrual
            LEFT JOIN reserve_moves w ON w.shard = a.shard AND w.later = a.accrual
            WHERE a.shard = $1 AND a.host IN (SELECT f.host FROM risk_facts f WHERE f.shard = $1 AND f.reserve_bp > 0)
            """, shard
        ) { row throws(StoreFault) in
            let key = TierKey(host: try row.identifier(0), currency: try row.currency(1))
            payees[key, default: ReservePayee()].owed.append(
                ReservePayee.Owed(
                    kind: try row.text(2), order: try row.text(3), amount: try row.integer(4),
                    availableOn: try row.day(5), accruedOn: try row.day(6),
                    paidOn: row.isNull(7) ? nil : try row.day(7),
                    isReturn: try row.integer(8) == 1, movedOn: row.isNull(9) ? nil : try row.day(9)))
        }
        return payees
    }
}
