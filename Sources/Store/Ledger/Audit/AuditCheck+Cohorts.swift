extension AuditCheck {
    /// Funds with a cohort: their books follow from what was given, reserved and paid in, and promise no more than there is.
    static let cohorts: [AuditCheck] = [book, reservations, selection]

    private static let book = AuditCheck(
        "fund-book", "books of funds are chained, promise no more than there is, and say what the journal says",
        counted: "SELECT count(*) FROM fund_book WHERE shard = $1",
        [
            Search(
                "fund_book", "has a gap",
                """
                SELECT program FROM fund_book WHERE shard = $1 GROUP BY program
                HAVING min(n) <> 1 OR max(n) <> count(*)
                """),
            Search(
                "fund_book", "does not follow the row before it",
                """
                SELECT b.program || '/' || CAST(b.n AS TEXT) FROM fund_book b LEFT JOIN fund_book p ON p.shard = b.shard
                  AND p.program = b.program AND p.n = b.n - 1
                WHERE b.shard = $1 AND (b.places_before <> coalesce(p.places, 0)
                  OR b.admitted_before <> coalesce(p.admitted, 0) OR b.committed_before <> coalesce(p.committed, 0)
                  OR b.balance_before <> coalesce(p.balance, 0))
                """),
            Search(
                "fund_book", "promises more than there is, or more places than the terms have",
                """
                SELECT b.program || '/' || CAST(b.n AS TEXT) FROM fund_book b
                JOIN fund_programs v ON v.shard = b.shard AND v.program = b.program AND v.version = b.version
                WHERE b.shard = $1 AND (b.committed > b.balance OR b.committed < 0 OR (b.kind = 'admitted'
                  AND (b.places > b.cap OR v.terms NOT LIKE '%"places":' || CAST(b.cap AS TEXT) || ',%')))
                """),
            Search(
                "fund_book", "holds another number of places than were given and not given up",
                """
                SELECT b.program || '/' || CAST(b.n AS TEXT) FROM fund_book b WHERE b.shard = $1
                  AND (b.places - b.places_before <> CASE WHEN b.kind = 'admitted' THEN 1
                      WHEN b.kind IN ('ended', 'completed') THEN -1 ELSE 0 END
                    OR b.admitted - b.admitted_before <> CASE WHEN b.kind = 'admitted' THEN 1 ELSE 0 END)
                """),
            Search(
                "fund_book", "its entry set another sum aside",
                """
                SELECT b.program || '/' || CAST(b.n AS TEXT) FROM fund_book b
                JOIN fund_programs v ON v.shard = b.shard AND v.program = b.program AND v.version = b.version
                WHERE b.shard = $1 AND b.kind = 'endowed' AND (NOT EXISTS (SELECT 1 FROM entries e
                    WHERE e.shard = b.shard AND e.seq = b.seq AND e.kind = 'fund_budget')
                  OR b.balance - b.balance_before <> (SELECT coalesce(sum(CASE
                      WHEN l.debit = 'expenses:fund' AND l.credit = 'liabilities:fund:' || b.program THEN l.amount
                      WHEN l.credit = 'expenses:fund' AND l.debit = 'liabilities:fund:' || b.program THEN -l.amount
                      ELSE 0 END), 0) FROM legs l WHERE l.shard = b.shard AND l.seq = b.seq AND l.currency = v.currency))
                """),
            Search(
                "entries", "set money aside and stands in no book",
                """
                SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'fund_budget'
                  AND NOT EXISTS (SELECT 1 FROM fund_book b WHERE b.shard = e.shard AND b.seq = e.seq)
                """),
            Search(
                "fund_book", "a month gave another sum than its hosts got",
                """
                SELECT b.program || '/' || b.month FROM fund_book b
                LEFT JOIN fund_months m ON m.shard = b.shard AND m.program = b.program AND m.month = b.month
                WHERE b.shard = $1 AND b.kind = 'month_closed'
                  AND (m.month IS NULL OR m.given <> b.balance_before - b.balance)
                """),
            Search(
                "fund_months", "gave from an account whose book does not say so",
                """
                SELECT m.program || '/' || m.month FROM fund_months m WHERE m.shard = $1 AND m.given > 0
                  AND EXISTS (SELECT 1 FROM fund_programs p WHERE p.shard = m.shard AND p.program = m.program
                    AND p.at_us <= m.at_us AND p.terms LIKE '%"cohort":{%')
                  AND NOT EXISTS (SELECT 1 FROM fund_book b WHERE b.shard = m.shard AND b.program = m.program
                    AND b.month = m.month)
                """),
            Search(
                "fund_book", "ends with another balance than the account has",
                """
                SELECT b.program FROM fund_book b WHERE b.shard = $1
                  AND b.n = (SELECT max(l.n) FROM fund_book l WHERE l.shard = b.shard AND l.program = b.program)
                  AND b.balance <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = b.shard
                      AND l.credit = 'liabilities:fund:' || b.program)
                    - (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = b.shard
                      AND l.debit = 'liabilities:fund:' || b.program)
                """),
            Search(
                "fund_book", "was not told of exactly once",
                """
                SELECT b.program || '/' || CAST(b.n AS TEXT) FROM fund_book b WHERE b.shard = $1
                  AND b.kind <> 'month_closed' AND 1 <> (SELECT count(*) FROM outbox e WHERE e.shard = b.shard
                    AND e.kind = 'fund.' || b.kind AND e.subject = b.program || '/' || CAST(b.n AS TEXT)
                    AND (b.host IS NULL OR e.host = b.host))
                """),
        ])

    private static let reservations = AuditCheck(
        "fund-reservations", "what places have reserved is what the book says, and nothing of months that have closed",
        counted: "SELECT count(*) FROM fund_reservations WHERE shard = $1",
        [
            Search(
                "fund_book", "reserves another sum than its places",
                """
                SELECT b.program || '/' || CAST(b.n AS TEXT) FROM fund_book b WHERE b.shard = $1
                  AND b.committed - b.committed_before <> (SELECT coalesce(sum(r.delta), 0) FROM fund_reservations r
                    WHERE r.shard = b.shard AND r.program = b.program AND r.n = b.n)
                """),
            Search(
                "fund_reservations", "does not follow the one before it",
                """
                SELECT r.program || '/' || CAST(r.place AS TEXT) || '/' || r.month FROM fund_reservations r
                WHERE r.shard = $1 AND (r.after <> r.before + r.delta OR r.after < 0
                  OR r.before <> coalesce((SELECT sum(p.delta) FROM fund_reservations p WHERE p.shard = r.shard
                    AND p.program = r.program AND p.place = r.place AND p.month = r.month AND p.n < r.n), 0))
                """),
            Search(
                "fund_reservations", "is left of a month that has closed",
                """
                SELECT r.program || '/' || CAST(r.place AS TEXT) || '/' || r.month FROM fund_reservations r
                WHERE r.shard = $1 AND EXISTS (SELECT 1 FROM fund_months m WHERE m.shard = r.shard
                  AND m.program = r.program AND m.month = r.month)
                GROUP BY r.program, r.place, r.month HAVING sum(r.delta) <> 0
                """),
            Search(
                "fund_reservations", "is of a month in which the place has no day",
                """
                SELECT r.program || '/' || CAST(r.place AS TEXT) || '/' || r.month FROM fund_reservations r
                JOIN fund_book a ON a.shard = r.shard AND a.program = r.program AND a.place = r.place
                  AND a.kind = 'admitted'
                WHERE r.shard = $1 AND (r.month < substr(a.from_day, 1, 7) OR r.month > substr(a.to_day, 1, 7))
                """),
            Search(
                "fund_reservations", "is of no place, or reserved by another row than its admission",
                """
                SELECT r.program || '/' || CAST(r.place AS TEXT) || '/' || r.month FROM fund_reservations r
                LEFT JOIN fund_book a ON a.shard = r.shard AND a.program = r.program AND a.place = r.place
                  AND a.kind = 'admitted'
                WHERE r.shard = $1 AND (a.n IS NULL OR (r.delta > 0) <> (r.n = a.n))
                """),
        ])

    private static let selection = AuditCheck(
        "fund-selection", "places are of hosts that were enrolled, applications are numbered and decided once",
        counted: "SELECT count(*) FROM fund_applications WHERE shard = $1",
        [
            Search(
                "fund_applications", "has a gap",
                """
                SELECT program || '/' || host FROM fund_applications WHERE shard = $1 GROUP BY program, host
                HAVING min(n) <> 1 OR max(n) <> count(*)
                """),
            Search(
                "fund_applications", "was followed by another one before it was decided",
                """
                SELECT a.program || '/' || a.host FROM fund_applications a
                JOIN fund_applications f ON f.shard = a.shard AND f.program = a.program AND f.host = a.host
                  AND f.n = a.n + 1
                WHERE a.shard = $1 AND NOT EXISTS (SELECT 1 FROM fund_book b WHERE b.shard = a.shard
                  AND b.program = a.program AND b.host = a.host AND b.application = a.n)
                """),
            Search(
                "fund_applications", "was not told of exactly once",
                """
                SELECT a.program || '/' || a.host || '/' || CAST(a.n AS TEXT) FROM fund_applications a WHERE a.shard = $1
                  AND 1 <> (SELECT count(*) FROM outbox e WHERE e.shard = a.shard AND e.kind = 'fund.applied'
                    AND e.subject = a.program || '/' || a.host || '/' || CAST(a.n AS TEXT) AND e.host = a.host)
                """),
            Search(
                "fund_book", "gave a place for other days than its host is enrolled",
                """
                SELECT b.program || '/' || CAST(b.place AS TEXT) FROM fund_book b
                LEFT JOIN enrolments e ON e.shard = b.shard AND e.program = b.program AND e.host = b.host
                  AND e.n = b.enrolment
                WHERE b.shard = $1 AND b.kind = 'admitted'
                  AND (e.n IS NULL OR e.from_day <> b.from_day OR e.to_day <> b.to_day)
                """),
            Search(
                "enrolments", "is in a fund with a cohort, and has no place there",
                """
                SELECT e.program || '/' || e.host || '/' || CAST(e.n AS TEXT) FROM enrolments e WHERE e.shard = $1
                  AND EXISTS (SELECT 1 FROM fund_programs p WHERE p.shard = e.shard AND p.program = e.program
                    AND p.terms LIKE '%"cohort":{%')
                  AND NOT EXISTS (SELECT 1 FROM fund_book b WHERE b.shard = e.shard AND b.program = e.program
                    AND b.host = e.host AND b.enrolment = e.n AND b.kind = 'admitted')
                """),
            Search(
                "fund_book", "a place ended twice, or of another host",
                """
                SELECT x.program || '/' || CAST(x.place AS TEXT) FROM fund_book x
                LEFT JOIN fund_book a ON a.shard = x.shard AND a.program = x.program AND a.place = x.place
                  AND a.kind = 'admitted'
                WHERE x.shard = $1 AND x.kind IN ('ended', 'completed') AND (a.n IS NULL OR a.n > x.n
                  OR a.host <> x.host OR EXISTS (SELECT 1 FROM fund_book o WHERE o.shard = x.shard
                    AND o.program = x.program AND o.place = x.place AND o.kind IN ('ended', 'completed')
                    AND o.n <> x.n))
                """),
        ])
}
