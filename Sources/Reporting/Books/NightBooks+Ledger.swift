internal import Values

/// An account in one currency.
struct AccountKey: Hashable {
    let account: String
    let currency: Currency

    init(_ account: String, _ currency: Currency) {
        self.account = account
        self.currency = currency
    }
}

extension NightBooks {
    /// Re-adds the journal: it begins at 1 or with opening balances, the head is its last entry, and opening balances
    /// plus postings give the balances that were handed in, account by account.
    ///
    /// - Returns: control totals for the tables: `escrow`, what the ledger holds in escrow per currency.
    static func verifyLedger(
        _ facts: NightFacts, _ rows: [JournalPostingRow]
    ) throws(ReportRefusal) -> [String: [String: Int64]] {
        if let last = rows.last, last.seq != facts.headSequence || last.hash != facts.headHash {
            throw .chainHead(
                expected: "\(facts.headSequence) \(facts.headHash)", found: "\(last.seq) \(last.hash)")
        }
        if let first = rows.first, facts.openingBalances.isEmpty, first.seq != 1 {
            throw .broken(table: "journal", row: 0, column: "seq")
        }
        var added: [AccountKey: Int64] = [:]
        for row in facts.openingBalances { try add(row.balance, to: AccountKey(row.account, row.currency), &added) }
        for row in rows { try add(row.amount, to: AccountKey(row.account, row.currency), &added) }
        var given: [AccountKey: Int64] = [:]
        for row in facts.balances { given[AccountKey(row.account, row.currency)] = row.balance }
        let keys = Set(added.keys).union(given.keys).sorted { left, right in
            left.account == right.account ? left.currency < right.currency : left.account < right.account
        }
        var escrow: [String: Int64] = [:]
        for key in keys {
            let (expected, found) = (given[key] ?? 0, added[key] ?? 0)
            guard expected == found else {
                throw .balance(
                    account: key.account, currency: key.currency.code, expected: expected, found: found)
            }
            if key.account.hasPrefix("liabilities:escrow:") { escrow[key.currency.code, default: 0] -= found }
        }
        return ["escrow": escrow]
    }

    private static func add(
        _ amount: Int64, to key: AccountKey, _ sums: inout [AccountKey: Int64]
    ) throws(ReportRefusal) {
        let (sum, overflow) = sums[key, default: 0].addingReportingOverflow(amount)
        guard !overflow else { throw .overflow(table: "journal") }
        sums[key] = sum
    }
}
