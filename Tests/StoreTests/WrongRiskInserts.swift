/// The rules of risk classes and reserves, for ``WrongInsertTests``.
extension WrongInsertTests {
    /// A host with a class, and a reserve of 40 that was held back in the first of two nights.
    static let riskWorld = """
        INSERT INTO risk_facts (shard, host, n, class, version, extra_hold_days, reserve_bp, reserve_days, from_day,
          reason, actor, at_us) VALUES ('0', 'h', 1, 'new', 1, 7, 1000, 30, '2026-02-25', 'x', 'x', 0);
        INSERT INTO accruals (shard, accrual, host, currency, amount, available_on, accrued_on, kind, room, order_id)
          VALUES ('0', 'ra1', 'h', 'EUR', -40, '2026-02-25', '2026-02-25', 'adjustment', NULL, NULL),
          ('0', 'ra2', 'h', 'EUR', 40, '2026-03-27', '2026-02-25', 'adjustment', NULL, NULL),
          ('0', 'ra3', 'h', 'EUR', 10, '2026-02-26', '2026-02-26', 'adjustment', NULL, NULL),
          ('0', 'ra4', 'h', 'EUR', -10, '2026-03-27', '2026-02-26', 'adjustment', NULL, NULL);
        INSERT INTO reserve_moves (shard, host, currency, n, kind, reserve, step, day, until_day, amount, before, after,
          left_before, left_after, seq, accrual, later)
          VALUES ('0', 'h', 'EUR', 1, 'held', 1, 0, '2026-02-25', '2026-03-27', 40, 0, 40, 0, 40, 1, 'ra1', 'ra2');
        """

    static let riskCases: [Case] = [
        Case(
            "classes of a host follow each other, with figures in their bounds", "risk_facts",
            """
            host = 'h'; n = 2; prev_n = 1; prev_from = '2026-02-25'; class = 'standard'; version = 1; \
            extra_hold_days = 0; reserve_bp = 0; reserve_days = 0; from_day = '2026-02-25'; reason = 'x'; actor = 'x'; \
            at_us = 0
            """,
            wrong: "host = 'nobody'", "n = 3; prev_n = 2", "n = 1", "prev_n = NULL; prev_from = NULL",
            "from_day = '2026-02-24'", "prev_from = '2026-02-24'", "extra_hold_days = 366", "extra_hold_days = -1",
            "reserve_bp = 10001; reserve_days = 1", "reserve_bp = 5", "reserve_days = 5", "reason = ''", "class = ''",
            "version = 0"),
        Case(
            "a move takes no more than is left of its reserve, before its day", "reserve_moves",
            """
            host = 'h'; currency = 'EUR'; n = 2; prev_n = 1; kind = 'used'; reserve = 1; step = 1; prev_step = 0; \
            day = '2026-02-26'; until_day = '2026-03-27'; amount = 10; before = 40; after = 30; left_before = 40; \
            left_after = 30; seq = 2; accrual = 'ra3'; later = 'ra4'
            """,
            wrong: "amount = 11", "amount = 41; after = -1; left_after = -1", "before = 50; after = 40",
            "left_before = 50; left_after = 40", "n = 3; prev_n = 2", "step = 2; prev_step = 1", "reserve = 9",
            "until_day = '2026-03-28'", "kind = 'released'; accrual = NULL; later = NULL", "kind = 'gift'",
            "accrual = NULL; later = NULL", "accrual = 'nothing'", "later = NULL", "day = '2026-02-27'", "seq = 99",
            "seq = 1", "accrual = 'ra1'", "amount = 0; after = 40; left_after = 40"),
        Case(
            "a reserve that is open is one that was held back", "open_reserves",
            """
            host = 'h'; currency = 'EUR'; reserve = 1; step = 1; left_amount = 30; until_day = '2026-03-27'
            """,
            wrong: "left_amount = 0", "reserve = 9", "currency = 'USD'"),
    ]
}
