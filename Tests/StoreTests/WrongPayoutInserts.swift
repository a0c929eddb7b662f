/// The rules of payouts on their way, for ``WrongInsertTests``.
extension WrongInsertTests {
    /// A destination, an attempt that was refused and one that was paid.
    static let payoutWorld = """
        INSERT INTO payout_destinations (shard, host, n, provider, destination, actor, at_us) VALUES ('0', 'h', 1,
          'manual', 'bank', 'x', 0);
        INSERT INTO payout_transfers (shard, payout, batch, digest, host, currency, net, attempt, prev_attempt,
          provider, destination, requested_by, at_us) SELECT '0', 'x1', 'b1', digest, 'h', 'EUR', 280, 1, NULL,
          'manual', 1, 'x', 1 FROM payout_batches;
        INSERT INTO payout_transfers (shard, payout, batch, digest, host, currency, net, attempt, prev_attempt,
          provider, destination, requested_by, at_us) SELECT '0', 'x2', 'b1', digest, 'h', 'EUR', 280, 2, 1,
          'manual', 1, 'x', 2 FROM payout_batches;
        INSERT INTO payout_transfer_facts (shard, payout, n, prev_n, prev_state, state, detail, at_us) VALUES
          ('0', 'x1', 1, NULL, NULL, 'requested', '', 1), ('0', 'x1', 2, 1, 'requested', 'refused', 'no', 1),
          ('0', 'x2', 1, NULL, NULL, 'requested', '', 2), ('0', 'x2', 2, 1, 'requested', 'paid', '', 2);
        """

    static let payoutCases: [Case] = [
        Case(
            "an attempt is of its item, its batch and a destination of its host", "payout_transfers",
            """
            payout = 'x3'; batch = 'b1'; digest = (SELECT digest FROM payout_batches WHERE batch = 'b1'); host = 'h'; \
            currency = 'EUR'; net = 280; attempt = 3; prev_attempt = 2; provider = 'manual'; destination = 1; \
            requested_by = 'x'; at_us = 3
            """,
            wrong: "net = 281", "digest = (SELECT hash FROM entries WHERE seq = 2)", "attempt = 5; prev_attempt = 4",
            "provider = 'stripe'", "destination = 2", "attempt = 2; prev_attempt = 1", "payout = 'x1'",
            "currency = 'USD'", "prev_attempt = NULL"),
        Case(
            "another attempt stands behind one that was refused", "payout_retries",
            "payout = 'x2'; refused = 'x1'; state = 'refused'",
            wrong: "payout = 'x1'; refused = 'x2'", "refused = 'x2'", "state = 'requested'", "payout = 'x9'"),
        Case(
            "a transfer goes through its states, and what came back undoes the payout", "payout_transfer_facts",
            """
            payout = 'x2'; n = 3; prev_n = 2; prev_state = 'paid'; state = 'returned'; seq = 1; mirror_seq = 2; \
            detail = ''; at_us = 3
            """,
            wrong: "state = 'refused'; seq = NULL; mirror_seq = NULL", "mirror_seq = NULL", "prev_state = 'requested'",
            "n = 4; prev_n = 3", "seq = 99", "state = 'paid'; mirror_seq = NULL"),
        Case(
            "what is owed again stands for something that was paid", "payout_return_lines",
            "accrual = 'a1'; returned = 'a2'; payout = 'x2'",
            wrong: "accrual = 'a2'; returned = 'a1'", "accrual = 'a2'", "accrual = 'a9'", "payout = 'x9'"),
        Case(
            "where a host is paid follows where it was paid before", "payout_destinations",
            "host = 'h'; n = 2; prev_n = 1; provider = 'stripe'; destination = 'acct_1'; actor = 'x'; at_us = 1",
            wrong: "n = 3; prev_n = 2", "provider = 'paypal'", "destination = ''", "host = 'nobody'", "prev_n = NULL"),
    ]
}
