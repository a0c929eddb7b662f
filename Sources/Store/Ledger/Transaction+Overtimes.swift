public import BoxOffice
public import Stage
public import Values

/// An extension as stored.
public struct ExtensionRow: Sendable, Hashable {
    public let order: OrderID
    /// The order that paid for the ticket.
    public let ticketOrder: OrderID
    /// The ticket that was made longer; another one may stand in its place now.
    public let ticket: TicketID
    public let room: RoomID
    /// Who bought it.
    public let holder: HolderID
    public let overtime: Int
    public let amount: Money
    public let at: Instant
    /// What went back of it, minor units.
    public let refunded: Int64
    /// Whether its time was taken off a ticket in force.
    public let isShortened: Bool

    public var id: ExtensionID { ExtensionID(of: order) }
    public var isGivenBack: Bool { isShortened || (amount.isPositive && refunded == amount.minorUnits) }
}

/// A row of the ends of a ticket.
public struct TicketEndRow: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case extended, shortened
    }

    public let ticket: TicketID
    public let room: RoomID
    public let kind: Kind
    public let overtime: Overtime
    /// `nil` for a stage pass, which costs nothing.
    public let order: OrderID?
    public let at: Instant

    public init(
        ticket: TicketID, room: RoomID, kind: Kind, overtime: Overtime, order: OrderID?, at: Instant
    ) {
        self.ticket = ticket
        self.room = room
        self.kind = kind
        self.overtime = overtime
        self.order = order
        self.at = at
    }

    /// The end of the ticket from now on.
    public var end: Instant {
        switch kind {
        case .extended: overtime.until
        case .shortened: overtime.from
        }
    }
}

extension Transaction {
    // MARK: - Rooms that go on

    /// Stores an overtime and its price: from now on the room has the new end.
    public borrowing func insertOvertime(_ overtime: Overtime, by actor: String) throws(StoreFault) {
        let price = overtime.price
        try insertPrice(price)
        try execute(
            """
            INSERT INTO room_overtimes (shard, room, n, prev_n, first_us, before_us, after_us, price_version, price_kind,
              currency, amount, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """, shard, overtime.room, overtime.number, overtime.number == 1 ? Int?.none : overtime.number - 1,
            overtime.firstEnd, overtime.from, overtime.until, price.version, price.kind.name, price.price.currency,
            price.price.minorUnits, actor, overtime.announcedAt)
        try execute(
            "UPDATE rooms SET ends_us = $3 WHERE shard = $1 AND room = $2", shard, overtime.room, overtime.until)
        memory?.forgetRoom(overtime.room)
    }

    /// Overtimes of a room, in their order.
    public borrowing func overtimes(of room: RoomID) throws(StoreFault) -> [Overtime] {
        try rows(
            """
            SELECT room, n, first_us, before_us, after_us, price_version, amount, currency, at_us
            FROM room_overtimes WHERE shard = $1 AND room = $2 ORDER BY n
            """, shard, room
        ) { row throws(StoreFault) in
            let room: RoomID = try row.identifier(0)
            let number = try row.int(1)
            return Overtime(
                room: room, number: number, firstEnd: try row.instant(2), from: try row.instant(3),
                until: try row.instant(4),
                price: PriceVersion(
                    room: room, version: try row.int(5), tier: Overtime.tier(number: number),
                    price: try row.money(6, 7), since: try row.instant(8)),
                announcedAt: try row.instant(8))
        }
    }

    /// Stage passes in force that end with a room as it was until now.
    public borrowing func passes(of room: RoomID, endingAt end: Instant) throws(StoreFault) -> [TicketID] {
        try rows(
            """
            SELECT t.ticket FROM tickets t LEFT JOIN ticket_extensions x ON x.shard = t.shard AND x.ticket = t.ticket
              AND x.n = (SELECT max(m.n) FROM ticket_extensions m WHERE m.shard = t.shard AND m.ticket = t.ticket)
            WHERE t.shard = $1 AND t.room = $2 AND t.order_id IS NULL AND coalesce(x.after_us, t.not_after_us) = $3
              AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket)
            ORDER BY t.ticket
            """, shard, room, end
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    // MARK: - Tickets that go with them

    public borrowing func insertExtension(_ made: TicketExtension) throws(StoreFault) {
        let order = made.order
        try execute(
            """
            INSERT INTO extensions (shard, order_id, ticket_order, ticket, room, overtime, price_version, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, order.id, made.ticketOrder, made.ticket, order.room, made.overtime.number, order.priceVersion,
            order.soldAt)
    }

    /// Chains an end of a ticket behind the ones before.
    public borrowing func insertTicketEnd(_ end: TicketEndRow) throws(StoreFault) {
        let last = try row("SELECT max(n) FROM ticket_extensions WHERE shard = $1 AND ticket = $2", shard, end.ticket) {
            row throws(StoreFault) in try row.optionalInteger(0)
        }.flatMap(\.self)
        let time = (from: end.overtime.from, until: end.overtime.until)
        let isLonger = end.kind == .extended
        try execute(
            """
            INSERT INTO ticket_extensions (shard, ticket, n, prev_n, room, kind, overtime, from_us, until_us, before_us,
              after_us, order_id, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """, shard, end.ticket, (last ?? 0) + 1, last, end.room, end.kind.rawValue, end.overtime.number, time.from,
            time.until, isLonger ? time.from : time.until, end.end, end.order, end.at)
    }

    public borrowing func `extension`(_ order: OrderID) throws(StoreFault) -> ExtensionRow? {
        try row(
            """
            SELECT e.order_id, e.ticket_order, e.ticket, e.room, o.holder, e.overtime, o.gross, o.currency, e.at_us,
              coalesce((SELECT sum(v.delta) FROM order_reversals v
                WHERE v.shard = e.shard AND v.order_id = e.order_id), 0),
              (SELECT count(*) FROM ticket_extensions x WHERE x.shard = e.shard AND x.order_id = e.order_id
                AND x.kind = 'shortened')
            FROM extensions e JOIN orders o ON o.shard = e.shard AND o.order_id = e.order_id
            WHERE e.shard = $1 AND e.order_id = $2
            """, shard, order, read: readExtension)
    }

    /// Extensions of the ticket of an order, in the order of their making.
    public borrowing func extensions(ofTicketOrder order: OrderID) throws(StoreFault) -> [ExtensionRow] {
        try rows(
            """
            SELECT e.order_id, e.ticket_order, e.ticket, e.room, o.holder, e.overtime, o.gross, o.currency, e.at_us,
              coalesce((SELECT sum(v.delta) FROM order_reversals v
                WHERE v.shard = e.shard AND v.order_id = e.order_id), 0),
              (SELECT count(*) FROM ticket_extensions x WHERE x.shard = e.shard AND x.order_id = e.order_id
                AND x.kind = 'shortened')
            FROM extensions e JOIN orders o ON o.shard = e.shard AND o.order_id = e.order_id
            WHERE e.shard = $1 AND e.ticket_order = $2 ORDER BY e.order_id
            """, shard, order, read: readExtension)
    }

    /// Extensions of a room in the order of their making, behind one of them.
    public borrowing func extensions(
        of room: RoomID, after order: String, limit: Int
    ) throws(StoreFault) -> [ExtensionRow] {
        try rows(
            """
            SELECT e.order_id, e.ticket_order, e.ticket, e.room, o.holder, e.overtime, o.gross, o.currency, e.at_us,
              coalesce((SELECT sum(v.delta) FROM order_reversals v
                WHERE v.shard = e.shard AND v.order_id = e.order_id), 0),
              (SELECT count(*) FROM ticket_extensions x WHERE x.shard = e.shard AND x.order_id = e.order_id
                AND x.kind = 'shortened')
            FROM extensions e JOIN orders o ON o.shard = e.shard AND o.order_id = e.order_id
            WHERE e.shard = $1 AND e.room = $2 AND e.order_id > $3 ORDER BY e.order_id LIMIT $4
            """, shard, room, order, limit, read: readExtension)
    }

    /// Extensions of a room of whose price something is left and whose time had not begun at an instant.
    public borrowing func undelivered(in room: RoomID, at instant: Instant, limit: Int) throws(StoreFault) -> [OrderID]
    {
        try rows(
            """
            SELECT e.order_id FROM extensions e JOIN orders o ON o.shard = e.shard AND o.order_id = e.order_id
            JOIN room_overtimes t ON t.shard = e.shard AND t.room = e.room AND t.n = e.overtime
            WHERE e.shard = $1 AND e.room = $2 AND t.before_us >= $3 AND o.gross > coalesce((SELECT sum(v.delta)
              FROM order_reversals v WHERE v.shard = e.shard AND v.order_id = e.order_id), 0)
            ORDER BY e.order_id LIMIT $4
            """, shard, room, instant, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Rooms that were closed before an overtime of theirs began, among those that would have ended after an instant.
    public borrowing func roomsClosedBeforeOvertime(
        endingAfter instant: Instant, limit: Int
    ) throws(StoreFault) -> [RoomID] {
        try rows(
            """
            SELECT DISTINCT t.room FROM room_overtimes t
            JOIN rooms r ON r.shard = t.shard AND r.room = t.room AND r.ends_us > $2
            JOIN room_facts f ON f.shard = t.shard AND f.room = t.room AND f.state = 'closed' AND f.at_us <= t.before_us
            WHERE t.shard = $1 ORDER BY t.room LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// The end with which the ticket of an order was sold, where its room goes on behind its first end; else `nil`.
    public borrowing func soldUntil(_ order: OrderID, last: TicketRow?) throws(StoreFault) -> Instant? {
        guard let last, try !overtimes(of: last.room).isEmpty else { return nil }
        let first = try row(
            """
            SELECT min(t.before_us) FROM extensions e JOIN room_overtimes t ON t.shard = e.shard AND t.room = e.room
              AND t.n = e.overtime WHERE e.shard = $1 AND e.ticket_order = $2
            """, shard, order
        ) { row throws(StoreFault) in try row.optionalInstant(0) }
        return first.flatMap(\.self) ?? last.notAfter
    }

    /// Tickets in force whose end is another than they were made with, of rooms that end after an instant.
    public borrowing func ticketEnds(endingAfter instant: Instant, limit: Int) throws(StoreFault) -> [TicketEnd] {
        try rows(
            """
            SELECT x.ticket, x.room, x.after_us, x.at_us FROM rooms r
            JOIN ticket_extensions x ON x.shard = r.shard AND x.room = r.room
            WHERE r.shard = $1 AND r.ends_us > $2
              AND x.n = (SELECT max(m.n) FROM ticket_extensions m WHERE m.shard = x.shard AND m.ticket = x.ticket)
              AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = x.shard AND v.ticket = x.ticket)
            ORDER BY x.ticket LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in
            TicketEnd(
                ticket: try row.identifier(0), room: try row.identifier(1), endsAt: try row.instant(2),
                at: try row.instant(3))
        }
    }
}

private func readExtension(_ row: borrowing Row) throws(StoreFault) -> ExtensionRow {
    ExtensionRow(
        order: try row.identifier(0), ticketOrder: try row.identifier(1), ticket: try row.identifier(2),
        room: try row.identifier(3), holder: try row.identifier(4), overtime: try row.int(5),
        amount: try row.money(6, 7), at: try row.instant(8), refunded: try row.integer(9),
        isShortened: try row.integer(10) > 0)
}
