public import Values

/// A line of a bank's report, and what became of it.
public struct BankReportLineRow: Sendable, Hashable {
    public let said: String
    public let reference: String
    public let amount: Money?
    public let code: String
    public let payout: PayoutTransferID?
    /// `booked`, `known`, `noted` or `exception`.
    public let outcome: String
    /// Why somebody has to look; empty for the others.
    public let reason: String

    public init(
        said: String, reference: String, amount: Money?, code: String, payout: PayoutTransferID?, outcome: String,
        reason: String
    ) {
        self.said = said
        self.reference = reference
        self.amount = amount
        self.code = code
        self.payout = payout
        self.outcome = outcome
        self.reason = reason
    }
}

/// A bank's report that was taken in.
public struct BankReportRow: Sendable, Hashable {
    /// The SHA-256 of its bytes.
    public let report: String
    public let kind: String
    public let messageID: String
    public let actor: String
    public let at: Instant
    public let lines: [BankReportLineRow]

    public init(
        report: String, kind: String, messageID: String, actor: String, at: Instant, lines: [BankReportLineRow]
    ) {
        self.report = report
        self.kind = kind
        self.messageID = messageID
        self.actor = actor
        self.at = at
        self.lines = lines
    }
}

extension Transaction {
    public borrowing func insertBankReport(_ report: BankReportRow) throws(StoreFault) {
        try execute(
            """
            INSERT INTO bank_reports (shard, report, kind, message_id, lines, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, report.report, report.kind, report.messageID, report.lines.count, report.actor, report.at)
        for (index, line) in report.lines.enumerated() {
            try execute(
                """
                INSERT INTO bank_report_lines
                  (shard, report, n, said, reference, currency, amount, code, payout, outcome, reason)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """, shard, report.report, index + 1, line.said, line.reference, line.amount?.currency,
                line.amount?.minorUnits, line.code, line.payout, line.outcome, line.reason)
        }
    }

    /// The report with these bytes, if it was taken in.
    public borrowing func bankReport(_ report: String) throws(StoreFault) -> BankReportRow? {
        let head = try row(
            "SELECT kind, message_id, actor, at_us FROM bank_reports WHERE shard = $1 AND report = $2", shard, report
        ) { row throws(StoreFault) in
            (kind: try row.text(0), messageID: try row.text(1), actor: try row.text(2), at: try row.instant(3))
        }
        guard let head else { return nil }
        let lines = try rows(
            """
            SELECT said, reference, currency, amount, code, payout, outcome, reason FROM bank_report_lines
            WHERE shard = $1 AND report = $2 ORDER BY n
            """, shard, report
        ) { row throws(StoreFault) in
            BankReportLineRow(
                said: try row.text(0), reference: try row.text(1), amount: row.isNull(2) ? nil : try row.money(3, 2),
                code: try row.text(4), payout: try row.optionalIdentifier(5), outcome: try row.text(6),
                reason: try row.text(7))
        }
        return BankReportRow(
            report: report, kind: head.kind, messageID: head.messageID, actor: head.actor, at: head.at, lines: lines)
    }

    /// The transfer with a trace number. The number runs on; what is printed of it begins anew after 9,999,999, so the
    /// last one counts.
    public borrowing func payout(traced number: Int64) throws(StoreFault) -> PayoutTransferID? {
        try row(
            """
            SELECT payout FROM bank_file_lines WHERE shard = $1 AND trace IS NOT NULL
              AND (trace - 1) % 9999999 + 1 = $2 ORDER BY trace DESC LIMIT 1
            """, shard, number
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// The transfers of the file with a message id.
    public borrowing func payouts(inFile messageID: String) throws(StoreFault) -> [PayoutTransferID] {
        try rows(
            """
            SELECT l.payout FROM bank_files f JOIN bank_file_lines l ON l.shard = f.shard AND l.batch = f.batch
              AND l.n = f.n WHERE f.shard = $1 AND f.message_id = $2 ORDER BY l.line
            """, shard, messageID
        ) { row throws(StoreFault) in try row.identifier(0) }
    }
}
