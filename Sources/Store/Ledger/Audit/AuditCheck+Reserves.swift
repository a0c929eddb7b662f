extension AuditCheck {
    /// Risk classes and the moves of reserves against their entries, accruals and events.
    static let reserves: [AuditCheck] = [
        AuditCheck(
            "risk", "risk classes of hosts follow each other, and were told",
            counted: "SELECT count(*) FROM risk_facts WHERE shard = $1",
            [
                Search(
                    "risk_facts", "does not follow the one before it",
                    """
                    SELECT f.host || '/' || CAST(f.n AS TEXT) FROM risk_facts f LEFT JOIN risk_facts p
                      ON p.shard = f.shard AND p.host = f.host AND p.n = f.n - 1
                    WHERE f.shard = $1 AND ((f.n > 1 AND p.n IS NULL) OR p.from_day > f.from_day OR p.at_us > f.at_us)
                    """),
                Search(
                    "risk_facts", "was not told of exactly once",
                    """
                    SELECT f.host || '/' || CAST(f.n AS TEXT) FROM risk_facts f WHERE f.shard = $1
                      AND 1 <> (SELECT count(*) FROM outbox e WHERE e.shard = f.shard AND e.kind = 'host.risk'
                        AND e.subject = f.host || '/' || CAST(f.n AS TEXT) AND e.host = f.host
                        AND e.body LIKE '%"day":"' || f.from_day || '"%'
                        AND e.body LIKE '%"state":"' || f.class || '/' || CAST(f.version AS TEXT) || '"%')
                    """),
                Search(
                    "outbox", "tells of no such class",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e WHERE e.shard = $1 AND e.kind = 'host.risk'
                      AND NOT EXISTS (SELECT 1 FROM risk_facts f WHERE f.shard = e.shard AND f.host = e.host
                        AND f.host || '/' || CAST(f.n AS TEXT) = e.subject)
                    """),
            ]),
        AuditCheck(
            "reserve moves", "moves of reserves, their entries, accruals and events say the same",
            counted: "SELECT count(*) FROM reserve_moves WHERE shard = $1",
            [
                Search(
                    "reserve_moves", "does not follow the one before it",
                    """
                    SELECT m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) FROM reserve_moves m
                    LEFT JOIN reserve_moves p ON p.shard = m.shard AND p.host = m.host AND p.currency = m.currency
                      AND p.n = m.n - 1
                    WHERE m.shard = $1 AND ((m.n > 1 AND p.n IS NULL) OR m.before <> coalesce(p.after, 0)
                      OR m.after <> m.before + CASE m.kind WHEN 'held' THEN m.amount ELSE -m.amount END
                      OR m.amount <= 0 OR m.after < 0 OR p.day > m.day)
                    """),
                Search(
                    "reserve_moves", "takes more than is left, or of another reserve",
                    """
                    SELECT m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) FROM reserve_moves m
                    LEFT JOIN reserve_moves p ON p.shard = m.shard AND p.host = m.host AND p.currency = m.currency
                      AND p.reserve = m.reserve AND p.step = m.step - 1
                    WHERE m.shard = $1 AND (m.left_before <> coalesce(p.left_after, 0) OR m.left_after < 0
                      OR m.left_after <> m.left_before + CASE m.kind WHEN 'held' THEN m.amount ELSE -m.amount END
                      OR (m.step > 0 AND (p.step IS NULL OR p.until_day <> m.until_day)))
                    """),
                Search(
                    "reserve_moves", "its entry moved another sum, host or day",
                    """
                    SELECT m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) FROM reserve_moves m
                    WHERE m.shard = $1 AND (NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = m.shard
                        AND e.seq = m.seq AND e.kind = 'reserve' AND e.effective_on = m.day)
                      OR m.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = m.shard
                        AND l.seq = m.seq AND l.currency = m.currency
                        AND l.debit = CASE m.kind WHEN 'held' THEN 'liabilities:host:' ELSE 'liabilities:reserve:' END
                          || m.host
                        AND l.credit = CASE m.kind WHEN 'held' THEN 'liabilities:reserve:' ELSE 'liabilities:host:' END
                          || m.host))
                    """),
                Search(
                    "entries", "is of no move of a reserve",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'reserve'
                      AND NOT EXISTS (SELECT 1 FROM reserve_moves m WHERE m.shard = e.shard AND m.seq = e.seq)
                    """),
                Search(
                    "reserve_moves", "accrues another sum, host or day",
                    """
                    SELECT m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) FROM reserve_moves m
                    LEFT JOIN accruals a ON a.shard = m.shard AND a.accrual = m.accrual
                    LEFT JOIN accruals b ON b.shard = m.shard AND b.accrual = m.later
                    WHERE m.shard = $1 AND m.kind <> 'released' AND (a.accrual IS NULL OR b.accrual IS NULL
                      OR a.kind <> 'adjustment' OR b.kind <> 'adjustment' OR a.host <> m.host OR b.host <> m.host
                      OR a.currency <> m.currency OR b.currency <> m.currency OR a.available_on <> m.day
                      OR a.accrued_on <> m.day OR b.accrued_on <> m.day OR b.available_on <> m.until_day
                      OR a.amount <> CASE m.kind WHEN 'held' THEN -m.amount ELSE m.amount END
                      OR b.amount <> -a.amount)
                    """),
                Search(
                    "reserve_moves", "was held back of a host without a reserve",
                    """
                    SELECT m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) FROM reserve_moves m
                    WHERE m.shard = $1 AND m.kind = 'held' AND 0 >= coalesce((SELECT f.reserve_bp FROM risk_facts f
                      WHERE f.shard = m.shard AND f.host = m.host AND f.from_day <= m.day ORDER BY f.n DESC LIMIT 1), 0)
                    """),
                Search(
                    "reserve_moves", "was not told of exactly once",
                    """
                    SELECT m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) FROM reserve_moves m
                    WHERE m.shard = $1 AND 1 <> (SELECT count(*) FROM outbox e WHERE e.shard = m.shard
                      AND e.kind = CASE m.kind WHEN 'held' THEN 'reserve.held' ELSE 'reserve.released' END
                      AND e.subject = m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) AND e.host = m.host
                      AND e.body LIKE '{"amount":{"amount":' || CAST(m.amount AS TEXT) || ',%')
                    """),
                Search(
                    "outbox", "tells of no such move of a reserve",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e
                    WHERE e.shard = $1 AND e.kind IN ('reserve.held', 'reserve.released')
                      AND NOT EXISTS (SELECT 1 FROM reserve_moves m WHERE m.shard = e.shard AND m.host = e.host
                        AND m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) = e.subject)
                    """),
            ]),
        AuditCheck(
            "open reserves", "open reserves are those of which something is left",
            counted: "SELECT count(*) FROM open_reserves WHERE shard = $1",
            [
                Search(
                    "open_reserves", "is kept longer than until its day",
                    """
                    SELECT o.host || '/' || o.currency || '/' || CAST(o.reserve AS TEXT) FROM open_reserves o
                    WHERE o.shard = $1 AND o.until_day <= (SELECT max(r.day) FROM night_results r WHERE r.shard = $1)
                    """),
                Search(
                    "open_reserves", "says something else than the last move of its reserve",
                    """
                    SELECT o.host || '/' || o.currency || '/' || CAST(o.reserve AS TEXT) FROM open_reserves o
                    LEFT JOIN reserve_moves m ON m.shard = o.shard AND m.host = o.host AND m.currency = o.currency
                      AND m.reserve = o.reserve AND m.step = o.step
                    WHERE o.shard = $1 AND (m.n IS NULL OR m.left_after <> o.left_amount OR m.until_day <> o.until_day
                      OR EXISTS (SELECT 1 FROM reserve_moves x WHERE x.shard = o.shard AND x.host = o.host
                        AND x.currency = o.currency AND x.reserve = o.reserve AND x.step > o.step))
                    """),
                Search(
                    "reserve_moves", "has something left and is not among the open ones",
                    """
                    SELECT m.host || '/' || m.currency || '/' || CAST(m.n AS TEXT) FROM reserve_moves m
                    WHERE m.shard = $1 AND m.left_after > 0 AND NOT EXISTS (SELECT 1 FROM reserve_moves x
                        WHERE x.shard = m.shard AND x.host = m.host AND x.currency = m.currency
                          AND x.reserve = m.reserve AND x.step > m.step)
                      AND NOT EXISTS (SELECT 1 FROM open_reserves o WHERE o.shard = m.shard AND o.host = m.host
                        AND o.currency = m.currency AND o.reserve = m.reserve)
                    """),
            ]),
    ]
}
