public import Values

/// What holds for the payouts of a host from one fact on.
public struct PayeeRow: Sendable, Hashable {
    public let host: HostID
    /// Kept back for the tax office, of each payout (R7).
    public let withholding: BasisPoints
    /// Nothing is paid out for now; what is available is carried (R6).
    public let isBlocked: Bool
    public let reason: String
    /// Who said so.
    public let actor: String
    public let since: Instant

    public init(
        host: HostID, withholding: BasisPoints, isBlocked: Bool, reason: String, actor: String, since: Instant
    ) {
        self.host = host
        self.withholding = withholding
        self.isBlocked = isBlocked
        self.reason = reason
        self.actor = actor
        self.since = since
    }
}

extension Transaction {
    /// Appends a fact. Its time is never before that of the last one, so that "before the cut-off" is a prefix.
    public borrowing func insertPayee(_ payee: PayeeRow) throws(StoreFault) {
        let last = try row("SELECT n, at_us FROM payee_facts WHERE shard = $1 ORDER BY n DESC LIMIT 1", shard) {
            row throws(StoreFault) in (n: try row.integer(0), at: try row.instant(1))
        }
        try execute(
            """
            INSERT INTO payee_facts (shard, n, prev_n, host, withholding_bp, blocked, reason, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, (last?.n ?? 0) + 1, last?.n, payee.host, payee.withholding.value, payee.isBlocked ? 1 : 0,
            payee.reason, payee.actor, max(payee.since, last?.at ?? payee.since))
    }

    /// The last fact of a host; `nil` for one of whom nothing was ever said.
    public borrowing func payee(_ host: HostID) throws(StoreFault) -> PayeeRow? {
        try row(
            """
            SELECT host, withholding_bp, blocked, reason, actor, at_us FROM payee_facts
            WHERE shard = $1 AND host = $2 ORDER BY n DESC LIMIT 1
            """, shard, host, read: readPayee)
    }

    /// The number of the last fact before an instant, or of the last one; 0 if there is none.
    public borrowing func lastPayeeFact(before instant: Instant?) throws(StoreFault) -> Int64 {
        try row(
            "SELECT n FROM payee_facts WHERE shard = $1 AND at_us < $2 ORDER BY n DESC LIMIT 1", shard,
            instant?.microseconds ?? Int64.max
        ) { row throws(StoreFault) in try row.integer(0) } ?? 0
    }

    /// What held for a host after fact `n`; `nil` if nothing was said of it by then.
    public borrowing func payee(_ host: HostID, through n: Int64) throws(StoreFault) -> PayeeRow? {
        try row(
            """
            SELECT host, withholding_bp, blocked, reason, actor, at_us FROM payee_facts
            WHERE shard = $1 AND host = $2 AND n <= $3 ORDER BY n DESC LIMIT 1
            """, shard, host, n, read: readPayee)
    }
}

func readPayee(_ row: borrowing Row) throws(StoreFault) -> PayeeRow {
    PayeeRow(
        host: try row.identifier(0), withholding: BasisPoints(try row.integer(1)), isBlocked: try row.integer(2) == 1,
        reason: try row.text(3), actor: try row.text(4), since: try row.instant(5))
}
