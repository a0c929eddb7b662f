public import BoxOffice
public import Values

/// An endpoint as stored, in the state of its last fact.
public struct WebhookRow: Sendable, Hashable {
    public let id: WebhookID
    /// Whose rooms it hears of; `nil` for the platform's own, which hears of everything.
    public let host: HostID?
    public let url: String
    /// Kinds that it asked for; empty for all.
    public let kinds: [EventKind]
    public let createdAt: Instant
    public let createdBy: String
    public let endpoint: WebhookEndpoint
    /// Why the last fact was written.
    public let reason: String
    /// Which key file the secret is derived from.
    public let keyPrint: String
}

/// How far an endpoint has got.
public struct WebhookProgress: Sendable, Hashable {
    /// The last event that it has, or that it did not ask for.
    public let sequence: Int64
    /// In a row.
    public let failures: Int64
    public let failingSince: Instant?
    public let nextAt: Instant

    public init(sequence: Int64, failures: Int64, failingSince: Instant?, nextAt: Instant) {
        self.sequence = sequence
        self.failures = failures
        self.failingSince = failingSince
        self.nextAt = nextAt
    }
}

/// One attempt at a delivery.
public struct WebhookAttempt: Sendable, Hashable {
    public let sequence: Int64
    /// Of this event in a row, from 1.
    public let attempt: Int64
    /// What the receiver answered, if it did.
    public let status: Int?
    /// `delivered`, or why not.
    public let outcome: String
    public let at: Instant
    public let tookMicroseconds: Int64

    public init(
        sequence: Int64, attempt: Int64, status: Int?, outcome: String, at: Instant, tookMicroseconds: Int64
    ) {
        self.sequence = sequence
        self.attempt = attempt
        self.status = status
        self.outcome = outcome
        self.at = at
        self.tookMicroseconds = tookMicroseconds
    }
}

extension Transaction {
    /// Attempts of an endpoint that are kept.
    private static var attemptsKept: Int64 { 200 }

    /// Stores a new endpoint, enabled; it hears of what happens from now on.
    public borrowing func insertWebhook(
        _ id: WebhookID, host: HostID?, url: String, kinds: [EventKind], keyPrint: String, by actor: String,
        at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO webhooks (shard, webhook, host, url, kinds, created_us, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, id, host, url, kinds.map(\.rawValue).joined(separator: " "), instant, actor)
        try appendFact(of: id, behind: nil, WebhookEndpoint(), keyPrint: keyPrint, "", by: actor, at: instant)
        try execute(
            """
            INSERT INTO webhook_progress (shard, webhook, sequence, failures, next_us, lease, lease_us)
            VALUES ($1, $2, $3, 0, 0, '', 0)
            """, shard, id, try lastEvent())
    }

    /// Chains a state behind the ones before.
    public borrowing func change(
        _ row: WebhookRow, to endpoint: WebhookEndpoint, keyPrint: String? = nil, reason: String, by actor: String,
        at instant: Instant
    ) throws(StoreFault) {
        let last = try self.row(
            "SELECT max(n) FROM webhook_facts WHERE shard = $1 AND webhook = $2", shard, row.id
        ) { row throws(StoreFault) in try row.integer(0) }
        try appendFact(
            of: row.id, behind: (last ?? 0, row.endpoint), endpoint, keyPrint: keyPrint ?? row.keyPrint, reason,
            by: actor, at: instant)
    }

    private borrowing func appendFact(
        of id: WebhookID, behind last: (n: Int64, endpoint: WebhookEndpoint)?, _ endpoint: WebhookEndpoint,
        keyPrint: String, _ reason: String, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO webhook_facts (shard, webhook, n, prev_n, prev_state, prev_secret, state, reason, secret,
              overlap_us, key_print, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """, shard, id, (last?.n ?? 0) + 1, last?.n, last?.endpoint.state.rawValue, last?.endpoint.secret,
            endpoint.state.rawValue, reason, endpoint.secret, endpoint.overlapUntil, keyPrint, actor, instant)
    }

    public borrowing func webhook(_ id: WebhookID) throws(StoreFault) -> WebhookRow? {
        try row(
            """
            SELECT w.webhook, w.host, w.url, w.kinds, w.created_us, w.created_by, f.state, f.secret, f.overlap_us,
              f.reason, f.key_print
            FROM webhooks w JOIN webhook_facts f ON f.shard = w.shard AND f.webhook = w.webhook
            WHERE w.shard = $1 AND w.webhook = $2 ORDER BY f.n DESC LIMIT 1
            """, shard, id, read: readWebhook)
    }

    /// Endpoints in the order of their making, the removed ones left out.
    /// - Parameter host: this host's; `nil` for everybody's.
    public borrowing func webhooks(of host: HostID?) throws(StoreFault) -> [WebhookRow] {
        let all = try rows(
            """
            SELECT w.webhook, w.host, w.url, w.kinds, w.created_us, w.created_by, f.state, f.secret, f.overlap_us,
              f.reason, f.key_print
            FROM webhooks w JOIN webhook_facts f ON f.shard = w.shard AND f.webhook = w.webhook
            WHERE w.shard = $1 AND f.state <> 'removed' AND NOT EXISTS (SELECT 1 FROM webhook_facts g
              WHERE g.shard = f.shard AND g.webhook = f.webhook AND g.n = f.n + 1)
            ORDER BY w.webhook
            """, shard, read: readWebhook)
        return host.map { host in all.filter { $0.host == host } } ?? all
    }

    public borrowing func progress(of id: WebhookID) throws(StoreFault) -> WebhookProgress? {
        try row(
            """
            SELECT sequence, failures, failing_us, next_us FROM webhook_progress WHERE shard = $1 AND webhook = $2
            """, shard, id
        ) { row throws(StoreFault) in
            WebhookProgress(
                sequence: try row.integer(0), failures: try row.integer(1), failingSince: try row.optionalInstant(2),
                nextAt: try row.instant(3))
        }
    }

    /// Takes the lease of an endpoint, if nobody has it.
    ///
    /// One that ends later than any lease could was written by a clock that was wrong.
    /// - Parameter isAlone: no other process shares the database, so whoever has the lease is gone.
    public borrowing func takeLease(
        of id: WebhookID, as name: String, until end: Instant, at now: Instant, isAlone: Bool
    ) throws(StoreFault) -> Bool {
        let longest = end.advanced(byMicroseconds: now.microseconds(until: end))
        return try execute(
            """
            UPDATE webhook_progress SET lease = $1, lease_us = $2 WHERE shard = $3 AND webhook = $4
              AND (lease = $1 OR lease = '' OR lease_us <= $5 OR lease_us > $6 OR $7 = 1)
            """, name, end, shard, id, now, longest, isAlone ? 1 : 0) == 1
    }

    public borrowing func releaseLease(of id: WebhookID, as name: String) throws(StoreFault) {
        try execute(
            "UPDATE webhook_progress SET lease = '', lease_us = 0 WHERE shard = $1 AND webhook = $2 AND lease = $3",
            shard, id, name)
    }

    /// Moves an endpoint forward and keeps its lease.
    /// - Returns: `false` if the lease is somebody else's by now: then nothing was moved.
    public borrowing func advance(
        _ id: WebhookID, to progress: WebhookProgress, as name: String, until end: Instant
    ) throws(StoreFault) -> Bool {
        try execute(
            """
            UPDATE webhook_progress SET sequence = $1, failures = $2, failing_us = $3, next_us = $4, lease_us = $5
            WHERE shard = $6 AND webhook = $7 AND lease = $8
            """, progress.sequence, progress.failures, progress.failingSince, progress.nextAt, end, shard, id, name)
            == 1
    }

    /// Sets an endpoint to a cursor, due at once. Whoever delivers to it loses the lease and begins again from here.
    public borrowing func rewind(_ id: WebhookID, to sequence: Int64) throws(StoreFault) {
        try execute(
            """
            UPDATE webhook_progress SET sequence = $1, failures = 0, failing_us = NULL, next_us = 0, lease = '',
              lease_us = 0
            WHERE shard = $2 AND webhook = $3
            """, sequence, shard, id)
    }

    /// Writes an attempt down, and removes those that are older than what is kept.
    public borrowing func insertAttempt(_ attempt: WebhookAttempt, of id: WebhookID) throws(StoreFault) {
        let last = try row(
            "SELECT max(n) FROM webhook_attempts WHERE shard = $1 AND webhook = $2", shard, id
        ) { row throws(StoreFault) in try row.optionalInteger(0) }
        let number = (last.flatMap(\.self) ?? 0) + 1
        try execute(
            """
            INSERT INTO webhook_attempts (shard, webhook, n, sequence, attempt, status, outcome, at_us, took_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, id, number, attempt.sequence, attempt.attempt, attempt.status, attempt.outcome, attempt.at,
            attempt.tookMicroseconds)
        try execute(
            "DELETE FROM webhook_attempts WHERE shard = $1 AND webhook = $2 AND n <= $3", shard, id,
            number - Self.attemptsKept)
    }

    /// The last attempts of an endpoint, newest first.
    public borrowing func attempts(of id: WebhookID, limit: Int) throws(StoreFault) -> [WebhookAttempt] {
        try rows(
            """
            SELECT sequence, attempt, status, outcome, at_us, took_us FROM webhook_attempts
            WHERE shard = $1 AND webhook = $2 ORDER BY n DESC LIMIT $3
            """, shard, id, limit
        ) { row throws(StoreFault) in
            WebhookAttempt(
                sequence: try row.integer(0), attempt: try row.integer(1),
                status: try row.optionalInteger(2).map { Int($0) }, outcome: try row.text(3),
                at: try row.instant(4), tookMicroseconds: try row.integer(5))
        }
    }
}

private func readWebhook(_ row: borrowing Row) throws(StoreFault) -> WebhookRow {
    var kinds: [EventKind] = []
    for word in try row.text(3).split(separator: " ") {
        guard let kind = EventKind(rawValue: String(word)) else { throw row.corrupt(3) }
        kinds.append(kind)
    }
    guard let state = WebhookEndpoint.State(rawValue: try row.text(6)) else { throw row.corrupt(6) }
    return WebhookRow(
        id: try row.identifier(0), host: try row.optionalIdentifier(1), url: try row.text(2), kinds: kinds,
        createdAt: try row.instant(4), createdBy: try row.text(5),
        endpoint: WebhookEndpoint(
            state: state, secret: try row.integer(7), overlapUntil: try row.optionalInstant(8)),
        reason: try row.text(9), keyPrint: try row.text(10))
}
