public import Values

/// What a key may do, and whose it is. The key itself is not stored, only its SHA-256.
public struct KeyRow: Sendable, Hashable {
    public let scope: String
    public let subject: String
    public let isRevoked: Bool
}

extension Transaction {
    public borrowing func insertKey(
        hash: SHA256Digest, scope: String, subject: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO api_keys (shard, hash, scope, subject, created_us) VALUES ($1, $2, $3, $4, $5)", shard, hash,
            scope, subject, instant)
    }

    public borrowing func key(hash: SHA256Digest) throws(StoreFault) -> KeyRow? {
        try row("SELECT scope, subject, revoked_us FROM api_keys WHERE shard = $1 AND hash = $2", shard, hash) {
            row throws(StoreFault) in
            KeyRow(scope: try row.text(0), subject: try row.text(1), isRevoked: !row.isNull(2))
        }
    }

    /// The digests of every key of a subject, revoked or not. A key table has a row a wallet, so this reads it all:
    /// revoking is rare.
    public borrowing func keyHashes(of subject: String) throws(StoreFault) -> [String] {
        try rows("SELECT hash FROM api_keys WHERE shard = $1 AND subject = $2 ORDER BY hash", shard, subject) {
            row throws(StoreFault) in try row.text(0)
        }
    }

    /// - Returns: `false` if the key was revoked before.
    public borrowing func revokeKey(hash: String, at instant: Instant) throws(StoreFault) -> Bool {
        let isRevoked = try row(
            "SELECT revoked_us FROM api_keys WHERE shard = $1 AND hash = $2", shard, hash
        ) { row throws(StoreFault) in !row.isNull(0) }
        guard isRevoked == false else { return false }
        try execute("UPDATE api_keys SET revoked_us = $3 WHERE shard = $1 AND hash = $2", shard, hash, instant)
        return true
    }

    /// The outcome that was stored under a key of a command, and the hash of the request that came with it.
    public borrowing func storedOutcome(
        scope: String, key: String
    ) throws(StoreFault) -> (requestHash: String, outcome: String)? {
        try row(
            "SELECT request_hash, outcome FROM idempotency_keys WHERE shard = $1 AND scope = $2 AND idem_key = $3",
            shard, scope, key
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
    }

    /// Appends to the audit log.
    public borrowing func audit(
        actor: String, act: String, subject: String, detail: String = "", at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO audit_log (shard, n, at_us, actor, act, subject, detail)
            SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6 FROM audit_log WHERE shard = $1
            """, shard, instant, actor, act, subject, detail)
    }
}
