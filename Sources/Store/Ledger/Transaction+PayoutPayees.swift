public import Values

extension Transaction {
    /// A part of the register of a night: payees behind one of them, by host and currency.
    public borrowing func carried(
        on day: LocalDay, after cursor: (host: String, currency: String), limit: Int
    ) throws(StoreFault) -> [CarriedEntry] {
        try rows(
            """
            SELECT host, currency, available, pending, reason, next_on, bracket_use FROM carried
            WHERE shard = $1 AND day = $2 AND (host, currency) > ($3, $4) ORDER BY host, currency LIMIT $5
            """, shard, day, cursor.host, cursor.currency, limit, read: readCarried)
    }
}
