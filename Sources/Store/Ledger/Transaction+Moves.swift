public import BoxOffice
public import Values

/// How many holders' orders have answered what.
public struct MoveCounts: Sendable, Hashable, Codable {
    public let kept: Int
    public let refunded: Int
    /// Among both: by the default.
    public let byDefault: Int
    public let open: Int
}

extension Transaction {
    /// Stores that a room moves: from now on it has the new times.
    public borrowing func insertMove(_ move: RoomMove, by actor: String) throws(StoreFault) {
        try execute(
            """
            INSERT INTO room_moves (shard, room, n, prev_n, doors_before, starts_before, ends_before, doors_us,
              starts_us, ends_us, notice, default_answer, answer_until_us, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """, shard, move.room, move.number, move.number == 1 ? Int?.none : move.number - 1, move.from.doorsOpenAt,
            move.from.startsAt, move.from.endsAt, move.to.doorsOpenAt, move.to.startsAt, move.to.endsAt, move.notice,
            move.defaultAnswer.rawValue, move.answerUntil, actor, move.movedAt)
        try execute(
            "UPDATE rooms SET doors_us = $3, starts_us = $4, ends_us = $5 WHERE shard = $1 AND room = $2", shard,
            move.room, move.to.doorsOpenAt, move.to.startsAt, move.to.endsAt)
        memory?.forgetRoom(move.room)
    }

    /// Moves of a room, the last one first.
    public borrowing func moves(of room: RoomID, limit: Int = 1_000) throws(StoreFault) -> [RoomMove] {
        try rows(
            """
            SELECT room, n, doors_before, starts_before, ends_before, doors_us, starts_us, ends_us, notice, at_us,
              answer_until_us, default_answer
            FROM room_moves WHERE shard = $1 AND room = $2 ORDER BY n DESC LIMIT $3
            """, shard, room, limit, read: readMove)
    }

    /// Last moves whose answers are over at an instant and that have orders without one.
    public borrowing func movesDue(at instant: Instant, limit: Int) throws(StoreFault) -> [RoomMove] {
        try rows(
            """
            SELECT m.room, m.n, m.doors_before, m.starts_before, m.ends_before, m.doors_us, m.starts_us, m.ends_us,
              m.notice, m.at_us, m.answer_until_us, m.default_answer
            FROM room_moves m WHERE m.shard = $1 AND m.answer_until_us <= $2
              AND NOT EXISTS (SELECT 1 FROM move_ends e WHERE e.shard = m.shard AND e.room = m.room AND e.n = m.n)
              AND NOT EXISTS (SELECT 1 FROM room_moves l WHERE l.shard = m.shard AND l.room = m.room AND l.n > m.n)
            ORDER BY m.room LIMIT $3
            """, shard, instant, limit, read: readMove)
    }

    public borrowing func answer(to move: RoomMove, of order: OrderID) throws(StoreFault) -> MoveAnswer? {
        try row(
            "SELECT answer FROM move_answers WHERE shard = $1 AND room = $2 AND n = $3 AND order_id = $4", shard,
            move.room, move.number, order
        ) { row throws(StoreFault) in
            guard let answer = MoveAnswer(rawValue: try row.text(0)) else { throw row.corrupt(0) }
            return answer
        }
    }

    public borrowing func insertAnswer(
        _ answer: MoveAnswer, isDefault: Bool, to move: RoomMove, of order: OrderID, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO move_answers (shard, room, n, order_id, answer, is_default, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, move.room, move.number, order, answer.rawValue, isDefault ? 1 : 0, instant)
    }

    /// Orders that were asked and have not answered: bought before the move, or held before it, with a ticket in force.
    public borrowing func unanswered(_ move: RoomMove, limit: Int) throws(StoreFault) -> [OrderID] {
        try rows(
            """
            SELECT o.order_id FROM orders o LEFT JOIN holds h ON h.shard = o.shard AND h.purchase = o.purchase
            WHERE o.shard = $1 AND o.room = $2 AND coalesce(h.created_us, o.sold_us) <= $4
              AND NOT EXISTS (SELECT 1 FROM move_answers a WHERE a.shard = o.shard AND a.room = o.room AND a.n = $3
                AND a.order_id = o.order_id)
              AND EXISTS (SELECT 1 FROM tickets t WHERE t.shard = o.shard AND t.order_id = o.order_id
                AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket))
            ORDER BY o.order_id LIMIT $5
            """, shard, move.room, move.number, move.movedAt, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// When the buyer of an order decided: the making of its hold, whenever its money came.
    public borrowing func boughtAt(_ order: Order) throws(StoreFault) -> Instant {
        guard let purchase = order.purchase else { return order.soldAt }
        return try row("SELECT created_us FROM holds WHERE shard = $1 AND purchase = $2", shard, purchase) {
            row throws(StoreFault) in try row.instant(0)
        } ?? order.soldAt
    }

    /// Whether a move asks the holder of an order, and no answer is given.
    public borrowing func isAsked(_ order: Order, by move: RoomMove) throws(StoreFault) -> Bool {
        guard order.room == move.room, try boughtAt(order) <= move.movedAt else { return false }
        return try answer(to: move, of: order.id) == nil
    }

    public borrowing func counts(of move: RoomMove) throws(StoreFault) -> MoveCounts {
        let given = try row(
            """
            SELECT count(CASE WHEN answer = 'keep' THEN 1 END), count(CASE WHEN answer = 'refund' THEN 1 END),
              count(CASE WHEN is_default = 1 THEN 1 END)
            FROM move_answers WHERE shard = $1 AND room = $2 AND n = $3
            """, shard, move.room, move.number
        ) { row throws(StoreFault) in (try row.int(0), try row.int(1), try row.int(2)) }
        let open = try unanswered(move, limit: Room.maximumCapacity).count
        return MoveCounts(kept: given?.0 ?? 0, refunded: given?.1 ?? 0, byDefault: given?.2 ?? 0, open: open)
    }

    public borrowing func endMove(_ move: RoomMove, at instant: Instant) throws(StoreFault) {
        try execute(
            "INSERT INTO move_ends (shard, room, n, at_us) VALUES ($1, $2, $3, $4)", shard, move.room, move.number,
            instant)
    }

    public borrowing func hasEnded(_ move: RoomMove) throws(StoreFault) -> Bool {
        try row(
            "SELECT 1 FROM move_ends WHERE shard = $1 AND room = $2 AND n = $3", shard, move.room, move.number
        ) { _ throws(StoreFault) in true } ?? false
    }
}

private func readMove(_ row: borrowing Row) throws(StoreFault) -> RoomMove {
    guard let answer = MoveAnswer(rawValue: try row.text(11)) else { throw row.corrupt(11) }
    return RoomMove(
        room: try row.identifier(0), number: try row.int(1),
        from: RoomTimes(
            doorsOpenAt: try row.instant(2), startsAt: try row.instant(3), endsAt: try row.instant(4)),
        to: RoomTimes(doorsOpenAt: try row.instant(5), startsAt: try row.instant(6), endsAt: try row.instant(7)),
        notice: try row.text(8), movedAt: try row.instant(9), answerUntil: try row.instant(10), defaultAnswer: answer)
}
