public import Values

/// A gateway as operators have said of it last.
public struct GatewayRow: Sendable, Hashable {
    public let gateway: GatewayID
    public let number: Int
    public let url: String
    public let takesRooms: Bool
    public let at: Instant
}

/// Whose a room is, and where that gateway answers.
public struct PlacementRow: Sendable, Hashable {
    public let number: Int
    public let gateway: GatewayID
    public let url: String
}

extension Transaction {
    /// Gateways that operators told of, by name.
    public borrowing func gateways(limit: Int) throws(StoreFault) -> [GatewayRow] {
        try rows(
            """
            SELECT g.gateway, g.n, g.url, g.takes_rooms, g.at_us FROM gateway_facts g WHERE g.shard = $1
              AND NOT EXISTS (SELECT 1 FROM gateway_facts l WHERE l.shard = g.shard AND l.gateway = g.gateway
                AND l.n = g.n + 1) ORDER BY g.gateway LIMIT $2
            """, shard, limit, read: readGateway)
    }

    public borrowing func gateway(_ id: GatewayID) throws(StoreFault) -> GatewayRow? {
        try row(
            """
            SELECT gateway, n, url, takes_rooms, at_us FROM gateway_facts WHERE shard = $1 AND gateway = $2
            ORDER BY n DESC LIMIT 1
            """, shard, id, read: readGateway)
    }

    /// Chains what is said of a gateway behind what was.
    public borrowing func insertGateway(
        _ id: GatewayID, url: String, takesRooms: Bool, behind last: GatewayRow?, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO gateway_facts (shard, gateway, n, prev_n, url, takes_rooms, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, id, (last?.number ?? 0) + 1, last?.number, url, takesRooms ? 1 : 0, actor, instant)
    }

    public borrowing func placement(of room: RoomID) throws(StoreFault) -> PlacementRow? {
        try row(
            """
            SELECT p.n, p.gateway, g.url FROM room_gateways p
            JOIN gateway_facts g ON g.shard = p.shard AND g.gateway = p.gateway
            WHERE p.shard = $1 AND p.room = $2 ORDER BY p.n DESC, g.n DESC LIMIT 1
            """, shard, room
        ) { row throws(StoreFault) in
            PlacementRow(number: try row.int(0), gateway: try row.identifier(1), url: try row.text(2))
        }
    }

    /// Whose the rooms are that end after an instant.
    public borrowing func placements(endingAfter instant: Instant) throws(StoreFault) -> [RoomID: PlacementRow] {
        let found = try rows(
            """
            SELECT p.room, p.n, p.gateway, g.url FROM room_gateways p
            JOIN rooms r ON r.shard = p.shard AND r.room = p.room
            JOIN gateway_facts g ON g.shard = p.shard AND g.gateway = p.gateway
            WHERE p.shard = $1 AND r.ends_us > $2 ORDER BY p.room, p.n, g.n
            """, shard, instant
        ) { row throws(StoreFault) -> (RoomID, PlacementRow) in
            let place = PlacementRow(
                number: try row.int(1), gateway: try row.identifier(2), url: try row.text(3))
            return (try row.identifier(0), place)
        }
        return Dictionary(found, uniquingKeysWith: { $1 })
    }

    /// How many rooms that end after an instant each gateway has.
    public borrowing func roomCounts(endingAfter instant: Instant) throws(StoreFault) -> [GatewayID: Int] {
        let found = try rows(
            """
            SELECT p.gateway, count(*) FROM room_gateways p JOIN rooms r ON r.shard = p.shard AND r.room = p.room
            WHERE p.shard = $1 AND r.ends_us > $2 AND NOT EXISTS (SELECT 1 FROM room_gateways l
              WHERE l.shard = p.shard AND l.room = p.room AND l.n = p.n + 1) GROUP BY p.gateway
            """, shard, instant
        ) { row throws(StoreFault) -> (GatewayID, Int) in (try row.identifier(0), try row.int(1)) }
        return Dictionary(found, uniquingKeysWith: { $1 })
    }

    /// Rooms that end after an instant and are no gateway's.
    public borrowing func unplacedRooms(endingAfter instant: Instant, limit: Int) throws(StoreFault) -> [RoomID] {
        try rows(
            """
            SELECT r.room FROM rooms r WHERE r.shard = $1 AND r.ends_us > $2 AND NOT EXISTS (SELECT 1
              FROM room_gateways p WHERE p.shard = r.shard AND p.room = r.room) ORDER BY r.room LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Chains whose a room is behind whose it was.
    /// - Parameter feed: the event by which gateways hear of it.
    public borrowing func insertPlacement(
        of room: RoomID, at gateway: GatewayRow, behind last: PlacementRow?, feed: Int64, by actor: String,
        at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO room_gateways (shard, room, n, prev_n, before, gateway, known, feed, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, room, (last?.number ?? 0) + 1, last?.number, last?.gateway, gateway.gateway, gateway.number,
            feed,
            actor, instant)
    }
}

private func readGateway(_ row: borrowing Row) throws(StoreFault) -> GatewayRow {
    GatewayRow(
        gateway: try row.identifier(0), number: try row.int(1), url: try row.text(2), takesRooms: try row.int(3) == 1,
        at: try row.instant(4))
}
