public import BoxOffice
public import Values

extension Transaction {
    /// How many seats are taken and which are the lowest free ones; a look-up each, whatever the size of the room.
    /// - Parameter count: how many free seats are wanted.
    public borrowing func seatUse(of room: RoomID, wanting count: Int = 1) throws(StoreFault) -> SeatUse {
        if let highest = memory?.highestSeat(of: room) { return SeatUse(taken: highest, gaps: [], highest: highest) }
        let use = try row(
            """
            SELECT (SELECT coalesce(max(seat), 0) FROM seats WHERE shard = $1 AND room = $2),
              (SELECT count(*) FROM seats
               WHERE shard = $1 AND room = $2 AND ticket IS NULL AND purchase IS NULL),
              (SELECT min(seat) FROM seats
               WHERE shard = $1 AND room = $2 AND ticket IS NULL AND purchase IS NULL)
            """, shard, room, seesWaiting: memory?.hasSeated(in: room) ?? true
        ) { row throws(StoreFault) in
            (
                highest: try row.int(0), free: try row.int(1),
                lowest: try row.optionalInteger(2).map { [Int($0)] } ?? []
            )
        }
        guard let use else { return SeatUse(taken: 0, gaps: [], highest: 0) }
        if use.free == 0 { memory?.remember(highestSeat: use.highest, of: room) }
        var gaps = use.lowest
        if count > 1, use.free > 1 {
            gaps = try rows(
                """
                SELECT seat FROM seats WHERE shard = $1 AND room = $2 AND ticket IS NULL AND purchase IS NULL
                ORDER BY seat LIMIT $3
                """, shard, room, count
            ) { row throws(StoreFault) in try row.int(0) }
        }
        return SeatUse(taken: use.highest - use.free, gaps: gaps, highest: use.highest)
    }

    /// Puts a ticket on a seat that was never taken or was given back.
    public borrowing func occupy(_ seat: Int, in room: RoomID, by ticket: TicketID) throws(StoreFault) {
        if isNew(seat, in: room) {
            try execute(
                "INSERT INTO seats (shard, room, seat, ticket) VALUES ($1, $2, $3, $4)", shard, room, seat, ticket)
            return
        }
        let changed = try execute(
            """
            INSERT INTO seats (shard, room, seat, ticket) VALUES ($1, $2, $3, $4)
            ON CONFLICT (shard, room, seat) DO UPDATE SET ticket = excluded.ticket
            WHERE seats.ticket IS NULL AND seats.purchase IS NULL
            """, shard, room, seat, ticket)
        // Somebody sits there: the decision was made on other seats than these.
        guard changed == 1 else { throw .corrupt(column: "seats.ticket") }
    }

    /// Keeps a seat that was never taken or was given back for a purchase.
    borrowing func keep(_ seat: Int, in room: RoomID, for purchase: PurchaseID) throws(StoreFault) {
        if isNew(seat, in: room) {
            try execute(
                "INSERT INTO seats (shard, room, seat, purchase) VALUES ($1, $2, $3, $4)", shard, room, seat, purchase)
            return
        }
        let changed = try execute(
            """
            INSERT INTO seats (shard, room, seat, purchase) VALUES ($1, $2, $3, $4)
            ON CONFLICT (shard, room, seat) DO UPDATE SET purchase = excluded.purchase
            WHERE seats.ticket IS NULL AND seats.purchase IS NULL
            """, shard, room, seat, purchase)
        guard changed == 1 else { throw .corrupt(column: "seats.purchase") }
    }

    /// Whether a seat is the one behind the highest of a room where none is free, as far as this group knows. It is the
    /// highest from then on.
    private borrowing func isNew(_ seat: Int, in room: RoomID) -> Bool {
        memory?.noteSeat(in: room)
        guard let memory, let highest = memory.highestSeat(of: room) else { return false }
        guard seat == highest + 1 else {
            memory.forgetSeats()
            return false
        }
        memory.remember(highestSeat: seat, of: room)
        return true
    }

    /// The seat of this ticket is free again.
    public borrowing func giveBackSeat(of ticket: TicketID) throws(StoreFault) {
        memory?.forgetSeats()
        try execute("UPDATE seats SET ticket = NULL WHERE shard = $1 AND ticket = $2", shard, ticket)
    }

    /// A seat that was kept for a purchase is free again.
    borrowing func letGo(of seat: Int, in room: RoomID, by purchase: PurchaseID) throws(StoreFault) {
        memory?.forgetSeats()
        try execute(
            "UPDATE seats SET purchase = NULL WHERE shard = $1 AND room = $2 AND seat = $3 AND purchase = $4", shard,
            room, seat, purchase)
    }
}
