/// The rules of funds and corrections, for ``WrongInsertTests``.
extension WrongInsertTests {
    /// A fund with a month, an enrolment, and accruals of no order.
    static let fundWorld = """
        INSERT INTO accruals (shard, accrual, host, currency, amount, available_on, accrued_on, kind, room, order_id)
          VALUES ('0', 'fa', 'h', 'EUR', 100, '2026-02-25', '2026-02-25', 'fund', NULL, NULL),
          ('0', 'ja', 'h', 'EUR', -50, '2026-02-25', '2026-02-25', 'adjustment', NULL, NULL);
        INSERT INTO fund_programs (shard, program, version, place, kind, currency, terms, actor, at_us)
          VALUES ('0', 'f', 1, 0, 'pot', 'EUR', '{}', 'x', 0);
        INSERT INTO enrolments (shard, program, first_version, host, n, from_day, to_day, actor, at_us)
          VALUES ('0', 'f', 1, 'h', 1, '2026-01-01', '2026-01-31', 'x', 0);
        INSERT INTO fund_months (shard, program, month, version, currency, closed_on, night, amount, cap, given, at_us)
          SELECT '0', 'f', '2026-01', 1, 'EUR', '2026-02-25', min(day), 100, 100, 100, 0 FROM nights;
        INSERT INTO fund_applications (shard, program, first_version, host, n, age_declared, followers, note, actor, at_us)
          VALUES ('0', 'f', 1, 'h', 1, 1, 9, '', 'x', 0);
        INSERT INTO fund_book (shard, program, n, kind, version, seq, places_before, places, admitted_before, admitted,
          committed_before, committed, balance_before, balance, reason, actor, at_us)
          VALUES ('0', 'f', 1, 'endowed', 1, 1, 0, 0, 0, 0, 0, 0, 0, 500, 'x', 'x', 0);
        """

    static let fundCases: [Case] = [
        Case(
            "what is of no order says so, and a fund only gives", "accruals",
            """
            accrual = 'fb'; host = 'h'; currency = 'EUR'; amount = 5; available_on = '2026-02-25'; accrued_on = \
            '2026-02-25'; kind = 'fund'; room = NULL; order_id = NULL
            """,
            wrong: "amount = -5", "amount = 0", "kind = 'share'", "kind = 'gift'", "order_id = 'o1'", "room = 'r'",
            "host = 'nobody'"),
        Case(
            "a correction is that of its accrual and entry", "adjustments",
            """
            accrual = 'ja'; host = 'h'; currency = 'EUR'; amount = -50; kind = 'adjustment'; source = 'finance'; \
            reason = 'x'; seq = 3; actor = 'x'; at_us = 0
            """,
            wrong: "amount = -51", "host = 'h2'", "currency = 'USD'", "accrual = 'fa'; amount = 100", "kind = 'fund'",
            "source = 'kindness'", "reason = ''", "seq = 99"),
        Case(
            "a fund's versions follow each other", "fund_programs",
            """
            program = 'f'; version = 2; prev_version = 1; place = 0; kind = 'pot'; currency = 'EUR'; terms = '{}'; \
            actor = 'x'; at_us = 0
            """,
            wrong: "version = 3; prev_version = 2", "prev_version = NULL", "version = 1; prev_version = NULL",
            "kind = 'gift'", "currency = 'EURO'", "place = -1"),
        Case(
            "an enrolment is of a fund and a host, and has days", "enrolments",
            """
            program = 'f'; first_version = 1; host = 'h'; n = 2; prev_n = 1; from_day = '2026-02-01'; to_day = \
            '2026-02-01'; actor = 'x'; at_us = 0
            """,
            wrong: "to_day = '2026-01-31'", "program = 'g'", "first_version = 2", "host = 'nobody'",
            "n = 3; prev_n = 2", "prev_n = NULL"),
        Case(
            "applications of a host follow each other", "fund_applications",
            """
            program = 'f'; first_version = 1; host = 'h'; n = 2; prev_n = 1; age_declared = 0; followers = NULL; note = \
            'x'; actor = 'x'; at_us = 0
            """,
            wrong: "n = 3; prev_n = 2", "prev_n = NULL", "n = 1; prev_n = NULL", "program = 'g'", "first_version = 2",
            "host = 'nobody'", "age_declared = 2", "followers = -1", "host = 'h2'"),
        Case(
            "a place stands behind the last row of the book, and neither cap nor account is passed", "fund_book",
            """
            program = 'f'; n = 2; prev_n = 1; kind = 'admitted'; version = 1; host = 'h'; application = 1; place = 1; \
            enrolment = 1; from_day = '2026-01-01'; to_day = '2026-01-31'; cap = 1; followers = 5; criteria = '[]'; \
            month = NULL; seq = NULL; places_before = 0; places = 1; admitted_before = 0; admitted = 1; committed_before \
            = 0; committed = 500; balance_before = 500; balance = 500; reason = 'x'; actor = 'x'; at_us = 0
            """,
            wrong: "committed = 501", "committed = -1", "cap = 0", "cap = NULL", "places = 0", "place = 2",
            "admitted = 2",
            "n = 3; prev_n = 2", "n = 1; prev_n = NULL", "prev_n = NULL", "balance = 600",
            "balance_before = 600; balance = 600",
            "places_before = 1; places = 2", "committed_before = 1", "host = 'h2'", "host = NULL", "application = 2",
            "enrolment = 2", "enrolment = NULL", "version = 2", "reason = ''", "kind = 'gift'", "month = '2026-01'",
            "seq = 2", "from_day = '2026-02-01'", "kind = 'declined'", "kind = 'ended'"),
        Case(
            "a month gives no more than it frees", "fund_book",
            """
            program = 'f'; n = 2; prev_n = 1; kind = 'month_closed'; version = 1; month = '2026-01'; places_before = 0; \
            places = 0; admitted_before = 0; admitted = 0; committed_before = 0; committed = 0; balance_before = 500; \
            balance = 500; reason = 'x'; actor = 'x'; at_us = 0
            """,
            wrong: "balance = 499", "balance = 501", "committed = 1", "month = NULL", "host = 'h'", "places = 1"),
        Case(
            "what is reserved is of a row of the book and adds up", "fund_reservations",
            "program = 'f'; place = 1; month = '2026-01'; n = 1; before = 0; delta = 5; after = 5",
            wrong: "delta = 0; after = 0", "after = 6", "delta = -1; after = -1", "n = 2", "place = 0", "month = 'x'"),
        Case(
            "a month closes once, in a night, and gives no more than it has", "fund_months",
            """
            program = 'f'; month = '2026-02'; version = 1; currency = 'EUR'; closed_on = '2026-03-01'; night = (SELECT \
            min(day) FROM nights); amount = 10; cap = 10; given = 10; at_us = 0
            """,
            wrong: "month = '2026-01'", "given = 11", "given = -1", "version = 2", "currency = 'USD'",
            "night = '2020-01-01'", "month = 'x'"),
        Case(
            "what a host got is that of its accrual, and comes with its figures", "fund_results",
            """
            program = 'f'; month = '2026-01'; host = 'h'; currency = 'EUR'; amount = 100; eligible = 1; weeks = NULL; \
            weeks_enrolled = NULL; weeks_met = NULL; minutes = 7; listeners = 1; accrual = 'fa'; kind = 'fund'; seq = 3
            """,
            wrong: "amount = 99", "amount = 0", "eligible = 0", "accrual = 'ja'", "accrual = NULL", "seq = NULL",
            "kind = NULL", "host = 'h2'", "month = '2026-03'", "minutes = NULL", "weeks = 4",
            "minutes = NULL; listeners = NULL; weeks = 4; weeks_enrolled = 2; weeks_met = 3"),
        Case(
            "a connection has a room and a length", "listening",
            "room = 'r'; source = 's'; listener = 'w'; from_us = 1; to_us = 2; at_us = 3",
            wrong: "to_us = 1", "room = 'nowhere'", "listener = NULL"),
        Case(
            "an account is linked to a host that exists", "account_links",
            "host = 'h'; account = 'w'; reason = ''; actor = 'x'; at_us = 0", wrong: "host = 'nobody'",
            "account = NULL"),
        Case(
            "a room is taken out with a reason", "room_exclusions", "room = 'r'; reason = 'x'; actor = 'x'; at_us = 0",
            wrong: "reason = ''", "room = 'nowhere'"),
        Case(
            "an imported fact has a digest and a place", "imported_facts",
            """
            n = 1; fact = 'f'; digest = (SELECT hash FROM entries WHERE seq = 1); kind = 'room'; refused = ''; warning = \
            ''; at_us = 0
            """,
            wrong: "n = 0", "digest = 'x'", "refused = NULL"),
        Case(
            "a name stands for a host, a room or an order", "imported_names",
            "kind = 'host'; name = 'ana'; target = 'h'", wrong: "kind = 'cat'", "target = NULL"),
    ]
}
