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
    public borrowing func balances(occurredThrough day: LocalDay) throws(StoreFault) -> [Posting] {
        try rows(
            """
            SELECT x.account, x.currency, sum(x.amount) FROM (
              SELECT l.debit AS account, l.currency AS currency, l.amount AS amount FROM legs l
              JOIN entries e ON e.shard = l.shard AND e.seq = l.seq
              LEFT JOIN occurrences o ON o.shard = e.shard AND o.seq = e.seq
              WHERE l.shard = $1 AND coalesce(o.occurred_on, e.effective_on) <= $2
              UNION ALL
              SELECT l.credit, l.currency, -l.amount FROM legs l
              JOIN entries e ON e.shard = l.shard AND e.seq = l.seq
              LEFT JOIN occurrences o ON o.shard = e.shard AND o.seq = e.seq
              WHERE l.shard = $1 AND coalesce(o.occurred_on, e.effective_on) <= $2) x
            GROUP BY x.account, x.currency HAVING sum(x.amount) <> 0 ORDER BY x.account, x.currency
            """, shard, day, read: readPosting)
    }

    /// What is dated after one day and on or before another in the accounts of income and expenses; debit positive, zero
    /// balances left out. Reads what was recorded behind an entry, so that the close of a month reads that month only.
    public borrowing func results(
        datedAfter first: LocalDay?, through last: LocalDay, behind sequence: Int64
    ) throws(StoreFault) -> [Posting] {
        try rows(
            """
            SELECT x.account, x.currency, sum(x.amount) FROM (
              SELECT l.debit AS account, l.currency AS currency, l.amount AS amount FROM entries e
              JOIN legs l ON l.shard = e.shard AND l.seq = e.seq
              WHERE e.shard = $1 AND e.seq > $2 AND e.effective_on > $3 AND e.effective_on <= $4
                AND (l.debit LIKE 'income:%' OR l.debit LIKE 'expenses:%')
              UNION ALL
              SELECT l.credit, l.currency, -l.amount FROM entries e
              JOIN legs l ON l.shard = e.shard AND l.seq = e.seq
              WHERE e.shard = $1 AND e.seq > $2 AND e.effective_on > $3 AND e.effective_on <= $4
                AND (l.credit LIKE 'income:%' OR l.credit LIKE 'expenses:%')) x
            GROUP BY x.account, x.currency HAVING sum(x.amount) <> 0 ORDER BY x.account, x.currency
            """, shard, sequence, first?.description ?? "", last, read: readPosting)
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

private func readPosting(_ row: borrowing Row) throws(StoreFault) -> Posting {
    guard let account = Account(try row.text(0)) else { throw row.corrupt(0) }
    return Posting(account: account, amount: Money(try row.integer(2), try row.currency(1)))
}
