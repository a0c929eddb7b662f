public import Values

/// A published head as stored, with the statement as it went out.
public struct PublishedHead: Sendable, Hashable {
    public let day: LocalDay
    /// The first entry of its tree.
    public let first: Int64
    public let sequence: Int64
    public let hash: SHA256Digest
    public let root: SHA256Digest
    public let keyID: String
    public let statement: String
    public let at: Instant

    public init(
        day: LocalDay, first: Int64, sequence: Int64, hash: SHA256Digest, root: SHA256Digest, keyID: String,
        statement: String, at: Instant
    ) {
        self.day = day
        self.first = first
        self.sequence = sequence
        self.hash = hash
        self.root = root
        self.keyID = keyID
        self.statement = statement
        self.at = at
    }
}

extension Transaction {
    /// The name of the shard, as statements carry it.
    public var shardName: String { shard }

    public borrowing func insertHead(_ head: PublishedHead) throws(StoreFault) {
        try execute(
            """
            INSERT INTO published_heads
              (shard, day, sequence, hash, first_sequence, tree_root, kid, statement, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, head.day, head.sequence, head.hash, head.first, head.root, head.keyID, head.statement, head.at)
    }

    public borrowing func publishedHead(_ day: LocalDay) throws(StoreFault) -> PublishedHead? {
        try row(
            """
            SELECT day, first_sequence, sequence, hash, tree_root, kid, statement, at_us FROM published_heads
            WHERE shard = $1 AND day = $2
            """, shard, day, read: readHead)
    }

    /// Heads of the days after a day, in order; `nil` begins at the first.
    public borrowing func publishedHeads(after day: LocalDay?, limit: Int) throws(StoreFault) -> [PublishedHead] {
        try rows(
            """
            SELECT day, first_sequence, sequence, hash, tree_root, kid, statement, at_us FROM published_heads
            WHERE shard = $1 AND day > $2 ORDER BY day LIMIT $3
            """, shard, day?.description ?? "", limit, read: readHead)
    }

    /// The head whose tree an entry is in; `nil` while none has been published over it.
    public borrowing func publishedHead(over sequence: Int64) throws(StoreFault) -> PublishedHead? {
        try row(
            """
            SELECT day, first_sequence, sequence, hash, tree_root, kid, statement, at_us FROM published_heads
            WHERE shard = $1 AND sequence >= $2 AND first_sequence <= $2 ORDER BY day LIMIT 1
            """, shard, sequence, read: readHead)
    }

    /// The last entry that a published head covers; 0 before the first.
    public borrowing func publishedThrough() throws(StoreFault) -> Int64 {
        try row("SELECT sequence FROM published_heads WHERE shard = $1 ORDER BY day DESC LIMIT 1", shard) {
            row throws(StoreFault) in try row.integer(0)
        } ?? 0
    }

    /// The hashes of entries, first and last included, in order.
    public borrowing func entryHashes(
        from first: Int64, through last: Int64, _ body: (SHA256Digest) -> Void
    ) throws(StoreFault) {
        try forEach(
            "SELECT hash FROM entries WHERE shard = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq", shard, first, last
        ) { row throws(StoreFault) in
            guard let hash = SHA256Digest(hex: try row.text(0)) else { throw row.corrupt(0) }
            body(hash)
        }
    }

    /// The sequence of the entry that sold an order; `nil` for an order that does not exist or cost nothing.
    public borrowing func soldSequence(of order: OrderID) throws(StoreFault) -> Int64? {
        try row("SELECT sold_seq FROM orders WHERE shard = $1 AND order_id = $2", shard, order) {
            row throws(StoreFault) in try row.optionalInteger(0)
        }.flatMap(\.self)
    }

    /// Published statements as they stand, with what their rows say: for an audit, which believes neither.
    public borrowing func statedHeads() throws(StoreFault) -> [(
        day: String, sequence: Int64, hash: String, statement: String
    )] {
        try rows("SELECT day, sequence, hash, statement FROM published_heads WHERE shard = $1 ORDER BY day", shard) {
            row throws(StoreFault) in (try row.text(0), try row.integer(1), try row.text(2), try row.text(3))
        }
    }
}

private func readHead(_ row: borrowing Row) throws(StoreFault) -> PublishedHead {
    guard let hash = SHA256Digest(hex: try row.text(3)) else { throw row.corrupt(3) }
    guard let root = SHA256Digest(hex: try row.text(4)) else { throw row.corrupt(4) }
    return PublishedHead(
        day: try row.day(0), first: try row.integer(1), sequence: try row.integer(2), hash: hash, root: root,
        keyID: try row.text(5), statement: try row.text(6), at: try row.instant(7))
}
