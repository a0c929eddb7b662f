public import BoxOffice
public import Values

extension Transaction {
    public borrowing func insertOrder(
        _ order: Order, sequence: Int64, soldOn day: LocalDay
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO orders (shard, order_id, room, holder, price_version, currency, gross, vat, fee, base,
              fee_refundable, policy, ticket, sold_us, sold_seq, sold_on)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """, shard, order.id, order.room, order.holder, order.priceVersion, order.currency,
            order.gross.minorUnits, order.vat, order.fee, order.base, order.feeIsRefundable ? 1 : 0, order.policy,
            order.ticket, order.soldAt, sequence, day)
    }

    public borrowing func order(_ id: OrderID) throws(StoreFault) -> Order? {
        try row(
            """
            SELECT o.order_id, o.room, r.host, r.cohosts, o.holder, o.ticket, o.price_version, o.gross, o.currency,
              o.vat, o.fee, o.fee_refundable, o.policy, o.sold_us
            FROM orders o JOIN rooms r ON r.shard = o.shard AND r.room = o.room
            WHERE o.shard = $1 AND o.order_id = $2
            """, shard, id, read: readOrder)
    }

    /// Orders of a room of which something is not reversed, in the order of their making.
    public borrowing func unreversedOrders(of room: RoomID, limit: Int) throws(StoreFault) -> [OrderID] {
        try rows(
            """
            SELECT order_id FROM orders o WHERE shard = $1 AND room = $2 AND gross > coalesce(
              (SELECT max(after) FROM order_reversals v WHERE v.shard = o.shard AND v.order_id = o.order_id), 0)
            ORDER BY order_id LIMIT $3
            """, shard, room, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// γ: what was given back of an order so far, and how many times something was.
    public borrowing func reversals(
        of order: OrderID, through sequence: Int64 = .max
    ) throws(StoreFault) -> (count: Int64, reversed: Int64) {
        try row(
            """
            SELECT n, after FROM order_reversals WHERE shard = $1 AND order_id = $2 AND seq <= $3
            ORDER BY n DESC LIMIT 1
            """, shard, order, sequence
        ) { row throws(StoreFault) in (count: try row.integer(0), reversed: try row.integer(1)) } ?? (0, 0)
    }

    /// Chains a reversal behind the ones before it.
    public borrowing func insertReversal(
        _ refund: Refund, gross: Int64, sequence: Int64, reason: String
    ) throws(StoreFault) {
        let count = try reversals(of: refund.order).count
        try execute(
            """
            INSERT INTO order_reversals
              (shard, order_id, gross, n, prev_n, before, delta, after, refund, seq, at_us, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, refund.order, gross, count + 1, count == 0 ? Int64?.none : count, refund.reversedBefore,
            refund.reversedAfter - refund.reversedBefore, refund.reversedAfter, refund.id, sequence,
            refund.refundedAt, reason)
    }
}

func readOrder(_ row: borrowing Row) throws(StoreFault) -> Order {
    let cohosts = try row.text(3)
    guard
        let order = Order(
            id: try row.identifier(0), room: try row.identifier(1), owner: try row.identifier(2),
            cohosts: cohosts == "[]" ? [] : try parsedCohosts(cohosts), holder: try row.identifier(4),
            ticket: try row.identifier(5), priceVersion: try row.int(6), gross: try row.money(7, 8),
            vat: try row.integer(9), fee: try row.integer(10), feeIsRefundable: try row.integer(11) == 1,
            policy: try row.text(12), soldAt: try row.instant(13))
    else { throw row.corrupt(7) }
    return order
}
