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
            ])
    ]
}
