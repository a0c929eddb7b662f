public import Values

extension Transaction {
    /// Writes down the terms that a room was made with. They are never changed.
    public borrowing func insertTerms(_ terms: String, of room: RoomID) throws(StoreFault) {
        try execute("INSERT INTO room_terms (shard, room, terms) VALUES ($1, $2, $3)", shard, room, terms)
        memory?.remember(terms: terms, of: room)
    }

    /// The id of a room's terms; `nil` for a room that has chosen none.
    public borrowing func terms(of room: RoomID) throws(StoreFault) -> String? {
        if let known = memory?.terms(of: room) { return known }
        let terms = try row("SELECT terms FROM room_terms WHERE shard = $1 AND room = $2", shard, room) {
            row throws(StoreFault) in try row.text(0)
        }
        memory?.remember(terms: terms, of: room)
        return terms
    }

    /// Writes down that a ticket ended for less than its price: what is left stays with the room.
    public borrowing func settle(
        _ order: OrderID, by ticket: TicketID, because reason: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO settled_orders (shard, order_id, ticket, at_us, reason) VALUES ($1, $2, $3, $4, $5)", shard,
            order, ticket, instant, reason)
    }

    /// Writes down that a ticket was used. Receipts of several gateways come in any order: the earliest counts.
    public borrowing func recordUse(of ticket: TicketID, at instant: Instant) throws(StoreFault) {
        try execute(
            """
            INSERT INTO ticket_uses (shard, ticket, first_us) VALUES ($1, $2, $3)
            ON CONFLICT (shard, ticket) DO UPDATE SET first_us = excluded.first_us
            WHERE ticket_uses.first_us > excluded.first_us
            """, shard, ticket, instant)
    }

    /// When the first of an order's tickets was first used.
    public borrowing func firstUse(of order: OrderID) throws(StoreFault) -> Instant? {
        let first = try row(
            """
            SELECT min(u.first_us) FROM tickets t JOIN ticket_uses u ON u.shard = t.shard AND u.ticket = t.ticket
            WHERE t.shard = $1 AND t.order_id = $2
            """, shard, order
        ) { row throws(StoreFault) in try row.optionalInstant(0) }
        return first.flatMap(\.self)
    }
}
