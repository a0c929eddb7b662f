extension AuditCheck {
    /// Tips against their orders, entries and bounds.
    static let tips: [AuditCheck] = [
        AuditCheck(
            "tips", "tips are orders without a ticket, booked as tips and within the bound of their giver",
            counted: "SELECT count(*) FROM tips WHERE shard = $1",
            [
                Search(
                    "tips", "has no order of its room and giver, or one with a ticket",
                    """
                    SELECT t.order_id FROM tips t LEFT JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
                    WHERE t.shard = $1 AND (o.order_id IS NULL OR o.room <> t.room OR o.holder <> t.holder
                      OR EXISTS (SELECT 1 FROM tickets k WHERE k.shard = t.shard AND k.order_id = t.order_id))
                    """),
                Search(
                    "tips", "was not booked as a tip",
                    """
                    SELECT t.order_id FROM tips t JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
                    WHERE t.shard = $1 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = o.shard
                      AND e.seq = o.sold_seq AND e.kind = 'tip')
                    """),
                Search(
                    "entries", "the tip is of no order",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'tip'
                      AND NOT EXISTS (SELECT 1 FROM orders o JOIN tips t ON t.shard = o.shard
                          AND t.order_id = o.order_id WHERE o.shard = e.shard AND o.sold_seq = e.seq)
                    """),
                Search(
                    "tip_totals", "does not follow the row before it, or passes the bound",
                    """
                    SELECT t.order_id FROM tip_totals t LEFT JOIN tip_totals p ON p.shard = t.shard
                      AND p.room = t.room AND p.holder = t.holder AND p.currency = t.currency AND p.n = t.n - 1
                    WHERE t.shard = $1 AND (t.before <> coalesce(p.after, 0) OR t.after <> t.before + t.delta
                      OR (t.n > 1 AND p.n IS NULL) OR t.after > coalesce(t.most, t.after))
                    """),
                Search(
                    "tips", "is not counted as what it is",
                    """
                    SELECT t.order_id FROM tips t JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
                    WHERE t.shard = $1 AND NOT EXISTS (SELECT 1 FROM tip_totals c WHERE c.shard = t.shard
                      AND c.order_id = t.order_id AND c.delta = o.gross AND c.currency = o.currency)
                    """),
                Search(
                    "tip_switches", "has a gap",
                    """
                    SELECT room FROM tip_switches WHERE shard = $1 GROUP BY room
                    HAVING min(n) <> 1 OR max(n) <> count(*)
                    """),
            ])
    ]
}
