extension AuditCheck {
    /// What other systems were told, against what happened. A ledger of an earlier version has facts from before its
    /// outbox; from the first one on that it tells of it tells of all.
    static let outbox: [AuditCheck] = [
        AuditCheck(
            "events", "events have no gap, and tell of what happened, and of all of it",
            counted: "SELECT count(*) FROM outbox WHERE shard = $1",
            [
                Search(
                    "outbox", "has a gap",
                    """
                    SELECT 'up to ' || CAST(max(sequence) AS TEXT) FROM outbox WHERE shard = $1
                    HAVING count(*) > 0 AND (min(sequence) <> 1 OR max(sequence) <> count(*))
                    """),
                Search(
                    "outbox", "tells of no such sale",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e
                    LEFT JOIN orders o ON o.shard = e.shard AND o.order_id = e.subject
                    LEFT JOIN rooms r ON r.shard = o.shard AND r.room = o.room
                    WHERE e.shard = $1 AND e.kind = 'order.sold' AND (o.order_id IS NULL OR e.host <> r.host
                      OR e.at_us <> o.sold_us
                      OR e.body NOT LIKE '{"amount":{"amount":' || CAST(o.gross AS TEXT) || ',"currency":"' || o.currency
                        || '"},"fee":{"amount":' || CAST(o.fee AS TEXT) || ',%"order":"' || o.order_id
                        || '",%"room":"' || o.room || '",%"ticket":"' || o.ticket || '",%"vat":{"amount":'
                        || CAST(o.vat AS TEXT) || ',%')
                    """),
                Search(
                    "orders", "was sold, and nobody was told",
                    """
                    SELECT o.order_id FROM orders o WHERE o.shard = $1
                      AND o.sold_seq > (SELECT min(f.sold_seq) FROM orders f JOIN outbox e ON e.shard = f.shard
                        AND e.kind IN ('order.sold', 'tip.given', 'ticket.extended') AND e.subject = f.order_id WHERE f.shard = o.shard)
                      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = o.shard
                        AND e.kind IN ('order.sold', 'tip.given', 'ticket.extended') AND e.subject = o.order_id)
                    """),
                Search(
                    "outbox", "tells of a sale twice",
                    """
                    SELECT subject FROM outbox WHERE shard = $1 AND kind IN ('order.sold', 'tip.given', 'ticket.extended',
                      'order.refunded', 'order.disputed')
                    GROUP BY kind, subject HAVING count(*) > 1
                    """),
                Search(
                    "outbox", "tells of no such refund",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e
                    LEFT JOIN order_reversals v ON v.shard = e.shard AND v.refund = e.subject
                    WHERE e.shard = $1 AND e.kind IN ('order.refunded', 'order.disputed')
                      AND e.body NOT LIKE '{"amount":{"amount":0,%'
                      AND (v.refund IS NULL OR e.body NOT LIKE '{"amount":{"amount":' || CAST(v.delta AS TEXT)
                        || ',"currency":"%"},"order":"' || v.order_id || '",%')
                    """),
                Search(
                    "order_reversals", "was given back, and nobody was told",
                    """
                    SELECT v.refund FROM order_reversals v WHERE v.shard = $1
                      AND v.seq > (SELECT min(f.seq) FROM order_reversals f JOIN outbox e ON e.shard = f.shard
                        AND e.kind IN ('order.refunded', 'order.disputed') AND e.subject = f.refund WHERE f.shard = v.shard)
                      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = v.shard
                        AND e.kind IN ('order.refunded', 'order.disputed') AND e.subject = v.refund)
                    """),
                Search(
                    "outbox", "tells of a ticket that is not revoked",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e WHERE e.shard = $1 AND e.kind = 'ticket.revoked'
                      AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = e.shard AND v.ticket = e.subject)
                    """),
                Search(
                    "outbox", "tells of another payout",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e LEFT JOIN payout_items i ON i.shard = e.shard
                      AND i.batch || '/' || i.host || '/' || i.currency = e.subject
                    WHERE e.shard = $1 AND e.kind = 'payout.made' AND (i.batch IS NULL OR e.host <> i.host
                      OR e.body NOT LIKE '{"amount":{"amount":' || CAST(i.net AS TEXT) || ',%')
                    """),
            ]),
        AuditCheck(
            "webhooks", "facts of endpoints have no gap, and none of them is ahead of the events",
            counted: "SELECT count(*) FROM webhooks WHERE shard = $1",
            [
                Search(
                    "webhook_facts", "has a gap",
                    """
                    SELECT w.webhook FROM webhooks w LEFT JOIN webhook_facts f
                      ON f.shard = w.shard AND f.webhook = w.webhook WHERE w.shard = $1
                    GROUP BY w.webhook HAVING count(f.n) = 0 OR min(f.n) <> 1 OR max(f.n) <> count(f.n)
                    """),
                Search(
                    "webhook_progress", "is ahead of the events, or missing",
                    """
                    SELECT w.webhook FROM webhooks w LEFT JOIN webhook_progress p
                      ON p.shard = w.shard AND p.webhook = w.webhook
                    WHERE w.shard = $1 AND (p.webhook IS NULL OR p.sequence > (SELECT coalesce(max(e.sequence), 0)
                      FROM outbox e WHERE e.shard = w.shard))
                    """),
            ]),
    ]
}
