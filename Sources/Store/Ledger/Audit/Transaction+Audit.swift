public import Ledger
internal import Values

extension Transaction {
    /// Reads every table of the shard and compares it with the journal and with itself. Believes no row and repairs none.
    ///
    /// One pass over the journal, then one query a rule; on a large file it takes minutes and disturbs nobody.
    public borrowing func auditBooks(chart: ChartOfAccounts) throws(StoreFault) -> AuditReport {
        let reversed = try rows("SELECT reverses FROM entries WHERE shard = $1 AND reverses IS NOT NULL", shard) {
            row throws(StoreFault) in try row.text(0)
        }
        let marks = try rows(
            "SELECT account, currency, seq, balance FROM balance_marks WHERE shard = $1 ORDER BY seq", shard
        ) { row throws(StoreFault) in
            AuditedMark(
                account: try row.text(0), currency: try row.text(1), sequence: try row.integer(2),
                balance: try row.integer(3))
        }
        var auditor = JournalAuditor(
            chart: chart, reversed: Set(reversed), heads: try auditedHeads(), marks: marks)
        var cursor: Int64 = .min
        while true {
            let entries = try auditedEntries(after: cursor, limit: 1_000)
            guard let last = entries.last else { break }
            for entry in entries { auditor.add(entry) }
            cursor = last.sequence
        }
        let head = try row("SELECT sequence, hash, posted_us FROM heads WHERE shard = $1", shard) {
            row throws(StoreFault) in
            (sequence: try row.integer(0), hash: try row.text(1), postedMicroseconds: try row.integer(2))
        }
        var lines = auditor.finish(head: head)
        for check in AuditCheck.all { lines.append(try run(check)) }
        lines.append(try auditEscrow(auditor.balances))
        lines.append(try auditHosts(auditor.balances))
        lines.append(try auditReserves(auditor.balances))
        lines.append(try auditCohorts(auditor.balances))
        lines.append(try auditSuspense(auditor.balances))
        lines.append(try auditPayments(auditor.balances))
        lines.append(try auditSplits())
        lines.append(try auditTiers())
        lines.append(try auditRevocations())
        lines.append(try auditUses())
        lines.append(try auditDeliveries())
        lines.append(try auditPlans())
        lines.append(try auditStorage())
        return AuditReport(sequence: auditor.sequence, hash: auditor.hash, lines: lines)
    }

    private borrowing func run(_ check: AuditCheck) throws(StoreFault) -> AuditLine {
        let counted = try row(check.counted, shard) { row throws(StoreFault) in try row.int(0) }
        var line = AuditLine(check.name, check.rule, counted: counted ?? 0)
        for search in check.searches {
            try forEach(search.breaks, shard) { row throws(StoreFault) in
                line.add(search.table, try row.text(0), search.problem)
            }
        }
        return line
    }

    private borrowing func auditedEntries(after cursor: Int64, limit: Int) throws(StoreFault) -> [AuditedEntry] {
        typealias Head = (Int64, String, Int64, String, String, String?, String, String)
        let heads: [Head] = try rows(
            """
            SELECT seq, entry, posted_us, effective_on, kind, reverses, prev_hash, hash FROM entries
            WHERE shard = $1 AND seq > $2 ORDER BY seq LIMIT $3
            """, shard, cursor, limit
        ) { row throws(StoreFault) in
            (
                try row.integer(0), try row.text(1), try row.integer(2), try row.text(3), try row.text(4),
                try row.optionalText(5), try row.text(6), try row.text(7)
            )
        }
        var entries: [AuditedEntry] = []
        entries.reserveCapacity(heads.count)
        for head in heads {
            let legs = try rows(
                "SELECT leg, debit, credit, currency, amount FROM legs WHERE shard = $1 AND seq = $2 ORDER BY leg",
                shard, head.0
            ) { row throws(StoreFault) in
                AuditedEntry.Leg(
                    number: try row.integer(0), debit: try row.text(1), credit: try row.text(2),
                    currency: try row.text(3), amount: try row.integer(4))
            }
            entries.append(
                AuditedEntry(
                    sequence: head.0, entry: head.1, postedMicroseconds: head.2, effectiveOn: head.3, kind: head.4,
                    reverses: head.5, previousHash: head.6, hash: head.7, legs: legs))
        }
        return entries
    }

    private borrowing func auditedHeads() throws(StoreFault) -> [AuditedHead] {
        let nights = try rows(
            "SELECT day, head_sequence, head_hash FROM night_results WHERE shard = $1", shard
        ) { row throws(StoreFault) in
            AuditedHead(
                table: "night_results", day: try row.text(0), sequence: try row.integer(1), hash: try row.text(2))
        }
        let published = try rows(
            "SELECT day, sequence, hash, first_sequence, tree_root FROM published_heads WHERE shard = $1", shard
        ) { row throws(StoreFault) in
            AuditedHead(
                table: "published_heads", day: try row.text(0), sequence: try row.integer(1), hash: try row.text(2),
                tree: (first: try row.integer(3), root: try row.text(4)))
        }
        return (nights + published).sorted { ($0.sequence, $0.day) < ($1.sequence, $1.day) }
    }
}
