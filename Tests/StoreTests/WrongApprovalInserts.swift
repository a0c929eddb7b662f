/// The rules of approvals and gates, for ``WrongInsertTests``. The batch `b1` was made by `x`.
extension WrongInsertTests {
    /// A first round that was rejected, one approval of the second, and two looks at the books, the second of them good.
    static let approvalWorld = """
        INSERT INTO nights (shard, day, cut_sequence, payee_cut, cutoff_us, policy, begun_us)
          VALUES ('0', '2026-02-28', 4, 0, 0, 'p', 0);
        INSERT INTO payout_batches (shard, batch, day, digest, created_by) SELECT '0', 'b3', '2026-02-28', hash, 'x'
          FROM entries WHERE seq = 1;
        INSERT INTO payout_gate_runs (shard, batch, n, prev_n, passed, verified_seq, verified_hash, actor, at_us)
          VALUES ('0', 'b1', 1, NULL, 0, NULL, NULL, 'x', 1), ('0', 'b1', 2, 1, 1, 4, 'hash', 'x', 2);
        INSERT INTO payout_rounds (shard, batch, round, prev_round, prev_outcome, outcome, actor, reason, at_us)
          VALUES ('0', 'b1', 1, NULL, NULL, 'rejected', 'x', 'no', 1),
            ('0', 'b1', 2, 1, 'rejected', 'sent', 'x', NULL, 3);
        INSERT INTO payout_approvals (shard, batch, round, prev_round, prev_outcome, created_by, digest, approver,
          findings, reason, at_us) SELECT '0', 'b1', 2, 1, 'rejected', created_by, digest, 'p1', 1, 'yes', 2
          FROM payout_batches WHERE batch = 'b1';
        INSERT INTO payout_approvals (shard, batch, round, prev_round, prev_outcome, created_by, digest, approver,
          findings, reason, at_us) SELECT '0', 'b1', 2, 1, 'rejected', created_by, digest, 'p2', 0, NULL, 2
          FROM payout_batches WHERE batch = 'b1';
        """

    static let approvalCases: [Case] = [
        Case(
            "who approves did not make the batch, and explains what there is to explain", "payout_approvals",
            """
            batch = 'b1'; round = 1; prev_round = NULL; prev_outcome = NULL; created_by = 'x'; \
            digest = (SELECT digest FROM payout_batches WHERE batch = 'b1'); approver = 'p1'; findings = 1; \
            reason = 'yes'; at_us = 1
            """,
            wrong: "approver = 'x'", "created_by = 'y'; approver = 'x'", "reason = NULL", "reason = ''",
            "digest = (SELECT hash FROM entries WHERE seq = 2)", "round = 2; prev_round = 1; prev_outcome = 'rejected'",
            "round = 3; prev_round = 2; prev_outcome = 'rejected'", "round = 3; prev_round = 2; prev_outcome = 'sent'",
            "round = 2", "batch = 'b9'", "findings = -1"),
        Case(
            "a round ends once, and nothing follows the sending", "payout_rounds",
            "batch = 'b3'; round = 1; prev_round = NULL; prev_outcome = NULL; outcome = 'rejected'; actor = 'x'; "
                + "reason = 'no'; at_us = 1",
            wrong: "batch = 'b1'", "reason = NULL", "outcome = 'sent'", "outcome = 'lost'",
            "batch = 'b1'; round = 3; prev_round = 2; prev_outcome = 'sent'",
            "batch = 'b1'; round = 3; prev_round = 2; prev_outcome = 'rejected'", "round = 2; prev_round = 1"),
        Case(
            "a batch leaves in the name of two people, behind books in order", "payout_submissions",
            """
            batch = 'b1'; round = 2; outcome = 'sent'; needs_second = 1; first_approver = 'p1'; \
            second_approver = 'p2'; gates = 2; gates_passed = 1; at_us = 3
            """,
            wrong: "first_approver = 'p2'; second_approver = 'p1'", "second_approver = 'p1'", "second_approver = NULL",
            "second_approver = 'p9'", "first_approver = 'a'", "gates = 1", "gates = 1; gates_passed = 0", "round = 1",
            "round = 1; outcome = 'rejected'", "needs_second = 0", "gates_passed = 0"),
        Case(
            "results of audits follow each other and say what they found", "audit_runs",
            """
            n = 1; prev_n = NULL; sequence = 4; hash = (SELECT hash FROM entries WHERE seq = 1); \
            checks = 3; broken = 0; detail = ''; actor = 'x'; at_us = 1
            """,
            wrong: "n = 2; prev_n = 1", "n = 0", "prev_n = 0", "broken = 1", "detail = 'x'",
            "broken = -1; detail = 'x'", "checks = 0", "hash = 'x'", "sequence = -1"),
        Case(
            "looks at the books follow each other and say how far they came", "payout_gate_runs",
            """
            batch = 'b1'; n = 3; prev_n = 2; passed = 1; verified_seq = 4; verified_hash = 'hash'; actor = 'x'; \
            at_us = 3
            """,
            wrong: "n = 4; prev_n = 3", "n = 2; prev_n = 1", "verified_seq = NULL",
            "verified_seq = NULL; verified_hash = NULL", "passed = 2", "batch = 'b9'"),
        Case(
            "a gate is of its look, and lets nothing through that is not in order", "payout_gates",
            "batch = 'b1'; n = 2; passed = 1; gate = 'books'; count = 0; detail = ''",
            wrong: "count = 1", "passed = 0; count = 1", "gate = 'weather'", "n = 3", "count = -1"),
    ]
}
