/// The rules of bank accounts, files and reports, for ``WrongInsertTests``, behind the worlds of payouts and approvals.
extension WrongInsertTests {
    /// The batch `b1` has left; its second attempt `x2` goes to the first destination of `h`, which has an account.
    static let bankWorld = """
        INSERT INTO payout_submissions (shard, batch, round, outcome, needs_second, first_approver, second_approver,
          gates, gates_passed, at_us) VALUES ('0', 'b1', 2, 'sent', 1, 'p1', 'p2', 2, 1, 3);
        INSERT INTO bank_accounts (shard, host, n, provider, family, legal_name, iban, town, country)
          VALUES ('0', 'h', 1, 'manual', 'sepa', 'Ana', 'DE89370400440532013000', 'Paris', 'FR');
        INSERT INTO payout_destinations (shard, host, n, prev_n, provider, destination, actor, at_us)
          VALUES ('0', 'h', 2, 1, 'manual', 'other', 'x', 1), ('0', 'h', 3, 2, 'stripe', 'acct_1', 'x', 1);
        INSERT INTO bank_files (shard, batch, n, prev_n, family, currency, message_id, debtor, remittance,
          execution_on, transfers, total, made_by, made_us)
          VALUES ('0', 'b1', 1, NULL, 'sepa', 'EUR', 'm1', '{}', 'r', '2026-03-03', 1, 280, 'x', 4);
        INSERT INTO bank_reports (shard, report, kind, message_id, lines, actor, at_us)
          SELECT '0', hash, 'camt053', 'S', 1, 'x', 5 FROM entries WHERE seq = 1;
        """

    static let bankCases: [Case] = [
        Case(
            "an account is of its kind and stands behind a manual destination", "bank_accounts",
            """
            host = 'h'; n = 2; provider = 'manual'; family = 'nacha'; legal_name = 'Ana'; iban = NULL; \
            routing = '021000021'; account = '1234'; account_kind = 'savings'; holder = 'person'; town = 'Paris'; \
            country = 'FR'
            """,
            wrong: "n = 1", "n = 3", "n = 4", "provider = 'stripe'", "family = 'sepa'", "family = 'bacs'",
            "iban = 'DE89370400440532013000'", "routing = NULL", "routing = '02100002'", "account = NULL",
            "account = '123'", "account_kind = NULL", "account_kind = 'loan'", "holder = NULL", "legal_name = ''",
            "country = 'FRA'"),
        Case(
            "a file is of a batch that left, behind the one before it, under a name of its own", "bank_files",
            """
            batch = 'b1'; n = 2; prev_n = 1; family = 'nacha'; currency = 'USD'; message_id = 'm2'; debtor = '{}'; \
            remittance = 'r'; execution_on = '2026-03-03'; transfers = 1; total = 5; made_by = 'x'; made_us = 4
            """,
            wrong: "message_id = 'm1'", "n = 3; prev_n = 2", "n = 1; prev_n = NULL", "currency = 'EUR'",
            "family = 'sepa'",
            "batch = 'b3'; n = 1; prev_n = NULL", "total = 0", "transfers = 0", "execution_on = 'soon'"),
        Case(
            "a line asks for a transfer of its batch, at the account it was sent to", "bank_file_lines",
            """
            payout = 'x2'; batch = 'b1'; n = 1; line = 1; prev_line = NULL; family = 'sepa'; currency = 'EUR'; \
            host = 'h'; destination = 1; before = 0; net = 280; after = 280; trace = NULL
            """,
            wrong: "payout = 'x9'", "net = 281; after = 281", "after = 281", "before = 1; after = 281",
            "destination = 2",
            "host = 'h2'", "n = 2", "line = 2; prev_line = 1", "line = 2", "trace = 1", "currency = 'USD'",
            "family = 'nacha'; trace = 1"),
        Case(
            "a line of a report has an outcome that its words allow", "bank_report_lines",
            """
            report = (SELECT hash FROM entries WHERE seq = 1); n = 1; said = 'paid'; reference = 'e'; currency = 'EUR'; \
            amount = 280; code = ''; payout = 'x2'; outcome = 'booked'; reason = ''
            """,
            wrong: "report = (SELECT hash FROM entries WHERE seq = 2)", "said = 'accepted'", "said = 'maybe'",
            "payout = NULL", "payout = 'x9'", "outcome = 'exception'", "reason = 'why'", "outcome = 'lost'",
            "currency = NULL", "n = 0"),
        Case(
            "a report is taken in once", "bank_reports",
            """
            report = (SELECT hash FROM entries WHERE seq = 2); kind = 'pain002'; message_id = 'S'; lines = 0; \
            actor = 'x'; at_us = 5
            """,
            wrong: "report = (SELECT hash FROM entries WHERE seq = 1)", "report = 'short'", "kind = 'mt940'",
            "lines = -1"),
    ]
}
