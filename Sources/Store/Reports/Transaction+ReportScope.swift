public import Values

extension Transaction {
    /// The entry that a report knows last: its day, its hash and its time; `nil` before the first one.
    public borrowing func reportHead(
        at sequence: Int64
    ) throws(StoreFault) -> (effectiveOn: LocalDay, hash: String, postedAt: Instant)? {
        try row("SELECT effective_on, hash, posted_us FROM entries WHERE shard = $1 AND seq = $2", shard, sequence) {
            row throws(StoreFault) in (try row.day(0), try row.text(1), try row.instant(2))
        }
    }

    /// The first and the last entry dated between two days, both inclusive, up to a sequence; `nil` where none is.
    public borrowing func sequences(
        from first: LocalDay, to last: LocalDay, through: Int64
    ) throws(StoreFault) -> (first: Int64, last: Int64)? {
        let found = try row(
            """
            SELECT min(seq), max(seq) FROM entries
            WHERE shard = $1 AND effective_on >= $2 AND effective_on <= $3 AND seq <= $4
            """, shard, first, last, through
        ) { row throws(StoreFault) in (try row.optionalInteger(0), try row.optionalInteger(1)) }
        guard let first = found?.0, let last = found?.1 else { return nil }
        return (first, last)
    }
}
