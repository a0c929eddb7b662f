public import Values

extension Transaction {
    /// The last act of a gateway that was taken; 0 before the first.
    public borrowing func lastAct(of gateway: GatewayID) throws(StoreFault) -> Int64 {
        try row("SELECT max(seq) FROM stage_acts WHERE shard = $1 AND gateway = $2", shard, gateway) {
            row throws(StoreFault) in try row.optionalInteger(0) ?? 0
        } ?? 0
    }

    /// Takes an act behind the last one of its room. The schema refuses one that is there already and one that leaves a
    /// gap.
    public borrowing func insertAct(
        _ sequence: Int64, of gateway: GatewayID, in room: RoomID, kind: String, refused: String?, body: String,
        at instant: Instant
    ) throws(StoreFault) {
        let last =
            try row("SELECT max(n) FROM stage_acts WHERE shard = $1 AND room = $2", shard, room) {
                row throws(StoreFault) in try row.optionalInteger(0) ?? 0
            } ?? 0
        try execute(
            """
            INSERT INTO stage_acts (shard, gateway, seq, prev_seq, room, n, prev_n, kind, refused, body, received_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, gateway, sequence, sequence == 1 ? Int64?.none : sequence - 1, room, last + 1,
            last == 0 ? Int64?.none : last, kind, refused ?? "", body, instant)
    }

    /// The stored text of an act, to tell a repeated one from another one of the same number.
    public borrowing func act(_ sequence: Int64, of gateway: GatewayID) throws(StoreFault) -> String? {
        try row(
            "SELECT body FROM stage_acts WHERE shard = $1 AND gateway = $2 AND seq = $3", shard, gateway, sequence
        ) { row throws(StoreFault) in try row.text(0) }
    }

    /// The texts of what was done of a kind in a room, the oldest first.
    public borrowing func acts(of kind: String, in room: RoomID, limit: Int) throws(StoreFault) -> [String] {
        try rows(
            """
            SELECT body FROM stage_acts WHERE shard = $1 AND room = $2 AND kind = $3 AND refused = '' ORDER BY n LIMIT $4
            """, shard, room, kind, limit
        ) { row throws(StoreFault) in try row.text(0) }
    }

    /// The log of a room behind a place, in its order.
    public borrowing func acts(
        in room: RoomID, after place: Int64, limit: Int
    ) throws(StoreFault) -> [(place: Int64, gateway: GatewayID, body: String)] {
        try rows(
            """
            SELECT n, gateway, body FROM stage_acts WHERE shard = $1 AND room = $2 AND n > $3 ORDER BY n LIMIT $4
            """, shard, room, place, limit
        ) { row throws(StoreFault) in (try row.integer(0), try row.identifier(1), try row.text(2)) }
    }
}
