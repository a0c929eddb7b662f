extension AuditCheck {
    /// What gates and nights look through, derived again from all that ever was.
    static let open: [AuditCheck] = [passages, heldPlaces, reserved]

    private static let passages = AuditCheck(
        "open passages", "what is open of suspense, repayments and disputes is what has no end",
        counted: "SELECT count(*) FROM open_passages WHERE shard = $1",
        [
            Search(
                "open_passages", "is not open, or with another sum or time",
                """
                SELECT o.account || ' ' || o.item FROM open_passages o WHERE o.shard = $1 AND NOT EXISTS (SELECT 1
                    FROM suspense_items i WHERE i.shard = o.shard AND o.account = 'liabilities:suspense'
                      AND i.item = o.item AND i.currency = o.currency AND i.amount = o.amount AND i.at_us = o.at_us
                      AND NOT EXISTS (SELECT 1 FROM suspense_ends x WHERE x.shard = i.shard AND x.item = i.item))
                  AND NOT EXISTS (SELECT 1 FROM repayments r WHERE r.shard = o.shard
                    AND o.account = 'liabilities:repayments' AND r.repayment = o.item AND r.currency = o.currency
                    AND r.amount = o.amount AND r.created_us = o.at_us AND NOT EXISTS (SELECT 1 FROM repayment_facts f
                      WHERE f.shard = r.shard AND f.repayment = r.repayment AND f.state IN ('succeeded', 'failed')))
                  AND NOT EXISTS (SELECT 1 FROM dispute_steps s JOIN disputes d ON d.shard = s.shard
                      AND d.provider = s.provider AND d.dispute = s.dispute
                    WHERE s.shard = o.shard AND s.place = 1 AND d.provider || '/' || d.dispute = o.item
                      AND d.currency = o.currency AND s.at_us = o.at_us
                      AND o.amount = CASE o.account WHEN 'assets:contested' THEN d.amount
                        WHEN 'liabilities:contested' THEN d.amount - s.platform
                          + coalesce((SELECT max(y.after) FROM dispute_recoveries y WHERE y.shard = s.shard
                            AND y.provider = s.provider AND y.dispute = s.dispute), 0) END
                      AND NOT EXISTS (SELECT 1 FROM dispute_steps x WHERE x.shard = s.shard
                        AND x.provider = s.provider AND x.dispute = s.dispute AND x.place = 2))
                """),
            Search(
                "suspense_items", "waits and is not among what is open",
                """
                SELECT i.item FROM suspense_items i WHERE i.shard = $1
                  AND NOT EXISTS (SELECT 1 FROM suspense_ends x WHERE x.shard = i.shard AND x.item = i.item)
                  AND NOT EXISTS (SELECT 1 FROM open_passages o WHERE o.shard = i.shard
                    AND o.account = 'liabilities:suspense' AND o.item = i.item)
                """),
            Search(
                "repayments", "is on its way and not among what is open",
                """
                SELECT r.repayment FROM repayments r WHERE r.shard = $1
                  AND NOT EXISTS (SELECT 1 FROM repayment_facts f WHERE f.shard = r.shard
                    AND f.repayment = r.repayment AND f.state IN ('succeeded', 'failed'))
                  AND NOT EXISTS (SELECT 1 FROM open_passages o WHERE o.shard = r.shard
                    AND o.account = 'liabilities:repayments' AND o.item = r.repayment)
                """),
            Search(
                "disputes", "has no end and is not among what is open",
                """
                SELECT d.provider || '/' || d.dispute FROM dispute_steps s JOIN disputes d ON d.shard = s.shard
                  AND d.provider = s.provider AND d.dispute = s.dispute
                WHERE s.shard = $1 AND s.place = 1
                  AND NOT EXISTS (SELECT 1 FROM dispute_steps x WHERE x.shard = s.shard AND x.provider = s.provider
                    AND x.dispute = s.dispute AND x.place = 2)
                  AND (NOT EXISTS (SELECT 1 FROM open_passages o WHERE o.shard = d.shard
                      AND o.account = 'assets:contested' AND o.item = d.provider || '/' || d.dispute)
                    OR ((d.amount > s.platform OR EXISTS (SELECT 1 FROM dispute_recoveries y WHERE y.shard = s.shard
                        AND y.provider = s.provider AND y.dispute = s.dispute)) AND NOT EXISTS (SELECT 1 FROM open_passages o WHERE o.shard = d.shard
                      AND o.account = 'liabilities:contested' AND o.item = d.provider || '/' || d.dispute)))
                """),
        ])

    private static let heldPlaces = AuditCheck(
        "held places", "places of funds that are held are those that were given and have no end",
        counted: "SELECT count(*) FROM fund_held_places WHERE shard = $1",
        [
            Search(
                "fund_held_places", "is held by nobody",
                """
                SELECT p.program || '/' || CAST(p.place AS TEXT) FROM fund_held_places p WHERE p.shard = $1
                  AND (NOT EXISTS (SELECT 1 FROM fund_book a WHERE a.shard = p.shard AND a.program = p.program
                      AND a.n = p.n AND a.place = p.place AND a.kind = 'admitted')
                    OR EXISTS (SELECT 1 FROM fund_book e WHERE e.shard = p.shard AND e.program = p.program
                      AND e.place = p.place AND e.kind IN ('ended', 'completed')))
                """),
            Search(
                "fund_book", "a place was given, has no end and is not among those that are held",
                """
                SELECT a.program || '/' || CAST(a.place AS TEXT) FROM fund_book a
                WHERE a.shard = $1 AND a.kind = 'admitted'
                  AND NOT EXISTS (SELECT 1 FROM fund_book e WHERE e.shard = a.shard AND e.program = a.program
                    AND e.place = a.place AND e.kind IN ('ended', 'completed'))
                  AND NOT EXISTS (SELECT 1 FROM fund_held_places p WHERE p.shard = a.shard AND p.program = a.program
                    AND p.place = a.place)
                """),
        ])

    private static let reserved = AuditCheck(
        "reserved months", "what places have reserved now is the sum of their reservations",
        counted: "SELECT count(*) FROM fund_reserved WHERE shard = $1",
        [
            Search(
                "fund_reserved", "is another sum than its reservations make",
                """
                SELECT q.program || '/' || CAST(q.place AS TEXT) || '/' || q.month FROM fund_reserved q
                WHERE q.shard = $1 AND q.amount <> (SELECT coalesce(sum(r.delta), 0) FROM fund_reservations r
                  WHERE r.shard = q.shard AND r.program = q.program AND r.place = q.place AND r.month = q.month)
                """),
            Search(
                "fund_reservations", "are left and not among what is reserved",
                """
                SELECT r.program || '/' || CAST(r.place AS TEXT) || '/' || r.month FROM fund_reservations r
                WHERE r.shard = $1 AND NOT EXISTS (SELECT 1 FROM fund_reserved q WHERE q.shard = r.shard
                  AND q.program = r.program AND q.place = r.place AND q.month = r.month)
                GROUP BY r.program, r.place, r.month HAVING sum(r.delta) <> 0
                """),
        ])
}
