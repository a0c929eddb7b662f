extension AuditCheck {
    /// Refunds against their entries, each behind the one before it.
    static let afterSales: [AuditCheck] = [
        AuditCheck(
            "reversals", "reversals of an order are chained within its gross and agree with their entries",
            counted: "SELECT count(*) FROM order_reversals WHERE shard = $1",
            [
                Search(
                    "order_reversals", "does not follow the one before it",
                    """
                    SELECT v.order_id || '/' || CAST(v.n AS TEXT) FROM order_reversals v LEFT JOIN order_reversals p
                      ON p.shard = v.shard AND p.order_id = v.order_id AND p.n = v.n - 1
                    WHERE v.shard = $1 AND (v.before <> coalesce(p.after, 0) OR (v.n > 1 AND p.n IS NULL))
                    """),
                Search(
                    "order_reversals", "leaves the order's gross",
                    """
                    SELECT v.order_id || '/' || CAST(v.n AS TEXT) FROM order_reversals v LEFT JOIN orders o
                      ON o.shard = v.shard AND o.order_id = v.order_id
                    WHERE v.shard = $1 AND (o.order_id IS NULL OR v.gross <> o.gross OR v.after > v.gross
                      OR v.after < 0 OR v.after <> v.before + v.delta)
                    """),
                Search(
                    "order_reversals", "has no refund entry",
                    """
                    SELECT v.order_id || '/' || CAST(v.n AS TEXT) FROM order_reversals v WHERE v.shard = $1
                      AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = v.shard AND e.seq = v.seq
                        AND e.kind = 'refund')
                    """),
                Search(
                    "entries", "the refund moved another sum than its reversals say",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'refund'
                      AND (SELECT coalesce(sum(v.delta), 0) FROM order_reversals v
                           WHERE v.shard = e.shard AND v.seq = e.seq)
                        <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = e.shard AND l.seq = e.seq
                            AND l.credit LIKE 'liabilities:wallet:%')
                          - (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = e.shard AND l.seq = e.seq
                            AND l.debit LIKE 'liabilities:wallet:%')
                    """),
            ])
    ]

    /// Ratings, releases and the nights that made them.
    static let nights: [AuditCheck] = [
        AuditCheck(
            "nights", "nights follow each other, and say what they rated, released and published",
            counted: "SELECT count(*) FROM nights WHERE shard = $1",
            [
                Search(
                    "nights", "has an earlier cut than the night before",
                    """
                    SELECT n.day FROM nights n WHERE n.shard = $1 AND (n.cut_sequence, n.payee_cut) <> (
                      SELECT max(p.cut_sequence), max(p.payee_cut) FROM nights p
                      WHERE p.shard = n.shard AND p.day <= n.day)
                    """),
                Search(
                    "nights", "is cut behind the end of the journal",
                    """
                    SELECT day FROM nights n WHERE shard = $1 AND cut_sequence > (SELECT coalesce(max(seq), 0)
                      FROM entries e WHERE e.shard = n.shard)
                    """),
                Search(
                    "night_progress", "is missing, or beyond the cut",
                    """
                    SELECT n.day FROM nights n LEFT JOIN night_progress p ON p.shard = n.shard AND p.day = n.day
                    WHERE n.shard = $1 AND (p.day IS NULL OR p.rated_seq > n.cut_sequence)
                    """),
                Search(
                    "night_progress", "counts other ratings than there are",
                    """
                    SELECT p.day FROM night_progress p WHERE p.shard = $1 AND p.rated <> (SELECT count(*)
                      FROM order_splits s WHERE s.shard = p.shard AND s.rated_on = p.day)
                    """),
                Search(
                    "night_progress", "counts fewer releases than there are",
                    """
                    SELECT p.day FROM night_progress p WHERE p.shard = $1 AND p.released < (SELECT count(*)
                      FROM releases r WHERE r.shard = p.shard AND r.day = p.day)
                    """),
                Search(
                    "night_results", "says other counts than its night's progress",
                    """
                    SELECT r.day FROM night_results r LEFT JOIN night_progress p
                      ON p.shard = r.shard AND p.day = r.day
                    WHERE r.shard = $1 AND (p.day IS NULL OR r.rated <> p.rated OR r.released <> p.released)
                    """),
                Search(
                    "night_results", "has another digest than its batch",
                    """
                    SELECT r.day FROM night_results r LEFT JOIN payout_batches b
                      ON b.shard = r.shard AND b.day = r.day
                    WHERE r.shard = $1 AND (b.day IS NULL OR b.digest <> r.digest)
                    """),
            ]),
        AuditCheck(
            "ratings", "every order up to the last cut is rated, once",
            counted: "SELECT count(*) FROM order_splits WHERE shard = $1",
            [
                Search(
                    "orders", "was sold before the last cut and is not rated",
                    """
                    SELECT o.order_id FROM orders o WHERE o.shard = $1 AND o.gross > 0
                      AND o.sold_seq <= (SELECT coalesce(max(rated_seq), 0) FROM night_progress p
                        WHERE p.shard = o.shard)
                      AND NOT EXISTS (SELECT 1 FROM order_splits s WHERE s.shard = o.shard
                        AND s.order_id = o.order_id)
                    """),
                Search(
                    "order_splits", "is of no night",
                    """
                    SELECT s.order_id FROM order_splits s WHERE s.shard = $1 AND NOT EXISTS (SELECT 1 FROM nights n
                      WHERE n.shard = s.shard AND n.day = s.rated_on)
                    """),
            ]),
        AuditCheck(
            "releases", "releases and their entries say the same",
            counted: "SELECT count(*) FROM releases WHERE shard = $1",
            [
                Search(
                    "releases", "has no release entry",
                    """
                    SELECT order_id FROM releases r WHERE shard = $1 AND NOT EXISTS (SELECT 1 FROM entries e
                      WHERE e.shard = r.shard AND e.seq = r.seq AND e.kind = 'release' AND e.effective_on = r.day)
                    """),
                Search(
                    "entries", "the release is of no order",
                    """
                    SELECT CAST(seq AS TEXT) FROM entries e WHERE shard = $1 AND kind = 'release'
                      AND NOT EXISTS (SELECT 1 FROM releases r WHERE r.shard = e.shard AND r.seq = e.seq)
                    """),
                Search(
                    "releases", "credits the hosts with another sum than their accruals",
                    """
                    SELECT r.order_id FROM releases r WHERE r.shard = $1
                      AND (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = r.shard AND l.seq = r.seq
                           AND l.credit LIKE 'liabilities:host:%')
                        <> (SELECT coalesce(sum(a.amount), 0) FROM accruals a WHERE a.shard = r.shard
                            AND a.order_id = r.order_id AND a.kind = 'share' AND NOT EXISTS (SELECT 1
                              FROM payout_return_lines b WHERE b.shard = a.shard AND b.accrual = a.accrual))
                    """),
            ]),
        AuditCheck(
            "escrowed", "orders in escrow are those rated and not released",
            counted: "SELECT count(*) FROM escrowed WHERE shard = $1",
            [
                Search(
                    "escrowed", "was released, or never rated, or is of another room",
                    """
                    SELECT x.room || '/' || x.order_id FROM escrowed x WHERE x.shard = $1
                      AND (EXISTS (SELECT 1 FROM releases r WHERE r.shard = x.shard AND r.order_id = x.order_id)
                        OR NOT EXISTS (SELECT 1 FROM order_splits s WHERE s.shard = x.shard
                          AND s.order_id = x.order_id)
                        OR NOT EXISTS (SELECT 1 FROM orders o WHERE o.shard = x.shard
                          AND o.order_id = x.order_id AND o.room = x.room))
                    """),
                Search(
                    "order_splits", "waits for its release and is not among those in escrow",
                    """
                    SELECT s.order_id FROM order_splits s JOIN orders o ON o.shard = s.shard
                      AND o.order_id = s.order_id
                    WHERE s.shard = $1 AND s.base > 0
                      AND NOT EXISTS (SELECT 1 FROM releases r WHERE r.shard = s.shard AND r.order_id = s.order_id)
                      AND NOT EXISTS (SELECT 1 FROM escrowed x WHERE x.shard = s.shard AND x.order_id = s.order_id)
                      AND o.gross > coalesce((SELECT v.after FROM order_reversals v
                        WHERE v.shard = s.shard AND v.order_id = s.order_id ORDER BY v.n DESC LIMIT 1), 0)
                    """),
            ]),
    ]

    static let payouts: [AuditCheck] = [
        AuditCheck(
            "owed", "what is owed are the accruals that no batch has paid",
            counted: "SELECT count(*) FROM accruals WHERE shard = $1",
            [
                Search(
                    "owed", "is no accrual, was paid, or says something else than its accrual",
                    """
                    SELECT u.accrual FROM owed u LEFT JOIN accruals a ON a.shard = u.shard AND a.accrual = u.accrual
                    WHERE u.shard = $1 AND (a.accrual IS NULL OR a.host <> u.host OR a.currency <> u.currency
                      OR a.amount <> u.amount OR a.available_on <> u.available_on OR a.accrued_on <> u.accrued_on
                      OR EXISTS (SELECT 1 FROM payout_lines l WHERE l.shard = u.shard AND l.accrual = u.accrual))
                    """),
                Search(
                    "accruals", "is neither paid nor owed",
                    """
                    SELECT a.accrual FROM accruals a WHERE a.shard = $1
                      AND NOT EXISTS (SELECT 1 FROM owed u WHERE u.shard = a.shard AND u.host = a.host
                        AND u.currency = a.currency AND u.accrual = a.accrual)
                      AND NOT EXISTS (SELECT 1 FROM payout_lines l WHERE l.shard = a.shard AND l.accrual = a.accrual)
                    """),
            ]),
        AuditCheck(
            "payouts", "payouts are the sum of what they pay, and agree with their entries",
            counted: "SELECT count(*) FROM payout_items WHERE shard = $1",
            [
                Search(
                    "payout_lines", "pays another amount or host than its accrual has",
                    """
                    SELECT l.accrual FROM payout_lines l LEFT JOIN accruals a
                      ON a.shard = l.shard AND a.accrual = l.accrual
                    WHERE l.shard = $1 AND (a.accrual IS NULL OR a.amount <> l.amount OR a.host <> l.host
                      OR a.currency <> l.currency)
                    """),
                Search(
                    "payout_items", "is not the sum of its lines, less what is withheld",
                    """
                    SELECT i.batch || '/' || i.host || '/' || i.currency FROM payout_items i WHERE i.shard = $1
                      AND (i.net <> i.gross - i.withheld OR i.gross <> (SELECT coalesce(sum(l.amount), 0)
                        FROM payout_lines l WHERE l.shard = i.shard AND l.batch = i.batch AND l.host = i.host
                          AND l.currency = i.currency))
                    """),
                Search(
                    "payout_items", "its entry pays another host or sum",
                    """
                    SELECT i.batch || '/' || i.host || '/' || i.currency FROM payout_items i WHERE i.shard = $1
                      AND (NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = i.shard AND e.seq = i.seq
                          AND e.kind = 'payout')
                        OR i.gross <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = i.shard
                          AND l.seq = i.seq AND l.debit = 'liabilities:host:' || i.host)
                        OR i.withheld <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = i.shard
                          AND l.seq = i.seq AND l.credit = 'liabilities:withholding'))
                    """),
                Search(
                    "entries", "the payout is in no batch",
                    """
                    SELECT CAST(seq AS TEXT) FROM entries e WHERE shard = $1 AND kind = 'payout'
                      AND NOT EXISTS (SELECT 1 FROM payout_items i WHERE i.shard = e.shard AND i.seq = e.seq)
                    """),
            ]),
    ]
}
