public import Ledger
public import Values

/// What an audit of the whole ledger came to.
public struct AuditRunRow: Sendable, Hashable {
    /// From 1.
    public let n: Int64
    /// Where the journal ended then.
    public let sequence: Int64
    public let hash: String
    public let checks: Int
    /// How many rows broke a rule; 0 is clean.
    public let broken: Int
    /// The first of them; empty for a clean audit.
    public let detail: String
    public let actor: String
    public let at: Instant
}

extension Transaction {
    /// Writes down what an audit came to.
    /// - Returns: its number.
    public borrowing func insertAuditRun(
        _ report: AuditReport, by actor: String, at instant: Instant
    ) throws(StoreFault) -> Int64 {
        let last = try auditRuns(before: .max, limit: 1).first?.n
        let broken = report.lines.reduce(0) { $0 + $1.broken }
        let first = report.lines.lazy.compactMap { line in
            line.findings.first.map { "\(line.check): \($0.table) \($0.key) \($0.problem)" }
        }.first
        try execute(
            """
            INSERT INTO audit_runs (shard, n, prev_n, sequence, hash, checks, broken, detail, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, (last ?? 0) + 1, last, report.sequence, report.hash, report.lines.count, broken,
            broken == 0 ? "" : String((first ?? "broken").prefix(200)), actor, instant)
        return (last ?? 0) + 1
    }

    /// The audit that read furthest; of those that read as far the one that was written last. Audits may overlap, so the
    /// last one written is not always the last one that read.
    public borrowing func furthestAuditRun() throws(StoreFault) -> AuditRunRow? {
        try row(
            """
            SELECT n, sequence, hash, checks, broken, detail, actor, at_us FROM audit_runs
            WHERE shard = $1 ORDER BY sequence DESC, n DESC LIMIT 1
            """, shard, read: readAuditRun)
    }

    /// Audits, the last one first, before a number.
    public borrowing func auditRuns(before n: Int64, limit: Int) throws(StoreFault) -> [AuditRunRow] {
        try rows(
            """
            SELECT n, sequence, hash, checks, broken, detail, actor, at_us FROM audit_runs
            WHERE shard = $1 AND n < $2 ORDER BY n DESC LIMIT $3
            """, shard, n, limit, read: readAuditRun)
    }

    /// The hash of an entry; `nil` where the journal has none of this number.
    public borrowing func entryHash(_ sequence: Int64) throws(StoreFault) -> String? {
        try row("SELECT hash FROM entries WHERE shard = $1 AND seq = $2", shard, sequence) {
            row throws(StoreFault) in try row.text(0)
        }
    }
}

private func readAuditRun(_ row: borrowing Row) throws(StoreFault) -> AuditRunRow {
    AuditRunRow(
        n: try row.integer(0), sequence: try row.integer(1), hash: try row.text(2), checks: try row.int(3),
        broken: try row.int(4), detail: try row.text(5), actor: try row.text(6), at: try row.instant(7))
}
