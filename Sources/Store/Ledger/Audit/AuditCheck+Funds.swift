extension AuditCheck {
    /// Adjustments, funds and imported facts against their entries and accruals.
    static let funds: [AuditCheck] = [
        AuditCheck(
            "adjustments", "corrections, their entries and their accruals say the same",
            counted: "SELECT count(*) FROM adjustments WHERE shard = $1",
            [
                Search(
                    "adjustments", "its entry moved another sum, host or account",
                    """
                    SELECT j.accrual FROM adjustments j WHERE j.shard = $1
                      AND (NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = j.shard AND e.seq = j.seq
                          AND e.kind = 'adjustment')
                        OR j.amount <> (SELECT coalesce(sum(CASE
                            WHEN l.credit = 'liabilities:host:' || j.host AND l.debit = CASE j.source
                              WHEN 'finance' THEN 'expenses:adjustments' ELSE 'expenses:dispute-fees' END THEN l.amount
                            WHEN l.debit = 'liabilities:host:' || j.host AND l.credit = CASE j.source
                              WHEN 'finance' THEN 'expenses:adjustments' ELSE 'expenses:dispute-fees' END THEN -l.amount
                            ELSE 0 END), 0) FROM legs l WHERE l.shard = j.shard AND l.seq = j.seq
                            AND l.currency = j.currency))
                    """),
                Search(
                    "adjustments", "has no accrual of its amount and host",
                    """
                    SELECT j.accrual FROM adjustments j LEFT JOIN accruals a ON a.shard = j.shard AND a.accrual = j.accrual
                    WHERE j.shard = $1 AND (a.accrual IS NULL OR a.kind <> 'adjustment' OR a.amount <> j.amount
                      OR a.host <> j.host OR a.currency <> j.currency)
                    """),
                Search(
                    "accruals", "corrects something that nobody has corrected",
                    """
                    SELECT a.accrual FROM accruals a WHERE a.shard = $1 AND a.kind = 'adjustment'
                      AND NOT EXISTS (SELECT 1 FROM adjustments j WHERE j.shard = a.shard AND j.accrual = a.accrual)
                      AND NOT EXISTS (SELECT 1 FROM payout_return_lines r WHERE r.shard = a.shard
                        AND r.accrual = a.accrual)
                      AND NOT EXISTS (SELECT 1 FROM reserve_moves m WHERE m.shard = a.shard AND m.accrual = a.accrual)
                      AND NOT EXISTS (SELECT 1 FROM reserve_moves m WHERE m.shard = a.shard AND m.later = a.accrual)
                    """),
                Search(
                    "entries", "the correction is of no host",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'adjustment'
                      AND NOT EXISTS (SELECT 1 FROM adjustments j WHERE j.shard = e.shard AND j.seq = e.seq)
                    """),
                Search(
                    "adjustments", "was not told of exactly once",
                    """
                    SELECT j.accrual FROM adjustments j WHERE j.shard = $1 AND 1 <> (SELECT count(*) FROM outbox e
                      WHERE e.shard = j.shard AND e.kind = 'host.adjusted' AND e.subject = j.accrual
                        AND e.host = j.host AND e.body LIKE '{"amount":{"amount":' || CAST(j.amount AS TEXT) || ',%')
                    """),
            ]),
        months,
        AuditCheck(
            "listening", "what was heard as gateways say it stands in a receipt of its room",
            counted: "SELECT count(*) FROM listening WHERE shard = $1",
            [
                Search(
                    "listening", "is of no receipt of its room",
                    """
                    SELECT l.room || '/' || l.source FROM listening l WHERE l.shard = $1 AND l.source LIKE 'gateway_%'
                      AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.shard = l.shard AND r.kind = 'left'
                        AND r.gateway = substr(l.source, 1, 34) AND r.seq = CASE WHEN l.source LIKE 'gateway_%/%'
                          THEN CAST(substr(l.source, 36, 19) AS BIGINT) END
                        AND r.body LIKE '%"room":"' || l.room || '"%'
                        AND r.body LIKE '%"holder":"' || l.listener || '"%')
                    """),
                Search(
                    "listening", "is of no imported fact",
                    """
                    SELECT l.room || '/' || l.source FROM listening l WHERE l.shard = $1 AND l.source LIKE 'import/%'
                      AND NOT EXISTS (SELECT 1 FROM imported_facts f WHERE f.shard = l.shard AND f.kind = 'listen'
                        AND f.refused = '' AND f.fact = substr(l.source, 8))
                    """),
            ]),
        AuditCheck(
            "imports", "imported facts have no gap, and one of each id was taken at most",
            counted: "SELECT count(*) FROM imported_facts WHERE shard = $1",
            [
                Search(
                    "imported_facts", "has a gap",
                    """
                    SELECT 'up to ' || CAST(max(n) AS TEXT) FROM imported_facts WHERE shard = $1
                    HAVING count(*) > 0 AND (min(n) <> 1 OR max(n) <> count(*))
                    """),
                Search(
                    "imported_facts", "was taken twice",
                    """
                    SELECT fact FROM imported_facts WHERE shard = $1 AND refused = ''
                    GROUP BY fact HAVING count(*) > 1
                    """),
                Search(
                    "imported_facts", "is called a duplicate and says something else",
                    """
                    SELECT f.fact FROM imported_facts f WHERE f.shard = $1 AND f.refused = 'duplicate'
                      AND f.digest <> (SELECT p.digest FROM imported_facts p WHERE p.shard = f.shard
                        AND p.fact = f.fact ORDER BY p.n LIMIT 1)
                    """),
            ]),
    ]

    private static let months = AuditCheck(
        "funds", "months of funds give what their hosts got, once, from entries and accruals that say the same",
        counted: "SELECT count(*) FROM fund_results WHERE shard = $1",
        [
            Search(
                "fund_months", "gave another sum than its hosts got",
                """
                SELECT m.program || '/' || m.month FROM fund_months m WHERE m.shard = $1
                  AND (m.given > m.amount OR m.given <> (SELECT coalesce(sum(f.amount), 0) FROM fund_results f
                    WHERE f.shard = m.shard AND f.program = m.program AND f.month = m.month))
                """),
            Search(
                "fund_months", "closed under other terms than those that were set for it",
                """
                SELECT m.program || '/' || m.month FROM fund_months m
                LEFT JOIN nights n ON n.shard = m.shard AND n.day = m.night
                WHERE m.shard = $1 AND m.version <> (SELECT max(p.version) FROM fund_programs p WHERE p.shard = m.shard
                  AND p.program = m.program AND p.at_us < coalesce(n.cutoff_us, m.at_us)
                  AND (p.from_month IS NULL OR p.from_month <= m.month))
                """),
            Search(
                "fund_programs", "is kept for another month than its terms name",
                """
                SELECT p.program || '/' || CAST(p.version AS TEXT) FROM fund_programs p WHERE p.shard = $1
                  AND CASE WHEN p.from_month IS NULL THEN p.terms LIKE '%"from_month":%'
                    ELSE p.terms NOT LIKE ('%"from_month":"' || p.from_month || '"%') END
                """),
            Search(
                "fund_programs", "is for a month that had begun when it was set",
                """
                SELECT p.program || '/' || CAST(p.version AS TEXT) FROM fund_programs p
                WHERE p.shard = $1 AND p.from_us <= p.at_us
                """),
            Search(
                "fund_results", "its entry gives another sum or host",
                """
                SELECT f.program || '/' || f.month || '/' || f.host FROM fund_results f WHERE f.shard = $1 AND f.amount > 0
                  AND (NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = f.shard AND e.seq = f.seq AND e.kind = 'fund')
                    OR f.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = f.shard
                      AND l.seq = f.seq AND l.debit IN ('expenses:fund', 'liabilities:fund:' || f.program)
                      AND l.credit = 'liabilities:host:' || f.host AND l.currency = f.currency))
                """),
            Search(
                "fund_results", "has no accrual of its amount and host",
                """
                SELECT f.program || '/' || f.month || '/' || f.host FROM fund_results f
                LEFT JOIN accruals a ON a.shard = f.shard AND a.accrual = f.accrual
                WHERE f.shard = $1 AND f.amount > 0 AND (a.accrual IS NULL OR a.kind <> 'fund' OR a.amount <> f.amount
                  OR a.host <> f.host OR a.currency <> f.currency)
                """),
            Search(
                "accruals", "is of no month of a fund",
                """
                SELECT a.accrual FROM accruals a WHERE a.shard = $1 AND a.kind = 'fund'
                  AND NOT EXISTS (SELECT 1 FROM fund_results f WHERE f.shard = a.shard AND f.accrual = a.accrual)
                  AND NOT EXISTS (SELECT 1 FROM payout_return_lines r WHERE r.shard = a.shard AND r.accrual = a.accrual)
                """),
            Search(
                "entries", "is of no month of a fund",
                """
                SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'fund'
                  AND NOT EXISTS (SELECT 1 FROM fund_results f WHERE f.shard = e.shard AND f.seq = e.seq)
                """),
            Search(
                "fund_results", "was not told of exactly once",
                """
                SELECT f.program || '/' || f.month || '/' || f.host FROM fund_results f WHERE f.shard = $1
                  AND f.amount > 0 AND 1 <> (SELECT count(*) FROM outbox e WHERE e.shard = f.shard
                    AND e.kind = 'fund.credited' AND e.subject = f.accrual AND e.host = f.host
                    AND e.body LIKE '{"amount":{"amount":' || CAST(f.amount AS TEXT) || ',%')
                """),
        ])
}
