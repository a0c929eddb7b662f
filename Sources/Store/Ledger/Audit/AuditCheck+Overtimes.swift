extension AuditCheck {
    /// Rooms that go on behind their end.
    static let overtimes: [AuditCheck] = [
        AuditCheck(
            "overtimes", "rooms end with their last overtime, each behind the one before, and do not move after it",
            counted: "SELECT count(*) FROM room_overtimes WHERE shard = $1",
            [
                Search(
                    "rooms", "ends at another time than its last overtime",
                    """
                    SELECT r.room FROM rooms r JOIN room_overtimes o ON o.shard = r.shard AND o.room = r.room
                    WHERE r.shard = $1 AND o.n = (SELECT max(l.n) FROM room_overtimes l WHERE l.shard = o.shard
                        AND l.room = o.room) AND r.ends_us <> o.after_us
                    """),
                Search(
                    "room_overtimes", "does not follow the one before it, or passes the bound",
                    """
                    SELECT o.room || '/' || CAST(o.n AS TEXT) FROM room_overtimes o LEFT JOIN room_overtimes p
                      ON p.shard = o.shard AND p.room = o.room AND p.n = o.n - 1
                    WHERE o.shard = $1 AND (o.n > 8 OR o.after_us <= o.before_us OR o.at_us >= o.before_us
                      OR o.after_us > o.first_us + 43200000000 OR (o.n = 1 AND o.before_us <> o.first_us)
                      OR (o.n > 1 AND (p.n IS NULL OR p.after_us <> o.before_us OR p.first_us <> o.first_us)))
                    """),
                Search(
                    "room_overtimes", "begins at another time than its room ended",
                    """
                    SELECT o.room || '/1' FROM room_overtimes o JOIN room_moves m ON m.shard = o.shard
                      AND m.room = o.room AND m.n = (SELECT max(l.n) FROM room_moves l WHERE l.shard = m.shard
                        AND l.room = m.room)
                    WHERE o.shard = $1 AND o.n = 1 AND o.first_us <> m.ends_us
                    """),
                Search(
                    "room_overtimes", "costs something else than its price version",
                    """
                    SELECT o.room || '/' || CAST(o.n AS TEXT) FROM room_overtimes o LEFT JOIN price_versions v
                      ON v.shard = o.shard AND v.room = o.room AND v.version = o.price_version
                    WHERE o.shard = $1 AND (v.version IS NULL OR v.amount <> o.amount OR v.currency <> o.currency
                      OR v.tier <> 'overtime:' || CAST(o.n AS TEXT))
                    """),
                Search(
                    "room_moves", "moved a room that goes on",
                    """
                    SELECT m.room || '/' || CAST(m.n AS TEXT) FROM room_moves m JOIN room_overtimes o
                      ON o.shard = m.shard AND o.room = m.room AND o.n = 1
                    WHERE m.shard = $1 AND m.at_us > o.at_us
                    """),
                Search(
                    "room_overtimes", "was announced, and nobody was told",
                    """
                    SELECT o.room || '/' || CAST(o.n AS TEXT) FROM room_overtimes o WHERE o.shard = $1
                      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = o.shard AND e.kind = 'room.overtime'
                        AND e.subject = o.room || '/' || CAST(o.n AS TEXT))
                    """),
            ])
    ]

    /// Tickets that go on with their rooms, and what was paid for it.
    static let extensions: [AuditCheck] = [
        AuditCheck(
            "extensions", "extensions are orders without a ticket, and tickets end when their last one says",
            counted: "SELECT count(*) FROM extensions WHERE shard = $1",
            [
                Search(
                    "extensions", "has no order of its room and ticket, or one with a ticket of its own",
                    """
                    SELECT x.order_id FROM extensions x LEFT JOIN orders o ON o.shard = x.shard
                      AND o.order_id = x.order_id
                    WHERE x.shard = $1 AND (o.order_id IS NULL OR o.room <> x.room OR o.ticket <> x.ticket
                      OR o.sold_us <> x.at_us
                      OR EXISTS (SELECT 1 FROM tickets k WHERE k.shard = x.shard AND k.order_id = x.order_id)
                      OR NOT EXISTS (SELECT 1 FROM tickets k WHERE k.shard = x.shard AND k.ticket = x.ticket
                        AND k.order_id = x.ticket_order AND k.subject = o.holder))
                    """),
                Search(
                    "extensions", "stands at another price than its overtime",
                    """
                    SELECT x.order_id FROM extensions x JOIN orders o ON o.shard = x.shard AND o.order_id = x.order_id
                    LEFT JOIN room_overtimes t ON t.shard = x.shard AND t.room = x.room AND t.n = x.overtime
                    WHERE x.shard = $1 AND (t.n IS NULL OR o.price_version <> t.price_version OR o.gross <> t.amount
                      OR o.currency <> t.currency OR x.at_us >= t.before_us)
                    """),
                Search(
                    "extensions", "was not booked as one",
                    """
                    SELECT x.order_id FROM extensions x JOIN orders o ON o.shard = x.shard AND o.order_id = x.order_id
                    WHERE x.shard = $1 AND o.gross > 0 AND NOT EXISTS (SELECT 1 FROM entries e
                      WHERE e.shard = o.shard AND e.seq = o.sold_seq AND e.kind = 'overtime')
                    """),
                Search(
                    "entries", "the overtime is of no extension",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'overtime'
                      AND NOT EXISTS (SELECT 1 FROM orders o JOIN extensions x ON x.shard = o.shard
                        AND x.order_id = o.order_id WHERE o.shard = e.shard AND o.sold_seq = e.seq)
                    """),
                Search(
                    "extensions", "made no ticket longer",
                    """
                    SELECT x.order_id FROM extensions x WHERE x.shard = $1 AND NOT EXISTS (SELECT 1
                      FROM ticket_extensions t WHERE t.shard = x.shard AND t.order_id = x.order_id
                        AND t.ticket = x.ticket AND t.kind = 'extended')
                    """),
                Search(
                    "extensions", "was bought, and nobody was told",
                    """
                    SELECT x.order_id FROM extensions x WHERE x.shard = $1 AND NOT EXISTS (SELECT 1 FROM outbox e
                      WHERE e.shard = x.shard AND e.kind = 'ticket.extended' AND e.subject = x.order_id)
                    """),
                Search(
                    "ticket_extensions", "does not follow the end before it",
                    """
                    SELECT x.ticket || '/' || CAST(x.n AS TEXT) FROM ticket_extensions x
                    LEFT JOIN ticket_extensions p ON p.shard = x.shard AND p.ticket = x.ticket AND p.n = x.n - 1
                    LEFT JOIN tickets t ON t.shard = x.shard AND t.ticket = x.ticket
                    WHERE x.shard = $1 AND (t.ticket IS NULL OR (x.n > 1 AND p.n IS NULL)
                      OR x.before_us <> coalesce(p.after_us, t.not_after_us))
                    """),
                Search(
                    "ticket_extensions", "adds or takes another time than its overtime has",
                    """
                    SELECT x.ticket || '/' || CAST(x.n AS TEXT) FROM ticket_extensions x
                    LEFT JOIN room_overtimes o ON o.shard = x.shard AND o.room = x.room AND o.n = x.overtime
                    WHERE x.shard = $1 AND (o.n IS NULL OR x.from_us <> o.before_us OR x.until_us <> o.after_us
                      OR CASE x.kind WHEN 'extended' THEN x.before_us <> x.from_us OR x.after_us <> x.until_us
                        ELSE x.before_us <> x.until_us OR x.after_us <> x.from_us END)
                    """),
                Search(
                    "ticket_extensions", "has no extension of its ticket's order, or a pass has one",
                    """
                    SELECT x.ticket || '/' || CAST(x.n AS TEXT) FROM ticket_extensions x
                    JOIN tickets t ON t.shard = x.shard AND t.ticket = x.ticket
                    LEFT JOIN extensions e ON e.shard = x.shard AND e.order_id = x.order_id
                    WHERE x.shard = $1 AND CASE WHEN t.order_id IS NULL THEN x.order_id IS NOT NULL
                      ELSE e.order_id IS NULL OR e.ticket_order <> t.order_id OR e.overtime <> x.overtime END
                    """),
                Search(
                    "ticket_extensions", "was given back and money is left",
                    """
                    SELECT x.order_id FROM ticket_extensions x JOIN orders o ON o.shard = x.shard
                      AND o.order_id = x.order_id
                    WHERE x.shard = $1 AND x.kind = 'shortened' AND o.gross > coalesce((SELECT sum(v.delta)
                      FROM order_reversals v WHERE v.shard = o.shard AND v.order_id = o.order_id), 0)
                    """),
                Search(
                    "extensions", "its money went back, and its ticket goes on",
                    """
                    SELECT x.order_id FROM extensions x JOIN orders o ON o.shard = x.shard AND o.order_id = x.order_id
                    JOIN tickets t ON t.shard = x.shard AND t.order_id = x.ticket_order
                    WHERE x.shard = $1 AND o.gross > 0 AND o.gross = coalesce((SELECT sum(v.delta)
                        FROM order_reversals v WHERE v.shard = o.shard AND v.order_id = o.order_id), 0)
                      AND NOT EXISTS (SELECT 1 FROM revocations r WHERE r.shard = t.shard AND r.ticket = t.ticket)
                      AND NOT EXISTS (SELECT 1 FROM ticket_extensions s WHERE s.shard = x.shard
                        AND s.order_id = x.order_id AND s.kind = 'shortened')
                      AND NOT EXISTS (SELECT 1 FROM room_facts f WHERE f.shard = x.shard AND f.room = x.room
                        AND f.state = 'closed')
                    """),
                Search(
                    "tickets", "passed on and ends at another time than the one before",
                    """
                    SELECT s.ticket FROM successions s JOIN tickets t ON t.shard = s.shard AND t.ticket = s.ticket
                    JOIN tickets p ON p.shard = s.shard AND p.ticket = s.predecessor
                    WHERE s.shard = $1 AND s.cause = 'transferred' AND t.not_after_us <> coalesce((SELECT x.after_us
                      FROM ticket_extensions x WHERE x.shard = p.shard AND x.ticket = p.ticket
                      ORDER BY x.n DESC LIMIT 1), p.not_after_us)
                    """),
            ])
    ]
}
