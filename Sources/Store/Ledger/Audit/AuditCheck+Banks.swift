extension AuditCheck {
    /// Accounts of payees, files to banks and reports from them.
    static let banks: [AuditCheck] = [
        AuditCheck(
            "bank_accounts", "an account stands behind a destination that finance pays, which shows its ends",
            counted: "SELECT count(*) FROM bank_accounts WHERE shard = $1",
            [
                Search(
                    "bank_accounts", "is of another destination",
                    """
                    SELECT a.host || '/' || CAST(a.n AS TEXT) FROM bank_accounts a
                    LEFT JOIN payout_destinations d ON d.shard = a.shard AND d.host = a.host AND d.n = a.n
                    WHERE a.shard = $1 AND (d.host IS NULL OR d.provider <> 'manual'
                      OR (a.family = 'sepa' AND (a.iban IS NULL
                        OR d.destination <> substr(a.iban, 1, 4) || '…' || substr(a.iban, length(a.iban) - 3)))
                      OR (a.family = 'nacha' AND (a.routing IS NULL OR a.account IS NULL
                        OR d.destination NOT LIKE a.routing || ' …%')))
                    """)
            ]),
        AuditCheck(
            "bank_files", "a file asks for transfers of its batch, once each, at the account they were sent to",
            counted: "SELECT count(*) FROM bank_files WHERE shard = $1",
            [
                Search(
                    "bank_files", "is of a batch that did not leave, or has a gap",
                    """
                    SELECT f.message_id FROM bank_files f
                    LEFT JOIN payout_submissions s ON s.shard = f.shard AND s.batch = f.batch
                    LEFT JOIN bank_files p ON p.shard = f.shard AND p.batch = f.batch AND p.n = f.n - 1
                    WHERE f.shard = $1 AND (s.batch IS NULL OR (f.n > 1 AND p.n IS NULL))
                    """),
                Search(
                    "bank_files", "is not the sum of its lines",
                    """
                    SELECT f.message_id FROM bank_files f LEFT JOIN bank_file_lines l ON l.shard = f.shard
                      AND l.batch = f.batch AND l.n = f.n
                    WHERE f.shard = $1 GROUP BY f.message_id, f.transfers, f.total
                    HAVING count(l.payout) <> f.transfers OR coalesce(sum(l.net), 0) <> f.total
                      OR coalesce(max(l.after), 0) <> f.total OR coalesce(max(l.line), 0) <> f.transfers
                    """),
                Search(
                    "bank_file_lines", "asks for another transfer than was sent, or at another account",
                    """
                    SELECT l.payout FROM bank_file_lines l
                    LEFT JOIN bank_files f ON f.shard = l.shard AND f.batch = l.batch AND f.n = l.n
                    LEFT JOIN payout_transfers t ON t.shard = l.shard AND t.payout = l.payout
                    LEFT JOIN bank_accounts a ON a.shard = l.shard AND a.host = l.host AND a.n = l.destination
                    WHERE l.shard = $1 AND (f.batch IS NULL OR t.payout IS NULL OR a.host IS NULL
                      OR t.batch <> l.batch OR t.host <> l.host OR t.destination <> l.destination
                      OR t.net <> l.net OR t.currency <> l.currency OR f.family <> l.family
                      OR f.currency <> l.currency OR a.family <> l.family OR l.after <> l.before + l.net)
                    """),
            ]),
        AuditCheck(
            "bank_reports", "what banks said was booked as they said it, once",
            counted: "SELECT count(*) FROM bank_reports WHERE shard = $1",
            [
                Search(
                    "bank_reports", "has other lines than it had",
                    """
                    SELECT r.report FROM bank_reports r LEFT JOIN bank_report_lines l ON l.shard = r.shard
                      AND l.report = r.report WHERE r.shard = $1 GROUP BY r.report, r.lines
                    HAVING count(l.n) <> r.lines OR coalesce(max(l.n), 0) <> r.lines
                    """),
                Search(
                    "bank_report_lines", "was booked and its payout does not say so, or is of another amount",
                    """
                    SELECT l.report || '/' || CAST(l.n AS TEXT) FROM bank_report_lines l
                    LEFT JOIN payout_transfers t ON t.shard = l.shard AND t.payout = l.payout
                    LEFT JOIN payout_transfer_facts f ON f.shard = l.shard AND f.payout = l.payout AND f.state = l.said
                    WHERE l.shard = $1 AND l.outcome = 'booked' AND (t.payout IS NULL OR f.payout IS NULL
                      OR (l.amount IS NOT NULL AND (l.amount <> t.net OR l.currency <> t.currency)))
                    """),
                Search(
                    "bank_report_lines", "was booked twice",
                    """
                    SELECT max(l.report || '/' || CAST(l.n AS TEXT)) FROM bank_report_lines l WHERE l.shard = $1
                      AND l.outcome = 'booked' GROUP BY l.payout, l.said HAVING count(*) > 1
                    """),
            ]),
    ]
}
