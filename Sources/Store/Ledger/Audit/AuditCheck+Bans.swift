extension AuditCheck {
    /// Whom hosts banned, against what gateways and other systems were told.
    static let bans: [AuditCheck] = [
        AuditCheck(
            "bans", "bans of hosts follow each other, and gateways were told",
            counted: "SELECT count(*) FROM host_bans WHERE shard = $1",
            [
                Search(
                    "host_bans", "does not follow the one before it",
                    """
                    SELECT b.host || '/' || b.holder || '/' || CAST(b.n AS TEXT) FROM host_bans b
                    LEFT JOIN host_bans p ON p.shard = b.shard AND p.host = b.host AND p.holder = b.holder
                      AND p.n = b.n - 1
                    WHERE b.shard = $1 AND b.before <> coalesce(p.banned, 0)
                    """),
                Search(
                    "host_bans", "gateways were told something else",
                    """
                    SELECT b.host || '/' || b.holder || '/' || CAST(b.n AS TEXT) FROM host_bans b
                    LEFT JOIN feed f ON f.shard = b.shard AND f.sequence = b.feed AND f.kind = 'banned'
                    WHERE b.shard = $1 AND (f.body IS NULL OR f.body NOT LIKE '%"banned":{"banned":'
                      || CASE b.banned WHEN 1 THEN 'true' ELSE 'false' END || ',"holder":"' || b.holder
                      || '","host":"' || b.host || '"}%')
                    """),
                Search(
                    "feed", "tells of a ban that nobody said",
                    """
                    SELECT CAST(f.sequence AS TEXT) FROM feed f WHERE f.shard = $1 AND f.kind = 'banned'
                      AND NOT EXISTS (SELECT 1 FROM host_bans b WHERE b.shard = f.shard AND b.feed = f.sequence)
                    """),
                Search(
                    "host_bans", "was said, and nobody was told",
                    """
                    SELECT b.host || '/' || b.holder || '/' || CAST(b.n AS TEXT) FROM host_bans b
                    WHERE b.shard = $1 AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = b.shard
                      AND e.kind = CASE b.banned WHEN 1 THEN 'host.banned' ELSE 'host.unbanned' END
                      AND e.subject = b.host || '/' || CAST(b.feed AS TEXT))
                    """),
                Search(
                    "outbox", "tells of no such ban",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e
                    WHERE e.shard = $1 AND e.kind IN ('host.banned', 'host.unbanned')
                      AND NOT EXISTS (SELECT 1 FROM host_bans b WHERE b.shard = e.shard
                        AND b.host || '/' || CAST(b.feed AS TEXT) = e.subject
                        AND b.banned = CASE e.kind WHEN 'host.banned' THEN 1 ELSE 0 END)
                    """),
            ])
    ]
}
