extension AuditCheck {
    /// Which rooms ask for holder keys, against what was told; and the keys of tickets, against who holds them.
    static let holderKeys: [AuditCheck] = [
        AuditCheck(
            "holder keys", "wishes for holder keys follow each other, gateways were told, holders bound their tickets",
            counted: """
                SELECT (SELECT count(*) FROM room_holder_keys WHERE shard = $1)
                  + (SELECT count(*) FROM ticket_bindings WHERE shard = $1)
                """,
            [
                Search(
                    "room_holder_keys", "does not follow the one before it",
                    """
                    SELECT k.room || '/' || CAST(k.n AS TEXT) FROM room_holder_keys k LEFT JOIN room_holder_keys p
                      ON p.shard = k.shard AND p.room = k.room AND p.n = k.n - 1
                    WHERE k.shard = $1 AND k.before <> coalesce(p.holder_key, 'none')
                    """),
                Search(
                    "room_holder_keys", "gateways were told something else",
                    """
                    SELECT k.room || '/' || CAST(k.n AS TEXT) FROM room_holder_keys k
                    LEFT JOIN feed f ON f.shard = k.shard AND f.sequence = k.feed AND f.kind = 'room'
                    WHERE k.shard = $1 AND (f.body IS NULL OR f.body NOT LIKE '%"room":"' || k.room || '",%'
                      OR f.body NOT LIKE '%"holderKey":"' || k.holder_key || '",%')
                    """),
                Search(
                    "room_holder_keys", "was said, and nobody was told",
                    """
                    SELECT k.room || '/' || CAST(k.n AS TEXT) FROM room_holder_keys k
                    WHERE k.shard = $1 AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = k.shard
                      AND e.kind = 'room.holder_key' AND e.subject = k.room || '/' || CAST(k.n AS TEXT))
                    """),
                Search(
                    "outbox", "tells of no such wish for holder keys",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e WHERE e.shard = $1 AND e.kind = 'room.holder_key'
                      AND NOT EXISTS (SELECT 1 FROM room_holder_keys k WHERE k.shard = e.shard
                        AND k.room || '/' || CAST(k.n AS TEXT) = e.subject)
                    """),
                Search(
                    "ticket_bindings", "was not claimed by the holder of the ticket",
                    """
                    SELECT b.ticket FROM ticket_bindings b JOIN tickets t ON t.shard = b.shard AND t.ticket = b.ticket
                    WHERE b.shard = $1 AND b.inherited_from IS NULL AND b.actor <> t.subject
                    """),
                Search(
                    "ticket_bindings", "has the key of a ticket in whose place it does not stand",
                    """
                    SELECT b.ticket FROM ticket_bindings b JOIN tickets t ON t.shard = b.shard AND t.ticket = b.ticket
                    LEFT JOIN tickets p ON p.shard = b.shard AND p.ticket = b.inherited_from AND p.subject = t.subject
                    LEFT JOIN successions s ON s.shard = b.shard AND s.ticket = b.ticket
                      AND s.predecessor = b.inherited_from
                    WHERE b.shard = $1 AND b.inherited_from IS NOT NULL AND (p.ticket IS NULL OR s.ticket IS NULL)
                    """),
                Search(
                    "tickets", "lost the key of the ticket in whose place it stands",
                    """
                    SELECT s.ticket FROM successions s
                    JOIN tickets t ON t.shard = s.shard AND t.ticket = s.ticket
                    JOIN tickets p ON p.shard = s.shard AND p.ticket = s.predecessor AND p.subject = t.subject
                    JOIN ticket_bindings q ON q.shard = s.shard AND q.ticket = s.predecessor AND q.at_us <= s.at_us
                    LEFT JOIN ticket_bindings b ON b.shard = s.shard AND b.ticket = s.ticket AND b.jkt = q.jkt
                    WHERE s.shard = $1 AND b.ticket IS NULL
                    """),
                Search(
                    "ticket_bindings", "was bound, and nobody was told",
                    """
                    SELECT b.ticket FROM ticket_bindings b WHERE b.shard = $1 AND b.inherited_from IS NULL
                      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = b.shard AND e.kind = 'ticket.bound'
                        AND e.subject = b.ticket)
                    """),
                Search(
                    "ticket_bindings", "gateways were told of more or fewer",
                    """
                    SELECT CAST(told.n AS TEXT) || ' of ' || CAST(made.n AS TEXT)
                    FROM (SELECT count(*) AS n FROM feed WHERE shard = $1 AND kind = 'bound') told,
                      (SELECT count(*) AS n FROM ticket_bindings WHERE shard = $1 AND inherited_from IS NULL) made
                    WHERE told.n <> made.n
                    """),
                Search(
                    "outbox", "tells of a ticket that nobody bound",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e WHERE e.shard = $1 AND e.kind = 'ticket.bound'
                      AND NOT EXISTS (SELECT 1 FROM ticket_bindings b WHERE b.shard = e.shard AND b.ticket = e.subject
                        AND b.inherited_from IS NULL)
                    """),
            ])
    ]
}
