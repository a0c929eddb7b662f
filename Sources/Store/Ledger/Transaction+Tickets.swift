public import Values

/// A ticket as stored: everything that its claims are made of, so signing it again gives the same bytes.
public struct TicketRow: Sendable, Hashable {
    public let ticket: TicketID
    /// The order that paid for it; `nil` for a stage pass.
    public let order: OrderID?
    public let room: RoomID
    public let seat: Int?
    public let subject: Subject
    public let role: Role
    /// How the room calls the person of a stage pass.
    public let name: String?
    public let policy: String
    public let issuedAt: Instant
    public let notBefore: Instant
    /// As it is now: later than the ticket was made with, if its holder has bought more time.
    public let notAfter: Instant
    /// From when its present window is: its making, or the last change of its end. The token says so, and the key of
    /// that moment signs it.
    public let signedAt: Instant
    /// When and why it was taken back.
    public let revoked: Revocation?
    /// The RFC 7638 thumbprint of the key to which its holder bound it.
    public var boundTo: String?

    /// A ticket that was taken back.
    public struct Revocation: Sendable, Hashable {
        public let at: Instant
        public let reason: String

        public init(at: Instant, reason: String) {
            self.at = at
            self.reason = reason
        }
    }

    public init(
        ticket: TicketID, order: OrderID?, room: RoomID, seat: Int?, subject: Subject, role: Role, name: String?,
        policy: String, issuedAt: Instant, notBefore: Instant, notAfter: Instant, signedAt: Instant? = nil,
        revoked: Revocation? = nil, boundTo: String? = nil
    ) {
        self.boundTo = boundTo
        self.signedAt = signedAt ?? issuedAt
        self.ticket = ticket
        self.order = order
        self.room = room
        self.seat = seat
        self.subject = subject
        self.role = role
        self.name = name
        self.policy = policy
        self.issuedAt = issuedAt
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.revoked = revoked
    }
}

extension Transaction {
    /// - Parameter isSeated: whether it takes its seat now; not where that is on loan.
    public borrowing func insertTicket(
        _ ticket: TicketRow, capacity: Int, isSeated: Bool = true
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO tickets (shard, ticket, order_id, room, capacity, seat, subject, role, name, policy,
              issued_us, not_before_us, not_after_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """, shard, ticket.ticket, ticket.order, ticket.room, capacity, ticket.seat, ticket.subject.text,
            ticket.role.rawValue, ticket.name, ticket.policy, ticket.issuedAt, ticket.notBefore, ticket.notAfter)
        if isSeated, let seat = ticket.seat { try occupy(seat, in: ticket.room, by: ticket.ticket) }
    }

    public borrowing func ticket(_ id: TicketID) throws(StoreFault) -> TicketRow? {
        try row(
            """
            SELECT t.ticket, t.order_id, t.room, t.seat, t.subject, t.role, t.name, t.policy, t.issued_us,
              t.not_before_us, coalesce(x.after_us, t.not_after_us), x.at_us, v.at_us, v.reason, b.jkt
            FROM tickets t LEFT JOIN revocations v ON v.shard = t.shard AND v.ticket = t.ticket
            LEFT JOIN ticket_bindings b ON b.shard = t.shard AND b.ticket = t.ticket
            LEFT JOIN ticket_extensions x ON x.shard = t.shard AND x.ticket = t.ticket AND x.n = (SELECT max(m.n)
              FROM ticket_extensions m WHERE m.shard = t.shard AND m.ticket = t.ticket)
            WHERE t.shard = $1 AND t.ticket = $2
            """, shard, id, read: readTicket)
    }

    /// Tickets of a wallet or a host, newest first.
    public borrowing func tickets(of subject: Subject, limit: Int) throws(StoreFault) -> [TicketRow] {
        try rows(
            """
            SELECT t.ticket, t.order_id, t.room, t.seat, t.subject, t.role, t.name, t.policy, t.issued_us,
              t.not_before_us, coalesce(x.after_us, t.not_after_us), x.at_us, v.at_us, v.reason, b.jkt
            FROM tickets t LEFT JOIN revocations v ON v.shard = t.shard AND v.ticket = t.ticket
            LEFT JOIN ticket_bindings b ON b.shard = t.shard AND b.ticket = t.ticket
            LEFT JOIN ticket_extensions x ON x.shard = t.shard AND x.ticket = t.ticket AND x.n = (SELECT max(m.n)
              FROM ticket_extensions m WHERE m.shard = t.shard AND m.ticket = t.ticket)
            WHERE t.shard = $1 AND t.subject = $2 ORDER BY t.ticket DESC LIMIT $3
            """, shard, subject.text, limit, read: readTicket)
    }

    /// A page of the same: tickets before one of them, `~` for all.
    public borrowing func tickets(
        of subject: Subject, before ticket: String, limit: Int
    ) throws(StoreFault) -> [TicketRow] {
        try rows(
            """
            SELECT t.ticket, t.order_id, t.room, t.seat, t.subject, t.role, t.name, t.policy, t.issued_us,
              t.not_before_us, coalesce(x.after_us, t.not_after_us), x.at_us, v.at_us, v.reason, b.jkt
            FROM tickets t LEFT JOIN revocations v ON v.shard = t.shard AND v.ticket = t.ticket
            LEFT JOIN ticket_bindings b ON b.shard = t.shard AND b.ticket = t.ticket
            LEFT JOIN ticket_extensions x ON x.shard = t.shard AND x.ticket = t.ticket AND x.n = (SELECT max(m.n)
              FROM ticket_extensions m WHERE m.shard = t.shard AND m.ticket = t.ticket)
            WHERE t.shard = $1 AND t.subject = $2 AND t.ticket < $3 ORDER BY t.ticket DESC LIMIT $4
            """, shard, subject.text, ticket, limit, read: readTicket)
    }

    /// Takes a ticket back and frees its seat.
    public borrowing func revoke(
        _ ticket: TicketRow, at instant: Instant, reason: String
    ) throws(StoreFault) {
        // A token that was signed for more time is out there, though the ticket got shorter again.
        let longest = try row(
            "SELECT max(until_us) FROM ticket_extensions WHERE shard = $1 AND ticket = $2", shard, ticket.ticket
        ) { row throws(StoreFault) in try row.optionalInstant(0) }
        let end = max(ticket.notAfter, longest.flatMap(\.self) ?? ticket.notAfter)
        try execute(
            """
            INSERT INTO revocations (shard, ticket, room, at_us, reason, not_after_us)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, shard, ticket.ticket, ticket.room, instant, reason, end)
        try giveBackSeat(of: ticket.ticket)
        try closeResale(of: ticket.ticket)
    }

    public borrowing func isRevoked(_ ticket: TicketID) throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM revocations WHERE shard = $1 AND ticket = $2", shard, ticket) {
            _ throws(StoreFault) in true
        } ?? false
    }

    /// Tickets that were taken back and would otherwise still be valid.
    public borrowing func revokedTickets(inForceAt instant: Instant, limit: Int) throws(StoreFault) -> [TicketRow] {
        try rows(
            """
            SELECT t.ticket, t.order_id, t.room, t.seat, t.subject, t.role, t.name, t.policy, t.issued_us,
              t.not_before_us, coalesce(x.after_us, t.not_after_us), x.at_us, v.at_us, v.reason, b.jkt
            FROM revocations v JOIN tickets t ON t.shard = v.shard AND t.ticket = v.ticket
            LEFT JOIN ticket_bindings b ON b.shard = t.shard AND b.ticket = t.ticket
            LEFT JOIN ticket_extensions x ON x.shard = t.shard AND x.ticket = t.ticket AND x.n = (SELECT max(m.n)
              FROM ticket_extensions m WHERE m.shard = t.shard AND m.ticket = t.ticket)
            WHERE v.shard = $1 AND v.not_after_us > $2 ORDER BY v.ticket LIMIT $3
            """, shard, instant, limit, read: readTicket)
    }

    /// How many stage passes a room has given out.
    public borrowing func passCount(of room: RoomID) throws(StoreFault) -> Int {
        try row(
            "SELECT count(*) FROM tickets WHERE shard = $1 AND room = $2 AND order_id IS NULL", shard, room
        ) { row throws(StoreFault) in try row.int(0) } ?? 0
    }
}

private func readTicket(_ row: borrowing Row) throws(StoreFault) -> TicketRow {
    guard let subject = Subject(try row.text(4)) else { throw row.corrupt(4) }
    guard let role = Role(rawValue: try row.text(5)) else { throw row.corrupt(5) }
    var revoked: TicketRow.Revocation?
    if let at = try row.optionalInstant(12) { revoked = .init(at: at, reason: try row.text(13)) }
    return TicketRow(
        ticket: try row.identifier(0), order: try row.optionalIdentifier(1), room: try row.identifier(2),
        seat: try row.optionalInteger(3).map { Int($0) }, subject: subject, role: role,
        name: try row.optionalText(6), policy: try row.text(7), issuedAt: try row.instant(8),
        notBefore: try row.instant(9), notAfter: try row.instant(10), signedAt: try row.optionalInstant(11),
        revoked: revoked, boundTo: try row.optionalText(14))
}
