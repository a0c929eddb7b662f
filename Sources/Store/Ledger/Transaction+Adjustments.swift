internal import Payouts
public import Values

/// A correction of what a host is owed, as stored. Its id is that of its accrual.
public struct AdjustmentRow: Sendable, Hashable {
    public enum Source: String, Sendable, Hashable, CaseIterable {
        case finance
        /// The fee of a dispute that the host bears.
        case disputeFee = "dispute_fee"
    }

    public let accrual: AccrualID
    public let host: HostID
    /// Signed: positive is in the host's favour.
    public let amount: Money
    public let source: Source
    public let reason: String
    /// Of the entry that booked it.
    public let sequence: Int64
    public let actor: String
    public let at: Instant

    public init(
        accrual: AccrualID, host: HostID, amount: Money, source: Source, reason: String, sequence: Int64, actor: String,
        at: Instant
    ) {
        self.accrual = accrual
        self.host = host
        self.amount = amount
        self.source = source
        self.reason = reason
        self.sequence = sequence
        self.actor = actor
        self.at = at
    }
}

extension Transaction {
    /// Stores a correction behind its entry, with the accrual that the next night finds.
    public borrowing func insertAdjustment(_ row: AdjustmentRow, on day: LocalDay) throws(StoreFault) {
        try insertAccrual(
            Accrual(
                id: row.accrual, kind: .adjustment, host: row.host, amount: row.amount, availableOn: day,
                accruedOn: day))
        try execute(
            """
            INSERT INTO adjustments (shard, accrual, host, currency, amount, kind, source, reason, seq, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, 'adjustment', $6, $7, $8, $9, $10)
            """, shard, row.accrual, row.host, row.amount.currency, row.amount.minorUnits, row.source.rawValue,
            row.reason, row.sequence, row.actor, row.at)
    }

    public borrowing func adjustment(_ id: AccrualID) throws(StoreFault) -> AdjustmentRow? {
        try row(
            """
            SELECT accrual, host, amount, currency, source, reason, seq, actor, at_us FROM adjustments
            WHERE shard = $1 AND accrual = $2
            """, shard, id, read: readAdjustment)
    }

    /// Corrections of a host before one of them, newest first; `~` for all.
    public borrowing func adjustments(
        of host: HostID, before cursor: String, limit: Int
    ) throws(StoreFault) -> [AdjustmentRow] {
        try rows(
            """
            SELECT accrual, host, amount, currency, source, reason, seq, actor, at_us FROM adjustments
            WHERE shard = $1 AND host = $2 AND accrual < $3 ORDER BY accrual DESC LIMIT $4
            """, shard, host, cursor, limit, read: readAdjustment)
    }

    /// What moved hosts' accounts between two places of the journal beside orders, payouts and their returns.
    public borrowing func hostMovements(
        after start: Int64, through end: Int64
    ) throws(StoreFault) -> [(host: HostID, amount: Money, day: LocalDay, kind: String, reason: String)] {
        try rows(
            """
            SELECT j.host, j.amount, j.currency, e.effective_on, j.source, j.reason, j.seq FROM adjustments j
            JOIN entries e ON e.shard = j.shard AND e.seq = j.seq
            WHERE j.shard = $1 AND j.seq > $2 AND j.seq <= $3
            UNION ALL
            SELECT f.host, f.amount, f.currency, e.effective_on, 'fund', f.program || ' ' || f.month, f.seq
            FROM fund_results f JOIN entries e ON e.shard = f.shard AND e.seq = f.seq
            WHERE f.shard = $1 AND f.seq > $2 AND f.seq <= $3
            UNION ALL
            SELECT m.host, CASE m.kind WHEN 'held' THEN -m.amount ELSE m.amount END, m.currency, e.effective_on,
              'reserve_' || m.kind, CASE m.kind WHEN 'held' THEN 'until ' ELSE 'of ' END || m.until_day, m.seq
            FROM reserve_moves m JOIN entries e ON e.shard = m.shard AND e.seq = m.seq
            WHERE m.shard = $1 AND m.seq > $2 AND m.seq <= $3 ORDER BY 7
            """, shard, start, end
        ) { row throws(StoreFault) in
            let source = try row.text(4)
            let kind = source == "finance" ? "adjustment" : source.replacing("_", with: " ")
            return (
                host: try row.identifier(0), amount: try row.money(1, 2), day: try row.day(3), kind: kind,
                reason: try row.text(5)
            )
        }
    }
}

private func readAdjustment(_ row: borrowing Row) throws(StoreFault) -> AdjustmentRow {
    guard let source = AdjustmentRow.Source(rawValue: try row.text(4)) else { throw row.corrupt(4) }
    return AdjustmentRow(
        accrual: try row.identifier(0), host: try row.identifier(1), amount: try row.money(2, 3), source: source,
        reason: try row.text(5), sequence: try row.integer(6), actor: try row.text(7), at: try row.instant(8))
}
