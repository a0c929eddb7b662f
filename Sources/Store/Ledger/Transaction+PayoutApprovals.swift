public import BoxOffice
public import Values

/// A payout batch as its night made it.
public struct PayoutBatchRow: Sendable, Hashable {
    public let batch: String
    public let day: LocalDay
    public let digest: String
    /// ``Signature/name`` of who ran the night.
    public let creator: String
    /// When the night ended.
    public let madeAt: Instant
}

/// Somebody agreed.
public struct PayoutApprovalRow: Sendable, Hashable {
    public let round: Int
    public let approver: String
    /// How many things there were to explain.
    public let findings: Int
    public let reason: String?
    public let at: Instant

    public init(round: Int, approver: String, findings: Int, reason: String?, at: Instant) {
        self.round = round
        self.approver = approver
        self.findings = findings
        self.reason = reason
        self.at = at
    }
}

/// The end of a round of approvals.
public struct PayoutRoundRow: Sendable, Hashable {
    public let round: Int
    public let isSent: Bool
    public let actor: String
    public let reason: String?
    public let at: Instant

    public init(round: Int, isSent: Bool, actor: String, reason: String?, at: Instant) {
        self.round = round
        self.isSent = isSent
        self.actor = actor
        self.reason = reason
        self.at = at
    }
}

extension Transaction {
    public borrowing func payoutBatch(of day: LocalDay) throws(StoreFault) -> PayoutBatchRow? {
        try row(
            """
            SELECT b.batch, b.day, b.digest, b.created_by, r.ended_us FROM payout_batches b
            JOIN night_results r ON r.shard = b.shard AND r.day = b.day WHERE b.shard = $1 AND b.day = $2
            """, shard, day, read: readBatch)
    }

    /// Batches, the last one first, before a day; `9999-12-31` for all.
    public borrowing func payoutBatches(before day: String, limit: Int) throws(StoreFault) -> [PayoutBatchRow] {
        try rows(
            """
            SELECT b.batch, b.day, b.digest, b.created_by, r.ended_us FROM payout_batches b
            JOIN night_results r ON r.shard = b.shard AND r.day = b.day WHERE b.shard = $1 AND b.day < $2
            ORDER BY b.day DESC LIMIT $3
            """, shard, day, limit, read: readBatch)
    }

    public borrowing func approvals(of batch: String) throws(StoreFault) -> [PayoutApprovalRow] {
        try rows(
            """
            SELECT round, approver, findings, reason, at_us FROM payout_approvals WHERE shard = $1 AND batch = $2
            ORDER BY round, at_us, approver
            """, shard, batch
        ) { row throws(StoreFault) in
            PayoutApprovalRow(
                round: try row.int(0), approver: try row.text(1), findings: try row.int(2),
                reason: try row.optionalText(3), at: try row.instant(4))
        }
    }

    public borrowing func rounds(of batch: String) throws(StoreFault) -> [PayoutRoundRow] {
        try rows(
            """
            SELECT round, outcome, actor, reason, at_us FROM payout_rounds WHERE shard = $1 AND batch = $2
            ORDER BY round
            """, shard, batch
        ) { row throws(StoreFault) in
            PayoutRoundRow(
                round: try row.int(0), isSent: try row.text(1) == "sent", actor: try row.text(2),
                reason: try row.optionalText(3), at: try row.instant(4))
        }
    }

    /// A batch in figures: its items, how many of them pay something, how many of those were paid (and maybe came back),
    /// and the sums.
    public borrowing func batchSums(
        of batch: String
    ) throws(StoreFault) -> (items: Int, payable: Int, paid: Int, totals: [Money]) {
        let sums = try rows(
            """
            SELECT currency, sum(net), count(*), sum(CASE WHEN net > 0 THEN 1 ELSE 0 END) FROM payout_items
            WHERE shard = $1 AND batch = $2 GROUP BY currency ORDER BY currency
            """, shard, batch
        ) { row throws(StoreFault) in
            (total: try row.money(1, 0), items: try row.int(2), payable: try row.int(3))
        }
        let paid = try row(
            """
            SELECT count(*) FROM payout_transfers t JOIN payout_transfer_facts f ON f.shard = t.shard
              AND f.payout = t.payout AND f.state = 'paid' WHERE t.shard = $1 AND t.batch = $2
            """, shard, batch
        ) { row throws(StoreFault) in try row.int(0) }
        return (
            items: sums.reduce(0) { $0 + $1.items }, payable: sums.reduce(0) { $0 + $1.payable }, paid: paid ?? 0,
            totals: sums.map(\.total)
        )
    }

    public borrowing func insertApproval(
        _ row: PayoutApprovalRow, of batch: PayoutBatchRow
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO payout_approvals (shard, batch, round, prev_round, prev_outcome, created_by, digest, approver,
              findings, reason, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, batch.batch, row.round, row.round == 1 ? Int?.none : row.round - 1,
            row.round == 1 ? String?.none : "rejected", batch.creator, batch.digest, row.approver, row.findings,
            row.reason, row.at)
    }

    public borrowing func insertRound(_ row: PayoutRoundRow, of batch: String) throws(StoreFault) {
        try execute(
            """
            INSERT INTO payout_rounds (shard, batch, round, prev_round, prev_outcome, outcome, actor, reason, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, batch, row.round, row.round == 1 ? Int?.none : row.round - 1,
            row.round == 1 ? String?.none : "rejected", row.isSent ? "sent" : "rejected", row.actor, row.reason, row.at)
    }

    /// Writes down that a batch left: in whose name, behind which look at the books, and what one person might have let
    /// go alone.
    public borrowing func insertSubmission(
        _ submission: BatchApproval.Submission, of batch: String, round: Int, gates: Int64, totals: [Money],
        oneUpTo: [Currency: Int64], at instant: Instant
    ) throws(StoreFault) {
        let needsSecond = submission.second == nil ? 0 : 1
        try execute(
            """
            INSERT INTO payout_submissions (shard, batch, round, outcome, needs_second, first_approver,
              second_approver, gates, gates_passed, at_us)
            VALUES ($1, $2, $3, 'sent', $4, $5, $6, $7, 1, $8)
            """, shard, batch, round, needsSecond, submission.first, submission.second, gates, instant)
        for total in totals {
            try execute(
                """
                INSERT INTO payout_submission_sums (shard, batch, currency, net, one_up_to, needs_second)
                VALUES ($1, $2, $3, $4, $5, $6)
                """, shard, batch, total.currency, total.minorUnits, oneUpTo[total.currency] ?? 0, needsSecond)
        }
    }
}

private func readBatch(_ row: borrowing Row) throws(StoreFault) -> PayoutBatchRow {
    PayoutBatchRow(
        batch: try row.text(0), day: try row.day(1), digest: try row.text(2), creator: try row.text(3),
        madeAt: try row.instant(4))
}

/// What a night left of one host, for the host.
extension Transaction {
    public borrowing func carried(on day: LocalDay, of host: HostID) throws(StoreFault) -> [CarriedEntry] {
        try rows(
            """
            SELECT host, currency, available, pending, CASE WHEN day = $2 THEN reason ELSE 'nothing' END, next_on,
              bracket_use
            FROM carried c WHERE shard = $1 AND host = $3 AND day = (SELECT max(day) FROM carried x
              WHERE x.shard = c.shard AND x.host = c.host AND x.currency = c.currency AND x.day <= $2)
            ORDER BY currency
            """, shard, day, host, read: readCarried)
    }

    /// Rated orders of a host's rooms whose money is in escrow.
    public borrowing func escrowedCount(of host: HostID) throws(StoreFault) -> Int {
        try row(
            """
            SELECT count(*) FROM rooms r JOIN escrowed x ON x.shard = r.shard AND x.room = r.room
            WHERE r.shard = $1 AND r.host = $2
            """, shard, host
        ) { row throws(StoreFault) in try row.int(0) } ?? 0
    }
}
