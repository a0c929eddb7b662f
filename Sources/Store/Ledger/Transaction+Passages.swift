public import Ledger
public import Values

/// An account through which money only passes, with what stands in it and what of that is explained by something open.
public struct PassageRow: Sendable, Hashable {
    public let account: Account
    /// On the side on which the account grows.
    public let amount: Money
    /// What is open of the things that the account is for.
    public let explained: Money
}

extension Transaction {
    /// Accounts of passage whose money is not that of the things which are open: repayments on their way, disputes without
    /// an end, money that waits for its place. The account for what nobody has explained yet explains nothing.
    ///
    /// The balances go on from their last marks; what is open stands in a table of its own, so this costs as much as there
    /// is open, however many were before.
    public borrowing func unexplainedPassages() throws(StoreFault) -> [PassageRow] {
        var found: [PassageRow] = []
        for account in [Account.suspense, .unplaced, .onItsWay, .contested, .contestedClaims] {
            var explained: [Currency: Int64] = [:]
            try forEach(
                """
                SELECT currency, CAST(sum(amount) AS BIGINT) FROM open_passages WHERE shard = $1 AND account = $2
                GROUP BY currency
                """, shard, account.text
            ) { row throws(StoreFault) in explained[try row.currency(0)] = try row.integer(1) }
            for currency in Set(try currencies(of: account)).union(explained.keys).sorted() {
                let amount = try amount(in: account, currency)
                let expected = Money(explained[currency] ?? 0, currency)
                if amount != expected {
                    found.append(PassageRow(account: account, amount: amount, explained: expected))
                }
            }
        }
        return found
    }

    /// Something is open from now on that explains money on an account of passage; nothing where it is of no money.
    borrowing func openPassage(
        _ item: String, of amount: Money, on account: Account, at instant: Instant
    ) throws(StoreFault) {
        guard amount.isPositive else { return }
        try execute(
            """
            INSERT INTO open_passages (shard, account, item, currency, amount, at_us) VALUES ($1, $2, $3, $4, $5, $6)
            """, shard, account.text, item, amount.currency, amount.minorUnits, instant)
    }

    borrowing func closePassage(_ item: String, on account: Account) throws(StoreFault) {
        try execute(
            "DELETE FROM open_passages WHERE shard = $1 AND account = $2 AND item = $3", shard, account.text, item)
    }

    /// Items in suspense without an end that came before an instant: how many, and the oldest.
    public borrowing func openSuspense(before instant: Instant) throws(StoreFault) -> (count: Int, oldest: String?) {
        try row(
            """
            SELECT count(*), min(item) FROM open_passages
            WHERE shard = $1 AND account = 'liabilities:suspense' AND at_us < $2
            """, shard, instant
        ) { row throws(StoreFault) in (count: try row.int(0), oldest: try row.optionalText(1)) }
            ?? (count: 0, oldest: nil)
    }

    /// Calls about money that a provider has not answered since an instant, the oldest first: what it kept of a payment by
    /// its own statement, whether a repayment went, whether a payout left.
    public borrowing func unansweredCalls(before instant: Instant, limit: Int) throws(StoreFault) -> [String] {
        let calls = try rows(
            """
            SELECT c.provider || ' ' || c.kind || ' ' || coalesce(c.repayment, c.charge) FROM due_calls d
            CROSS JOIN provider_calls c WHERE d.shard = $1 AND c.shard = d.shard AND c.call = d.call
              AND c.kind IN ('refund', 'fees') AND c.created_us < $2
            ORDER BY c.created_us, c.call LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in try row.text(0) }
        let transfers = try rows(
            """
            SELECT t.provider || ' payout ' || t.payout FROM due_transfers d
            CROSS JOIN payout_transfers t WHERE d.shard = $1 AND t.shard = d.shard AND t.payout = d.payout
              AND t.at_us < $2 ORDER BY t.at_us, t.payout LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in try row.text(0) }
        return calls + transfers
    }
}
