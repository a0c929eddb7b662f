extension AuditCheck {
    /// Statements of providers against what they state, the fees that were booked from them, and the list of open lines.
    static let providerStatements = AuditCheck(
        "statements", "lines of providers' statements state what the books have, each once",
        counted: "SELECT count(*) FROM provider_movements WHERE shard = $1",
        [
            Search(
                "open_movements", "has its end, or waits and is not listed",
                """
                SELECT m.movement FROM provider_movements m WHERE m.shard = $1
                  AND EXISTS (SELECT 1 FROM provider_movement_ends x WHERE x.shard = m.shard AND x.provider = m.provider
                    AND x.movement = m.movement)
                    = EXISTS (SELECT 1 FROM open_movements o WHERE o.shard = m.shard AND o.provider = m.provider
                      AND o.movement = m.movement AND o.created_us = m.created_us)
                """),
            Search(
                "provider_movement_ends", "the books have another sum, or nothing",
                """
                SELECT x.movement FROM provider_movement_ends x JOIN provider_movements m ON m.shard = x.shard
                  AND m.provider = x.provider AND m.movement = x.movement
                WHERE x.shard = $1 AND x.outcome = 'matched'
                  AND NOT (x.fact = 'payment' AND EXISTS (SELECT 1 FROM hold_payments p WHERE p.shard = x.shard
                    AND p.provider = x.provider AND p.reference = x.target AND p.currency = m.currency
                    AND p.amount = m.amount AND p.seq = x.seq))
                  AND NOT (x.fact IN ('repayment', 'repayment_return') AND EXISTS (SELECT 1 FROM repayments r
                    JOIN repayment_facts f ON f.shard = r.shard AND f.repayment = r.repayment
                    WHERE r.shard = x.shard AND r.repayment = x.target AND r.currency = m.currency AND f.seq = x.seq
                      AND m.amount = CASE x.fact WHEN 'repayment' THEN -r.amount ELSE r.amount END))
                  AND NOT (x.fact IN ('dispute', 'dispute_return') AND x.seq IS NULL AND EXISTS (SELECT 1 FROM disputes d
                    JOIN dispute_facts f ON f.shard = d.shard AND f.provider = d.provider AND f.dispute = d.dispute
                      AND f.fact = 'reinstated'
                    WHERE d.shard = x.shard AND d.provider = x.provider AND d.dispute = x.target
                      AND d.currency = m.currency
                      AND m.amount = CASE x.fact WHEN 'dispute' THEN -d.amount ELSE d.amount END))
                  AND NOT (x.fact IN ('dispute', 'dispute_return') AND EXISTS (SELECT 1 FROM disputes d
                    JOIN dispute_steps s ON s.shard = d.shard AND s.provider = d.provider AND s.dispute = d.dispute
                    WHERE d.shard = x.shard AND d.provider = x.provider AND d.dispute = x.target
                      AND d.currency = m.currency AND s.seq = x.seq
                      AND s.step = CASE x.fact WHEN 'dispute' THEN 'take' ELSE 'give_back' END
                      AND m.amount = CASE x.fact WHEN 'dispute' THEN -d.amount ELSE d.amount END))
                  AND NOT (x.fact IN ('settlement', 'settlement_return') AND EXISTS (SELECT 1 FROM provider_payouts p
                    JOIN provider_payout_facts f ON f.shard = p.shard AND f.provider = p.provider AND f.payout = p.payout
                    WHERE p.shard = x.shard AND p.provider = x.provider AND p.payout = x.target
                      AND p.currency = m.currency AND (f.seq = x.seq OR (x.seq IS NULL AND f.state = 'failed'))
                      AND m.amount = CASE x.fact WHEN 'settlement' THEN -p.amount ELSE p.amount END))
                  AND NOT (x.fact IN ('payout', 'payout_return') AND EXISTS (SELECT 1 FROM payout_transfers t
                    JOIN payout_transfer_facts f ON f.shard = t.shard AND f.payout = t.payout
                    WHERE t.shard = x.shard AND t.provider = x.provider AND t.payout = x.target
                      AND t.currency = m.currency AND (f.seq = x.seq OR (x.seq IS NULL AND f.seq IS NULL))
                      AND f.state = CASE x.fact WHEN 'payout' THEN 'paid' ELSE 'returned' END
                      AND m.amount = CASE x.fact WHEN 'payout' THEN -t.net ELSE t.net END))
                """),
            Search(
                "provider_movement_ends", "its fee is booked with another sum, or not at all",
                """
                SELECT x.movement FROM provider_movement_ends x JOIN provider_movements m ON m.shard = x.shard
                  AND m.provider = x.provider AND m.movement = x.movement
                WHERE x.shard = $1 AND x.outcome <> 'explained'
                  AND CASE x.outcome WHEN 'fee' THEN -m.net ELSE m.fee END <> CASE WHEN x.fee_seq IS NULL
                    THEN coalesce((SELECT p.fee FROM provider_fees p WHERE p.shard = x.shard AND p.provider = x.provider
                      AND p.movement = x.movement AND p.currency = m.currency), 0)
                    ELSE (SELECT coalesce(sum(CASE WHEN l.credit = 'assets:psp' THEN l.amount ELSE -l.amount END), 0)
                      FROM legs l JOIN entries e ON e.shard = l.shard AND e.seq = l.seq AND e.kind = 'provider_fee'
                      WHERE l.shard = x.shard AND l.seq = x.fee_seq AND l.currency = m.currency) END
                """),
            Search(
                "provider_gaps", "its entry is of another moment, or a statement was to state it later",
                """
                SELECT g.fact || ' ' || g.target FROM provider_gaps g LEFT JOIN entries e ON e.shard = g.shard
                  AND e.seq = g.seq LEFT JOIN provider_statements s ON s.shard = g.shard AND s.provider = g.provider
                  AND s.n = g.n
                WHERE g.shard = $1 AND (e.seq IS NULL OR e.posted_us <> g.booked_us OR s.n IS NULL
                  OR g.seq > s.checked_seq OR g.seq <= s.prev_checked)
                """),
            Search(
                "provider_odd_lines", "says something else than a line that was never read, or was read and not ended",
                """
                SELECT o.movement FROM provider_odd_lines o LEFT JOIN provider_movements m ON m.shard = o.shard
                  AND m.provider = o.provider AND m.movement = o.movement
                WHERE o.shard = $1 AND ((o.problem = 'conflict' AND m.movement IS NULL)
                  OR (o.problem = 'unreadable' AND m.movement IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM provider_odd_line_ends x WHERE x.shard = o.shard
                      AND x.provider = o.provider AND x.movement = o.movement AND x.digest = o.digest)))
                """),
            Search(
                "provider_statements", "does not go on where the one before it ended",
                """
                SELECT s.provider || ' ' || CAST(s.n AS TEXT) FROM provider_statements s
                LEFT JOIN provider_statements p ON p.shard = s.shard AND p.provider = s.provider AND p.n = s.n - 1
                WHERE s.shard = $1 AND s.n > 1 AND (p.n IS NULL OR p.through_us <> s.from_us
                  OR p.checked_seq <> s.prev_checked OR p.head_seq > s.head_seq)
                """),
        ])
}
