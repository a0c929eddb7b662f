/// The rules of providers' statements, for ``WrongInsertTests``.
extension WrongInsertTests {
    /// A stretch that was read, a line that ended, one that is open, and a fact that no line states.
    static let statementWorld = """
        INSERT INTO provider_statements (shard, provider, n, from_us, through_us, lines, head_seq, prev_checked,
          checked_seq, actor, at_us) VALUES ('0', 'stripe', 1, 0, 100, 2, 3, 0, 2, 'x', 100);
        INSERT INTO provider_movements (shard, provider, movement, kind, category, source, related, currency, amount,
          fee, net, created_us, available_us, at_us) VALUES
          ('0', 'stripe', 'm1', 'charge', 'charge', 'ch', '', 'EUR', 500, 20, 480, 1, 2, 3),
          ('0', 'stripe', 'm2', 'fee', 'fee', '', '', 'EUR', -9, 0, -9, 1, 2, 3);
        INSERT INTO provider_movement_ends (shard, provider, movement, outcome, fact, target, seq, reason, actor, at_us)
          VALUES ('0', 'stripe', 'm1', 'matched', 'payment', 'c1', 2, '', 'x', 3);
        INSERT INTO provider_gaps (shard, provider, fact, target, n, currency, amount, seq, booked_us, at_us)
          VALUES ('0', 'stripe', 'payment', 'c2', 1, 'EUR', 500, 2, 0, 3);
        """

    static let statementCases: [Case] = [
        Case(
            "stretches of a statement follow each other without a gap", "provider_statements",
            """
            provider = 'stripe'; n = 2; prev_n = 1; from_us = 100; through_us = 200; lines = 0; head_seq = 4; \
            prev_checked = 2; checked_seq = 3; actor = 'x'; at_us = 200
            """,
            wrong: "from_us = 101", "from_us = 99", "through_us = 100", "prev_n = NULL", "n = 3; prev_n = 2",
            "lines = -1",
            "prev_checked = 1", "checked_seq = 1", "checked_seq = 5", "n = 1; prev_n = NULL; prev_checked = 0"),
        Case(
            "a line adds up, and comes once", "provider_movements",
            """
            provider = 'stripe'; movement = 'm3'; kind = 'refund'; category = 'refund'; source = 're'; related = ''; \
            currency = 'EUR'; amount = -300; fee = 0; net = -300; created_us = 1; available_us = 2; at_us = 3
            """,
            wrong: "net = -299", "fee = 1", "movement = 'm1'", "movement = ''", "kind = 'gift'"),
        Case(
            "a line ends once, and states what no other one does", "provider_movement_ends",
            """
            provider = 'stripe'; movement = 'm2'; outcome = 'fee'; fact = NULL; target = NULL; seq = NULL; fee_seq = 3; \
            reason = 'fee'; actor = 'x'; at_us = 4
            """,
            wrong: "movement = 'm1'", "movement = 'none'", "fee_seq = NULL", "fee_seq = 99", "seq = 3",
            "outcome = 'matched'", "outcome = 'explained'", "outcome = 'explained'; fee_seq = NULL; reason = ''",
            "outcome = 'matched'; fact = 'payment'", "outcome = 'matched'; fact = 'payment'; target = 'c1'",
            "outcome = 'matched'; fact = 'gift'; target = 'c9'", "outcome = 'gift'"),
        Case(
            "an open line is one that there is", "open_movements",
            "provider = 'stripe'; movement = 'm2'; created_us = 1", wrong: "movement = 'none'", "provider = 'sandbox'"),
        Case(
            "what was left out was booked, and is found once", "provider_gaps",
            """
            provider = 'stripe'; fact = 'repayment'; target = 'r1'; n = 1; currency = 'EUR'; amount = -300; seq = 3; \
            booked_us = 0; at_us = 3
            """,
            wrong: "n = 2", "seq = 99", "amount = 0", "fact = 'gift'", "fact = 'payment'; target = 'c2'"),
        Case(
            "what was left out is explained once, with a reason", "provider_gap_ends",
            "provider = 'stripe'; fact = 'payment'; target = 'c2'; reason = 'x'; actor = 'x'; at_us = 4",
            wrong: "target = 'c3'", "reason = ''", "fact = 'payout'"),
    ]
}

/// The rules of calls that people answer, beside those of statements.
extension WrongInsertTests {
    /// A call for a fee and one for a page, a refund's proposal, and what was said of the first.
    static let handWorld = """
        INSERT INTO charges (shard, charge, purchase, provider, currency, amount, created_us)
          VALUES ('0', 'hc', 'hd', 'stripe', 'EUR', 500, 0);
        INSERT INTO repayments (shard, repayment, charge, currency, amount, holder, seq, created_us)
          VALUES ('0', 'hr', 'hc', 'EUR', 500, 'w', 3, 0);
        INSERT INTO provider_calls (shard, call, provider, kind, charge, repayment, created_us)
          VALUES ('0', 'fees-hc', 'stripe', 'fees', 'hc', NULL, 0),
          ('0', 'refund-hr', 'stripe', 'refund', 'hc', 'hr', 0);
        INSERT INTO provider_hand_proposals (shard, call, n, kind, owed, outcome, reason, person, at_us)
          VALUES ('0', 'refund-hr', 1, 'refund', 'refund-hr', 'made', 'x', 'ana', 0);
        """

    static let handCases: [Case] = [
        Case(
            "what is said of a call has its place, its call and a reason", "provider_hand_proposals",
            """
            call = 'fees-hc'; n = 1; prev_n = NULL; kind = 'fees'; owed = 'fees-hc'; payout = NULL; \
            outcome = 'not_made'; reason = 'x'; person = 'ana'; at_us = 0
            """,
            wrong: "n = 2; prev_n = 1", "n = 2", "outcome = 'made'", "reason = ''", "owed = NULL", "kind = 'payout'",
            "owed = 'refund-hr'", "call = 'none'; owed = 'none'", "payout = 'p'", "kind = 'gift'"),
        Case(
            "where money may have moved two people answer", "provider_hand_answers",
            """
            call = 'refund-hr'; n = 1; kind = 'refund'; outcome = 'made'; first_person = 'ana'; second_person = 'ben'; \
            at_us = 1
            """,
            wrong: "second_person = NULL", "second_person = 'ana'", "outcome = 'not_made'", "n = 2",
            "first_person = 'cleo'", "kind = 'fees'; second_person = NULL"),
    ]
}
