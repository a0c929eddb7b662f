internal import BoxOffice
public import Payouts
public import Values

/// A reversal of an order as stored.
public struct ReversalRow: Sendable, Hashable {
    public let refund: RefundID
    /// Signed: negative where a dispute was won.
    public let delta: Int64
    public let sequence: Int64
    public let reason: String
    public let at: Instant
}

/// An accrual of an order with where it went.
public struct AccrualFate: Sendable, Hashable {
    public let accrual: AccrualID
    public let host: HostID
    public let kind: String
    public let amount: Money
    public let availableOn: LocalDay
    public let accruedOn: LocalDay
    public let order: OrderID?
    /// Of the batch that paid it; `nil` while it is owed.
    public let batch: String?
    /// What is owed in its place since that payout came back.
    public let again: AccrualID?
}

/// A state of a payout's transfer.
public struct TransferFactRow: Sendable, Hashable {
    public let state: String
    /// The entry between provider and bank.
    public let sequence: Int64?
    /// The entry that undoes the payout's own.
    public let mirror: Int64?
    public let detail: String
    public let at: Instant
}

// What `explain` asks: the facts of one order or one payout, each with its journal entry.
extension Transaction {
    public borrowing func reversalRows(of order: OrderID) throws(StoreFault) -> [ReversalRow] {
        try rows(
            """
            SELECT refund, delta, seq, reason, at_us FROM order_reversals WHERE shard = $1 AND order_id = $2 ORDER BY n
            """, shard, order
        ) { row throws(StoreFault) in
            ReversalRow(
                refund: try row.identifier(0), delta: try row.integer(1), sequence: try row.integer(2),
                reason: try row.text(3), at: try row.instant(4))
        }
    }

    /// What an order lost for good in disputes, with the entries.
    public borrowing func losses(
        of order: OrderID
    ) throws(StoreFault) -> [(dispute: String, amount: Int64, sequence: Int64, at: Instant)] {
        try rows(
            """
            SELECT dispute, amount, seq, at_us FROM dispute_losses WHERE shard = $1 AND order_id = $2 ORDER BY seq
            """, shard, order
        ) { row throws(StoreFault) in
            (
                dispute: try row.text(0), amount: try row.integer(1), sequence: try row.integer(2),
                at: try row.instant(3)
            )
        }
    }

    /// The day of the night that rated an order.
    public borrowing func ratedOn(_ order: OrderID) throws(StoreFault) -> LocalDay? {
        try row("SELECT rated_on FROM order_splits WHERE shard = $1 AND order_id = $2", shard, order) {
            row throws(StoreFault) in try row.day(0)
        }
    }

    /// Up to which entry nights have rated.
    public borrowing func ratedThrough() throws(StoreFault) -> Int64 {
        try row("SELECT max(rated_seq) FROM night_progress WHERE shard = $1", shard) { row throws(StoreFault) in
            try row.optionalInteger(0)
        }.flatMap(\.self) ?? 0
    }

    public borrowing func fates(ofOrder order: OrderID) throws(StoreFault) -> [AccrualFate] {
        try rows(
            """
            SELECT a.accrual, a.host, a.kind, a.amount, a.currency, a.available_on, a.accrued_on, a.order_id, l.batch,
              r.accrual
            FROM accruals a LEFT JOIN payout_lines l ON l.shard = a.shard AND l.accrual = a.accrual
            LEFT JOIN payout_return_lines r ON r.shard = a.shard AND r.returned = a.accrual
            WHERE a.shard = $1 AND a.order_id = $2 ORDER BY a.accrued_on, a.accrual
            """, shard, order, read: readFate)
    }

    /// The accruals that an item of a batch paid.
    public borrowing func fates(
        paidBy batch: String, to key: TierKey
    ) throws(StoreFault) -> [AccrualFate] {
        try rows(
            """
            SELECT a.accrual, a.host, a.kind, a.amount, a.currency, a.available_on, a.accrued_on, a.order_id, l.batch,
              r.accrual
            FROM payout_lines l JOIN accruals a ON a.shard = l.shard AND a.accrual = l.accrual
            LEFT JOIN payout_return_lines r ON r.shard = a.shard AND r.returned = a.accrual
            WHERE l.shard = $1 AND l.batch = $2 AND l.host = $3 AND l.currency = $4 ORDER BY a.accrued_on, a.accrual
            """, shard, batch, key.host, key.currency, read: readFate)
    }

    /// An item of a batch: its sums, its entry and the day of the batch.
    public borrowing func item(
        of batch: String, to key: TierKey
    ) throws(StoreFault) -> (gross: Int64, withheld: Int64, net: Int64, sequence: Int64, day: LocalDay)? {
        try row(
            """
            SELECT i.gross, i.withheld, i.net, i.seq, b.day FROM payout_items i
            JOIN payout_batches b ON b.shard = i.shard AND b.batch = i.batch
            WHERE i.shard = $1 AND i.batch = $2 AND i.host = $3 AND i.currency = $4
            """, shard, batch, key.host, key.currency
        ) { row throws(StoreFault) in
            (
                gross: try row.integer(0), withheld: try row.integer(1), net: try row.integer(2),
                sequence: try row.integer(3), day: try row.day(4)
            )
        }
    }

    /// The attempts to bring an item to its host, the first one first.
    public borrowing func transfers(
        of batch: String, to key: TierKey
    ) throws(StoreFault) -> [(payout: PayoutTransferID, provider: String)] {
        try rows(
            """
            SELECT payout, provider FROM payout_transfers
            WHERE shard = $1 AND batch = $2 AND host = $3 AND currency = $4 ORDER BY attempt
            """, shard, batch, key.host, key.currency
        ) { row throws(StoreFault) in (payout: try row.identifier(0), provider: try row.text(1)) }
    }

    public borrowing func facts(of payout: PayoutTransferID) throws(StoreFault) -> [TransferFactRow] {
        try rows(
            """
            SELECT state, seq, mirror_seq, detail, at_us FROM payout_transfer_facts
            WHERE shard = $1 AND payout = $2 ORDER BY n
            """, shard, payout
        ) { row throws(StoreFault) in
            TransferFactRow(
                state: try row.text(0), sequence: try row.optionalInteger(1), mirror: try row.optionalInteger(2),
                detail: try row.text(3), at: try row.instant(4))
        }
    }
}

private func readFate(_ row: borrowing Row) throws(StoreFault) -> AccrualFate {
    AccrualFate(
        accrual: try row.identifier(0), host: try row.identifier(1), kind: try row.text(2), amount: try row.money(3, 4),
        availableOn: try row.day(5), accruedOn: try row.day(6), order: try row.optionalIdentifier(7),
        batch: row.isNull(8) ? nil : try row.text(8), again: try row.optionalIdentifier(9))
}
