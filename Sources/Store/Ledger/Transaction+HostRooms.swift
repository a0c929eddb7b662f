internal import BoxOffice
public import Payouts
public import Values

/// A room of a host as the duties of a stipend look at it.
public struct HostRoomRow: Sendable, Hashable {
    public let room: FundRoom
    /// It was called off, and counts for nothing.
    public let isCancelled: Bool
    /// Why it counts for no fund; `nil` for a room that may count.
    public let excluded: String?
}

extension Transaction {
    /// Rooms of a host that start in a stretch of time, in their order, with what was said of them before an instant.
    public borrowing func rooms(
        of host: HostID, startingFrom start: Instant, until end: Instant, before instant: Instant
    ) throws(StoreFault) -> [HostRoomRow] {
        try rows(
            """
            SELECT r.room, r.cohosts, r.starts_us, r.ends_us,
              (SELECT min(c.at_us) FROM room_facts c WHERE c.shard = r.shard AND c.room = r.room AND c.state = 'closed'
                AND c.at_us < $5),
              (SELECT min(f.at_us) FROM room_facts f WHERE f.shard = r.shard AND f.room = r.room
                AND f.state = 'cancelled' AND f.at_us < $5),
              (SELECT x.reason FROM room_exclusions x WHERE x.shard = r.shard AND x.room = r.room AND x.at_us < $5),
              r.host
            FROM rooms r WHERE r.shard = $1 AND r.host = $2 AND r.starts_us >= $3 AND r.starts_us < $4
            ORDER BY r.starts_us, r.room
            """, shard, host, start, end, instant
        ) { row throws(StoreFault) in try readHostRoom(row) }
    }

    /// Rooms of anybody that start in a stretch of time and count for no fund: cancelled or excluded before an instant.
    public borrowing func roomsOut(
        startingFrom start: Instant, until end: Instant, before instant: Instant
    ) throws(StoreFault) -> [HostRoomRow] {
        try rows(
            """
            SELECT r.room, r.cohosts, r.starts_us, r.ends_us, CAST(NULL AS INTEGER),
              (SELECT min(f.at_us) FROM room_facts f WHERE f.shard = r.shard AND f.room = r.room
                AND f.state = 'cancelled' AND f.at_us < $4),
              (SELECT x.reason FROM room_exclusions x WHERE x.shard = r.shard AND x.room = r.room AND x.at_us < $4),
              r.host
            FROM rooms r WHERE r.shard = $1 AND r.starts_us >= $2 AND r.starts_us < $3
              AND (EXISTS (SELECT 1 FROM room_facts f WHERE f.shard = r.shard AND f.room = r.room
                  AND f.state = 'cancelled' AND f.at_us < $4)
                OR EXISTS (SELECT 1 FROM room_exclusions x WHERE x.shard = r.shard AND x.room = r.room AND x.at_us < $4))
            ORDER BY r.room
            """, shard, start, end, instant
        ) { row throws(StoreFault) in try readHostRoom(row) }
    }
}

private func readHostRoom(_ row: borrowing Row) throws(StoreFault) -> HostRoomRow {
    let cohosts = try row.text(1)
    let (from, to) = (try row.instant(2), try row.instant(3))
    let closed = try row.optionalInstant(4) ?? to
    return HostRoomRow(
        room: FundRoom(
            id: try row.identifier(0), owner: try row.identifier(7),
            cohosts: cohosts == "[]" ? [] : try parsedCohosts(cohosts).map(\.host), startsAt: from,
            endsAt: max(from, min(to, closed))),
        isCancelled: !row.isNull(5), excluded: try row.optionalText(6))
}
