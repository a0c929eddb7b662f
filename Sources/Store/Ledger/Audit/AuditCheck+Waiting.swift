extension AuditCheck {
    /// Waiting lists against the holds that were offered, and the order of turns.
    static let waiting: [AuditCheck] = [
        AuditCheck(
            "waiting", "seats are offered in the order of joining, all of a party's at once, within its highest price",
            counted: "SELECT count(*) FROM waits WHERE shard = $1",
            [
                Search(
                    "waits", "somebody joined before it without a place",
                    """
                    SELECT room FROM waits WHERE shard = $1 GROUP BY room HAVING min(place) <> 1 OR max(place) <> count(*)
                    """),
                Search(
                    "wait_facts", "the turns of the room have a gap",
                    """
                    SELECT room FROM wait_facts WHERE shard = $1 GROUP BY room HAVING min(step) <> 1
                      OR max(step) <> count(*)
                    """),
                Search(
                    "waits", "its states have a gap, or do not follow one another",
                    """
                    SELECT w.wait FROM waits w LEFT JOIN wait_facts f ON f.shard = w.shard AND f.wait = w.wait
                    LEFT JOIN wait_facts p ON p.shard = f.shard AND p.wait = f.wait AND p.n = f.n - 1
                    WHERE w.shard = $1 GROUP BY w.wait
                    HAVING count(f.n) = 0 OR min(f.n) <> 1 OR max(f.n) <> count(f.n)
                      OR max(CASE WHEN f.n > 1 AND (p.state IS NULL OR p.state <> f.prev_state) THEN 1 ELSE 0 END) = 1
                    """),
                Search(
                    "wait_facts", "offers no hold of the party's room, holder and count, or a dearer one",
                    """
                    SELECT f.wait FROM wait_facts f JOIN waits w ON w.shard = f.shard AND w.wait = f.wait
                    LEFT JOIN holds h ON h.shard = f.shard AND h.purchase = f.purchase
                    WHERE f.shard = $1 AND f.state = 'offered' AND (h.purchase IS NULL OR h.room <> w.room
                      OR f.room <> w.room OR h.holder <> w.holder OR h.count <> w.count OR h.created_us <> f.at_us
                      OR h.gross > coalesce(w.most, h.gross) OR h.currency <> coalesce(w.currency, h.currency))
                    """),
                Search(
                    "wait_facts", "seats were offered to it while somebody before it waited",
                    """
                    SELECT f.wait FROM wait_facts f JOIN waits w ON w.shard = f.shard AND w.wait = f.wait
                    WHERE f.shard = $1 AND f.state = 'offered' AND EXISTS (SELECT 1 FROM waits b
                      JOIN wait_facts s ON s.shard = b.shard AND s.wait = b.wait AND s.n = (SELECT max(l.n)
                        FROM wait_facts l WHERE l.shard = b.shard AND l.wait = b.wait AND l.step < f.step)
                      WHERE b.shard = w.shard AND b.room = w.room AND b.place < w.place AND s.state = 'waiting')
                    """),
                Search(
                    "wait_facts", "is not what became of the hold that was offered",
                    """
                    SELECT f.wait FROM wait_facts f JOIN wait_facts o ON o.shard = f.shard AND o.wait = f.wait
                      AND o.state = 'offered' AND f.n = (SELECT max(n) FROM wait_facts l
                        WHERE l.shard = f.shard AND l.wait = f.wait)
                    WHERE f.shard = $1 AND NOT EXISTS (SELECT 1 FROM hold_facts h WHERE h.shard = o.shard
                      AND h.purchase = o.purchase AND CASE f.state WHEN 'offered' THEN h.state = 'held'
                          AND NOT EXISTS (SELECT 1 FROM hold_facts x WHERE x.shard = h.shard
                            AND x.purchase = h.purchase AND x.n > h.n)
                        WHEN 'bought' THEN h.state = 'ticketed' WHEN 'lapsed' THEN h.state = 'expired'
                        ELSE h.state = 'cancelled' END)
                    """),
                Search(
                    "open_waits", "is not a party that waits or has this offer",
                    """
                    SELECT o.wait FROM open_waits o LEFT JOIN waits w ON w.shard = o.shard AND w.wait = o.wait
                    LEFT JOIN wait_facts f ON f.shard = o.shard AND f.wait = o.wait AND f.n = (SELECT max(n)
                      FROM wait_facts l WHERE l.shard = o.shard AND l.wait = o.wait)
                    WHERE o.shard = $1 AND (w.wait IS NULL OR w.room <> o.room OR w.place <> o.place
                      OR w.holder <> o.holder OR w.count <> o.count OR f.wait IS NULL
                      OR f.state NOT IN ('waiting', 'passed', 'offered')
                      OR coalesce(f.purchase, '') <> coalesce(o.purchase, ''))
                    """),
                Search(
                    "waits", "waits, and is not among the open ones",
                    """
                    SELECT f.wait FROM wait_facts f WHERE f.shard = $1 AND f.state IN ('waiting', 'passed', 'offered')
                      AND f.n = (SELECT max(n) FROM wait_facts l WHERE l.shard = f.shard AND l.wait = f.wait)
                      AND NOT EXISTS (SELECT 1 FROM open_waits o WHERE o.shard = f.shard AND o.wait = f.wait)
                    """),
                Search(
                    "wait_facts", "nobody was told of it, or of something else",
                    """
                    SELECT f.wait || '/' || CAST(f.n AS TEXT) FROM wait_facts f WHERE f.shard = $1
                      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = f.shard
                        AND e.subject = f.wait || '/' || CAST(f.n AS TEXT)
                        AND e.kind = 'waiting.' || CASE WHEN f.n = 1 THEN 'joined' WHEN f.state = 'waiting'
                          THEN 'resumed' ELSE f.state END)
                    """),
                Search(
                    "outbox", "tells of no such turn of a waiting list",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e WHERE e.shard = $1 AND e.kind LIKE 'waiting.%'
                      AND NOT EXISTS (SELECT 1 FROM wait_facts f WHERE f.shard = e.shard
                        AND e.subject = f.wait || '/' || CAST(f.n AS TEXT))
                    """),
            ])
    ]
}
