public import Values

/// A key of tickets as stored: the public half only.
public struct TicketKeyRow: Sendable, Hashable {
    public let kid: String
    /// 32 bytes in base64url.
    public let publicKey: String
    public let announcedAt: Instant
    public let signsFrom: Instant
    public let retired: Retirement?

    public struct Retirement: Sendable, Hashable {
        public let at: Instant
        public let reason: String
    }

    public init(
        kid: String, publicKey: String, announcedAt: Instant, signsFrom: Instant, retired: Retirement? = nil
    ) {
        self.kid = kid
        self.publicKey = publicKey
        self.announcedAt = announcedAt
        self.signsFrom = signsFrom
        self.retired = retired
    }
}

extension Transaction {
    /// Every key that ever was, in the order of their use.
    public borrowing func ticketKeys() throws(StoreFault) -> [TicketKeyRow] {
        try rows(
            """
            SELECT k.kid, k.public_key, k.announced_us, k.signs_us, e.ended_us, e.reason
            FROM ticket_keys k LEFT JOIN ticket_key_ends e ON e.shard = k.shard AND e.kid = k.kid
            WHERE k.shard = $1 ORDER BY k.n
            """, shard
        ) { row throws(StoreFault) in
            var retired: TicketKeyRow.Retirement?
            if let at = try row.optionalInstant(4) { retired = .init(at: at, reason: try row.text(5)) }
            return TicketKeyRow(
                kid: try row.text(0), publicKey: try row.text(1), announcedAt: try row.instant(2),
                signsFrom: try row.instant(3), retired: retired)
        }
    }

    /// Adds a key behind the last one; the schema refuses one that would sign from an earlier moment.
    public borrowing func insertTicketKey(_ key: TicketKeyRow, by actor: String) throws(StoreFault) {
        let last = try row(
            "SELECT n, signs_us FROM ticket_keys WHERE shard = $1 ORDER BY n DESC LIMIT 1", shard
        ) { row throws(StoreFault) in (n: try row.integer(0), signs: try row.integer(1)) }
        try execute(
            """
            INSERT INTO ticket_keys (shard, n, prev_n, kid, public_key, announced_us, signs_us, prev_signs_us, actor)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, (last?.n ?? 0) + 1, last?.n, key.kid, key.publicKey, key.announcedAt, key.signsFrom,
            last?.signs, actor)
    }

    public borrowing func retireTicketKey(
        _ kid: String, because reason: String, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO ticket_key_ends (shard, kid, ended_us, reason, actor) VALUES ($1, $2, $3, $4, $5)", shard,
            kid, instant, reason, actor)
    }

    /// When the last of the tickets ends that were issued in a window. Reads all tickets: asked once a rotation.
    public borrowing func lastTicketEnd(
        issuedFrom start: Instant, until end: Instant?
    ) throws(StoreFault) -> Instant? {
        // A token of another end was signed when the end was changed.
        try row(
            """
            SELECT max(x.ends_us) FROM (
              SELECT not_after_us AS ends_us FROM tickets WHERE shard = $1 AND issued_us >= $2 AND issued_us < $3
              UNION ALL SELECT after_us FROM ticket_extensions WHERE shard = $1 AND at_us >= $2 AND at_us < $3) x
            """, shard, start, end?.microseconds ?? Int64.max
        ) { row throws(StoreFault) in try row.optionalInstant(0) }.flatMap(\.self)
    }
}
