public import Values

/// A room's sharing policy as its host has set it last.
public struct SharingRow: Sendable, Hashable {
    /// 0 for a room of which nothing was said.
    public let number: Int
    public let sharing: SharingPolicy
}

extension Transaction {
    public borrowing func sharing(of room: RoomID) throws(StoreFault) -> SharingRow {
        try row(
            "SELECT n, sharing FROM room_sharing WHERE shard = $1 AND room = $2 ORDER BY n DESC LIMIT 1", shard, room
        ) { row throws(StoreFault) in
            guard let sharing = SharingPolicy(try row.text(1)) else { throw row.corrupt(1) }
            return SharingRow(number: try row.int(0), sharing: sharing)
        } ?? SharingRow(number: 0, sharing: .newestWins)
    }

    /// The policies of rooms that end after an instant, of which anything was said.
    public borrowing func sharings(endingAfter instant: Instant) throws(StoreFault) -> [RoomID: SharingPolicy] {
        let found = try rows(
            """
            SELECT s.room, s.sharing FROM room_sharing s JOIN rooms r ON r.shard = s.shard AND r.room = s.room
            WHERE s.shard = $1 AND r.ends_us > $2 ORDER BY s.room, s.n
            """, shard, instant
        ) { row throws(StoreFault) -> (RoomID, SharingPolicy) in
            guard let sharing = SharingPolicy(try row.text(1)) else { throw row.corrupt(1) }
            return (try row.identifier(0), sharing)
        }
        return Dictionary(found, uniquingKeysWith: { $1 })
    }

    /// Chains a policy behind the one before.
    /// - Parameter feed: the event by which gateways hear of it.
    public borrowing func insertSharing(
        _ sharing: SharingPolicy, of room: RoomID, behind last: SharingRow, feed: Int64, by actor: String,
        at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO room_sharing (shard, room, n, prev_n, before, sharing, feed, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, room, last.number + 1, last.number == 0 ? Int?.none : last.number, last.sharing.text,
            sharing.text, feed, actor, instant)
    }
}
