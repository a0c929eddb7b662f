public import Stage
public import Values

/// Whether a room asks for holder keys, as its host has said it last.
public struct HolderKeyRow: Sendable, Hashable {
    /// 0 for a room of which nothing was said.
    public let number: Int
    public let policy: HolderKeyPolicy
}

extension Transaction {
    public borrowing func holderKey(of room: RoomID) throws(StoreFault) -> HolderKeyRow {
        try row(
            "SELECT n, holder_key FROM room_holder_keys WHERE shard = $1 AND room = $2 ORDER BY n DESC LIMIT 1", shard,
            room
        ) { row throws(StoreFault) in
            guard let policy = HolderKeyPolicy(rawValue: try row.text(1)) else { throw row.corrupt(1) }
            return HolderKeyRow(number: try row.int(0), policy: policy)
        } ?? HolderKeyRow(number: 0, policy: .none)
    }

    /// The wishes of rooms that end after an instant, of which anything was said.
    public borrowing func holderKeys(endingAfter instant: Instant) throws(StoreFault) -> [RoomID: HolderKeyPolicy] {
        let found = try rows(
            """
            SELECT k.room, k.holder_key FROM room_holder_keys k JOIN rooms r ON r.shard = k.shard AND r.room = k.room
            WHERE k.shard = $1 AND r.ends_us > $2 ORDER BY k.room, k.n
            """, shard, instant
        ) { row throws(StoreFault) -> (RoomID, HolderKeyPolicy) in
            guard let policy = HolderKeyPolicy(rawValue: try row.text(1)) else { throw row.corrupt(1) }
            return (try row.identifier(0), policy)
        }
        return Dictionary(found, uniquingKeysWith: { $1 })
    }

    /// Chains a wish behind the one before.
    /// - Parameter feed: the event by which gateways hear of it.
    public borrowing func insertHolderKey(
        _ policy: HolderKeyPolicy, of room: RoomID, behind last: HolderKeyRow, feed: Int64, by actor: String,
        at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO room_holder_keys (shard, room, n, prev_n, before, holder_key, feed, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, room, last.number + 1, last.number == 0 ? Int?.none : last.number, last.policy.rawValue,
            policy.rawValue, feed, actor, instant)
    }

    /// Bound tickets in force of rooms that end after an instant.
    public borrowing func bindings(
        endingAfter instant: Instant, limit: Int
    ) throws(StoreFault) -> [TicketBinding] {
        try rows(
            """
            SELECT b.ticket, t.room, b.jkt FROM rooms r
            JOIN tickets t ON t.shard = r.shard AND t.room = r.room
            JOIN ticket_bindings b ON b.shard = t.shard AND b.ticket = t.ticket
            WHERE r.shard = $1 AND r.ends_us > $2
              AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = b.shard AND v.ticket = b.ticket)
            ORDER BY b.ticket LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in
            TicketBinding(ticket: try row.identifier(0), room: try row.identifier(1), thumbprint: try row.text(2))
        }
    }

    /// Binds a ticket to a key, for good.
    /// - Parameter predecessor: from which ticket it has the key; `nil` where its holder claimed it.
    public borrowing func insertBinding(
        of ticket: TicketID, to thumbprint: String, from predecessor: TicketID? = nil, by actor: String,
        at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO ticket_bindings (shard, ticket, jkt, inherited_from, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, shard, ticket, thumbprint, predecessor, actor, instant)
    }
}
