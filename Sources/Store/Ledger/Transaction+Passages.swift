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
    /// The balances go on from their last marks; what is open is looked up among repayments, disputes and suspense, of
    /// which a house has few beside its sales.
    public borrowing func unexplainedPassages() throws(StoreFault) -> [PassageRow] {
        let open: [(account: Account, query: StaticString?)] = [
            (.suspense, nil),
            (
                .unplaced,
                """
                SELECT i.currency, sum(i.amount) FROM suspense_items i WHERE i.shard = $1 AND NOT EXISTS (SELECT 1
                  FROM suspense_ends x WHERE x.shard = i.shard AND x.item = i.item) GROUP BY i.currency
                """
            ),
            (
                .onItsWay,
                """
                SELECT r.currency, sum(r.amount) FROM repayments r WHERE r.shard = $1 AND NOT EXISTS (SELECT 1
                  FROM repayment_facts f WHERE f.shard = r.shard AND f.repayment = r.repayment
                    AND f.state IN ('succeeded', 'failed')) GROUP BY r.currency
                """
            ),
            (
                .contested,
                """
                SELECT d.currency, sum(d.amount) FROM dispute_steps s JOIN disputes d ON d.shard = s.shard
                  AND d.provider = s.provider AND d.dispute = s.dispute
                WHERE s.shard = $1 AND s.place = 1 AND NOT EXISTS (SELECT 1 FROM dispute_steps x
                  WHERE x.shard = s.shard AND x.provider = s.provider AND x.dispute = s.dispute AND x.place = 2)
                GROUP BY d.currency
                """
            ),
            (
                .contestedClaims,
                """
                SELECT d.currency, sum(d.amount - s.platform) FROM dispute_steps s JOIN disputes d ON d.shard = s.shard
                  AND d.provider = s.provider AND d.dispute = s.dispute
                WHERE s.shard = $1 AND s.place = 1 AND NOT EXISTS (SELECT 1 FROM dispute_steps x
                  WHERE x.shard = s.shard AND x.provider = s.provider AND x.dispute = s.dispute AND x.place = 2)
                GROUP BY d.currency
                """
            ),
        ]
        var found: [PassageRow] = []
        for (account, query) in open {
            var explained: [Currency: Int64] = [:]
            if let query {
                let sums = try rows(query, shard) { row throws(StoreFault) in
                    (currency: try row.currency(0), amount: try row.integer(1))
                }
                for sum in sums { explained[sum.currency] = sum.amount }
            }
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

    /// Calls about money that a provider has not answered since an instant, the oldest first: what it kept of a payment by
    /// its own statement, whether a repayment went, whether a payout left.
    public borrowing func unansweredCalls(before instant: Instant, limit: Int) throws(StoreFault) -> [String] {
        let calls = try rows(
            """
            SELECT c.provider || ' ' || c.kind || ' ' || coalesce(c.repayment, c.charge) FROM due_calls d
            JOIN provider_calls c ON c.shard = d.shard AND c.call = d.call
            WHERE d.shard = $1 AND c.kind IN ('refund', 'fees') AND c.created_us < $2
            ORDER BY c.created_us, c.call LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in try row.text(0) }
        let transfers = try rows(
            """
            SELECT t.provider || ' payout ' || t.payout FROM due_transfers d
            JOIN payout_transfers t ON t.shard = d.shard AND t.payout = d.payout
            WHERE d.shard = $1 AND t.at_us < $2 ORDER BY t.at_us, t.payout LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in try row.text(0) }
        return calls + transfers
    }
}
