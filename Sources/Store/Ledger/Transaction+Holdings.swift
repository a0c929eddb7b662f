public import BoxOffice
internal import Ledger
public import Values

/// What one holder gets back of a room.
public struct RefundRecipient: Sendable, Hashable, Codable {
    public let holder: HolderID
    /// Orders of which money goes back.
    public let orders: Int
    public let amount: Money
}

extension Transaction {
    /// What a room holds of its buyers now. Looks at every order of the room; on a room of a million it takes seconds.
    public borrowing func holdings(of room: RoomID) throws(StoreFault) -> RoomHoldings {
        let touched: [OrderID] = try rows(
            """
            SELECT o.order_id FROM orders o WHERE o.shard = $1 AND o.room = $2 AND o.gross > 0
              AND (EXISTS (SELECT 1 FROM order_reversals v WHERE v.shard = o.shard AND v.order_id = o.order_id)
                OR EXISTS (SELECT 1 FROM releases r WHERE r.shard = o.shard AND r.order_id = o.order_id))
              AND o.gross > coalesce((SELECT sum(v.delta) FROM order_reversals v
                WHERE v.shard = o.shard AND v.order_id = o.order_id), 0)
            ORDER BY o.order_id
            """, shard, room
        ) { row throws(StoreFault) in try row.identifier(0) }
        var partly: [OrderStanding] = []
        for order in touched {
            guard let standing = try standing(of: order) else { throw .corrupt(column: "order_reversals.order_id") }
            partly.append(standing)
        }
        let whole = try wholeOrders(of: room)
        return RoomHoldings(
            whole: whole, partly: partly,
            counts: try counts(of: room, orders: whole.reduce(0) { $0 + $1.orders } + partly.count),
            elsewhere: try refundedBefore(of: room) + suspended(of: room))
    }

    private borrowing func wholeOrders(of room: RoomID) throws(StoreFault) -> [OrderSum] {
        try rows(
            """
            SELECT o.currency, o.vat_account, o.fee_account, o.fee_refundable, count(*), CAST(sum(o.gross) AS BIGINT),
              CAST(sum(o.vat) AS BIGINT), CAST(sum(o.fee) AS BIGINT)
            FROM orders o WHERE o.shard = $1 AND o.room = $2 AND o.gross > 0
              AND NOT EXISTS (SELECT 1 FROM order_reversals v WHERE v.shard = o.shard AND v.order_id = o.order_id)
              AND NOT EXISTS (SELECT 1 FROM releases r WHERE r.shard = o.shard AND r.order_id = o.order_id)
            GROUP BY o.currency, o.vat_account, o.fee_account, o.fee_refundable
            ORDER BY o.currency, o.vat_account, o.fee_account, o.fee_refundable
            """, shard, room
        ) { row throws(StoreFault) in
            guard let vatAccount = Account(try row.text(1)) else { throw row.corrupt(1) }
            guard let feeAccount = Account(try row.text(2)) else { throw row.corrupt(2) }
            return OrderSum(
                currency: try row.currency(0), vatAccount: vatAccount, feeAccount: feeAccount,
                feeIsRefundable: try row.integer(3) == 1, orders: try row.int(4), gross: try row.integer(5),
                vat: try row.integer(6), fee: try row.integer(7))
        }
    }

    private borrowing func counts(of room: RoomID, orders: Int) throws(StoreFault) -> CancellationCounts {
        let found = try row(
            """
            SELECT
              (SELECT count(DISTINCT coalesce((SELECT max(t.subject) FROM tickets t WHERE t.shard = o.shard
                  AND t.order_id = coalesce(x.ticket_order, o.order_id) AND NOT EXISTS (SELECT 1 FROM successions s
                    WHERE s.shard = t.shard AND s.predecessor = t.ticket)), o.holder))
                FROM orders o LEFT JOIN extensions x ON x.shard = o.shard AND x.order_id = o.order_id
                WHERE o.shard = $1 AND o.room = $2 AND o.gross > coalesce((SELECT sum(v.delta) FROM order_reversals v
                  WHERE v.shard = o.shard AND v.order_id = o.order_id), 0)),
              (SELECT count(*) FROM tickets t WHERE t.shard = $1 AND t.room = $2 AND t.order_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket)),
              (SELECT count(*) FROM tickets t WHERE t.shard = $1 AND t.room = $2 AND t.order_id IS NULL
                AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket)),
              (SELECT count(*) FROM open_holds h WHERE h.shard = $1 AND h.room = $2)
            """, shard, room
        ) { row throws(StoreFault) in
            CancellationCounts(
                orders: orders, holders: try row.int(0), tickets: try row.int(1), passes: try row.int(2),
                holds: try row.int(3))
        }
        return found ?? CancellationCounts(orders: orders, holders: 0, tickets: 0, passes: 0, holds: 0)
    }

    private borrowing func refundedBefore(of room: RoomID) throws(StoreFault) -> [NotGivenBack] {
        try rows(
            """
            SELECT count(DISTINCT v.order_id), CAST(sum(v.delta) AS BIGINT), o.currency FROM order_reversals v
            JOIN orders o ON o.shard = v.shard AND o.order_id = v.order_id
            WHERE o.shard = $1 AND o.room = $2 GROUP BY o.currency ORDER BY o.currency
            """, shard, room
        ) { row throws(StoreFault) in
            NotGivenBack(reason: .refundedBefore, count: try row.int(0), amount: try row.money(1, 2))
        }
    }

    private borrowing func suspended(of room: RoomID) throws(StoreFault) -> [NotGivenBack] {
        try rows(
            """
            SELECT count(*), CAST(sum(i.amount) AS BIGINT), i.currency FROM hold_payments p
            JOIN holds h ON h.shard = p.shard AND h.purchase = p.purchase
            JOIN suspense_items i ON i.shard = p.shard AND i.seq = p.seq
            WHERE p.shard = $1 AND h.room = $2 AND p.outcome = 'suspense' AND NOT EXISTS (SELECT 1
              FROM suspense_ends x WHERE x.shard = i.shard AND x.item = i.item)
            GROUP BY i.currency ORDER BY i.currency
            """, shard, room
        ) { row throws(StoreFault) in
            NotGivenBack(reason: .suspense, count: try row.int(0), amount: try row.money(1, 2))
        }
    }

    /// Who gets what back of a room, in the order of holders and currencies, behind one of them: whoever holds the last
    /// ticket of an order.
    public borrowing func recipients(
        of room: RoomID, after holder: String, _ currency: String, limit: Int
    ) throws(StoreFault) -> [RefundRecipient] {
        try rows(
            """
            SELECT x.holder, count(*), CAST(sum(x.remaining) AS BIGINT), x.currency FROM (
              SELECT coalesce((SELECT max(t.subject) FROM tickets t WHERE t.shard = o.shard
                  AND t.order_id = coalesce(e.ticket_order, o.order_id) AND NOT EXISTS (SELECT 1 FROM successions s
                    WHERE s.shard = t.shard AND s.predecessor = t.ticket)), o.holder) AS holder,
                o.currency, o.gross - coalesce((SELECT sum(v.delta) FROM order_reversals v
                  WHERE v.shard = o.shard AND v.order_id = o.order_id), 0) AS remaining
              FROM orders o LEFT JOIN extensions e ON e.shard = o.shard AND e.order_id = o.order_id
              WHERE o.shard = $1 AND o.room = $2) x
            WHERE x.remaining > 0 AND (x.holder, x.currency) > ($3, $4)
            GROUP BY x.holder, x.currency ORDER BY x.holder, x.currency LIMIT $5
            """, shard, room, holder, currency, limit
        ) { row throws(StoreFault) in
            RefundRecipient(holder: try row.identifier(0), orders: try row.int(1), amount: try row.money(2, 3))
        }
    }

    /// Orders of a room behind one of them, in the order of their ids.
    public borrowing func orders(of room: RoomID, after order: String, limit: Int) throws(StoreFault) -> [OrderID] {
        try rows(
            "SELECT order_id FROM orders WHERE shard = $1 AND room = $2 AND order_id > $3 ORDER BY order_id LIMIT $4",
            shard, room, order, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Tickets of an order that nobody took back.
    public borrowing func ticketsInForce(of order: OrderID) throws(StoreFault) -> [TicketID] {
        try rows(
            """
            SELECT t.ticket FROM tickets t WHERE t.shard = $1 AND t.order_id = $2 AND NOT EXISTS (SELECT 1
              FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket) ORDER BY t.ticket
            """, shard, order
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Tickets and passes of a room that nobody took back.
    public borrowing func ticketsInForce(of room: RoomID, limit: Int) throws(StoreFault) -> [TicketID] {
        try rows(
            """
            SELECT t.ticket FROM tickets t WHERE t.shard = $1 AND t.room = $2 AND NOT EXISTS (SELECT 1
              FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket) ORDER BY t.ticket LIMIT $3
            """, shard, room, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Holds of a room whose seats are kept, due or not.
    public borrowing func openHolds(of room: RoomID, limit: Int) throws(StoreFault) -> [PurchaseID] {
        try rows(
            "SELECT purchase FROM open_holds WHERE shard = $1 AND room = $2 ORDER BY expires_us, purchase LIMIT $3",
            shard, room, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }
}
