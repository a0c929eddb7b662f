public import BoxOffice
public import Values

extension Transaction {
    /// Stores that a ticket takes the place of another: the old one is taken back, the new one has its seat.
    /// - Parameter capacity: the room's.
    public borrowing func insertSuccession(
        _ succession: Succession, from old: TicketRow, capacity: Int
    ) throws(StoreFault) -> TicketRow {
        let facts = succession.ticket
        let isLent = try lentUntil(old.ticket) != nil
        try revoke(old, at: succession.at, reason: succession.cause.rawValue)
        var row = TicketRow(
            ticket: facts.id, order: facts.order, room: facts.room, seat: facts.seat, subject: .holder(facts.holder),
            role: old.role, name: old.name, policy: facts.policy, issuedAt: facts.issuedAt,
            notBefore: facts.notBefore, notAfter: facts.notAfter)
        try insertTicket(row, capacity: capacity, isSeated: !isLent)
        if isLent { try passLoan(from: old.ticket, to: row.ticket) }
        try chain(row, of: facts.order, behind: succession.predecessor, succession.cause, at: succession.at)
        row.boundTo = try inheritKey(row, from: old, at: succession.at)
        return row
    }

    /// Stores a ticket in the place of one that a dispute had ended, on whatever seat is free.
    public borrowing func insertReinstated(
        _ ticket: TicketRow, inPlaceOf old: TicketRow, capacity: Int, at instant: Instant
    ) throws(StoreFault) {
        guard let order = ticket.order, order == old.order else { throw .corrupt(column: "tickets.order_id") }
        try insertTicket(ticket, capacity: capacity)
        try chain(ticket, of: order, behind: old.ticket, .disputeWon, at: instant)
        _ = try inheritKey(ticket, from: old, at: instant)
    }

    /// The same person keeps the key; somebody else claims the ticket with another one.
    private borrowing func inheritKey(
        _ ticket: TicketRow, from old: TicketRow, at instant: Instant
    ) throws(StoreFault) -> String? {
        guard let key = old.boundTo, old.subject == ticket.subject else { return nil }
        try insertBinding(
            of: ticket.ticket, to: key, from: old.ticket, by: ticket.subject.text, at: instant)
        return key
    }

    private borrowing func chain(
        _ ticket: TicketRow, of order: OrderID, behind predecessor: TicketID, _ cause: SuccessionCause,
        at instant: Instant
    ) throws(StoreFault) {
        let last = try successions(of: order).last?.n
        try execute(
            """
            INSERT INTO successions (shard, order_id, n, prev_n, ticket, predecessor, room, cause, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, order, (last ?? 0) + 1, last, ticket.ticket, predecessor, ticket.room, cause.rawValue, instant)
    }

    /// The tickets that took the place of an order's first one, in order, and why.
    public borrowing func successions(
        of order: OrderID
    ) throws(StoreFault) -> [(n: Int64, ticket: TicketID, cause: SuccessionCause)] {
        try rows(
            "SELECT n, ticket, cause FROM successions WHERE shard = $1 AND order_id = $2 ORDER BY n", shard, order
        ) { row throws(StoreFault) in
            guard let cause = SuccessionCause(rawValue: try row.text(2)) else { throw row.corrupt(2) }
            return (n: try row.integer(0), ticket: try row.identifier(1), cause: cause)
        }
    }

    /// The ticket that took the place of another.
    public borrowing func successor(of ticket: TicketID) throws(StoreFault) -> TicketID? {
        try row("SELECT ticket FROM successions WHERE shard = $1 AND predecessor = $2", shard, ticket) {
            row throws(StoreFault) in try row.identifier(0)
        }
    }

    /// The one ticket of an order that no other took the place of, taken back or not.
    public borrowing func lastTicket(of order: OrderID) throws(StoreFault) -> TicketRow? {
        let id: TicketID? = try row(
            """
            SELECT ticket FROM tickets t WHERE shard = $1 AND order_id = $2 AND NOT EXISTS (SELECT 1
              FROM successions s WHERE s.shard = t.shard AND s.predecessor = t.ticket)
            """, shard, order
        ) { row throws(StoreFault) in try row.identifier(0) }
        guard let id else { return nil }
        return try ticket(id)
    }
}

extension TicketRow {
    /// What the rules know of a ticket that somebody bought; `nil` for a pass.
    public var facts: TicketFacts? {
        guard let order, let seat, case .holder(let holder) = subject else { return nil }
        return TicketFacts(
            id: ticket, order: order, holder: holder, room: room, seat: seat, role: role.rawValue, issuedAt: issuedAt,
            notBefore: notBefore, notAfter: notAfter, policy: policy)
    }
}
