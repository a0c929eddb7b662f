internal import BoxOffice
public import Payouts
public import Values

/// A line of the register of who waits for what, as a night left it.
public struct CarriedEntry: Sendable, Hashable {
    public let key: TierKey
    public let available: Int64
    public let pending: Int64
    public let reason: String
    public let nextOn: LocalDay?
    public let bracketUse: [Int64]

    public init(
        key: TierKey, available: Int64, pending: Int64, reason: String, nextOn: LocalDay?, bracketUse: [Int64]
    ) {
        self.key = key
        self.available = available
        self.pending = pending
        self.reason = reason
        self.nextOn = nextOn
        self.bracketUse = bracketUse
    }
}

/// A payment of a batch, as stored.
public struct PayoutEntry: Sendable, Hashable {
    public let host: HostID
    public let currency: Currency
    public let gross: Int64
    public let withheld: Int64
    public let net: Int64
}

extension Transaction {
    public borrowing func insertAccrual(_ accrual: Accrual) throws(StoreFault) {
        try execute(
            """
            INSERT INTO accruals (shard, accrual, host, currency, amount, available_on, accrued_on, kind, room, order_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, accrual.id, accrual.host, accrual.amount.currency, accrual.amount.minorUnits,
            accrual.availableOn, accrual.accruedOn, accrual.kind.rawValue, accrual.room, accrual.order)
        try insertOwed(accrual)
    }

    /// Accruals of an order that nights up to a day made, each with the day of the batch that paid it, if any. What came
    /// back was not paid: what is owed in its place stands here instead.
    public borrowing func accruals(
        of order: OrderID, through day: LocalDay
    ) throws(StoreFault) -> [(accrual: Accrual, paidOn: LocalDay?)] {
        try rows(
            """
            SELECT a.accrual, a.kind, a.host, a.amount, a.currency, a.available_on, a.accrued_on, a.room, a.order_id,
              b.day
            FROM accruals a
            LEFT JOIN payout_lines l ON l.shard = a.shard AND l.accrual = a.accrual
            LEFT JOIN payout_batches b ON b.shard = l.shard AND b.batch = l.batch AND b.day <= $3
            WHERE a.shard = $1 AND a.order_id = $2 AND a.accrued_on <= $3 AND NOT EXISTS (SELECT 1
              FROM payout_return_lines r JOIN accruals n ON n.shard = r.shard AND n.accrual = r.accrual
              WHERE r.shard = a.shard AND r.returned = a.accrual AND n.accrued_on <= $3)
            ORDER BY a.accrual
            """, shard, order, day
        ) { row throws(StoreFault) in (try readAccrual(row), row.isNull(9) ? nil : try row.day(9)) }
    }

    public borrowing func insertBatch(
        of day: LocalDay, digest: SHA256Digest, id: String, by actor: String
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO payout_batches (shard, batch, day, digest, created_by) VALUES ($1, $2, $3, $4, $5)", shard,
            id, day, digest, actor)
    }

    public borrowing func insertItem(_ item: PayoutItem, batch: String, sequence: Int64) throws(StoreFault) {
        try execute(
            """
            INSERT INTO payout_items (shard, batch, host, currency, gross, withheld, net, seq)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, batch, item.host, item.gross.currency, item.gross.minorUnits, item.withheld.minorUnits,
            item.net.minorUnits, sequence)
    }

    /// How many a batch pays.
    public borrowing func itemCount(of batch: String) throws(StoreFault) -> Int {
        try row("SELECT count(*) FROM payout_items WHERE shard = $1 AND batch = $2", shard, batch) {
            row throws(StoreFault) in try row.int(0)
        } ?? 0
    }

    /// The digest of a day's batch, by which it is approved; `nil` as long as it was not computed.
    public borrowing func batchDigest(of day: LocalDay) throws(StoreFault) -> String? {
        try row("SELECT digest FROM payout_batches WHERE shard = $1 AND day = $2", shard, day) {
            row throws(StoreFault) in try row.text(0)
        }
    }

    public borrowing func payouts(of day: LocalDay) throws(StoreFault) -> [PayoutEntry] {
        try rows(
            """
            SELECT i.host, i.currency, i.gross, i.withheld, i.net FROM payout_items i
            JOIN payout_batches b ON b.shard = i.shard AND b.batch = i.batch
            WHERE i.shard = $1 AND b.day = $2 ORDER BY i.host, i.currency
            """, shard, day
        ) { row throws(StoreFault) in
            PayoutEntry(
                host: try row.identifier(0), currency: try row.currency(1), gross: try row.integer(2),
                withheld: try row.integer(3), net: try row.integer(4))
        }
    }

    public borrowing func insertCarried(_ entry: CarriedEntry, on day: LocalDay) throws(StoreFault) {
        try execute(
            """
            INSERT INTO carried (shard, day, host, currency, available, pending, reason, next_on, bracket_use)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, day, entry.key.host, entry.key.currency, entry.available, entry.pending, entry.reason,
            entry.nextOn, list(entry.bracketUse))
    }

    /// The register of a night: payees who were paid, wait or whose brackets it moved.
    public borrowing func carried(on day: LocalDay) throws(StoreFault) -> [CarriedEntry] {
        try rows(
            """
            SELECT host, currency, available, pending, reason, next_on, bracket_use FROM carried
            WHERE shard = $1 AND day = $2 ORDER BY host, currency
            """, shard, day, read: readCarried)
    }

    /// How every payee of the register stood after a night. Whoever it does not name was owed nothing, and keeps the
    /// brackets of the last row.
    public borrowing func register(through day: LocalDay) throws(StoreFault) -> [CarriedEntry] {
        try rows(
            """
            SELECT host, currency, available, pending, CASE WHEN day = $2 THEN reason ELSE 'nothing' END, next_on,
              bracket_use
            FROM carried c WHERE shard = $1 AND day = (SELECT max(day) FROM carried x WHERE x.shard = c.shard
              AND x.host = c.host AND x.currency = c.currency AND x.day <= $2)
            ORDER BY host, currency
            """, shard, day, read: readCarried)
    }
}

func readCarried(_ row: borrowing Row) throws(StoreFault) -> CarriedEntry {
    guard let use = numbers(try row.text(6)) else { throw row.corrupt(6) }
    return CarriedEntry(
        key: TierKey(host: try row.identifier(0), currency: try row.currency(1)),
        available: try row.integer(2), pending: try row.integer(3), reason: try row.text(4),
        nextOn: row.isNull(5) ? nil : try row.day(5), bracketUse: use)
}

func readAccrual(_ row: borrowing Row) throws(StoreFault) -> Accrual {
    guard let kind = Accrual.Kind(rawValue: try row.text(1)) else { throw row.corrupt(1) }
    return Accrual(
        id: try row.identifier(0), kind: kind, host: try row.identifier(2), amount: try row.money(3, 4),
        availableOn: try row.day(5), accruedOn: try row.day(6), room: try row.optionalIdentifier(7),
        order: try row.optionalIdentifier(8))
}
