internal import Ledger
internal import Payouts
internal import Values

extension Transaction {
    /// What is in reserve of a host stands on its account, and every reserve ends when its class says.
    borrowing func auditReserves(_ balances: [JournalAuditor.Key: Int64]) throws(StoreFault) -> AuditLine {
        var line = AuditLine("reserves", "accounts of reserves hold what was held back and neither used nor given back")
        var expected: [JournalAuditor.Key: Int64] = [:]
        try forEach(
            """
            SELECT m.host, m.currency, m.n, m.kind, m.amount, m.day, m.until_day, (SELECT f.reserve_days
              FROM risk_facts f WHERE f.shard = m.shard AND f.host = m.host AND f.from_day <= m.day
              ORDER BY f.n DESC LIMIT 1)
            FROM reserve_moves m WHERE m.shard = $1
            """, shard
        ) { row throws(StoreFault) in
            line.counted += 1
            let key = JournalAuditor.Key(account: "liabilities:reserve:\(try row.text(0))", currency: try row.text(1))
            let isHeld = try row.text(3) == "held"
            expected[key, default: 0] += isHeld ? try row.integer(4) : -(try row.integer(4))
            guard isHeld else { return }
            let days = Int(try row.optionalInteger(7) ?? 0)
            guard let day = LocalDay(try row.text(5)), let until = LocalDay(try row.text(6)),
                day.advanced(byDays: days) == until
            else {
                line.add(
                    "reserve_moves", "\(try row.text(0))/\(try row.text(1))/\(try row.integer(2))",
                    "ends on another day than its class says")
                return
            }
        }
        compare(&line, expected, balances, "liabilities:reserve:")
        try auditHeld(&line)
        return line
    }
}
