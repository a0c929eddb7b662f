internal import BoxOffice
public import Payouts
public import Values

/// What a replay tells of the books at its end.
extension Transaction {
    /// Orders with money behind a place of the journal, in the order of their sales.
    public borrowing func orders(
        soldBehind sequence: Int64, limit: Int
    ) throws(StoreFault) -> [(order: OrderID, sequence: Int64)] {
        try rows(
            """
            SELECT order_id, sold_seq FROM orders WHERE shard = $1 AND sold_seq > $2
            ORDER BY sold_seq, order_id LIMIT $3
            """, shard, sequence, limit
        ) { row throws(StoreFault) in (order: try row.identifier(0), sequence: try row.integer(1)) }
    }

    /// Rated orders that no night has released, behind one of them; those wholly given back among them.
    public borrowing func unreleased(after order: String, limit: Int) throws(StoreFault) -> [OrderID] {
        try rows(
            """
            SELECT s.order_id FROM order_splits s WHERE s.shard = $1 AND s.order_id > $2 AND NOT EXISTS (SELECT 1
              FROM releases r WHERE r.shard = s.shard AND r.order_id = s.order_id) ORDER BY s.order_id LIMIT $3
            """, shard, order, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// What hosts are owed and no batch has paid: available on a day, and later. Whoever ever accrued something has a row.
    public borrowing func owed(
        on day: LocalDay
    ) throws(StoreFault) -> [(key: TierKey, available: Int64, pending: Int64)] {
        try rows(
            """
            SELECT a.host, a.currency,
              CAST(sum(CASE WHEN u.accrual IS NOT NULL AND a.available_on <= $2 THEN a.amount ELSE 0 END) AS BIGINT),
              CAST(sum(CASE WHEN u.accrual IS NOT NULL AND a.available_on > $2 THEN a.amount ELSE 0 END) AS BIGINT)
            FROM accruals a LEFT JOIN owed u ON u.shard = a.shard AND u.host = a.host AND u.currency = a.currency
              AND u.accrual = a.accrual
            WHERE a.shard = $1 GROUP BY a.host, a.currency ORDER BY a.host, a.currency
            """, shard, day
        ) { row throws(StoreFault) in
            (
                key: TierKey(host: try row.identifier(0), currency: try row.currency(1)),
                available: try row.integer(2), pending: try row.integer(3)
            )
        }
    }

    /// Owners whose brackets were ever used.
    public borrowing func tierKeys() throws(StoreFault) -> [TierKey] {
        try rows("SELECT DISTINCT host, currency FROM tier_use WHERE shard = $1 ORDER BY host, currency", shard) {
            row throws(StoreFault) in TierKey(host: try row.identifier(0), currency: try row.currency(1))
        }
    }

    /// The first and the last day on which an entry is dated.
    public borrowing func journalDays() throws(StoreFault) -> (first: LocalDay, last: LocalDay)? {
        let days = try row("SELECT min(effective_on), max(effective_on) FROM entries WHERE shard = $1", shard) {
            row throws(StoreFault) in
            row.isNull(0) ? nil : (first: try row.day(0), last: try row.day(1))
        }
        return days.flatMap(\.self)
    }

    /// Nights that paid something, each with the end of its day.
    public borrowing func paidNights() throws(StoreFault) -> [(day: LocalDay, cutoff: Instant)] {
        try rows(
            """
            SELECT n.day, n.cutoff_us FROM nights n WHERE n.shard = $1 AND EXISTS (SELECT 1 FROM payout_batches b
              JOIN payout_items i ON i.shard = b.shard AND i.batch = b.batch WHERE b.shard = n.shard AND b.day = n.day)
            ORDER BY n.day
            """, shard
        ) { row throws(StoreFault) in (day: try row.day(0), cutoff: try row.instant(1)) }
    }
}
