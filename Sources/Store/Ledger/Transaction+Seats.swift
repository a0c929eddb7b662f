public import BoxOffice
public import Values

extension Transaction {
    /// How many seats are taken and which is the lowest free one; a look-up each, whatever the size of the room.
    public borrowing func seatUse(of room: RoomID) throws(StoreFault) -> SeatUse {
        try row(
            """
            SELECT (SELECT coalesce(max(seat), 0) FROM seats WHERE shard = $1 AND room = $2),
              (SELECT count(*) FROM seats WHERE shard = $1 AND room = $2 AND ticket IS NULL),
              (SELECT min(seat) FROM seats WHERE shard = $1 AND room = $2 AND ticket IS NULL)
            """, shard, room
        ) { row throws(StoreFault) in
            let highest = try row.int(0)
            let lowest = try row.optionalInteger(2).map { Int($0) } ?? highest + 1
            return SeatUse(sold: highest - (try row.int(1)), lowestFree: lowest)
        } ?? SeatUse(sold: 0, lowestFree: 1)
    }

    /// Puts a ticket on a seat that was never taken or was given back.
    public borrowing func occupy(_ seat: Int, in room: RoomID, by ticket: TicketID) throws(StoreFault) {
        let changed = try execute(
            """
            INSERT INTO seats (shard, room, seat, ticket) VALUES ($1, $2, $3, $4)
            ON CONFLICT (shard, room, seat) DO UPDATE SET ticket = excluded.ticket WHERE ticket IS NULL
            """, shard, room, seat, ticket)
        // Somebody sits there: the decision was made on other seats than these.
        guard changed == 1 else { throw .corrupt(column: "seats.ticket") }
    }

    /// The seat of this ticket is free again.
    public borrowing func giveBackSeat(of ticket: TicketID) throws(StoreFault) {
        try execute("UPDATE seats SET ticket = NULL WHERE shard = $1 AND ticket = $2", shard, ticket)
    }
}
