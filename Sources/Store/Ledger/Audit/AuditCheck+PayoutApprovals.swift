extension AuditCheck {
    /// Who agreed to batches that left, and how the books were found then.
    static let payoutApprovals: [AuditCheck] = [
        AuditCheck(
            "approvals", "a batch leaves in the name of enough people, none of whom made it",
            counted: "SELECT count(*) FROM payout_approvals WHERE shard = $1",
            [
                Search(
                    "payout_approvals", "is by who made the batch, or of another digest",
                    """
                    SELECT a.batch || '/' || a.approver FROM payout_approvals a
                    LEFT JOIN payout_batches b ON b.shard = a.shard AND b.batch = a.batch
                    WHERE a.shard = $1 AND (b.batch IS NULL OR b.digest <> a.digest OR b.created_by <> a.created_by
                      OR a.approver = b.created_by)
                    """),
                Search(
                    "payout_approvals", "explains nothing of what there was to explain",
                    """
                    SELECT batch || '/' || approver FROM payout_approvals WHERE shard = $1 AND findings > 0
                      AND reason IS NULL
                    """),
                Search(
                    "payout_approvals", "is of a round that has not begun, or younger than the end of its round",
                    """
                    SELECT a.batch || '/' || a.approver FROM payout_approvals a
                    LEFT JOIN payout_rounds p ON p.shard = a.shard AND p.batch = a.batch AND p.round = a.round - 1
                    LEFT JOIN payout_rounds r ON r.shard = a.shard AND r.batch = a.batch AND r.round = a.round
                    WHERE a.shard = $1 AND ((a.round > 1 AND (p.round IS NULL OR p.outcome <> 'rejected'))
                      OR a.at_us > r.at_us)
                    """),
                Search(
                    "payout_rounds", "has a gap, or one behind the sending",
                    """
                    SELECT batch FROM payout_rounds WHERE shard = $1 GROUP BY batch
                    HAVING min(round) <> 1 OR max(round) <> count(*)
                      OR min(CASE WHEN outcome = 'sent' THEN round END) < max(round)
                    """),
                Search(
                    "payout_rounds", "ended with a sending in nobody's name",
                    """
                    SELECT r.batch FROM payout_rounds r WHERE r.shard = $1 AND r.outcome = 'sent' AND NOT EXISTS (SELECT 1
                      FROM payout_submissions s WHERE s.shard = r.shard AND s.batch = r.batch AND s.round = r.round)
                    """),
                Search(
                    "payout_submissions", "is not in the name of people who agreed",
                    """
                    SELECT s.batch FROM payout_submissions s
                    LEFT JOIN payout_rounds r ON r.shard = s.shard AND r.batch = s.batch AND r.round = s.round
                    LEFT JOIN payout_approvals a ON a.shard = s.shard AND a.batch = s.batch AND a.round = s.round
                      AND a.approver = s.first_approver
                    LEFT JOIN payout_approvals b ON b.shard = s.shard AND b.batch = s.batch AND b.round = s.round
                      AND b.approver = s.second_approver
                    WHERE s.shard = $1 AND (r.batch IS NULL OR r.outcome <> 'sent' OR a.batch IS NULL
                      OR (s.needs_second = 1 AND (b.batch IS NULL OR s.first_approver >= s.second_approver)))
                    """),
                Search(
                    "payout_submission_sums", "are not those of the batch, or too high for one person",
                    """
                    SELECT s.batch FROM payout_submissions s
                    JOIN payout_items i ON i.shard = s.shard AND i.batch = s.batch
                    LEFT JOIN payout_submission_sums m ON m.shard = s.shard AND m.batch = s.batch
                      AND m.currency = i.currency
                    WHERE s.shard = $1 GROUP BY s.batch, i.currency, m.net, m.one_up_to, m.needs_second, s.needs_second
                    HAVING m.net IS NULL OR m.net <> sum(i.net) OR m.needs_second <> s.needs_second
                      OR (m.needs_second = 0 AND m.net > m.one_up_to)
                    """),
                Search(
                    "payout_transfers", "its batch did not leave, or left after it",
                    """
                    SELECT t.payout FROM payout_transfers t
                    LEFT JOIN payout_submissions s ON s.shard = t.shard AND s.batch = t.batch
                    WHERE t.shard = $1 AND (s.batch IS NULL OR s.at_us > t.at_us) AND NOT EXISTS (SELECT 1
                      FROM payout_unasked u WHERE u.shard = t.shard AND u.batch = t.batch)
                    """),
            ]),
        AuditCheck(
            "audits", "results of audits follow each other and are of this journal",
            counted: "SELECT count(*) FROM audit_runs WHERE shard = $1",
            [
                Search(
                    "audit_runs", "has a gap, or says more or less than it found",
                    """
                    SELECT CAST(r.n AS TEXT) FROM audit_runs r
                    LEFT JOIN audit_runs p ON p.shard = r.shard AND p.n = r.n - 1
                    WHERE r.shard = $1 AND ((r.n > 1 AND p.n IS NULL) OR (r.broken = 0) <> (length(r.detail) = 0))
                    """),
                Search(
                    "audit_runs", "read an entry that the journal does not have",
                    """
                    SELECT CAST(r.n AS TEXT) FROM audit_runs r
                    LEFT JOIN entries e ON e.shard = r.shard AND e.seq = r.sequence
                    WHERE r.shard = $1 AND r.sequence > 0 AND r.broken = 0 AND (e.seq IS NULL OR e.hash <> r.hash)
                    """),
            ]),
        AuditCheck(
            "gates", "batches left behind a look at the books that found them in order",
            counted: "SELECT count(*) FROM payout_gate_runs WHERE shard = $1",
            [
                Search(
                    "payout_gate_runs", "says another outcome than its gates, or has a gap",
                    """
                    SELECT r.batch || '/' || CAST(r.n AS TEXT) FROM payout_gate_runs r
                    LEFT JOIN payout_gates g ON g.shard = r.shard AND g.batch = r.batch AND g.n = r.n
                    LEFT JOIN payout_gate_runs p ON p.shard = r.shard AND p.batch = r.batch AND p.n = r.n - 1
                    WHERE r.shard = $1 GROUP BY r.batch, r.n, r.passed, p.n
                    HAVING count(g.gate) <> 4 OR (r.passed = 1) <> (sum(g.count) = 0) OR (r.n > 1 AND p.n IS NULL)
                    """),
                Search(
                    "payout_gate_runs", "followed the journal to a place that it does not have",
                    """
                    SELECT r.batch || '/' || CAST(r.n AS TEXT) FROM payout_gate_runs r
                    LEFT JOIN entries e ON e.shard = r.shard AND e.seq = r.verified_seq
                    WHERE r.shard = $1 AND r.verified_seq > 0 AND (e.seq IS NULL OR e.hash <> r.verified_hash)
                    """),
                Search(
                    "payout_submissions", "left although something was not in order",
                    """
                    SELECT s.batch FROM payout_submissions s LEFT JOIN payout_gate_runs r ON r.shard = s.shard
                      AND r.batch = s.batch AND r.n = s.gates
                    WHERE s.shard = $1 AND (r.n IS NULL OR r.passed <> 1 OR r.at_us > s.at_us)
                    """),
            ]),
    ]
}
