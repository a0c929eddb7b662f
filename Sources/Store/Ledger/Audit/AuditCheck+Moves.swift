extension AuditCheck {
    /// Rooms that moved against their times, the answers of their holders, and what those did.
    static let moves: [AuditCheck] = [
        AuditCheck(
            "moves", "rooms have the times of their last move, and answers were carried out",
            counted: "SELECT count(*) FROM room_moves WHERE shard = $1",
            [
                Search(
                    "rooms", "has other times than its last move",
                    """
                    SELECT r.room FROM rooms r JOIN room_moves m ON m.shard = r.shard AND m.room = r.room
                    WHERE r.shard = $1 AND m.n = (SELECT max(l.n) FROM room_moves l WHERE l.shard = m.shard
                        AND l.room = m.room)
                      AND (r.doors_us <> m.doors_us OR r.starts_us <> m.starts_us OR r.ends_us <> coalesce((SELECT max(o.after_us)
                          FROM room_overtimes o WHERE o.shard = r.shard AND o.room = r.room), m.ends_us))
                    """),
                Search(
                    "room_moves", "does not follow the one before it",
                    """
                    SELECT m.room || '/' || CAST(m.n AS TEXT) FROM room_moves m LEFT JOIN room_moves p
                      ON p.shard = m.shard AND p.room = m.room AND p.n = m.n - 1
                    WHERE m.shard = $1 AND m.n > 1 AND (p.n IS NULL OR p.doors_us <> m.doors_before
                      OR p.starts_us <> m.starts_before OR p.ends_us <> m.ends_before)
                    """),
                Search(
                    "move_answers", "is of no move, or of an order of another room",
                    """
                    SELECT a.order_id FROM move_answers a LEFT JOIN orders o ON o.shard = a.shard
                      AND o.order_id = a.order_id
                    LEFT JOIN room_moves m ON m.shard = a.shard AND m.room = a.room AND m.n = a.n
                    WHERE a.shard = $1 AND (o.order_id IS NULL OR o.room <> a.room OR m.room IS NULL)
                    """),
                Search(
                    "move_answers", "was refunded and money is left",
                    """
                    SELECT a.order_id FROM move_answers a JOIN orders o ON o.shard = a.shard AND o.order_id = a.order_id
                    WHERE a.shard = $1 AND a.answer = 'refund' AND o.gross > coalesce((SELECT sum(v.delta)
                      FROM order_reversals v WHERE v.shard = o.shard AND v.order_id = o.order_id), 0)
                    """),
                Search(
                    "move_answers", "was refunded and a ticket is in force",
                    """
                    SELECT a.order_id FROM move_answers a JOIN tickets t ON t.shard = a.shard AND t.order_id = a.order_id
                    WHERE a.shard = $1 AND a.answer = 'refund' AND NOT EXISTS (SELECT 1 FROM revocations v
                      WHERE v.shard = t.shard AND v.ticket = t.ticket)
                    """),
                Search(
                    "tickets", "was kept and ends at another time than its room",
                    """
                    SELECT t.ticket FROM tickets t JOIN move_answers a ON a.shard = t.shard AND a.order_id = t.order_id
                    JOIN room_moves m ON m.shard = a.shard AND m.room = a.room AND m.n = a.n
                    WHERE t.shard = $1 AND a.answer = 'keep' AND t.not_after_us <> m.ends_us AND a.at_us < m.ends_us
                      AND NOT EXISTS (SELECT 1 FROM room_overtimes o WHERE o.shard = t.shard AND o.room = t.room
                        AND o.after_us = t.not_after_us)
                      AND a.n = (SELECT max(l.n) FROM room_moves l WHERE l.shard = m.shard AND l.room = m.room)
                      AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket)
                    """),
                Search(
                    "move_ends", "an order has no answer",
                    """
                    SELECT o.order_id FROM move_ends e JOIN room_moves m ON m.shard = e.shard AND m.room = e.room
                      AND m.n = e.n
                    JOIN orders o ON o.shard = m.shard AND o.room = m.room AND o.sold_us <= e.at_us
                    LEFT JOIN holds h ON h.shard = o.shard AND h.purchase = o.purchase
                    JOIN tickets t ON t.shard = o.shard AND t.order_id = o.order_id
                    WHERE e.shard = $1 AND coalesce(h.created_us, o.sold_us) <= m.at_us
                      AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket)
                      AND NOT EXISTS (SELECT 1 FROM move_answers a WHERE a.shard = m.shard AND a.room = m.room
                        AND a.n = m.n AND a.order_id = o.order_id)
                      AND NOT EXISTS (SELECT 1 FROM room_facts f WHERE f.shard = m.shard AND f.room = m.room
                        AND f.state = 'cancelled')
                    """),
            ])
    ]
}
