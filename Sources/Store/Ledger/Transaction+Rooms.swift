public import BoxOffice
internal import Foundation
public import Values

extension Transaction {
    public borrowing func insertRoom(_ room: Room, at instant: Instant) throws(StoreFault) {
        try execute(
            """
            INSERT INTO rooms (shard, room, host, title, starts_us, ends_us, doors_us, capacity, language,
              sale_opens_us, cohosts, policy, created_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """, shard, room.id, room.host, room.title, room.startsAt, room.endsAt, room.doorsOpenAt, room.capacity,
            room.language, room.saleOpensAt, text(of: room.cohosts), room.policy, instant)
    }

    /// A room with the state that its last fact left it in.
    public borrowing func room(_ id: RoomID) throws(StoreFault) -> Room? {
        if let known = memory?.room(id) { return known }
        let room = try row(
            """
            SELECT r.room, r.host, r.title, r.starts_us, r.ends_us, r.doors_us, r.capacity, r.language,
              r.sale_opens_us, r.cohosts, r.policy, f.state, f.at_us
            FROM rooms r LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
            WHERE r.shard = $1 AND r.room = $2
            """, shard, id, read: readRoom)
        if let room { memory?.remember(room) }
        return room
    }

    /// Rooms in the order of their making; of one host, or of all.
    public borrowing func rooms(of host: HostID? = nil) throws(StoreFault) -> [Room] {
        try rows(
            """
            SELECT r.room, r.host, r.title, r.starts_us, r.ends_us, r.doors_us, r.capacity, r.language,
              r.sale_opens_us, r.cohosts, r.policy, f.state, f.at_us
            FROM rooms r LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
            WHERE r.shard = $1 AND ($2 IS NULL OR r.host = $2) ORDER BY r.room
            """, shard, host, read: readRoom)
    }

    /// A page of the same: rooms behind one of them.
    public borrowing func rooms(of host: HostID?, after room: String, limit: Int) throws(StoreFault) -> [Room] {
        try rows(
            """
            SELECT r.room, r.host, r.title, r.starts_us, r.ends_us, r.doors_us, r.capacity, r.language,
              r.sale_opens_us, r.cohosts, r.policy, f.state, f.at_us
            FROM rooms r LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
            WHERE r.shard = $1 AND (CAST($2 AS TEXT) IS NULL OR r.host = $2) AND r.room > $3
            ORDER BY r.room LIMIT $4
            """, shard, host, room, limit, read: readRoom)
    }

    /// Rooms that end after an instant, for gateways.
    public borrowing func rooms(endingAfter instant: Instant, limit: Int) throws(StoreFault) -> [Room] {
        try rows(
            """
            SELECT r.room, r.host, r.title, r.starts_us, r.ends_us, r.doors_us, r.capacity, r.language,
              r.sale_opens_us, r.cohosts, r.policy, f.state, f.at_us
            FROM rooms r LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
            WHERE r.shard = $1 AND r.ends_us > $2 ORDER BY r.room LIMIT $3
            """, shard, instant, limit, read: readRoom)
    }

    /// A room as it stood at an instant: later facts are left out.
    public borrowing func room(_ id: RoomID, before instant: Instant) throws(StoreFault) -> Room? {
        try row(
            """
            SELECT r.room, r.host, r.title, r.starts_us, r.ends_us, r.doors_us, r.capacity, r.language,
              r.sale_opens_us, r.cohosts, r.policy, f.state, f.at_us
            FROM rooms r LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room AND at_us < $3)
            WHERE r.shard = $1 AND r.room = $2
            """, shard, id, instant, read: readRoom)
    }

    /// Records that the room was opened, closed or cancelled; `sequence` is the journal's head at that moment.
    public borrowing func insertRoomFact(
        _ room: RoomID, _ state: RoomState, sequence: Int64
    ) throws(StoreFault) {
        let last = try row(
            "SELECT max(n) FROM room_facts WHERE shard = $1 AND room = $2", shard, room
        ) { row throws(StoreFault) in try row.optionalInteger(0) }
        let previous = last.flatMap(\.self)
        memory?.forgetRoom(room)
        try execute(
            """
            INSERT INTO room_facts (shard, room, n, prev_n, state, at_us, head_sequence)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, room, (previous ?? 0) + 1, previous, state.name, state.since, sequence)
    }
}

private func readRoom(_ row: borrowing Row) throws(StoreFault) -> Room {
    let state: RoomState
    if let name = try row.optionalText(11) {
        guard let stored = RoomState(name: name, since: try row.instant(12)) else { throw row.corrupt(11) }
        state = stored
    } else {
        state = .scheduled
    }
    let cohosts = try row.text(9)
    let draft = RoomDraft(
        title: try row.text(2), language: try row.text(7), doorsOpenAt: try row.instant(5),
        startsAt: try row.instant(3), endsAt: try row.instant(4), capacity: try row.int(6),
        saleOpensAt: try row.optionalInstant(8),
        cohosts: cohosts == "[]" ? [] : try parsedCohosts(cohosts))
    return Room(
        id: try row.identifier(0), host: try row.identifier(1), draft: draft, policy: try row.text(10), state: state)
}

private func text(of cohosts: [CohostShare]) -> String {
    guard !cohosts.isEmpty else { return "[]" }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Two texts and an integer each always have a JSON form.
    guard let data = try? encoder.encode(cohosts) else { preconditionFailure("Co-hosts have no JSON form.") }
    return String(decoding: data, as: UTF8.self)
}

func parsedCohosts(_ text: String) throws(StoreFault) -> [CohostShare] {
    guard let cohosts = try? JSONDecoder().decode([CohostShare].self, from: Data(text.utf8)) else {
        throw .corrupt(column: "rooms.cohosts")
    }
    return cohosts
}
