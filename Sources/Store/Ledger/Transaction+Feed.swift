internal import Ledger
public import Values

/// An event for gateways, as stored.
public struct FeedRow: Sendable, Hashable {
    /// The cursor: from 1, without gaps.
    public let sequence: Int64
    public let kind: String
    /// JSON.
    public let body: String
    public let at: Instant
}

extension Transaction {
    /// Appends an event behind the feed's end; `body` writes it for the sequence that it gets.
    @discardableResult
    public borrowing func appendFeed(
        kind: String, at instant: Instant, body: (Int64) -> String
    ) throws(StoreFault) -> Int64 {
        let head = try journalHead()
        let sequence = head.feed + 1
        try execute(
            "INSERT INTO feed (shard, sequence, kind, body, at_us) VALUES ($1, $2, $3, $4, $5)", shard, sequence,
            kind, body(sequence), instant)
        try moveHead(to: JournalHead(chain: head.chain, postedAt: head.postedAt, feed: sequence))
        return sequence
    }

    /// Events after a cursor, in order.
    public borrowing func feed(after cursor: Int64, limit: Int) throws(StoreFault) -> [FeedRow] {
        try rows(
            """
            SELECT sequence, kind, body, at_us FROM feed WHERE shard = $1 AND sequence > $2
            ORDER BY sequence LIMIT $3
            """, shard, cursor, limit
        ) { row throws(StoreFault) in
            FeedRow(
                sequence: try row.integer(0), kind: try row.text(1), body: try row.text(2), at: try row.instant(3))
        }
    }
}
