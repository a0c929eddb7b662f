extension AuditCheck {
    /// Tickets that were put up, against who has their seats and money.
    static let resales: [AuditCheck] = [
        AuditCheck(
            "resales", "a resold ticket ended for an order that has its seat, and its holder got what the terms say",
            counted: "SELECT count(*) FROM resales WHERE shard = $1",
            [
                Search(
                    "resales", "one was put up before it without a place",
                    """
                    SELECT room FROM resales WHERE shard = $1 GROUP BY room
                    HAVING min(place) <> 1 OR max(place) <> count(*)
                    """),
                Search(
                    "resales", "is no ticket of its order, room and holder",
                    """
                    SELECT r.resale FROM resales r LEFT JOIN tickets t ON t.shard = r.shard AND t.ticket = r.ticket
                    WHERE r.shard = $1 AND (t.ticket IS NULL OR t.order_id <> r.order_id OR t.room <> r.room
                      OR t.subject <> r.holder OR t.issued_us > r.at_us)
                    """),
                Search(
                    "resale_ends", "its ticket did not end for the order that has its seat",
                    """
                    SELECT e.resale FROM resale_ends e LEFT JOIN resales r ON r.shard = e.shard AND r.resale = e.resale
                    LEFT JOIN tickets t ON t.shard = r.shard AND t.ticket = r.ticket
                    LEFT JOIN orders o ON o.shard = e.shard AND o.order_id = e.successor
                    LEFT JOIN tickets n ON n.shard = o.shard AND n.ticket = o.ticket
                    WHERE e.shard = $1 AND (r.resale IS NULL OR e.at_us < r.at_us OR (e.outcome = 'resold'
                      AND (n.ticket IS NULL OR n.room <> r.room OR n.seat <> t.seat OR o.order_id = r.order_id
                        OR NOT EXISTS (SELECT 1 FROM tickets k JOIN revocations v ON v.shard = k.shard
                          AND v.ticket = k.ticket WHERE k.shard = r.shard AND k.order_id = r.order_id
                          AND v.reason = 'resold' AND v.at_us <= n.issued_us))))
                    """),
                Search(
                    "revocations", "a ticket was resold that nobody had put up",
                    """
                    SELECT v.ticket FROM revocations v JOIN tickets t ON t.shard = v.shard AND t.ticket = v.ticket
                    WHERE v.shard = $1 AND v.reason = 'resold' AND NOT EXISTS (SELECT 1 FROM resales r
                      JOIN resale_ends e ON e.shard = r.shard AND e.resale = r.resale AND e.outcome = 'resold'
                      WHERE r.shard = t.shard AND r.order_id = t.order_id)
                    """),
                Search(
                    "resale_ends", "its holder got less than the terms say",
                    // Q of the payout rules: rounded half up, of numbers that are not negative.
                    """
                    SELECT e.resale FROM resale_ends e JOIN resales r ON r.shard = e.shard AND r.resale = e.resale
                    JOIN orders o ON o.shard = r.shard AND o.order_id = r.order_id
                    WHERE e.shard = $1 AND e.outcome = 'resold'
                      AND coalesce((SELECT sum(v.delta) FROM order_reversals v WHERE v.shard = o.shard
                        AND v.order_id = o.order_id AND v.at_us <= e.at_us), 0)
                        < (2 * o.gross * r.share_bp + 10000) / 20000
                    """),
                Search(
                    "open_resales", "can't be bought: it has ended, or is not on its seat",
                    """
                    SELECT o.resale FROM open_resales o LEFT JOIN resales r ON r.shard = o.shard AND r.resale = o.resale
                    WHERE o.shard = $1 AND (r.resale IS NULL OR r.room <> o.room OR r.place <> o.place
                      OR r.ticket <> o.ticket
                      OR EXISTS (SELECT 1 FROM resale_ends e WHERE e.shard = o.shard AND e.resale = o.resale)
                      OR NOT EXISTS (SELECT 1 FROM seats s WHERE s.shard = o.shard AND s.room = o.room
                        AND s.seat = o.seat AND s.ticket = o.ticket))
                    """),
                Search(
                    "resales", "is not among those that can be bought",
                    """
                    SELECT r.resale FROM resales r WHERE r.shard = $1
                      AND NOT EXISTS (SELECT 1 FROM resale_ends e WHERE e.shard = r.shard AND e.resale = r.resale)
                      AND EXISTS (SELECT 1 FROM seats s WHERE s.shard = r.shard AND s.room = r.room
                        AND s.ticket = r.ticket)
                      AND NOT EXISTS (SELECT 1 FROM open_resales o WHERE o.shard = r.shard AND o.resale = r.resale)
                    """),
                Search(
                    "seat_loans", "is not the seat of a hold that is open",
                    """
                    SELECT l.resale FROM seat_loans l WHERE l.shard = $1 AND (NOT EXISTS (SELECT 1 FROM open_holds h
                        WHERE h.shard = l.shard AND h.purchase = l.purchase AND h.room = l.room)
                      OR NOT EXISTS (SELECT 1 FROM seats s WHERE s.shard = l.shard AND s.room = l.room
                        AND s.seat = l.seat AND s.purchase = l.purchase)
                      OR NOT EXISTS (SELECT 1 FROM tickets t WHERE t.shard = l.shard AND t.ticket = l.ticket
                        AND t.room = l.room AND t.seat = l.seat))
                    """),
                Search(
                    "resales", "nobody was told of it, or of its end",
                    """
                    SELECT r.resale FROM resales r LEFT JOIN resale_ends e ON e.shard = r.shard AND e.resale = r.resale
                    WHERE r.shard = $1 AND (NOT EXISTS (SELECT 1 FROM outbox x WHERE x.shard = r.shard
                        AND x.kind = 'resale.offered' AND x.subject = r.resale)
                      OR (e.resale IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox x WHERE x.shard = r.shard
                        AND x.subject = r.resale
                        AND x.kind = CASE e.outcome WHEN 'resold' THEN 'resale.sold' ELSE 'resale.kept' END)))
                    """),
                Search(
                    "outbox", "tells of no such resale",
                    """
                    SELECT CAST(x.sequence AS TEXT) FROM outbox x LEFT JOIN resale_ends e ON e.shard = x.shard
                      AND e.resale = x.subject
                    WHERE x.shard = $1 AND x.kind LIKE 'resale.%' AND CASE x.kind WHEN 'resale.offered'
                      THEN NOT EXISTS (SELECT 1 FROM resales r WHERE r.shard = x.shard AND r.resale = x.subject)
                      WHEN 'resale.sold' THEN coalesce(e.outcome, '') <> 'resold'
                      ELSE coalesce(e.outcome, '') <> 'kept' END
                    """),
            ])
    ]
}
