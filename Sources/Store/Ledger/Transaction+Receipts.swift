public import Values

extension Transaction {
    /// The last receipt of a gateway that was taken; 0 before the first.
    public borrowing func lastReceipt(of gateway: GatewayID) throws(StoreFault) -> Int64 {
        try row("SELECT max(seq) FROM receipts WHERE shard = $1 AND gateway = $2", shard, gateway) {
            row throws(StoreFault) in try row.optionalInteger(0) ?? 0
        } ?? 0
    }

    /// Takes a receipt. The schema refuses one that is there already and one that leaves a gap.
    /// - Parameter isStage: of somebody who may speak.
    public borrowing func insertReceipt(
        _ sequence: Int64, of gateway: GatewayID, kind: String, room: RoomID, isStage: Bool, body: String,
        at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO receipts (shard, number, gateway, seq, prev_seq, kind, body, received_us)
            SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM receipts WHERE shard = $1
            """, shard, gateway, sequence, sequence == 1 ? Int64?.none : sequence - 1, kind, body, instant)
        try execute(
            """
            INSERT INTO room_receipts (shard, room, stage, number) SELECT $1, $2, $3, max(number) FROM receipts
            WHERE shard = $1
            """, shard, room, isStage ? 1 : 0)
    }

    /// The stored text of a receipt, to tell a repeated one from another one of the same number.
    public borrowing func receipt(_ sequence: Int64, of gateway: GatewayID) throws(StoreFault) -> String? {
        try row(
            "SELECT body FROM receipts WHERE shard = $1 AND gateway = $2 AND seq = $3", shard, gateway, sequence
        ) { row throws(StoreFault) in try row.text(0) }
    }

    /// Receipts of every gateway behind a number, in the order in which they were taken.
    public borrowing func receipts(
        after number: Int64, limit: Int
    ) throws(StoreFault) -> [(number: Int64, body: String)] {
        try rows(
            "SELECT number, body FROM receipts WHERE shard = $1 AND number > $2 ORDER BY number LIMIT $3", shard,
            number, limit
        ) { row throws(StoreFault) in (try row.integer(0), try row.text(1)) }
    }
}
