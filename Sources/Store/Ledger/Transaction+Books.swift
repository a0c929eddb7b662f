public import Ledger
public import Values

/// A close as stored.
public struct PeriodRow: Sendable, Hashable {
    public let closedThrough: LocalDay
    public let entry: EntryID
    public let actor: String
    public let at: Instant
}

extension Transaction {
    /// The last day of the last closed period; `nil` while none is closed.
    public borrowing func closedThrough() throws(StoreFault) -> LocalDay? {
        try row("SELECT closed_through FROM periods WHERE shard = $1 ORDER BY n DESC LIMIT 1", shard) {
            row throws(StoreFault) in try row.day(0)
        }
    }

    /// Closes of periods, the last one first.
    public borrowing func periods(limit: Int) throws(StoreFault) -> [PeriodRow] {
        try rows(
            """
            SELECT p.closed_through, e.entry, p.actor, p.at_us FROM periods p
            JOIN entries e ON e.shard = p.shard AND e.seq = p.seq WHERE p.shard = $1 ORDER BY p.n DESC LIMIT $2
            """, shard, limit
        ) { row throws(StoreFault) in
            PeriodRow(
                closedThrough: try row.day(0), entry: try row.identifier(1), actor: try row.text(2),
                at: try row.instant(3))
        }
    }

    /// Chains a close behind the one before it.
    public borrowing func insertPeriod(
        through day: LocalDay, sequence: Int64, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        let last = try row("SELECT n, closed_through FROM periods WHERE shard = $1 ORDER BY n DESC LIMIT 1", shard) {
            row throws(StoreFault) in (n: try row.integer(0), day: try row.day(1))
        }
        try execute(
            """
            INSERT INTO periods (shard, n, prev_n, closed_before, closed_through, seq, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, (last?.n ?? 0) + 1, last?.n, last?.day, day, sequence, actor, instant)
    }

    /// When an entry happened, where its own day was closed already.
    public borrowing func insertOccurrence(of sequence: Int64, on day: LocalDay) throws(StoreFault) {
        try execute(
            "INSERT INTO occurrences (shard, seq, occurred_on) VALUES ($1, $2, $3)", shard, sequence, day)
    }

    /// Balances of what happened up to a day, whenever it was recorded; debit positive, zero balances left out.
    /// - Parameter dated: whether an entry counts on the day on which it is dated, as closes of periods need it, or on
    ///   the day on which it happened.
    public borrowing func balances(occurredThrough day: LocalDay, dated: Bool = false) throws(StoreFault) -> [Posting] {
        try rows(
            """
            SELECT x.account, x.currency, sum(x.amount) FROM (
              SELECT l.debit AS account, l.currency AS currency, l.amount AS amount FROM legs l
              JOIN entries e ON e.shard = l.shard AND e.seq = l.seq
              LEFT JOIN occurrences o ON o.shard = e.shard AND o.seq = e.seq
              WHERE l.shard = $1 AND CASE WHEN $3 = 1 THEN e.effective_on
                ELSE coalesce(o.occurred_on, e.effective_on) END <= $2
              UNION ALL
              SELECT l.credit, l.currency, -l.amount FROM legs l
              JOIN entries e ON e.shard = l.shard AND e.seq = l.seq
              LEFT JOIN occurrences o ON o.shard = e.shard AND o.seq = e.seq
              WHERE l.shard = $1 AND CASE WHEN $3 = 1 THEN e.effective_on
                ELSE coalesce(o.occurred_on, e.effective_on) END <= $2) x
            GROUP BY x.account, x.currency HAVING sum(x.amount) <> 0 ORDER BY x.account, x.currency
            """, shard, day, dated ? 1 : 0
        ) { row throws(StoreFault) in
            guard let account = Account(try row.text(0)) else { throw row.corrupt(0) }
            return Posting(account: account, amount: Money(try row.integer(2), try row.currency(1)))
        }
    }

    /// An entry by its id, in its place.
    public borrowing func entry(_ id: EntryID) throws(StoreFault) -> ChainedEntry? {
        let sequence = try row("SELECT seq FROM entries WHERE shard = $1 AND entry = $2", shard, id) {
            row throws(StoreFault) in try row.integer(0)
        }
        guard let sequence else { return nil }
        return try entries(after: sequence - 1, through: sequence, limit: 1).first
    }

    /// The entry that reverses another.
    public borrowing func reversal(of id: EntryID) throws(StoreFault) -> EntryID? {
        try row("SELECT entry FROM entries WHERE shard = $1 AND reverses = $2", shard, id) {
            row throws(StoreFault) in try row.identifier(0)
        }
    }
}
