public import BoxOffice
internal import Ledger
public import Values

/// A tip as stored.
public struct TipRow: Sendable, Hashable {
    public let order: OrderID
    public let room: RoomID
    public let holder: HolderID
    public let amount: Money
    public let message: String
    public let at: Instant
    /// What went back of it, minor units.
    public let refunded: Int64

    public var tip: TipID { TipID(of: order) }
}

extension Transaction {
    /// - Parameter most: what the holder may tip in the room at most.
    public borrowing func insertTip(_ tip: Tip, most: Int64?) throws(StoreFault) {
        let order = tip.order
        try execute(
            "INSERT INTO tips (shard, order_id, room, holder, message, at_us) VALUES ($1, $2, $3, $4, $5, $6)", shard,
            order.id, order.room, order.holder, tip.message, order.soldAt)
        let last = try tipTotal(of: order.holder, in: order.room, order.currency)
        let before = last?.after ?? 0
        try execute(
            """
            INSERT INTO tip_totals (shard, room, holder, currency, n, prev_n, before, delta, after, most, order_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, order.room, order.holder, order.currency, (last?.n ?? 0) + 1, last?.n, before,
            order.gross.minorUnits, before + order.gross.minorUnits, most, order.id)
    }

    private borrowing func tipTotal(
        of holder: HolderID, in room: RoomID, _ currency: Currency
    ) throws(StoreFault) -> CountRow? {
        try row(
            """
            SELECT n, after FROM tip_totals WHERE shard = $1 AND room = $2 AND holder = $3 AND currency = $4
            ORDER BY n DESC LIMIT 1
            """, shard, room, holder, currency
        ) { row throws(StoreFault) in CountRow(n: try row.integer(0), after: try row.integer(1)) }
    }

    /// What a holder has tipped in a room so far, minor units; refunds do not lower it.
    public borrowing func tipped(
        by holder: HolderID, in room: RoomID, _ currency: Currency
    ) throws(StoreFault) -> Int64 {
        try tipTotal(of: holder, in: room, currency)?.after ?? 0
    }

    public borrowing func tip(_ order: OrderID) throws(StoreFault) -> TipRow? {
        try row(
            """
            SELECT t.order_id, t.room, t.holder, o.gross, o.currency, t.message, t.at_us,
              coalesce((SELECT sum(v.delta) FROM order_reversals v
                WHERE v.shard = t.shard AND v.order_id = t.order_id), 0)
            FROM tips t JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
            WHERE t.shard = $1 AND t.order_id = $2
            """, shard, order, read: readTip)
    }

    /// Tips of a room in the order of their making, behind one of them.
    public borrowing func tips(of room: RoomID, after order: String, limit: Int) throws(StoreFault) -> [TipRow] {
        try rows(
            """
            SELECT t.order_id, t.room, t.holder, o.gross, o.currency, t.message, t.at_us,
              coalesce((SELECT sum(v.delta) FROM order_reversals v
                WHERE v.shard = t.shard AND v.order_id = t.order_id), 0)
            FROM tips t JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
            WHERE t.shard = $1 AND t.room = $2 AND t.order_id > $3 ORDER BY t.order_id LIMIT $4
            """, shard, room, order, limit, read: readTip)
    }

    /// The version of a room's price list under which tips stand that are within these bounds.
    public borrowing func tipPrice(like price: PriceVersion) throws(StoreFault) -> Int? {
        try row(
            """
            SELECT version FROM price_versions WHERE shard = $1 AND room = $2 AND tier = $3 AND kind = 'floor'
              AND currency = $4 AND amount = $5 AND most = $6 ORDER BY version DESC LIMIT 1
            """, shard, price.room, price.tier, price.price.currency, price.price.minorUnits, price.kind.most
        ) { row throws(StoreFault) in try row.int(0) }
    }

    /// Whether a holder has a ticket of a room that nobody took back.
    public borrowing func hasTicket(_ holder: HolderID, of room: RoomID) throws(StoreFault) -> Bool {
        try row(
            """
            SELECT 1 FROM tickets t WHERE t.shard = $1 AND t.subject = $2 AND t.room = $3 AND t.order_id IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket) LIMIT 1
            """, shard, holder, room
        ) { _ throws(StoreFault) in true } ?? false
    }

    /// Whether a room's host takes tips.
    public borrowing func takesTips(_ room: RoomID) throws(StoreFault) -> Bool {
        try lastSwitch(of: room)?.isOn ?? true
    }

    /// Chains a change behind the ones before; what changes nothing is not stored.
    /// - Returns: whether it changed.
    public borrowing func setTakesTips(
        _ isOn: Bool, in room: RoomID, by actor: String, at instant: Instant
    ) throws(StoreFault) -> Bool {
        let last = try lastSwitch(of: room)
        guard last?.isOn ?? true != isOn else { return false }
        try execute(
            """
            INSERT INTO tip_switches (shard, room, n, prev_n, is_on, actor, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, room, (last?.n ?? 0) + 1, last?.n, isOn ? 1 : 0, actor, instant)
        return true
    }

    private borrowing func lastSwitch(of room: RoomID) throws(StoreFault) -> (n: Int64, isOn: Bool)? {
        try row(
            "SELECT n, is_on FROM tip_switches WHERE shard = $1 AND room = $2 ORDER BY n DESC LIMIT 1", shard, room
        ) { row throws(StoreFault) in (n: try row.integer(0), isOn: try row.integer(1) == 1) }
    }
}

private func readTip(_ row: borrowing Row) throws(StoreFault) -> TipRow {
    TipRow(
        order: try row.identifier(0), room: try row.identifier(1), holder: try row.identifier(2),
        amount: try row.money(3, 4), message: try row.text(5), at: try row.instant(6), refunded: try row.integer(7))
}
