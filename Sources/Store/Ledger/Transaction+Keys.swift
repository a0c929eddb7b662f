public import Values

/// A key as stored: what it may do, whose it is and until when. The key itself is not stored, only its SHA-256.
public struct KeyRow: Sendable, Hashable {
    public let id: APIKeyID
    public let hash: SHA256Digest
    public let scope: String
    public let subject: String
    /// What its maker calls it; may be empty.
    public let name: String
    public let createdBy: String
    public let createdAt: Instant
    public let expiresAt: Instant?
    public let revokedAt: Instant?
    /// When it was last used, some minutes coarse.
    public let usedAt: Instant?

    public init(
        id: APIKeyID, hash: SHA256Digest, scope: String, subject: String, name: String = "", createdBy: String,
        createdAt: Instant, expiresAt: Instant? = nil, revokedAt: Instant? = nil, usedAt: Instant? = nil
    ) {
        self.id = id
        self.hash = hash
        self.scope = scope
        self.subject = subject
        self.name = name
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.usedAt = usedAt
    }

    public var isRevoked: Bool { revokedAt != nil }
}

extension Transaction {
    public borrowing func insertKey(_ key: KeyRow) throws(StoreFault) {
        try execute(
            """
            INSERT INTO api_keys (shard, hash, key_id, scope, subject, name, created_by, created_us, expires_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, key.hash, key.id, key.scope, key.subject, key.name, key.createdBy, key.createdAt,
            key.expiresAt)
    }

    public borrowing func key(hash: SHA256Digest) throws(StoreFault) -> KeyRow? {
        try row(
            """
            SELECT key_id, hash, scope, subject, name, created_by, created_us, expires_us, revoked_us, used_us
            FROM api_keys WHERE shard = $1 AND hash = $2
            """, shard, hash, read: readKey)
    }

    public borrowing func key(_ id: APIKeyID) throws(StoreFault) -> KeyRow? {
        try row(
            """
            SELECT key_id, hash, scope, subject, name, created_by, created_us, expires_us, revoked_us, used_us
            FROM api_keys WHERE shard = $1 AND key_id = $2
            """, shard, id, read: readKey)
    }

    /// Every key of a subject, revoked or not, in the order of their making.
    public borrowing func keys(
        of subject: String, after: String = "", limit: Int = 10_000
    ) throws(StoreFault) -> [KeyRow] {
        try rows(
            """
            SELECT key_id, hash, scope, subject, name, created_by, created_us, expires_us, revoked_us, used_us
            FROM api_keys WHERE shard = $1 AND subject = $2 AND key_id > $3 ORDER BY key_id LIMIT $4
            """, shard, subject, after, limit, read: readKey)
    }

    /// Every key but those of wallets, in the order of their making.
    public borrowing func keysListed(after: String, limit: Int) throws(StoreFault) -> [KeyRow] {
        try rows(
            """
            SELECT key_id, hash, scope, subject, name, created_by, created_us, expires_us, revoked_us, used_us
            FROM api_keys WHERE shard = $1 AND scope <> 'wallet' AND key_id > $2 ORDER BY key_id LIMIT $3
            """, shard, after, limit, read: readKey)
    }

    /// - Returns: `false` if the key was revoked before.
    public borrowing func revokeKey(hash: SHA256Digest, at instant: Instant) throws(StoreFault) -> Bool {
        try execute(
            "UPDATE api_keys SET revoked_us = $3 WHERE shard = $1 AND hash = $2 AND revoked_us IS NULL", shard, hash,
            instant) > 0
    }

    /// Notes that a key was used.
    public borrowing func noteUse(of hash: SHA256Digest, at instant: Instant) throws(StoreFault) {
        try execute("UPDATE api_keys SET used_us = $3 WHERE shard = $1 AND hash = $2", shard, hash, instant)
    }

    /// The outcome that was stored under a key of a command, and the hash of the request that came with it.
    public borrowing func storedOutcome(
        scope: String, key: String
    ) throws(StoreFault) -> (requestHash: String, outcome: String)? {
        if let known = memory?.outcome(GroupMemory.OutcomeName(scope: scope, key: key)) { return known }
        return try row(
            "SELECT request_hash, outcome FROM idempotency_keys WHERE shard = $1 AND scope = $2 AND idem_key = $3",
            shard, scope, key, seesWaiting: memory == nil
        ) { row throws(StoreFault) in (try row.text(0), try row.text(1)) }
    }

    public borrowing func storeOutcome(
        _ outcome: String, scope: String, key: String, requestHash: SHA256Digest, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO idempotency_keys (shard, scope, idem_key, request_hash, outcome, created_us)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, shard, scope, key, requestHash, outcome, instant)
        memory?.remember((requestHash.hex, outcome), as: GroupMemory.OutcomeName(scope: scope, key: key))
    }

    /// Appends to the audit log: at `instant`, or at the time of the last act or entry where that is later. A caller reads
    /// its clock before it waits for its turn, but a report up to an entry has the acts up to its time: one that is stored
    /// together with the entry may be of that very time, any later one is of a later microsecond.
    public borrowing func audit(
        actor: String, act: String, subject: String, detail: String = "", at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO audit_log (shard, n, at_us, actor, act, subject, detail)
            SELECT $1, max(f.n) + 1, max(f.at_us), $3, $4, $5, $6 FROM (
              SELECT 0 AS n, CAST($2 AS BIGINT) AS at_us
              UNION ALL SELECT 0, $7 + (SELECT posted_us FROM entries WHERE shard = $1 ORDER BY seq DESC LIMIT 1)
              UNION ALL SELECT n, at_us FROM audit_log
                WHERE shard = $1 AND n = (SELECT max(n) FROM audit_log WHERE shard = $1)) AS f
            """, shard, instant, actor, act, subject, detail, memory?.isTimeMoved == true ? 0 : 1)
    }
}

private func readKey(_ row: borrowing Row) throws(StoreFault) -> KeyRow {
    guard let hash = SHA256Digest(hex: try row.text(1)) else { throw row.corrupt(1) }
    return KeyRow(
        id: try row.identifier(0), hash: hash, scope: try row.text(2), subject: try row.text(3), name: try row.text(4),
        createdBy: try row.text(5), createdAt: try row.instant(6), expiresAt: try row.optionalInstant(7),
        revokedAt: try row.optionalInstant(8), usedAt: try row.optionalInstant(9))
}
