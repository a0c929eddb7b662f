public import BoxOffice
public import Values

/// A ticket that was put up, as stored.
public struct ResaleRow: Sendable, Hashable {
    public let resale: Resale
    /// In the order of being put up, from 1.
    public let place: Int
    public let end: ResaleState?
    /// When the hold that keeps its seat ends, if one does.
    public let lentUntil: Instant?
}

/// A seat that can be bought though a ticket has it.
public struct OpenResale: Sendable, Hashable {
    public let resale: ResaleID
    public let ticket: TicketID
    public let seat: Int
}

/// A seat that is kept for a hold though a ticket is in force for it.
public struct SeatLoan: Sendable, Hashable {
    public let seat: Int
    public let resale: ResaleID
    public let ticket: TicketID
}

extension Transaction {
    public borrowing func insertResale(_ resale: Resale, seat: Int) throws(StoreFault) {
        let last = try row("SELECT max(place) FROM resales WHERE shard = $1 AND room = $2", shard, resale.room) {
            row throws(StoreFault) in try row.optionalInteger(0)
        }
        let previous = last.flatMap(\.self)
        let place = (previous ?? 0) + 1
        try execute(
            """
            INSERT INTO resales (shard, resale, room, place, prev_place, ticket, order_id, holder, share_bp, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, resale.id, resale.room, place, previous, resale.ticket, resale.order, resale.holder,
            resale.share.value, resale.offeredAt)
        try open(resale.id, place: Int(place), ticket: resale.ticket, seat: seat, in: resale.room)
    }

    private borrowing func open(
        _ resale: ResaleID, place: Int, ticket: TicketID, seat: Int, in room: RoomID
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO open_resales (shard, room, place, resale, ticket, seat) VALUES ($1, $2, $3, $4, $5, $6)",
            shard,
            room, place, resale, ticket, seat)
    }

    /// Seats of a room that can be bought though tickets have them, first put up first.
    /// - Parameter unused: leaves tickets out that were used.
    public borrowing func openResales(
        of room: RoomID, unused: Bool, limit: Int
    ) throws(StoreFault) -> [OpenResale] {
        try rows(
            """
            SELECT o.resale, o.ticket, o.seat FROM open_resales o WHERE o.shard = $1 AND o.room = $2
              AND ($3 = 0 OR NOT EXISTS (SELECT 1 FROM ticket_uses u WHERE u.shard = o.shard AND u.ticket = o.ticket))
            ORDER BY o.place LIMIT $4
            """, shard, room, unused ? 1 : 0, limit
        ) { row throws(StoreFault) in
            OpenResale(resale: try row.identifier(0), ticket: try row.identifier(1), seat: try row.int(2))
        }
    }

    /// How many tickets of a room were put up before a place and can still be bought.
    public borrowing func openResales(before place: Int, in room: RoomID) throws(StoreFault) -> Int {
        try row(
            "SELECT count(*) FROM open_resales WHERE shard = $1 AND room = $2 AND place < $3", shard, room, place
        ) { row throws(StoreFault) in try row.int(0) } ?? 0
    }

    public borrowing func resale(_ id: ResaleID) throws(StoreFault) -> ResaleRow? {
        try row(
            """
            SELECT r.resale, r.ticket, r.order_id, r.room, r.holder, r.share_bp, r.at_us, r.place, e.outcome, h.expires_us
            FROM resales r LEFT JOIN resale_ends e ON e.shard = r.shard AND e.resale = r.resale
            LEFT JOIN seat_loans l ON l.shard = r.shard AND l.resale = r.resale
            LEFT JOIN holds h ON h.shard = l.shard AND h.purchase = l.purchase
            WHERE r.shard = $1 AND r.resale = $2
            """, shard, id, read: readResale)
    }

    /// The last time that a ticket was put up.
    public borrowing func resale(of ticket: TicketID) throws(StoreFault) -> ResaleRow? {
        try row(
            """
            SELECT r.resale, r.ticket, r.order_id, r.room, r.holder, r.share_bp, r.at_us, r.place, e.outcome, h.expires_us
            FROM resales r LEFT JOIN resale_ends e ON e.shard = r.shard AND e.resale = r.resale
            LEFT JOIN seat_loans l ON l.shard = r.shard AND l.resale = r.resale
            LEFT JOIN holds h ON h.shard = l.shard AND h.purchase = l.purchase
            WHERE r.shard = $1 AND r.ticket = $2 ORDER BY r.place DESC LIMIT 1
            """, shard, ticket, read: readResale)
    }

    /// Writes down how it ended.
    /// - Parameter successor: the order that has the seat now.
    public borrowing func endResale(
        _ resale: ResaleID, successor: OrderID?, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO resale_ends (shard, resale, outcome, successor, at_us) VALUES ($1, $2, $3, $4, $5)", shard,
            resale, successor == nil ? "kept" : "resold", successor, instant)
        try execute("DELETE FROM open_resales WHERE shard = $1 AND resale = $2", shard, resale)
    }

    /// A ticket that has ended, or has lent its seat, can't be bought.
    public borrowing func closeResale(of ticket: TicketID) throws(StoreFault) {
        try execute("DELETE FROM open_resales WHERE shard = $1 AND ticket = $2", shard, ticket)
    }

    /// Takes the seat of a ticket in force for somebody who will pay: first this, then the hold, then the loan.
    public borrowing func lendSeat(of open: OpenResale) throws(StoreFault) {
        try closeResale(of: open.ticket)
        try giveBackSeat(of: open.ticket)
    }

    public borrowing func insertLoan(
        _ open: OpenResale, to purchase: PurchaseID, in room: RoomID
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO seat_loans (shard, purchase, room, seat, resale, ticket) VALUES ($1, $2, $3, $4, $5, $6)",
            shard,
            purchase, room, open.seat, open.resale, open.ticket)
    }

    public borrowing func loans(of purchase: PurchaseID) throws(StoreFault) -> [SeatLoan] {
        try rows(
            "SELECT seat, resale, ticket FROM seat_loans WHERE shard = $1 AND purchase = $2 ORDER BY seat", shard,
            purchase
        ) { row throws(StoreFault) in
            SeatLoan(seat: try row.int(0), resale: try row.identifier(1), ticket: try row.identifier(2))
        }
    }

    /// Until when the seat of a ticket is kept for somebody else; `nil` where it is not.
    public borrowing func lentUntil(_ ticket: TicketID) throws(StoreFault) -> Instant? {
        try row(
            """
            SELECT h.expires_us FROM seat_loans l JOIN holds h ON h.shard = l.shard AND h.purchase = l.purchase
            WHERE l.shard = $1 AND l.ticket = $2
            """, shard, ticket
        ) { row throws(StoreFault) in try row.instant(0) }
    }

    /// Another ticket stands in the place of one that has lent its seat.
    borrowing func passLoan(from ticket: TicketID, to successor: TicketID) throws(StoreFault) {
        try execute("UPDATE seat_loans SET ticket = $1 WHERE shard = $2 AND ticket = $3", successor, shard, ticket)
    }

    /// The loans of a hold are over; whose the seats are then is the caller's affair.
    public borrowing func dropLoans(of purchase: PurchaseID) throws(StoreFault) {
        try execute("DELETE FROM seat_loans WHERE shard = $1 AND purchase = $2", shard, purchase)
    }

    /// Seats that a hold had on loan go back to the tickets that are in force, which can be bought again.
    borrowing func returnLoans(_ loans: [SeatLoan], in room: RoomID) throws(StoreFault) {
        for loan in loans where try !isRevoked(loan.ticket) {
            try occupy(loan.seat, in: room, by: loan.ticket)
            guard let row = try resale(loan.resale), row.end == nil, row.resale.ticket == loan.ticket else { continue }
            try open(loan.resale, place: row.place, ticket: loan.ticket, seat: loan.seat, in: room)
        }
    }
}

private func readResale(_ row: borrowing Row) throws(StoreFault) -> ResaleRow {
    let resale = Resale(
        id: try row.identifier(0), ticket: try row.identifier(1), order: try row.identifier(2),
        room: try row.identifier(3), holder: try row.identifier(4), share: BasisPoints(try row.integer(5)),
        offeredAt: try row.instant(6))
    return ResaleRow(
        resale: resale, place: try row.int(7), end: try row.optionalText(8).flatMap { ResaleState(rawValue: $0) },
        lentUntil: try row.optionalInstant(9))
}
