public import BoxOffice
public import Ledger
public import Values

/// Money in suspense as stored, with its end if it has one.
public struct SuspenseRow: Sendable, Hashable {
    /// How and when an item left suspense.
    public struct End: Sendable, Hashable {
        /// `wallet`, `refund` or `reversal`.
        public let how: String
        public let holder: HolderID?
        public let entry: EntryID
        public let at: Instant
    }

    public let id: SuspenseID
    public let source: String
    public let reference: String
    public let amount: Money
    public let reason: String
    public let entry: EntryID
    public let at: Instant
    public let end: End?
}

extension Transaction {
    /// Books money that can't be placed. The same source and reference are booked once: a repeated arrival changes
    /// nothing and gives the item that is there, whose amount the caller compares.
    @discardableResult
    public borrowing func bookSuspense(
        _ arrival: SuspenseArrival, stamp: EntryStamp
    ) throws(StoreFault) -> (item: SuspenseRow, isNew: Bool) {
        if let known = try suspense(source: arrival.source, reference: arrival.reference) { return (known, false) }
        let chained = try append(arrival.entry(stamp))
        try execute(
            """
            INSERT INTO suspense_items (shard, item, source, reference, currency, amount, reason, seq, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, arrival.id, arrival.source, arrival.reference, arrival.amount.currency,
            arrival.amount.minorUnits, arrival.reason, chained.sequence, stamp.postedAt)
        try openPassage(arrival.id.text, of: arrival.amount, on: .unplaced, at: stamp.postedAt)
        let item = SuspenseRow(
            id: arrival.id, source: arrival.source, reference: arrival.reference, amount: arrival.amount,
            reason: arrival.reason, entry: stamp.id, at: stamp.postedAt, end: nil)
        return (item, true)
    }

    /// Ends an item with the entry that moves its money. The schema refuses a second end.
    public borrowing func endSuspense(
        _ item: SuspenseRow, how: String, holder: HolderID?, sequence: Int64, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO suspense_ends (shard, item, currency, amount, how, holder, seq, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, item.id, item.amount.currency, item.amount.minorUnits, how, holder, sequence, actor, instant)
        try closePassage(item.id.text, on: .unplaced)
    }

    public borrowing func suspense(_ id: SuspenseID) throws(StoreFault) -> SuspenseRow? {
        try row(
            """
            SELECT i.item, i.source, i.reference, i.amount, i.currency, i.reason, e.entry, i.at_us, x.how, x.holder,
              r.entry, x.at_us
            FROM suspense_items i JOIN entries e ON e.shard = i.shard AND e.seq = i.seq
            LEFT JOIN suspense_ends x ON x.shard = i.shard AND x.item = i.item
            LEFT JOIN entries r ON r.shard = x.shard AND r.seq = x.seq
            WHERE i.shard = $1 AND i.item = $2
            """, shard, id, read: readSuspense)
    }

    /// The item that this entry booked.
    public borrowing func suspense(bookedBy sequence: Int64) throws(StoreFault) -> SuspenseRow? {
        try row(
            """
            SELECT i.item, i.source, i.reference, i.amount, i.currency, i.reason, e.entry, i.at_us, x.how, x.holder,
              r.entry, x.at_us
            FROM suspense_items i JOIN entries e ON e.shard = i.shard AND e.seq = i.seq
            LEFT JOIN suspense_ends x ON x.shard = i.shard AND x.item = i.item
            LEFT JOIN entries r ON r.shard = x.shard AND r.seq = x.seq
            WHERE i.shard = $1 AND i.seq = $2
            """, shard, sequence, read: readSuspense)
    }

    public borrowing func suspense(source: String, reference: String) throws(StoreFault) -> SuspenseRow? {
        try row(
            """
            SELECT i.item, i.source, i.reference, i.amount, i.currency, i.reason, e.entry, i.at_us, x.how, x.holder,
              r.entry, x.at_us
            FROM suspense_items i JOIN entries e ON e.shard = i.shard AND e.seq = i.seq
            LEFT JOIN suspense_ends x ON x.shard = i.shard AND x.item = i.item
            LEFT JOIN entries r ON r.shard = x.shard AND r.seq = x.seq
            WHERE i.shard = $1 AND i.source = $2 AND i.reference = $3
            """, shard, source, reference, read: readSuspense)
    }

    /// Items in the order of their arrival, behind a cursor; those still open, or all.
    public borrowing func suspenseItems(
        openOnly: Bool, after cursor: String, limit: Int
    ) throws(StoreFault) -> [SuspenseRow] {
        try rows(
            """
            SELECT i.item, i.source, i.reference, i.amount, i.currency, i.reason, e.entry, i.at_us, x.how, x.holder,
              r.entry, x.at_us
            FROM suspense_items i JOIN entries e ON e.shard = i.shard AND e.seq = i.seq
            LEFT JOIN suspense_ends x ON x.shard = i.shard AND x.item = i.item
            LEFT JOIN entries r ON r.shard = x.shard AND r.seq = x.seq
            WHERE i.shard = $1 AND i.item > $2 AND (x.item IS NULL OR $3 = 0) ORDER BY i.item LIMIT $4
            """, shard, cursor, openOnly ? 1 : 0, limit, read: readSuspense)
    }
}

private func readSuspense(_ row: borrowing Row) throws(StoreFault) -> SuspenseRow {
    var end: SuspenseRow.End?
    if let how = try row.optionalText(8) {
        end = SuspenseRow.End(
            how: how, holder: try row.optionalIdentifier(9), entry: try row.identifier(10), at: try row.instant(11))
    }
    return SuspenseRow(
        id: try row.identifier(0), source: try row.text(1), reference: try row.text(2), amount: try row.money(3, 4),
        reason: try row.text(5), entry: try row.identifier(6), at: try row.instant(7), end: end)
}
