extension AuditCheck {
    /// What happens to tickets between their sale and the end of their room.
    static let successions: [AuditCheck] = [
        AuditCheck(
            "successions", "a ticket in the place of another has its order and seat, and the other one has ended",
            counted: "SELECT count(*) FROM successions WHERE shard = $1",
            [
                Search(
                    "successions", "the chain of the order has a gap",
                    """
                    SELECT s.order_id || '/' || CAST(s.n AS TEXT) FROM successions s LEFT JOIN successions p
                      ON p.shard = s.shard AND p.order_id = s.order_id AND p.n = s.n - 1
                    LEFT JOIN orders o ON o.shard = s.shard AND o.order_id = s.order_id
                    WHERE s.shard = $1 AND s.predecessor <> coalesce(p.ticket, CASE WHEN s.n = 1 THEN o.ticket END, '')
                    """),
                Search(
                    "successions", "the next ticket has another order, room or seat",
                    """
                    SELECT s.ticket FROM successions s LEFT JOIN tickets t ON t.shard = s.shard AND t.ticket = s.ticket
                    LEFT JOIN tickets p ON p.shard = s.shard AND p.ticket = s.predecessor
                    WHERE s.shard = $1 AND (t.ticket IS NULL OR p.ticket IS NULL OR t.order_id <> s.order_id
                      OR p.order_id <> s.order_id OR t.room <> p.room OR t.seat <> p.seat)
                    """),
                Search(
                    "successions", "the ticket before did not end when it was replaced",
                    """
                    SELECT s.predecessor FROM successions s LEFT JOIN revocations v
                      ON v.shard = s.shard AND v.ticket = s.predecessor
                    WHERE s.shard = $1 AND (v.ticket IS NULL OR v.reason <> s.cause OR v.at_us <> s.at_us)
                    """),
                Search(
                    "tickets", "belongs to an order and is in no chain",
                    """
                    SELECT t.ticket FROM tickets t JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
                    WHERE t.shard = $1 AND t.ticket <> o.ticket AND NOT EXISTS (SELECT 1 FROM successions s
                      WHERE s.shard = t.shard AND s.ticket = t.ticket)
                    """),
            ])
    ]
}
