extension AuditCheck {
    /// Payouts on their way against their batches, their entries and what was told of them.
    static let payoutTransfers: [AuditCheck] = [
        AuditCheck(
            "destinations", "where hosts are paid has no gap",
            counted: "SELECT count(*) FROM payout_destinations WHERE shard = $1",
            [
                Search(
                    "payout_destinations", "has a gap",
                    """
                    SELECT host FROM payout_destinations WHERE shard = $1 GROUP BY host
                    HAVING min(n) <> 1 OR max(n) <> count(*)
                    """)
            ]),
        AuditCheck(
            "transfers", "an item of a batch is sent whole, in its batch's name, and never twice",
            counted: "SELECT count(*) FROM payout_transfers WHERE shard = $1",
            [
                Search(
                    "payout_transfers", "is not what its item and batch say",
                    """
                    SELECT t.payout FROM payout_transfers t
                    LEFT JOIN payout_items i ON i.shard = t.shard AND i.batch = t.batch AND i.host = t.host
                      AND i.currency = t.currency
                    LEFT JOIN payout_batches b ON b.shard = t.shard AND b.batch = t.batch
                    LEFT JOIN payout_destinations d ON d.shard = t.shard AND d.host = t.host AND d.n = t.destination
                    WHERE t.shard = $1 AND (i.batch IS NULL OR b.batch IS NULL OR d.host IS NULL OR i.net <> t.net
                      OR b.digest <> t.digest OR d.provider <> t.provider)
                    """),
                Search(
                    "payout_transfers", "is behind one that was not refused",
                    """
                    SELECT t.payout FROM payout_transfers t WHERE t.shard = $1 AND t.attempt > 1 AND NOT EXISTS (SELECT 1
                      FROM payout_retries r JOIN payout_transfers p ON p.shard = r.shard AND p.payout = r.refused
                        AND p.batch = t.batch AND p.host = t.host AND p.currency = t.currency
                        AND p.attempt = t.attempt - 1
                      JOIN payout_transfer_facts f ON f.shard = r.shard AND f.payout = r.refused AND f.state = 'refused'
                      WHERE r.shard = t.shard AND r.payout = t.payout)
                    """),
                Search(
                    "payout_transfers", "its item was paid twice",
                    """
                    SELECT max(t.payout) FROM payout_transfers t JOIN payout_transfer_facts f ON f.shard = t.shard
                      AND f.payout = t.payout AND f.state = 'paid' WHERE t.shard = $1
                    GROUP BY t.batch, t.host, t.currency HAVING count(*) > 1
                    """),
                Search(
                    "payout_transfer_facts", "has a gap, or a state that does not follow",
                    """
                    SELECT t.payout FROM payout_transfers t LEFT JOIN payout_transfer_facts f
                      ON f.shard = t.shard AND f.payout = t.payout
                    LEFT JOIN payout_transfer_facts p ON p.shard = f.shard AND p.payout = f.payout AND p.n = f.n - 1
                    WHERE t.shard = $1 GROUP BY t.payout
                    HAVING count(f.n) = 0 OR min(f.n) <> 1 OR max(f.n) <> count(f.n)
                      OR sum(CASE WHEN f.n = 1 AND f.state = 'requested' THEN 0
                        WHEN f.n > 1 AND p.state = 'requested' AND f.state IN ('refused', 'paid') THEN 0
                        WHEN f.n > 1 AND p.state = 'refused' AND f.state = 'paid' THEN 0
                        WHEN f.n > 1 AND p.state = 'paid' AND f.state = 'returned' THEN 0 ELSE 1 END) > 0
                    """),
                Search(
                    "due_transfers", "is not what waits for its provider",
                    """
                    SELECT t.payout FROM payout_transfers t WHERE t.shard = $1
                      AND CASE WHEN t.provider <> 'manual' AND NOT EXISTS (SELECT 1 FROM payout_transfer_facts f
                          WHERE f.shard = t.shard AND f.payout = t.payout AND f.n > 1) THEN 1 ELSE 0 END
                        <> (SELECT count(*) FROM due_transfers d WHERE d.shard = t.shard AND d.payout = t.payout)
                    """),
                Search(
                    "outbox", "tells of no such payout",
                    """
                    SELECT CAST(e.sequence AS TEXT) FROM outbox e
                    LEFT JOIN payout_transfers t ON t.shard = e.shard AND t.payout = e.subject
                    WHERE e.shard = $1 AND e.kind IN ('payout.paid', 'payout.returned') AND (t.payout IS NULL
                      OR e.host <> t.host OR e.body NOT LIKE '{"amount":{"amount":' || CAST(t.net AS TEXT) || ',%'
                      OR NOT EXISTS (SELECT 1 FROM payout_transfer_facts f WHERE f.shard = e.shard
                        AND f.payout = e.subject AND 'payout.' || f.state = e.kind))
                    """),
                Search(
                    "payout_transfer_facts", "was not told of exactly once",
                    """
                    SELECT f.payout FROM payout_transfer_facts f WHERE f.shard = $1 AND f.state IN ('paid', 'returned')
                      AND 1 <> (SELECT count(*) FROM outbox e WHERE e.shard = f.shard AND e.subject = f.payout
                        AND e.kind = 'payout.' || f.state)
                    """),
            ]),
        returns,
    ]

    private static let returns = AuditCheck(
        "returns", "payouts that came back and their entries say the same, and what they paid is owed again",
        counted: "SELECT count(*) FROM payout_return_lines WHERE shard = $1",
        [
            Search(
                "payout_transfer_facts", "its entry moved another sum",
                """
                SELECT f.payout FROM payout_transfer_facts f JOIN payout_transfers t ON t.shard = f.shard
                  AND t.payout = f.payout
                WHERE f.shard = $1 AND f.state IN ('paid', 'returned')
                  AND CASE WHEN t.provider = 'manual' THEN 0 ELSE t.net END
                    <> (SELECT coalesce(sum(l.amount), 0) FROM legs l JOIN entries e
                      ON e.shard = l.shard AND e.seq = l.seq AND e.kind = 'settlement'
                    WHERE l.shard = f.shard AND l.seq = f.seq AND l.currency = t.currency
                      AND l.debit = CASE WHEN f.state = 'paid' THEN 'assets:bank' ELSE 'assets:psp' END
                      AND l.credit = CASE WHEN f.state = 'paid' THEN 'assets:psp' ELSE 'assets:bank' END)
                """),
            Search(
                "payout_transfer_facts", "does not mirror the entry of its item",
                """
                SELECT f.payout FROM payout_transfer_facts f JOIN payout_transfers t ON t.shard = f.shard
                  AND t.payout = f.payout
                JOIN payout_items i ON i.shard = t.shard AND i.batch = t.batch AND i.host = t.host
                  AND i.currency = t.currency
                WHERE f.shard = $1 AND f.state = 'returned' AND NOT EXISTS (SELECT 1 FROM entries m
                  JOIN entries p ON p.shard = m.shard AND p.entry = m.reverses AND p.seq = i.seq
                  WHERE m.shard = f.shard AND m.seq = f.mirror_seq)
                """),
            Search(
                "entries", "undoes a payout that did not come back",
                """
                SELECT CAST(m.seq AS TEXT) FROM entries m JOIN entries p ON p.shard = m.shard AND p.entry = m.reverses
                  AND p.kind = 'payout'
                WHERE m.shard = $1 AND NOT EXISTS (SELECT 1 FROM payout_transfer_facts f WHERE f.shard = m.shard
                  AND f.mirror_seq = m.seq)
                """),
            Search(
                "payout_lines", "came back and is not owed again, or is without having come back",
                """
                SELECT l.accrual FROM payout_lines l WHERE l.shard = $1
                  AND (SELECT count(*) FROM payout_transfers t JOIN payout_transfer_facts f ON f.shard = t.shard
                      AND f.payout = t.payout AND f.state = 'returned'
                    WHERE t.shard = l.shard AND t.batch = l.batch AND t.host = l.host AND t.currency = l.currency)
                    <> (SELECT count(*) FROM payout_return_lines r
                      JOIN payout_transfers t ON t.shard = r.shard AND t.payout = r.payout AND t.batch = l.batch
                        AND t.host = l.host AND t.currency = l.currency
                      WHERE r.shard = l.shard AND r.returned = l.accrual)
                """),
            Search(
                "payout_return_lines", "is of another amount or order than what it stands for",
                """
                SELECT r.accrual FROM payout_return_lines r
                LEFT JOIN accruals a ON a.shard = r.shard AND a.accrual = r.accrual
                LEFT JOIN accruals b ON b.shard = r.shard AND b.accrual = r.returned
                WHERE r.shard = $1 AND (a.accrual IS NULL OR b.accrual IS NULL OR a.host <> b.host
                  OR a.currency <> b.currency OR a.amount <> b.amount OR a.order_id <> b.order_id OR a.room <> b.room
                  OR a.kind <> b.kind)
                """),
        ])
}
