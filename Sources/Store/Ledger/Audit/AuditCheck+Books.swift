extension AuditCheck {
    /// Rows that are numbered from 1: one that is gone leaves a gap.
    static let numbered: [AuditCheck] = [
        AuditCheck(
            "feed", "the feed has no gap and ends at the head's cursor",
            counted: "SELECT count(*) FROM feed WHERE shard = $1",
            [
                Search(
                    "feed", "has a gap",
                    """
                    SELECT 'cursor ' || CAST(max(sequence) AS TEXT) FROM feed WHERE shard = $1
                    HAVING count(*) <> coalesce(max(sequence), 0)
                    """),
                Search(
                    "heads", "has another cursor than the feed's last",
                    """
                    SELECT 'cursor ' || CAST(h.feed AS TEXT) FROM heads h WHERE h.shard = $1
                      AND h.feed <> (SELECT coalesce(max(f.sequence), 0) FROM feed f WHERE f.shard = h.shard)
                    """),
            ]),
        AuditCheck(
            "receipts", "receipts of each gateway have no gap",
            counted: "SELECT count(*) FROM receipts WHERE shard = $1",
            [
                Search(
                    "receipts", "has a gap",
                    """
                    SELECT gateway FROM receipts WHERE shard = $1 GROUP BY gateway
                    HAVING min(seq) <> 1 OR max(seq) <> count(*)
                    """),
                Search(
                    "receipts", "the cursor of its readers has a gap",
                    """
                    SELECT 'up to ' || CAST(max(number) AS TEXT) FROM receipts WHERE shard = $1
                    HAVING count(*) > 0 AND (min(number) <> 1 OR max(number) <> count(*))
                    """),
            ]),
        AuditCheck(
            "limits", "places of tiers and uses of vouchers are chained within their limits",
            counted: "SELECT count(*) FROM tier_places WHERE shard = $1",
            [
                Search(
                    "tier_places", "does not follow the row before it",
                    """
                    SELECT t.room || '/' || t.tier || '/' || CAST(t.n AS TEXT) FROM tier_places t
                    LEFT JOIN tier_places p ON p.shard = t.shard AND p.room = t.room AND p.tier = t.tier
                      AND p.n = t.n - 1
                    WHERE t.shard = $1 AND (t.before <> coalesce(p.after, 0) OR t.after <> t.before + t.delta
                      OR (t.n > 1 AND p.n IS NULL) OR t.after < 0 OR (t.delta > 0 AND t.after > t.places))
                    """),
                Search(
                    "voucher_uses", "does not follow the row before it",
                    """
                    SELECT t.voucher || '/' || CAST(t.n AS TEXT) FROM voucher_uses t LEFT JOIN voucher_uses p
                      ON p.shard = t.shard AND p.voucher = t.voucher AND p.n = t.n - 1
                    WHERE t.shard = $1 AND (t.before <> coalesce(p.after, 0) OR t.after <> t.before + t.delta
                      OR (t.n > 1 AND p.n IS NULL) OR t.after < 0 OR t.after > t.uses)
                    """),
            ]),
        AuditCheck(
            "facts", "facts of rooms, prices, payees and brackets, and the audit log, are numbered without gap",
            counted: "SELECT count(*) FROM audit_log WHERE shard = $1",
            [
                Search(
                    "audit_log", "has a gap",
                    """
                    SELECT 'up to ' || CAST(max(n) AS TEXT) FROM audit_log WHERE shard = $1
                    HAVING count(*) > 0 AND (min(n) <> 1 OR max(n) <> count(*))
                    """),
                Search(
                    "payee_facts", "has a gap",
                    """
                    SELECT 'up to ' || CAST(max(n) AS TEXT) FROM payee_facts WHERE shard = $1
                    HAVING count(*) > 0 AND (min(n) <> 1 OR max(n) <> count(*))
                    """),
                Search(
                    "room_facts", "has a gap",
                    """
                    SELECT room FROM room_facts WHERE shard = $1 GROUP BY room
                    HAVING min(n) <> 1 OR max(n) <> count(*)
                    """),
                Search(
                    "price_versions", "has a gap",
                    """
                    SELECT room FROM price_versions WHERE shard = $1 GROUP BY room
                    HAVING min(version) <> 1 OR max(version) <> count(*)
                    """),
                Search(
                    "tier_use", "has a gap",
                    """
                    SELECT host || '/' || currency FROM tier_use WHERE shard = $1 GROUP BY host, currency
                    HAVING min(n) <> 1 OR max(n) <> count(*)
                    """),
            ]),
    ]

    /// Closed periods and suspense against their entries.
    static let books: [AuditCheck] = [
        AuditCheck(
            "periods", "closed periods and their entries say the same",
            counted: "SELECT count(*) FROM periods WHERE shard = $1",
            [
                Search(
                    "periods", "has no closing entry of its day, or does not follow the one before",
                    """
                    SELECT p.closed_through FROM periods p LEFT JOIN periods b ON b.shard = p.shard AND b.n = p.n - 1
                    WHERE p.shard = $1 AND (NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = p.shard
                        AND e.seq = p.seq AND e.kind = 'period_close' AND e.effective_on = p.closed_through)
                      OR coalesce(p.closed_before, '') <> coalesce(b.closed_through, '')
                      OR p.closed_through <= coalesce(b.closed_through, ''))
                    """),
                Search(
                    "entries", "the closing entry is of no period",
                    """
                    SELECT CAST(seq AS TEXT) FROM entries e WHERE shard = $1 AND kind = 'period_close'
                      AND NOT EXISTS (SELECT 1 FROM periods p WHERE p.shard = e.shard AND p.seq = e.seq)
                    """),
            ]),
        AuditCheck(
            "arrivals", "money in suspense and its entries say the same",
            counted: "SELECT count(*) FROM suspense_items WHERE shard = $1",
            [
                Search(
                    "suspense_items", "its entry booked another sum",
                    """
                    SELECT i.item FROM suspense_items i WHERE i.shard = $1
                      AND (NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = i.shard AND e.seq = i.seq
                          AND e.kind = 'suspense')
                        OR i.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = i.shard
                          AND l.seq = i.seq AND l.currency = i.currency AND l.credit = 'liabilities:suspense'))
                    """),
                Search(
                    "suspense_ends", "its entry moved another sum",
                    """
                    SELECT x.item FROM suspense_ends x WHERE x.shard = $1
                      AND (NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = x.shard AND e.seq = x.seq
                          AND e.kind = CASE WHEN x.how = 'reversal' THEN 'reversal' ELSE 'resolution' END)
                        OR x.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = x.shard
                          AND l.seq = x.seq AND l.currency = x.currency AND l.debit = 'liabilities:suspense'))
                    """),
                Search(
                    "entries", "belongs to no item in suspense",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1
                      AND ((e.kind = 'suspense' AND NOT EXISTS (SELECT 1 FROM suspense_items i
                          WHERE i.shard = e.shard AND i.seq = e.seq))
                        OR (e.kind = 'resolution' AND NOT EXISTS (SELECT 1 FROM suspense_ends x
                          WHERE x.shard = e.shard AND x.seq = e.seq)))
                    """),
            ]),
    ]
}
