public import BoxOffice
internal import Payouts
public import Values

/// A fact of the journal as a list of facts has it; each with the place of its entry.
public enum ExportedFact: Sendable, Hashable {
    case sale(Order)
    /// `amount` of an order was given back.
    case refund(RefundID, order: OrderID, amount: Int64)
    case disputeTaken(dispute: String, order: OrderID, amount: Int64)
    case disputeEnded(dispute: String, order: OrderID, won: Bool)
    case adjustment(AccrualID, host: HostID, amount: Money, reason: String)
    case returned(PayoutTransferID, batch: LocalDay, host: HostID, currency: Currency)
}

public struct ExportedFactRow: Sendable, Hashable {
    public let sequence: Int64
    /// Where it stands among the facts of its entry.
    public let key: String
    public let at: Instant
    public let postedAt: Instant
    public let fact: ExportedFact
}

// What a list of facts for a replay is made of, some at a time.
extension Transaction {
    /// Nights that are done, the first one first, behind a day; an empty text for all.
    public borrowing func doneNights(after day: String, limit: Int) throws(StoreFault) -> [NightRow] {
        try rows(
            """
            SELECT n.day, n.cut_sequence, n.payee_cut, n.cutoff_us, n.policy, n.begun_us FROM nights n
            WHERE n.shard = $1 AND n.day > $2 AND EXISTS (SELECT 1 FROM night_results r WHERE r.shard = n.shard
              AND r.day = n.day) ORDER BY n.day LIMIT $3
            """, shard, day, limit
        ) { row throws(StoreFault) in
            NightRow(
                day: try row.day(0), cut: try row.integer(1), payeeCut: try row.integer(2), cutoff: try row.instant(3),
                policy: try row.text(4), begunAt: try row.instant(5))
        }
    }

    /// Facts of money in a stretch of the journal, in its order.
    public borrowing func exportedFacts(
        after start: Int64, through end: Int64
    ) throws(StoreFault) -> [ExportedFactRow] {
        var facts = try exportedSales(after: start, through: end)
        facts += try exportedRefunds(after: start, through: end)
        facts += try exportedDisputes(after: start, through: end)
        facts += try exportedAdjustments(after: start, through: end)
        facts += try exportedReturns(after: start, through: end)
        return facts.sorted { ($0.sequence, $0.key) < ($1.sequence, $1.key) }
    }

    private borrowing func exportedSales(after start: Int64, through end: Int64) throws(StoreFault) -> [ExportedFactRow]
    {
        let found = try rows(
            """
            SELECT o.order_id, o.sold_seq, o.sold_us, e.posted_us FROM orders o
            JOIN entries e ON e.shard = o.shard AND e.seq = o.sold_seq
            WHERE o.shard = $1 AND o.sold_seq > $2 AND o.sold_seq <= $3 ORDER BY o.sold_seq, o.order_id
            """, shard, start, end
        ) { row throws(StoreFault) in
            let id: OrderID = try row.identifier(0)
            return (id: id, sequence: try row.integer(1), at: try row.instant(2), postedAt: try row.instant(3))
        }
        var facts: [ExportedFactRow] = []
        for item in found {
            guard let order = try order(item.id) else { throw .corrupt(column: "orders.order_id") }
            facts.append(
                ExportedFactRow(
                    sequence: item.sequence, key: item.id.text, at: item.at, postedAt: item.postedAt,
                    fact: .sale(order)))
        }
        return facts
    }

    /// What disputes took and gave back is told by their own facts.
    private borrowing func exportedRefunds(
        after start: Int64, through end: Int64
    ) throws(StoreFault) -> [ExportedFactRow] {
        try rows(
            """
            SELECT v.refund, v.order_id, v.delta, v.seq, v.at_us, e.posted_us FROM order_reversals v
            JOIN entries e ON e.shard = v.shard AND e.seq = v.seq
            WHERE v.shard = $1 AND v.seq > $2 AND v.seq <= $3 AND v.reason NOT IN ('disputed', 'dispute_won')
              AND v.delta > 0 ORDER BY v.seq, v.refund
            """, shard, start, end
        ) { row throws(StoreFault) in
            let refund: RefundID = try row.identifier(0)
            return ExportedFactRow(
                sequence: try row.integer(3), key: refund.text, at: try row.instant(4), postedAt: try row.instant(5),
                fact: .refund(refund, order: try row.identifier(1), amount: try row.integer(2)))
        }
    }

    /// A dispute of a purchase is one of each of its orders.
    private borrowing func exportedDisputes(
        after start: Int64, through end: Int64
    ) throws(StoreFault) -> [ExportedFactRow] {
        try rows(
            """
            SELECT s.provider || '/' || s.dispute, d.order_id, d.amount, s.step, s.seq, s.at_us, e.posted_us
            FROM dispute_steps s JOIN dispute_orders d ON d.shard = s.shard AND d.provider = s.provider
              AND d.dispute = s.dispute
            JOIN entries e ON e.shard = s.shard AND e.seq = s.seq
            WHERE s.shard = $1 AND s.seq > $2 AND s.seq <= $3 ORDER BY s.seq, d.order_id
            """, shard, start, end
        ) { row throws(StoreFault) in
            let (dispute, order) = (try row.text(0), try row.identifier(1) as OrderID)
            let step = try row.text(3)
            return ExportedFactRow(
                sequence: try row.integer(4), key: order.text, at: try row.instant(5), postedAt: try row.instant(6),
                fact: step == "take"
                    ? .disputeTaken(dispute: dispute, order: order, amount: try row.integer(2))
                    : .disputeEnded(dispute: dispute, order: order, won: step == "give_back"))
        }
    }

    private borrowing func exportedAdjustments(
        after start: Int64, through end: Int64
    ) throws(StoreFault) -> [ExportedFactRow] {
        try rows(
            """
            SELECT j.accrual, j.host, j.amount, j.currency, j.reason, j.seq, j.at_us, e.posted_us FROM adjustments j
            JOIN entries e ON e.shard = j.shard AND e.seq = j.seq
            WHERE j.shard = $1 AND j.seq > $2 AND j.seq <= $3 ORDER BY j.seq
            """, shard, start, end
        ) { row throws(StoreFault) in
            let id: AccrualID = try row.identifier(0)
            return ExportedFactRow(
                sequence: try row.integer(5), key: id.text, at: try row.instant(6), postedAt: try row.instant(7),
                fact: .adjustment(
                    id, host: try row.identifier(1), amount: try row.money(2, 3), reason: try row.text(4)))
        }
    }

    private borrowing func exportedReturns(
        after start: Int64, through end: Int64
    ) throws(StoreFault) -> [ExportedFactRow] {
        try rows(
            """
            SELECT t.payout, b.day, t.host, t.currency, f.mirror_seq, f.at_us, e.posted_us FROM payout_transfer_facts f
            JOIN payout_transfers t ON t.shard = f.shard AND t.payout = f.payout
            JOIN payout_batches b ON b.shard = t.shard AND b.batch = t.batch
            JOIN entries e ON e.shard = f.shard AND e.seq = f.mirror_seq
            WHERE f.shard = $1 AND f.mirror_seq > $2 AND f.mirror_seq <= $3 ORDER BY f.mirror_seq
            """, shard, start, end
        ) { row throws(StoreFault) in
            let payout: PayoutTransferID = try row.identifier(0)
            return ExportedFactRow(
                sequence: try row.integer(4), key: payout.text, at: try row.instant(5), postedAt: try row.instant(6),
                fact: .returned(
                    payout, batch: try row.day(1), host: try row.identifier(2), currency: try row.currency(3)))
        }
    }

    /// What was said of payees, by its number.
    public borrowing func payees(
        after number: Int64, through end: Int64, limit: Int
    ) throws(StoreFault) -> [(number: Int64, payee: PayeeRow)] {
        try rows(
            """
            SELECT host, withholding_bp, blocked, reason, actor, at_us, n FROM payee_facts
            WHERE shard = $1 AND n > $2 AND n <= $3 ORDER BY n LIMIT $4
            """, shard, number, end, limit
        ) { row throws(StoreFault) in
            (
                number: try row.integer(6),
                payee: PayeeRow(
                    host: try row.identifier(0), withholding: BasisPoints(try row.integer(1)),
                    isBlocked: try row.integer(2) == 1, reason: try row.text(3), actor: try row.text(4),
                    since: try row.instant(5))
            )
        }
    }

    /// Classes of hosts that nights know behind a day and up to another one.
    public borrowing func risks(
        after day: String, through last: String
    ) throws(StoreFault) -> [(host: HostID, number: Int64)] {
        try rows(
            """
            SELECT host, n FROM risk_facts WHERE shard = $1 AND from_day > $2 AND from_day <= $3 ORDER BY at_us, host, n
            """, shard, day, last
        ) { row throws(StoreFault) in (host: try row.identifier(0), number: try row.integer(1)) }
    }

    /// What funds gave that is available behind a day and up to another one.
    public borrowing func fundCredits(
        after day: String, through last: String
    ) throws(StoreFault) -> [(id: AccrualID, host: HostID, amount: Money, name: String)] {
        try rows(
            """
            SELECT a.accrual, a.host, a.amount, a.currency, f.program || ' ' || f.month FROM fund_results f
            JOIN accruals a ON a.shard = f.shard AND a.accrual = f.accrual
            WHERE f.shard = $1 AND CASE WHEN a.available_on > a.accrued_on THEN a.available_on ELSE a.accrued_on END > $2
              AND CASE WHEN a.available_on > a.accrued_on THEN a.available_on ELSE a.accrued_on END <= $3
            ORDER BY f.seq
            """, shard, day, last
        ) { row throws(StoreFault) in
            (
                id: try row.identifier(0), host: try row.identifier(1), amount: try row.money(2, 3),
                name: try row.text(4)
            )
        }
    }

    /// Rooms whose money was released later than it became available, with the last night that did so.
    public borrowing func lateReleases() throws(StoreFault) -> [RoomID: LocalDay] {
        var late: [RoomID: LocalDay] = [:]
        try forEach(
            """
            SELECT o.room, max(r.day) FROM releases r JOIN orders o ON o.shard = r.shard AND o.order_id = r.order_id
            WHERE r.shard = $1 AND r.day > r.available_on GROUP BY o.room
            """, shard
        ) { row throws(StoreFault) in late[try row.identifier(0)] = try row.day(1) }
        return late
    }

    /// Rooms with money that no night has released.
    public borrowing func unreleasedRooms() throws(StoreFault) -> Set<RoomID> {
        Set(
            try rows("SELECT DISTINCT room FROM escrowed WHERE shard = $1", shard) { row throws(StoreFault) in
                try row.identifier(0)
            })
    }

    /// When the first entry was posted.
    public borrowing func firstPosting() throws(StoreFault) -> Instant? {
        try row("SELECT posted_us FROM entries WHERE shard = $1 AND seq = 1", shard) { row throws(StoreFault) in
            try row.instant(0)
        }
    }
}
