internal import BoxOffice
internal import Ledger
internal import Values

extension Transaction {
    /// Money on its way back is that of open repayments; what is contested is that of open disputes.
    borrowing func auditPayments(_ balances: [JournalAuditor.Key: Int64]) throws(StoreFault) -> AuditLine {
        var line = AuditLine("in_transit", "money on its way back and money in dispute are what is open of both")
        var onItsWay: [JournalAuditor.Key: Int64] = [:]
        try forEach(
            """
            SELECT r.currency, r.amount FROM repayments r WHERE r.shard = $1 AND NOT EXISTS (SELECT 1
              FROM repayment_facts f WHERE f.shard = r.shard AND f.repayment = r.repayment
                AND f.state IN ('succeeded', 'failed'))
            """, shard
        ) { row throws(StoreFault) in
            line.counted += 1
            onItsWay[JournalAuditor.Key(account: Account.onItsWay.text, currency: try row.text(0)), default: 0] +=
                try row.integer(1)
        }
        compare(&line, onItsWay, balances, Account.onItsWay.text)
        var claims: [JournalAuditor.Key: Int64] = [:]
        var contested: [JournalAuditor.Key: Int64] = [:]
        try forEach(
            """
            SELECT d.currency, d.amount, s.platform - coalesce((SELECT max(y.after) FROM dispute_recoveries y
              WHERE y.shard = s.shard AND y.provider = s.provider AND y.dispute = s.dispute), 0)
            FROM dispute_steps s JOIN disputes d ON d.shard = s.shard AND d.provider = s.provider AND d.dispute = s.dispute
            WHERE s.shard = $1 AND s.place = 1 AND NOT EXISTS (SELECT 1 FROM dispute_steps x WHERE x.shard = s.shard
              AND x.provider = s.provider AND x.dispute = s.dispute AND x.place = 2)
            """, shard
        ) { row throws(StoreFault) in
            line.counted += 1
            let currency = try row.text(0)
            let amount = try row.integer(1)
            contested[JournalAuditor.Key(account: Account.contested.text, currency: currency), default: 0] -= amount
            claims[JournalAuditor.Key(account: Account.contestedClaims.text, currency: currency), default: 0] +=
                amount - (try row.integer(2))
        }
        compare(&line, contested, balances, Account.contested.text)
        compare(&line, claims, balances, Account.contestedClaims.text)
        return line
    }
}
