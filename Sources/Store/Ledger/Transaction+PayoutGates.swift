public import BoxOffice
public import Ledger
internal import Payouts
public import Values

/// A look at the books before a batch leaves.
public struct GateRunRow: Sendable, Hashable {
    public let n: Int64
    public let passed: Bool
    public let actor: String
    public let at: Instant
    public let findings: [GateFinding]
}

extension Transaction {
    /// How far the journal was followed by earlier looks at the books; the beginning if there was none.
    ///
    /// The entry there must still have the hash that was seen: otherwise everything is followed again, and the break is
    /// found.
    public borrowing func verifiedHead() throws(StoreFault) -> ChainHead {
        let mark = try row(
            """
            SELECT verified_seq, verified_hash FROM payout_gate_runs WHERE shard = $1 AND verified_seq IS NOT NULL
            ORDER BY verified_seq DESC LIMIT 1
            """, shard
        ) { row throws(StoreFault) in (sequence: try row.integer(0), hash: try row.text(1)) }
        guard let mark, let hash = SHA256Digest(hex: mark.hash) else { return .genesis }
        let stored = try row("SELECT hash FROM entries WHERE shard = $1 AND seq = $2", shard, mark.sequence) {
            row throws(StoreFault) in try row.text(0)
        }
        return stored == mark.hash || mark.sequence == 0
            ? ChainHead(sequence: mark.sequence, hash: hash) : .genesis
    }

    /// Follows the journal's chain from a place up to its end, a thousand entries at a time.
    /// - Returns: where it ends, or why it doesn't hold.
    public borrowing func followChain(
        from start: ChainHead
    ) throws(StoreFault) -> Result<ChainHead, ChainBreak> {
        var head = start
        let end = try journalHead().chain
        while head.sequence < end.sequence {
            let entries = try entries(after: head.sequence, through: end.sequence, limit: 1_000)
            if entries.isEmpty { return .failure(ChainBreak(sequence: head.sequence + 1, reason: .sequence)) }
            do { head = try verifyChain(entries, from: head) } catch { return .failure(error) }
        }
        return head == end ? .success(head) : .failure(ChainBreak(sequence: end.sequence, reason: .hash))
    }

    /// Items of a batch that are not the sum of what they pay, or whose entry moves something else. Accounts are compared as
    /// `|| ''` makes them: the legs of the entry are looked up, and not all that a host or the bank ever had.
    public borrowing func unsoundItems(of batch: String) throws(StoreFault) -> [String] {
        try rows(
            """
            SELECT i.host || '/' || i.currency FROM payout_items i WHERE i.shard = $1 AND i.batch = $2
              AND (i.net <> i.gross - i.withheld
                OR i.gross <> (SELECT coalesce(sum(l.amount), 0) FROM payout_lines l WHERE l.shard = i.shard
                  AND l.batch = i.batch AND l.host = i.host AND l.currency = i.currency)
                OR i.gross <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = i.shard AND l.seq = i.seq
                  AND l.debit || '' = 'liabilities:host:' || i.host)
                OR i.net <> (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = i.shard AND l.seq = i.seq
                  AND l.credit || '' = 'assets:bank'))
            ORDER BY i.host, i.currency
            """, shard, batch
        ) { row throws(StoreFault) in try row.text(0) }
    }

    public borrowing func insertGateRun(
        of batch: String, _ findings: [GateFinding], verified: ChainHead?, by actor: String, at instant: Instant
    ) throws(StoreFault) -> Int64 {
        let last =
            try row(
                "SELECT max(n) FROM payout_gate_runs WHERE shard = $1 AND batch = $2", shard, batch
            ) { row throws(StoreFault) in row.isNull(0) ? nil : try row.integer(0) } ?? nil
        let passed = findings.allSatisfy(\.passed) && verified != nil ? 1 : 0
        let n = (last ?? 0) + 1
        try execute(
            """
            INSERT INTO payout_gate_runs (shard, batch, n, prev_n, passed, verified_seq, verified_hash, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, batch, n, last, passed, verified?.sequence, verified?.hash.hex, actor, instant)
        for finding in findings {
            try execute(
                """
                INSERT INTO payout_gates (shard, batch, n, passed, gate, count, detail)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, shard, batch, n, passed, finding.gate.rawValue, finding.count, finding.detail)
        }
        return n
    }

    /// The last look at the books for a batch.
    public borrowing func lastGateRun(of batch: String) throws(StoreFault) -> GateRunRow? {
        let run = try row(
            """
            SELECT n, passed, actor, at_us FROM payout_gate_runs WHERE shard = $1 AND batch = $2
            ORDER BY n DESC LIMIT 1
            """, shard, batch
        ) { row throws(StoreFault) in
            (n: try row.integer(0), passed: try row.integer(1) == 1, actor: try row.text(2), at: try row.instant(3))
        }
        guard let run else { return nil }
        let findings = try rows(
            "SELECT gate, count, detail FROM payout_gates WHERE shard = $1 AND batch = $2 AND n = $3 ORDER BY gate",
            shard, batch, run.n
        ) { row throws(StoreFault) in
            guard let gate = PayoutGate(rawValue: try row.text(0)) else { throw row.corrupt(0) }
            return GateFinding(gate, count: try row.int(1), detail: try row.text(2))
        }
        return GateRunRow(n: run.n, passed: run.passed, actor: run.actor, at: run.at, findings: findings)
    }
}
