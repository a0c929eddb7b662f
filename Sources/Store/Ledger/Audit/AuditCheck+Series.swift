extension AuditCheck {
    /// Passes against their orders, their cap and what was told of them.
    static let series: [AuditCheck] = [
        AuditCheck(
            "series", "series have their rooms, and their offers have no gap",
            counted: "SELECT count(*) FROM series WHERE shard = $1",
            [
                Search(
                    "series", "has another number of rooms than it says, or one that is not its host's",
                    """
                    SELECT s.series FROM series s WHERE s.shard = $1 AND s.rooms <> (SELECT count(*) FROM series_rooms x
                      JOIN rooms r ON r.shard = x.shard AND r.room = x.room AND r.host = s.host
                      WHERE x.shard = s.shard AND x.series = s.series)
                    """),
                Search(
                    "series_rooms", "stands under no price of its series",
                    """
                    SELECT x.series || '/' || x.room FROM series_rooms x WHERE x.shard = $1 AND NOT EXISTS (SELECT 1
                      FROM price_versions v WHERE v.shard = x.shard AND v.room = x.room AND v.version = x.price_version
                        AND v.tier = 'pass:' || x.series AND v.kind = 'floor' AND v.amount = 0
                        AND v.currency = x.currency AND v.places IS NULL)
                    """),
                Search(
                    "series_offers", "has a gap, or is of another currency",
                    """
                    SELECT s.series FROM series s LEFT JOIN series_offers o ON o.shard = s.shard
                      AND o.series = s.series AND o.currency = s.currency WHERE s.shard = $1
                    GROUP BY s.series HAVING count(o.version) = 0 OR min(o.version) <> 1
                      OR max(o.version) <> count(o.version)
                    """),
                Search(
                    "series_places", "are more than the passes that there are, or have a gap",
                    """
                    SELECT p.series FROM series_places p LEFT JOIN series_offers o ON o.shard = p.shard
                      AND o.series = p.series AND o.version = p.version WHERE p.shard = $1
                    GROUP BY p.series HAVING min(p.n) <> 1 OR max(p.n) <> count(*)
                      OR sum(CASE WHEN o.passes IS NULL OR o.passes <> p.passes OR p.n > o.passes THEN 1 ELSE 0 END) > 0
                    """),
            ]),
        AuditCheck(
            "passes", "a pass is one ticket of each of its rooms, and its orders add up to its price",
            counted: "SELECT count(*) FROM series_passes WHERE shard = $1",
            [
                Search(
                    "series_passes", "costs something else than was offered, or has no place",
                    """
                    SELECT p.pass FROM series_passes p LEFT JOIN series_offers o ON o.shard = p.shard
                      AND o.series = p.series AND o.version = p.version
                    WHERE p.shard = $1 AND (o.version IS NULL OR o.price <> p.price OR o.currency <> p.currency
                      OR NOT EXISTS (SELECT 1 FROM series_places x WHERE x.shard = p.shard AND x.pass = p.pass
                        AND x.series = p.series AND x.version = p.version))
                    """),
                Search(
                    "series_places", "is of no pass",
                    """
                    SELECT x.pass FROM series_places x WHERE x.shard = $1 AND NOT EXISTS (SELECT 1 FROM series_passes p
                      WHERE p.shard = x.shard AND p.pass = x.pass AND p.series = x.series)
                    """),
                Search(
                    "series_passes", "has not one order of each room",
                    """
                    SELECT p.pass FROM series_passes p JOIN series s ON s.shard = p.shard AND s.series = p.series
                    WHERE p.shard = $1 AND s.rooms <> (SELECT count(*) FROM series_pass_orders o
                      JOIN series_rooms x ON x.shard = o.shard AND x.series = o.series AND x.n = o.n AND x.room = o.room
                      WHERE o.shard = p.shard AND o.pass = p.pass AND o.series = p.series)
                    """),
                Search(
                    "series_passes", "its orders do not add up to its price",
                    """
                    SELECT p.pass FROM series_passes p WHERE p.shard = $1
                      AND p.price <> (SELECT coalesce(sum(o.gross), 0) FROM orders o WHERE o.shard = p.shard
                        AND o.purchase = 'purchase_' || substr(p.pass, 6))
                    """),
                Search(
                    "series_pass_orders", "is not the order of its pass, room, holder and part",
                    """
                    SELECT x.order_id FROM series_pass_orders x
                    LEFT JOIN series_passes p ON p.shard = x.shard AND p.pass = x.pass
                    LEFT JOIN series_rooms r ON r.shard = x.shard AND r.series = x.series AND r.room = x.room
                    LEFT JOIN orders o ON o.shard = x.shard AND o.order_id = x.order_id
                    WHERE x.shard = $1 AND (o.order_id IS NULL OR p.pass IS NULL OR r.room IS NULL OR o.room <> x.room
                      OR o.gross <> x.share OR o.currency <> p.currency OR o.holder <> p.holder
                      OR o.sold_us <> p.sold_us OR o.price_version <> r.price_version OR o.voucher IS NOT NULL
                      OR o.purchase IS NULL OR o.purchase <> 'purchase_' || substr(x.pass, 6))
                    """),
                Search(
                    "series_pass_orders", "is not the part that falls on its room",
                    // Largest remainder: each part is its quota, rounded down or up.
                    """
                    SELECT x.order_id FROM series_pass_orders x WHERE x.shard = $1
                      AND (x.share < 0 OR x.share > x.weight OR x.after <> x.before + x.share
                        OR x.after > x.pass_price OR (x.weight > 0 AND
                          abs(x.share * 1.0 - x.pass_price * 1.0 * x.weight / (SELECT nullif(sum(y.weight), 0)
                            FROM series_pass_orders y WHERE y.shard = x.shard AND y.pass = x.pass)) >= 1.000001))
                    """),
                Search(
                    "orders", "stands under the price of a pass and is of none",
                    """
                    SELECT o.order_id FROM orders o JOIN price_versions v ON v.shard = o.shard AND v.room = o.room
                      AND v.version = o.price_version
                    WHERE o.shard = $1 AND v.tier LIKE 'pass:%' AND NOT EXISTS (SELECT 1 FROM series_pass_orders x
                      WHERE x.shard = o.shard AND x.order_id = o.order_id)
                    """),
                Search(
                    "outbox", "tells of another pass, or of none",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e LEFT JOIN series_passes p ON p.shard = e.shard
                      AND p.pass = e.subject LEFT JOIN series s ON s.shard = p.shard AND s.series = p.series
                    WHERE e.shard = $1 AND e.kind = 'pass.sold' AND (p.pass IS NULL OR e.host <> s.host
                      OR e.at_us <> p.sold_us OR e.body NOT LIKE '{"amount":{"amount":' || CAST(p.price AS TEXT)
                        || ',"currency":"' || p.currency || '"},%')
                    """),
                Search(
                    "series_passes", "was not told of exactly once",
                    """
                    SELECT p.pass FROM series_passes p WHERE p.shard = $1 AND 1 <> (SELECT count(*) FROM outbox e
                      WHERE e.shard = p.shard AND e.kind = 'pass.sold' AND e.subject = p.pass)
                    """),
            ]),
    ]
}
