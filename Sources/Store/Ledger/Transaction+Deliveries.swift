public import BoxOffice
public import Values

/// How much of a room's promised time was held, as a night decided.
public struct DeliveryRow: Hashable, Sendable {
    public let room: RoomID
    public let night: LocalDay
    /// The last receipt of the house that was looked at.
    public let lastReceipt: Int64
    /// The promised time.
    public let from: Instant
    public let to: Instant
    public let delivery: Delivery
    public let rule: DeliveryRule
    public let at: Instant

    public init(
        room: RoomID, night: LocalDay, lastReceipt: Int64, from: Instant, to: Instant, delivery: Delivery,
        rule: DeliveryRule, at: Instant
    ) {
        self.from = from
        self.to = to
        self.room = room
        self.night = night
        self.lastReceipt = lastReceipt
        self.delivery = delivery
        self.rule = rule
        self.at = at
    }
}

/// What orders of a room got back because it was held in part.
public struct DeliverySum: Hashable, Sendable {
    public let orders: Int
    public let amounts: [Money]
}

extension Transaction {
    /// Rooms with terms of their own that are over and not cancelled, of which money is in escrow and no night has decided
    /// yet, by id.
    public borrowing func roomsToDeliver(
        over instant: Instant, after room: String, limit: Int
    ) throws(StoreFault) -> [RoomID] {
        try rows(
            """
            SELECT r.room FROM (SELECT DISTINCT room FROM escrowed WHERE shard = $1 AND room > $2) e CROSS JOIN rooms r
            JOIN room_terms t ON t.shard = r.shard AND t.room = r.room
            LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
            WHERE r.shard = $1 AND r.room = e.room
              AND (r.ends_us < $3 OR (f.state = 'closed' AND f.at_us < $3)) AND coalesce(f.state, '') <> 'cancelled'
              AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.shard = r.shard AND d.room = r.room)
            ORDER BY r.room LIMIT $4
            """, shard, room, instant, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    public borrowing func delivery(of room: RoomID) throws(StoreFault) -> DeliveryRow? {
        try row(
            """
            SELECT room, night, last_receipt, promised_s, delivered_s, whole_bp, at_us, from_us, to_us FROM deliveries
            WHERE shard = $1 AND room = $2
            """, shard, room
        ) { row throws(StoreFault) in
            DeliveryRow(
                room: try row.identifier(0), night: try row.day(1), lastReceipt: try row.integer(2),
                from: try row.instant(7), to: try row.instant(8),
                delivery: Delivery(promisedSeconds: try row.integer(3), deliveredSeconds: try row.integer(4)),
                rule: DeliveryRule(wholeFrom: BasisPoints(try row.integer(5))), at: try row.instant(6))
        }
    }

    public borrowing func insertDelivery(_ made: DeliveryRow) throws(StoreFault) {
        try execute(
            """
            INSERT INTO deliveries (shard, room, night, last_receipt, promised_s, delivered_s, whole_bp, is_whole, at_us,
              from_us, to_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, made.room, made.night, made.lastReceipt, made.delivery.promisedSeconds,
            made.delivery.deliveredSeconds, made.rule.wholeFrom.value,
            made.delivery.isWhole(under: made.rule) ? 1 : 0, made.at, made.from, made.to)
    }

    /// Orders in escrow of rooms that were held in part, and extensions, which have not had their share back, by room and
    /// order. While a dispute is open nobody knows what is left of an order: it waits.
    public borrowing func undeliveredOrders(
        after cursor: (room: String, order: String), limit: Int
    ) throws(StoreFault) -> [(RoomID, OrderID)] {
        try rows(
            """
            SELECT e.room, e.order_id FROM escrowed e CROSS JOIN deliveries d
            WHERE e.shard = $1 AND (e.room, e.order_id) > ($2, $3) AND d.shard = e.shard AND d.room = e.room
              AND (d.is_whole = 0 OR EXISTS (SELECT 1 FROM extensions y WHERE y.shard = e.shard
                AND y.order_id = e.order_id))
              AND NOT EXISTS (SELECT 1 FROM delivery_orders x WHERE x.shard = e.shard AND x.order_id = e.order_id)
              AND NOT EXISTS (SELECT 1 FROM dispute_orders z WHERE z.shard = e.shard AND z.order_id = e.order_id
                AND NOT EXISTS (SELECT 1 FROM dispute_steps s WHERE s.shard = z.shard AND s.provider = z.provider
                  AND s.dispute = z.dispute AND s.place = 2))
            ORDER BY e.room, e.order_id LIMIT $4
            """, shard, cursor.room, cursor.order, limit
        ) { row throws(StoreFault) in (try row.identifier(0), try row.identifier(1)) }
    }

    /// Whether nothing of an order may be released: its share of what was not held is not decided.
    public borrowing func waitsForDelivery(_ order: OrderID, of room: RoomID) throws(StoreFault) -> Bool {
        try row(
            """
            SELECT count(*) FROM deliveries d WHERE d.shard = $1 AND d.room = $2
              AND (d.is_whole = 0 OR EXISTS (SELECT 1 FROM extensions y WHERE y.shard = d.shard AND y.order_id = $3))
              AND NOT EXISTS (SELECT 1 FROM delivery_orders x WHERE x.shard = d.shard AND x.order_id = $3)
            """, shard, room, order
        ) { row throws(StoreFault) in try row.int(0) > 0 } ?? false
    }

    /// - Parameter refund: what came back; `nil` where nothing was due or left.
    public borrowing func insertDeliveryOrder(
        _ order: OrderID, of room: RoomID, _ delivery: Delivery, refund: RefundID?, amount: Int64
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO delivery_orders (shard, order_id, room, promised_s, delivered_s, refund, amount)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, order, room, delivery.promisedSeconds, delivery.deliveredSeconds, refund, amount)
    }

    /// What a room has paid back because it was held in part.
    public borrowing func deliverySum(of room: RoomID) throws(StoreFault) -> DeliverySum {
        let found = try rows(
            """
            SELECT o.currency, sum(x.amount), count(x.refund) FROM delivery_orders x
            JOIN orders o ON o.shard = x.shard AND o.order_id = x.order_id
            WHERE x.shard = $1 AND x.room = $2 GROUP BY o.currency ORDER BY o.currency
            """, shard, room
        ) { row throws(StoreFault) in
            (money: Money(try row.integer(1), try row.currency(0)), orders: try row.int(2))
        }
        return DeliverySum(orders: found.reduce(0) { $0 + $1.orders }, amounts: found.map(\.money))
    }

    /// Receipts of a room in the order in which they were taken, as stored.
    /// - Parameter stage: only those of who may speak; `nil` for all.
    public borrowing func receipts(
        of room: RoomID, stage: Bool, after number: Int64, limit: Int
    ) throws(StoreFault) -> [(number: Int64, body: String)] {
        try rows(
            """
            SELECT r.number, r.body FROM room_receipts x JOIN receipts r ON r.shard = x.shard AND r.number = x.number
            WHERE x.shard = $1 AND x.room = $2 AND x.stage = $3 AND x.number > $4 ORDER BY x.number LIMIT $5
            """, shard, room, stage ? 1 : 0, number, limit
        ) { row throws(StoreFault) in (try row.integer(0), try row.text(1)) }
    }

    /// The number of the last receipt that was taken; 0 before the first.
    public borrowing func lastReceiptNumber() throws(StoreFault) -> Int64 {
        try row("SELECT max(number) FROM receipts WHERE shard = $1", shard) { row throws(StoreFault) in
            try row.optionalInteger(0) ?? 0
        } ?? 0
    }
}
