internal import CSQLite
internal import Ledger
internal import Values

/// Checks whose arithmetic is the house's own rounding, so that SQL can't say them.
extension Transaction {
    /// Escrow accounts hold, for each room, what its orders have there that were neither released nor given back.
    borrowing func auditEscrow(_ balances: [JournalAuditor.Key: Int64]) throws(StoreFault) -> AuditLine {
        var line = AuditLine("escrow", "escrow accounts hold what their rooms' orders have there")
        var expected: [JournalAuditor.Key: Int64] = [:]
        try forEach(
            """
            SELECT o.room, o.currency, o.gross, o.vat, o.fee, o.base, coalesce((SELECT v.after
              FROM order_reversals v WHERE v.shard = o.shard AND v.order_id = o.order_id ORDER BY v.n DESC LIMIT 1), 0)
            FROM orders o WHERE o.shard = $1 AND o.gross > 0 AND NOT EXISTS (SELECT 1 FROM releases r
              WHERE r.shard = o.shard AND r.order_id = o.order_id)
            """, shard
        ) { row throws(StoreFault) in
            let gross = try row.integer(2)
            let (vat, fee) = (try row.integer(3), try row.integer(4))
            let reversed = min(max(0, try row.integer(6)), gross)
            line.counted += 1
            let key = JournalAuditor.Key(account: "liabilities:escrow:\(try row.text(0))", currency: try row.text(1))
            func given(_ component: Int64) -> Int64 {
                component < 0 ? 0 : quotientHalfUp(component, reversed, gross)
            }
            // What is given back of VAT and fee; the escrow gives the rest.
            expected[key, default: 0] += try row.integer(5) - (reversed - given(vat) - given(fee))
        }
        compare(&line, expected, balances, "liabilities:escrow:")
        return line
    }

    /// A host's account is what accrued, less what was paid, less refunds that no night has rated yet.
    borrowing func auditHosts(_ balances: [JournalAuditor.Key: Int64]) throws(StoreFault) -> AuditLine {
        var line = AuditLine("hosts", "hosts' accounts are their accruals less their payouts")
        var expected: [JournalAuditor.Key: Int64] = [:]
        func add(_ row: borrowing Row, _ sign: Int64) throws(StoreFault) {
            let key = JournalAuditor.Key(account: "liabilities:host:\(try row.text(0))", currency: try row.text(1))
            expected[key, default: 0] += sign * (try row.integer(2))
            line.counted += 1
        }
        try forEach("SELECT host, currency, amount FROM accruals WHERE shard = $1", shard) {
            row throws(StoreFault) in try add(row, 1)
        }
        try forEach("SELECT host, currency, gross FROM payout_items WHERE shard = $1", shard) {
            row throws(StoreFault) in try add(row, -1)
        }
        // What is in reserve stands on an account of its own.
        try forEach(
            """
            SELECT host, currency, CASE kind WHEN 'held' THEN amount ELSE -amount END FROM reserve_moves WHERE shard = $1
            """, shard
        ) { row throws(StoreFault) in try add(row, -1) }
        let prefix = "liabilities:host:"
        try forEach(
            """
            SELECT l.debit, l.credit, l.currency, l.amount FROM legs l
            JOIN entries e ON e.shard = l.shard AND e.seq = l.seq
            WHERE l.shard = $1 AND e.kind = 'refund' AND e.seq > (SELECT coalesce(max(p.rated_seq), 0)
              FROM night_progress p WHERE p.shard = l.shard)
              AND (l.debit LIKE 'liabilities:host:%' OR l.credit LIKE 'liabilities:host:%')
            """, shard
        ) { row throws(StoreFault) in
            let currency = try row.text(2)
            let amount = try row.integer(3)
            for (account, sign) in [(try row.text(0), Int64(-1)), (try row.text(1), 1)] where account.hasPrefix(prefix)
            {
                expected[JournalAuditor.Key(account: account, currency: currency), default: 0] += sign * amount
            }
        }
        compare(&line, expected, balances, prefix)
        return line
    }

    /// The account of suspense is the sum of its open items.
    borrowing func auditSuspense(_ balances: [JournalAuditor.Key: Int64]) throws(StoreFault) -> AuditLine {
        var line = AuditLine("suspense", "the account of suspense holds its open items")
        var expected: [JournalAuditor.Key: Int64] = [:]
        try forEach(
            """
            SELECT i.currency, i.amount FROM suspense_items i WHERE i.shard = $1 AND NOT EXISTS (SELECT 1
              FROM suspense_ends x WHERE x.shard = i.shard AND x.item = i.item)
            """, shard
        ) { row throws(StoreFault) in
            line.counted += 1
            let key = JournalAuditor.Key(account: Account.unplaced.text, currency: try row.text(0))
            expected[key, default: 0] += try row.integer(1)
        }
        compare(&line, expected, balances, Account.unplaced.text)
        return line
    }

    /// Both ways: an account that nobody expects is a break as well. Expected figures are credit positive.
    borrowing func compare(
        _ line: inout AuditLine, _ expected: [JournalAuditor.Key: Int64], _ balances: [JournalAuditor.Key: Int64],
        _ prefix: String
    ) {
        let keys = Set(expected.keys).union(balances.keys.filter { $0.account.hasPrefix(prefix) })
        for key in keys.sorted(by: { ($0.account, $0.currency) < ($1.account, $1.currency) }) {
            let held = -(balances[key] ?? 0)
            let due = expected[key] ?? 0
            if held != due { line.add("legs", "\(key.account) \(key.currency)", "holds \(held), should hold \(due)") }
        }
    }

    /// The parts and shares of a split make up its base.
    borrowing func auditSplits() throws(StoreFault) -> AuditLine {
        var line = AuditLine("splits", "parts and shares of an order make its base")
        try forEach(
            """
            SELECT s.order_id, s.base, s.parts, s.shares, s.host_share, s.platform, o.base, s.host, r.host, s.currency,
              o.currency
            FROM order_splits s JOIN orders o ON o.shard = s.shard AND o.order_id = s.order_id
            JOIN rooms r ON r.shard = o.shard AND r.room = o.room WHERE s.shard = $1
            """, shard
        ) { row throws(StoreFault) in
            line.counted += 1
            let key = try row.text(0)
            let base = try row.integer(1)
            let (hostShare, platform) = (try row.integer(4), try row.integer(5))
            if base != (try row.integer(6)) { line.add("order_splits", key, "is of another base than the order") }
            if (try row.text(7), try row.text(9)) != (try row.text(8), try row.text(10)) {
                line.add("order_splits", key, "is of another host or currency than the order")
            }
            let parts = numbers(try row.text(2))
            let shares = try row.text(3).split(separator: ",").map {
                $0.split(separator: "=").last.flatMap { Int64($0) }
            }
            if sum(parts?.map(\.self) ?? [nil]) != base { line.add("order_splits", key, "parts do not make the base") }
            if sum(shares) != hostShare || hostShare + platform != base {
                line.add("order_splits", key, "shares do not make the base")
            }
        }
        return line
    }

    /// The brackets of an owner, laid again from every rated order and what was given back of it (R1, R4).
    borrowing func auditTiers() throws(StoreFault) -> AuditLine {
        var line = AuditLine("tiers", "the use of brackets is that of the rated orders")
        var expected: [String: [Int64]] = [:]
        try forEach(
            """
            SELECT s.host, s.currency, s.parts, o.gross, coalesce((SELECT sum(v.delta) FROM order_reversals v
              WHERE v.shard = s.shard AND v.order_id = s.order_id AND v.reason NOT IN ('disputed', 'dispute_won')
                AND v.seq <= (SELECT max(p.rated_seq) FROM night_progress p WHERE p.shard = s.shard)), 0)
              + coalesce((SELECT sum(x.amount) FROM dispute_losses x
              WHERE x.shard = s.shard AND x.order_id = s.order_id
                AND x.seq <= (SELECT max(p.rated_seq) FROM night_progress p WHERE p.shard = s.shard)), 0)
            FROM order_splits s JOIN orders o ON o.shard = s.shard AND o.order_id = s.order_id WHERE s.shard = $1
            """, shard
        ) { row throws(StoreFault) in
            line.counted += 1
            let key = "\(try row.text(0))/\(try row.text(1))"
            let gross = max(1, try row.integer(3))
            let reversed = min(max(0, try row.integer(4)), gross)
            var used = expected[key] ?? []
            for (index, part) in (numbers(try row.text(2)) ?? []).enumerated() {
                if used.count <= index { used.append(0) }
                used[index] += part - (part < 0 ? 0 : quotientHalfUp(part, reversed, gross))
            }
            expected[key] = used
        }
        let stored = try rows(
            """
            SELECT t.host, t.currency, t.used FROM tier_use t WHERE t.shard = $1 AND t.n = (SELECT max(m.n)
              FROM tier_use m WHERE m.shard = t.shard AND m.host = t.host AND m.currency = t.currency)
            """, shard
        ) { row throws(StoreFault) in ("\(try row.text(0))/\(try row.text(1))", try row.text(2)) }
        let known = Dictionary(stored, uniquingKeysWith: { first, _ in first })
        for key in Set(expected.keys).union(known.keys).sorted() {
            let used = trimmed(numbers(known[key] ?? "") ?? [-1])
            if used != trimmed(expected[key] ?? []) {
                line.add("tier_use", key, "says \(list(used)), the orders make \(list(expected[key] ?? []))")
            }
        }
        return line
    }

    /// Gateways were told of every ticket that was taken back.
    borrowing func auditRevocations() throws(StoreFault) -> AuditLine {
        var line = AuditLine("revocations", "every ticket that was taken back stands in the feed")
        var told: Set<String> = []
        try forEach("SELECT body FROM feed WHERE shard = $1 AND kind = 'revoked'", shard) {
            row throws(StoreFault) in
            let body = try row.text(0)
            // The id ends at the quotation mark behind it.
            for part in body.split(separator: "\"") where part.hasPrefix("ticket_") { told.insert(String(part)) }
        }
        try forEach("SELECT ticket FROM revocations WHERE shard = $1 ORDER BY ticket", shard) {
            row throws(StoreFault) in
            line.counted += 1
            let ticket = try row.text(0)
            if !told.contains(ticket) { line.add("revocations", ticket, "gateways were not told") }
        }
        return line
    }

    /// SQLite's own checks: pages, indexes and foreign keys. PostgreSQL has no file to look at and keeps its own.
    borrowing func auditStorage() throws(StoreFault) -> AuditLine {
        var line = AuditLine("file", "pages, indexes and foreign keys are sound")
        guard case .sqlite = engine else { return line }
        try forEach("PRAGMA integrity_check(20)") { row throws(StoreFault) in
            line.counted += 1
            let answer = try row.text(0)
            if answer != "ok" { line.add("file", "page", answer) }
        }
        try forEach("PRAGMA foreign_key_check") { row throws(StoreFault) in
            let number = row.isNull(1) ? "a row" : "row \(try row.integer(1))"
            line.add(try row.text(0), number, "names a row of \(try row.text(2)) that is not there")
        }
        return line
    }
}

private func sum(_ numbers: [Int64?]) -> Int64? {
    var total: Int64 = 0
    for number in numbers {
        guard let number else { return nil }
        let (sum, overflow) = total.addingReportingOverflow(number)
        guard !overflow else { return nil }
        total = sum
    }
    return total
}

/// Brackets that were never met may be missing at the end.
private func trimmed(_ numbers: [Int64]) -> [Int64] {
    var numbers = numbers
    while numbers.last == 0 { numbers.removeLast() }
    return numbers
}
