extension AuditCheck {
    /// Payments through providers against their entries, and the derived lists of inbox and outbox.
    static let payments: [AuditCheck] = [
        AuditCheck(
            "charges", "charges rise through their states, and captured ones brought their money",
            counted: "SELECT count(*) FROM charges WHERE shard = $1",
            [
                Search(
                    "charges", "has no state, or one that does not rise",
                    """
                    SELECT c.charge FROM charges c WHERE c.shard = $1 AND (
                      (SELECT count(*) FROM charge_facts f WHERE f.shard = c.shard AND f.charge = c.charge)
                        <> (SELECT coalesce(max(f.n), 0) FROM charge_facts f WHERE f.shard = c.shard
                            AND f.charge = c.charge)
                      OR NOT EXISTS (SELECT 1 FROM charge_facts f WHERE f.shard = c.shard AND f.charge = c.charge)
                      OR EXISTS (SELECT 1 FROM charge_facts f JOIN charge_facts p ON p.shard = f.shard
                        AND p.charge = f.charge AND p.n = f.n - 1
                        WHERE f.shard = c.shard AND f.charge = c.charge AND p.height >= f.height))
                    """),
                Search(
                    "charges", "is captured and brought no money",
                    """
                    SELECT c.charge FROM charges c JOIN charge_facts f ON f.shard = c.shard AND f.charge = c.charge
                      AND f.state = 'captured'
                    WHERE c.shard = $1 AND NOT EXISTS (SELECT 1 FROM hold_payments p WHERE p.shard = c.shard
                      AND p.provider = c.provider AND p.reference = c.charge
                      AND (p.purchase = c.purchase OR (p.purchase IS NULL AND c.purchase IS NULL)))
                    """),
                Search(
                    "charges", "is not of its purchase's price and currency",
                    """
                    SELECT c.charge FROM charges c LEFT JOIN holds h ON h.shard = c.shard AND h.purchase = c.purchase
                    WHERE c.shard = $1 AND c.purchase IS NOT NULL AND (h.purchase IS NULL OR c.currency <> h.currency
                      OR c.amount <> h.gross * h.count)
                    """),
                Search(
                    "charges", "is for a purchase and a wallet, or for neither",
                    """
                    SELECT c.charge FROM charges c LEFT JOIN topup_charges t ON t.shard = c.shard AND t.charge = c.charge
                    WHERE c.shard = $1 AND (c.purchase IS NULL) = (t.charge IS NULL)
                    """),
                Search(
                    "hold_payments", "is in no wallet and not in suspense",
                    """
                    SELECT p.reference FROM hold_payments p
                    LEFT JOIN topup_charges t ON t.shard = p.shard AND t.charge = p.reference
                    WHERE p.shard = $1 AND p.purchase IS NULL AND NOT EXISTS (SELECT 1 FROM legs l
                      WHERE l.shard = p.shard AND l.seq = p.seq AND l.debit = 'assets:psp'
                        AND l.currency = p.currency AND l.amount = p.amount
                        AND l.credit = CASE p.outcome WHEN 'suspense' THEN 'liabilities:suspense'
                          ELSE 'liabilities:wallet:' || t.holder END)
                    """),
                Search(
                    "hold_payments", "filled a wallet otherwise than was asked for, or twice by one entry",
                    """
                    SELECT p.reference FROM hold_payments p
                    LEFT JOIN charges c ON c.shard = p.shard AND c.charge = p.reference
                    WHERE p.shard = $1 AND p.purchase IS NULL AND p.outcome = 'tickets' AND (c.charge IS NULL
                      OR c.provider <> p.provider OR c.currency <> p.currency OR c.amount <> p.amount
                      OR NOT EXISTS (SELECT 1 FROM charge_facts f WHERE f.shard = p.shard AND f.charge = p.reference
                        AND f.state = 'captured')
                      OR NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = p.shard AND e.seq = p.seq
                        AND e.kind = 'topup')
                      OR EXISTS (SELECT 1 FROM hold_payments o WHERE o.shard = p.shard AND o.seq = p.seq
                        AND o.reference <> p.reference))
                    """),
            ]),
        AuditCheck(
            "fees", "what providers kept and its entries say the same",
            counted: "SELECT count(*) FROM provider_fees WHERE shard = $1",
            [
                Search(
                    "provider_fees", "its entry moved another sum",
                    """
                    SELECT p.movement FROM provider_fees p WHERE p.shard = $1
                      AND (NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = p.shard AND e.seq = p.seq
                          AND e.kind = 'provider_fee')
                        OR p.fee <> (SELECT coalesce(sum(CASE WHEN l.credit = 'assets:psp' THEN l.amount
                            ELSE -l.amount END), 0) FROM legs l WHERE l.shard = p.shard AND l.seq = p.seq
                            AND l.currency = p.currency))
                    """),
                Search(
                    "entries", "the fee is of no provider's movement",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'provider_fee'
                      AND NOT EXISTS (SELECT 1 FROM provider_fees p WHERE p.shard = e.shard AND p.seq = e.seq)
                      AND NOT EXISTS (SELECT 1 FROM provider_movement_ends x WHERE x.shard = e.shard
                        AND x.fee_seq = e.seq)
                    """),
            ]),
        AuditCheck(
            "repayments", "money that goes back and its entries say the same",
            counted: "SELECT count(*) FROM repayments WHERE shard = $1",
            [
                Search(
                    "repayments", "its entry took another sum from the wallet",
                    """
                    SELECT r.repayment FROM repayments r WHERE r.shard = $1
                      AND r.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l JOIN entries e
                          ON e.shard = l.shard AND e.seq = l.seq AND e.kind = 'repayment'
                        WHERE l.shard = r.shard AND l.seq = r.seq AND l.currency = r.currency
                          AND l.debit = 'liabilities:wallet:' || r.holder AND l.credit = 'liabilities:repayments')
                    """),
                Search(
                    "repayment_facts", "its entry moved another sum",
                    """
                    SELECT f.repayment FROM repayment_facts f JOIN repayments r ON r.shard = f.shard
                      AND r.repayment = f.repayment
                    WHERE f.shard = $1 AND f.seq IS NOT NULL
                      AND r.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l JOIN entries e
                          ON e.shard = l.shard AND e.seq = l.seq AND e.kind = 'repayment'
                        WHERE l.shard = f.shard AND l.seq = f.seq AND l.currency = r.currency
                          AND l.debit = CASE WHEN f.prev_state = 'succeeded' THEN 'assets:psp'
                            ELSE 'liabilities:repayments' END
                          AND l.credit = CASE WHEN f.state = 'succeeded' THEN 'assets:psp'
                            ELSE 'liabilities:wallet:' || r.holder END)
                    """),
                Search(
                    "entries", "the repayment is of no charge",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'repayment'
                      AND NOT EXISTS (SELECT 1 FROM repayments r WHERE r.shard = e.shard AND r.seq = e.seq)
                      AND NOT EXISTS (SELECT 1 FROM repayment_facts f WHERE f.shard = e.shard AND f.seq = e.seq)
                    """),
                Search(
                    "charges", "gave more back than was paid",
                    """
                    SELECT c.charge FROM charges c WHERE c.shard = $1 AND c.amount < (SELECT coalesce(sum(r.amount), 0)
                      FROM repayments r WHERE r.shard = c.shard AND r.charge = c.charge AND NOT EXISTS (SELECT 1
                        FROM repayment_facts f WHERE f.shard = r.shard AND f.repayment = r.repayment
                          AND f.state = 'failed'))
                    """),
            ]),
        disputes, settlements, mail, providerStatements, handAnswers,
    ]

    private static let settlements = AuditCheck(
        "settlements", "payouts of providers and their entries say the same",
        counted: "SELECT count(*) FROM provider_payouts WHERE shard = $1",
        [
            Search(
                "provider_payout_facts", "its entry moved another sum",
                """
                SELECT f.payout FROM provider_payout_facts f JOIN provider_payouts p ON p.shard = f.shard
                  AND p.provider = f.provider AND p.payout = f.payout
                WHERE f.shard = $1 AND f.seq IS NOT NULL
                  AND p.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l JOIN entries e
                      ON e.shard = l.shard AND e.seq = l.seq AND e.kind = 'settlement'
                    WHERE l.shard = f.shard AND l.seq = f.seq AND l.currency = p.currency
                      AND l.debit = CASE WHEN f.state = 'paid' THEN 'assets:bank' ELSE 'assets:psp' END
                      AND l.credit = CASE WHEN f.state = 'paid' THEN 'assets:psp' ELSE 'assets:bank' END)
                """),
            Search(
                "provider_payouts", "has no state",
                """
                SELECT p.payout FROM provider_payouts p WHERE p.shard = $1 AND NOT EXISTS (SELECT 1
                  FROM provider_payout_facts f WHERE f.shard = p.shard AND f.provider = p.provider
                    AND f.payout = p.payout)
                """),
            Search(
                "entries", "the settlement is of no payout",
                """
                SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'settlement'
                  AND NOT EXISTS (SELECT 1 FROM provider_payout_facts f WHERE f.shard = e.shard AND f.seq = e.seq)
                  AND NOT EXISTS (SELECT 1 FROM payout_transfer_facts f WHERE f.shard = e.shard AND f.seq = e.seq)
                """),
        ])

    private static let disputes = AuditCheck(
        "disputes", "disputes, their steps and their entries say the same",
        counted: "SELECT count(*) FROM disputes WHERE shard = $1",
        [
            Search(
                "disputes", "was booked otherwise than it was told",
                """
                SELECT d.dispute FROM disputes d WHERE d.shard = $1 AND (
                  EXISTS (SELECT 1 FROM dispute_facts f WHERE f.shard = d.shard AND f.provider = d.provider
                      AND f.dispute = d.dispute AND f.fact = 'lost')
                    <> EXISTS (SELECT 1 FROM dispute_steps s WHERE s.shard = d.shard AND s.provider = d.provider
                      AND s.dispute = d.dispute AND s.step = 'lose')
                  OR (EXISTS (SELECT 1 FROM dispute_facts f WHERE f.shard = d.shard AND f.provider = d.provider
                        AND f.dispute = d.dispute AND f.fact = 'withdrawn')
                      AND NOT EXISTS (SELECT 1 FROM dispute_facts f WHERE f.shard = d.shard AND f.provider = d.provider
                        AND f.dispute = d.dispute AND f.fact = 'reinstated')
                      AND NOT EXISTS (SELECT 1 FROM dispute_steps s WHERE s.shard = d.shard AND s.provider = d.provider
                        AND s.dispute = d.dispute AND s.place = 1)))
                """),
            Search(
                "dispute_steps", "its entry took another sum",
                """
                SELECT s.dispute FROM dispute_steps s JOIN disputes d ON d.shard = s.shard AND d.provider = s.provider
                  AND d.dispute = s.dispute
                WHERE s.shard = $1 AND s.step IN ('take', 'give_back')
                  AND d.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l JOIN entries e ON e.shard = l.shard
                      AND e.seq = l.seq AND e.kind = 'dispute'
                    WHERE l.shard = s.shard AND l.seq = s.seq AND l.currency = d.currency
                      AND l.debit = CASE WHEN s.step = 'take' THEN 'assets:contested' ELSE 'assets:psp' END
                      AND l.credit = CASE WHEN s.step = 'take' THEN 'assets:psp' ELSE 'assets:contested' END)
                """),
            Search(
                "dispute_steps", "orders, wallet and platform do not make the amount",
                """
                SELECT s.dispute FROM dispute_steps s JOIN disputes d ON d.shard = s.shard AND d.provider = s.provider
                  AND d.dispute = s.dispute
                WHERE s.shard = $1 AND s.step = 'take' AND d.amount <> s.wallet + s.platform
                  + (SELECT coalesce(sum(o.amount), 0) FROM dispute_orders o WHERE o.shard = s.shard
                     AND o.provider = s.provider AND o.dispute = s.dispute)
                """),
            Search(
                "dispute_losses", "its entry moved another sum",
                """
                SELECT x.dispute || '/' || x.order_id FROM dispute_losses x WHERE x.shard = $1
                  AND x.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l JOIN entries e ON e.shard = l.shard
                      AND e.seq = l.seq AND e.kind = 'dispute'
                    WHERE l.shard = x.shard AND l.seq = x.seq AND l.debit = 'liabilities:contested'
                      AND l.credit = 'assets:contested')
                """),
            Search(
                "entries", "belongs to no dispute",
                """
                SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind = 'dispute'
                  AND NOT EXISTS (SELECT 1 FROM dispute_steps s WHERE s.shard = e.shard AND s.seq = e.seq)
                  AND NOT EXISTS (SELECT 1 FROM dispute_losses x WHERE x.shard = e.shard AND x.seq = e.seq)
                  AND NOT EXISTS (SELECT 1 FROM dispute_recoveries y WHERE y.shard = e.shard AND y.seq = e.seq)
                """),
            Search(
                "dispute_recoveries", "its entry moved another sum",
                """
                SELECT y.dispute || '/' || y.repayment FROM dispute_recoveries y JOIN repayments r ON r.shard = y.shard
                  AND r.repayment = y.repayment
                LEFT JOIN dispute_steps s ON s.shard = y.shard AND s.provider = y.provider AND s.dispute = y.dispute
                  AND s.place = 2
                WHERE y.shard = $1
                  AND y.amount <> (SELECT coalesce(sum(l.amount), 0) FROM legs l
                    JOIN entries e ON e.shard = l.shard AND e.seq = l.seq AND e.kind = 'dispute'
                    WHERE l.shard = y.shard AND l.seq = y.seq AND l.currency = r.currency
                      AND l.debit = 'liabilities:wallet:' || r.holder
                      AND l.credit = CASE WHEN s.seq < y.seq THEN 'expenses:dispute-losses'
                        ELSE 'liabilities:contested' END)
                """),
            Search(
                "dispute_recoveries", "is of no failed repayment that had left before the payment was disputed",
                """
                SELECT y.dispute || '/' || y.repayment FROM dispute_recoveries y JOIN disputes d ON d.shard = y.shard
                  AND d.provider = y.provider AND d.dispute = y.dispute
                JOIN dispute_steps s ON s.shard = y.shard AND s.provider = y.provider AND s.dispute = y.dispute
                  AND s.place = 1
                WHERE y.shard = $1 AND NOT EXISTS (SELECT 1 FROM repayments r JOIN repayment_facts f
                    ON f.shard = r.shard AND f.repayment = r.repayment AND f.state = 'failed'
                  WHERE r.shard = y.shard AND r.repayment = y.repayment AND r.charge = d.charge
                    AND r.currency = d.currency AND r.seq < s.seq)
                """),
            Search(
                "dispute_recoveries", "brought more than its repayment",
                """
                SELECT r.repayment FROM repayments r WHERE r.shard = $1
                  AND r.amount < (SELECT coalesce(sum(y.amount), 0)
                    FROM dispute_recoveries y WHERE y.shard = r.shard AND y.repayment = r.repayment)
                """),
        ])

    private static let mail = AuditCheck(
        "mail", "events and calls that are due are those without a last word",
        counted: "SELECT count(*) FROM provider_events WHERE shard = $1",
        [
            Search(
                "due_events", "has its last word, or is of no event",
                """
                SELECT d.event FROM due_events d WHERE d.shard = $1 AND EXISTS (SELECT 1 FROM provider_event_facts f
                  WHERE f.shard = d.shard AND f.provider = d.provider AND f.event = d.event AND f.state <> 'parked')
                """),
            Search(
                "provider_events", "waits and is not due",
                """
                SELECT v.event FROM provider_events v WHERE v.shard = $1
                  AND NOT EXISTS (SELECT 1 FROM provider_event_facts f WHERE f.shard = v.shard
                    AND f.provider = v.provider AND f.event = v.event AND f.state <> 'parked')
                  AND NOT EXISTS (SELECT 1 FROM due_events d WHERE d.shard = v.shard AND d.provider = v.provider
                    AND d.event = v.event)
                """),
            Search(
                "provider_calls", "has an end and is due, or neither",
                """
                SELECT c.call FROM provider_calls c WHERE c.shard = $1
                  AND EXISTS (SELECT 1 FROM provider_call_ends x WHERE x.shard = c.shard AND x.call = c.call)
                    = EXISTS (SELECT 1 FROM due_calls d WHERE d.shard = c.shard AND d.call = c.call)
                """),
            Search(
                "charges", "has no end and nobody will ask after it, or the other way round",
                """
                SELECT c.charge FROM charges c JOIN charge_facts f ON f.shard = c.shard AND f.charge = c.charge
                  AND f.n = (SELECT max(n) FROM charge_facts m WHERE m.shard = c.shard AND m.charge = c.charge)
                WHERE c.shard = $1 AND (c.provider <> 'manual' AND (f.state IN ('open', 'processing')
                    OR EXISTS (SELECT 1 FROM repayments r JOIN repayment_facts g ON g.shard = r.shard
                      AND g.repayment = r.repayment AND g.n = (SELECT max(n) FROM repayment_facts m
                        WHERE m.shard = r.shard AND m.repayment = r.repayment)
                      WHERE r.shard = c.shard AND r.charge = c.charge AND g.state = 'pending')))
                  <> EXISTS (SELECT 1 FROM due_asks d WHERE d.shard = c.shard AND d.charge = c.charge)
                """),
        ])
}
