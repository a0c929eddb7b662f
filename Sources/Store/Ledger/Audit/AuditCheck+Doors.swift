extension AuditCheck {
    /// What hosts said of their doors, against what gateways and other systems were told.
    static let doors: [AuditCheck] = [
        AuditCheck(
            "doors", "sharing policies of rooms follow each other, and gateways were told",
            counted: "SELECT count(*) FROM room_sharing WHERE shard = $1",
            [
                Search(
                    "room_sharing", "does not follow the one before it",
                    """
                    SELECT s.room || '/' || CAST(s.n AS TEXT) FROM room_sharing s LEFT JOIN room_sharing p
                      ON p.shard = s.shard AND p.room = s.room AND p.n = s.n - 1
                    WHERE s.shard = $1 AND s.before <> coalesce(p.sharing, 'newest')
                    """),
                Search(
                    "room_sharing", "gateways were told something else",
                    """
                    SELECT s.room || '/' || CAST(s.n AS TEXT) FROM room_sharing s
                    LEFT JOIN feed f ON f.shard = s.shard AND f.sequence = s.feed AND f.kind = 'room'
                    WHERE s.shard = $1 AND (f.body IS NULL OR f.body NOT LIKE '%"room":"' || s.room || '",%'
                      OR f.body NOT LIKE '%"sharing":"' || s.sharing || '",%')
                    """),
                Search(
                    "room_sharing", "was said, and nobody was told",
                    """
                    SELECT s.room || '/' || CAST(s.n AS TEXT) FROM room_sharing s
                    WHERE s.shard = $1 AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = s.shard
                      AND e.kind = 'room.sharing' AND e.subject = s.room || '/' || CAST(s.n AS TEXT))
                    """),
            ]),
        AuditCheck(
            "gateways", "what was said of gateways and whose each room is follow each other, and gateways were told",
            counted: "SELECT count(*) FROM room_gateways WHERE shard = $1",
            [
                Search(
                    "gateway_facts", "does not follow the one before it",
                    """
                    SELECT g.gateway || '/' || CAST(g.n AS TEXT) FROM gateway_facts g WHERE g.shard = $1 AND g.n > 1
                      AND NOT EXISTS (SELECT 1 FROM gateway_facts p WHERE p.shard = g.shard AND p.gateway = g.gateway
                        AND p.n = g.n - 1 AND (p.url <> g.url OR p.takes_rooms <> g.takes_rooms))
                    """),
                Search(
                    "room_gateways", "does not follow the one before it",
                    """
                    SELECT r.room || '/' || CAST(r.n AS TEXT) FROM room_gateways r LEFT JOIN room_gateways p
                      ON p.shard = r.shard AND p.room = r.room AND p.n = r.n - 1
                    WHERE r.shard = $1 AND coalesce(r.before, '') <> coalesce(p.gateway, '')
                    """),
                Search(
                    "room_gateways", "is of a gateway that nobody told of",
                    """
                    SELECT r.room || '/' || CAST(r.n AS TEXT) FROM room_gateways r WHERE r.shard = $1
                      AND NOT EXISTS (SELECT 1 FROM gateway_facts g WHERE g.shard = r.shard AND g.gateway = r.gateway
                        AND g.n = r.known)
                    """),
                Search(
                    "room_gateways", "gateways were told of another room, or of none",
                    """
                    SELECT r.room || '/' || CAST(r.n AS TEXT) FROM room_gateways r
                    LEFT JOIN feed f ON f.shard = r.shard AND f.sequence = r.feed AND f.kind = 'room'
                    WHERE r.shard = $1 AND (f.body IS NULL OR f.body NOT LIKE '%"room":"' || r.room || '",%')
                    """),
            ]),
    ]
}
