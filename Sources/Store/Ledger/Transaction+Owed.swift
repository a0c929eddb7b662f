internal import BoxOffice
public import Payouts
public import Values

// What is owed and not paid, by payee: what the paying steps of a night read and clear.
extension Transaction {
    borrowing func insertOwed(_ accrual: Accrual) throws(StoreFault) {
        try execute(
            """
            INSERT INTO owed (shard, host, currency, accrual, amount, available_on, accrued_on)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, accrual.host, accrual.amount.currency, accrual.id, accrual.amount.minorUnits,
            accrual.availableOn, accrual.accruedOn)
    }

    /// What payees are owed by accruals up to a day, in the order of host and currency.
    /// - Parameter cursor: the payee after which to go on; two empty texts for the first.
    public borrowing func owed(
        on day: LocalDay, after cursor: (host: String, currency: String), limit: Int
    ) throws(StoreFault) -> [DueBalance] {
        try rows(
            """
            SELECT host, currency, CAST(sum(CASE WHEN available_on <= $2 THEN amount ELSE 0 END) AS BIGINT),
              CAST(sum(CASE WHEN available_on > $2 THEN amount ELSE 0 END) AS BIGINT),
              min(CASE WHEN available_on > $2 THEN available_on END)
            FROM owed WHERE shard = $1 AND (host, currency) > ($3, $4) AND accrued_on <= $2
            GROUP BY host, currency ORDER BY host, currency LIMIT $5
            """, shard, day, cursor.host, cursor.currency, limit
        ) { row throws(StoreFault) in
            let currency = try row.currency(1)
            return DueBalance(
                key: TierKey(host: try row.identifier(0), currency: currency),
                available: Money(try row.integer(2), currency), held: Money(try row.integer(3), currency),
                heldUntil: row.isNull(4) ? nil : try row.day(4))
        }
    }

    /// Pays all that a payee is owed and that is available on a day: each accrual whole, and never again.
    public borrowing func payOwed(to key: TierKey, on day: LocalDay, batch: String) throws(StoreFault) {
        try execute(
            """
            INSERT INTO payout_lines (shard, accrual, host, currency, amount, batch)
            SELECT shard, accrual, host, currency, amount, $5 FROM owed
            WHERE shard = $1 AND host = $2 AND currency = $3 AND available_on <= $4 AND accrued_on <= $4
            """, shard, key.host, key.currency, day, batch)
        try execute(
            """
            DELETE FROM owed
            WHERE shard = $1 AND host = $2 AND currency = $3 AND available_on <= $4 AND accrued_on <= $4
            """, shard, key.host, key.currency, day)
    }

    /// The payee up to whom a night has come with paying; two empty texts before the first.
    public borrowing func lastCarried(on day: LocalDay) throws(StoreFault) -> (host: String, currency: String) {
        try row(
            """
            SELECT host, currency FROM carried WHERE shard = $1 AND day = $2 ORDER BY host DESC, currency DESC LIMIT 1
            """, shard, day
        ) { row throws(StoreFault) in (try row.text(0), try row.text(1)) } ?? ("", "")
    }

    /// Owners whose brackets a night moved and of whom its register says nothing yet.
    public borrowing func tierKeysUncarried(on day: LocalDay, limit: Int) throws(StoreFault) -> [TierKey] {
        try rows(
            """
            SELECT DISTINCT host, currency FROM tier_use t WHERE shard = $1 AND day = $2
              AND NOT EXISTS (SELECT 1 FROM carried c WHERE c.shard = t.shard AND c.day = $2 AND c.host = t.host
                AND c.currency = t.currency)
            ORDER BY host, currency LIMIT $3
            """, shard, day, limit
        ) { row throws(StoreFault) in TierKey(host: try row.identifier(0), currency: try row.currency(1)) }
    }
}
