public import BoxOffice
public import Values

/// A fact for other systems, as stored.
public struct OutboxRow: Sendable, Hashable {
    /// The cursor: from 1, without gaps.
    public let sequence: Int64
    public let kind: EventKind
    public let host: HostID?
    /// The one endpoint that it is for; `nil` for everybody who may hear of it.
    public let webhook: WebhookID?
    /// JSON.
    public let body: String
    public let at: Instant
}

extension Transaction {
    /// Appends a fact behind the last one, in the transaction that makes it one.
    /// - Parameter subject: the id of what it is about, by which an audit finds it.
    @discardableResult
    public borrowing func appendEvent(
        _ kind: EventKind, of subject: String, host: HostID?, for webhook: WebhookID? = nil, body: String,
        at instant: Instant
    ) throws(StoreFault) -> Int64 {
        let sequence = try lastEvent() + 1
        try execute(
            """
            INSERT INTO outbox (shard, sequence, kind, subject, host, endpoint, body, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, sequence, kind.rawValue, subject, host, webhook, body, instant)
        memory?.note(event: sequence)
        return sequence
    }

    /// The last fact's cursor; 0 before the first. Within a group it is remembered, so that a rush asks once a commit.
    public borrowing func lastEvent() throws(StoreFault) -> Int64 {
        if let known = memory?.event { return known }
        // Had the group told anything, it would know.
        let last = try row(
            "SELECT max(sequence) FROM outbox WHERE shard = $1", shard, seesWaiting: memory == nil
        ) { row throws(StoreFault) in try row.optionalInteger(0) }
        let sequence = last.flatMap(\.self) ?? 0
        memory?.note(event: sequence)
        return sequence
    }

    /// Facts after a cursor, in order.
    /// - Parameter host: only those that this host may hear of; `nil` for all.
    public borrowing func events(
        after cursor: Int64, of host: HostID? = nil, limit: Int
    ) throws(StoreFault) -> [OutboxRow] {
        if let host {
            return try rows(
                """
                SELECT sequence, kind, host, endpoint, body, at_us FROM outbox
                WHERE shard = $1 AND host = $2 AND sequence > $3 ORDER BY sequence LIMIT $4
                """, shard, host, cursor, limit, read: readEvent)
        }
        return try rows(
            """
            SELECT sequence, kind, host, endpoint, body, at_us FROM outbox
            WHERE shard = $1 AND sequence > $2 ORDER BY sequence LIMIT $3
            """, shard, cursor, limit, read: readEvent)
    }
}

private func readEvent(_ row: borrowing Row) throws(StoreFault) -> OutboxRow {
    guard let kind = EventKind(rawValue: try row.text(1)) else { throw row.corrupt(1) }
    return OutboxRow(
        sequence: try row.integer(0), kind: kind, host: try row.optionalIdentifier(2),
        webhook: try row.optionalIdentifier(3), body: try row.text(4), at: try row.instant(5))
}
