public import BoxOffice
public import Values

/// The last that was heard of a payout in a period.
public struct TransferNewsRow: Sendable, Hashable {
    public let payout: PayoutTransferID
    public let host: HostID
    public let net: Money
    public let batchDay: LocalDay
    public let provider: ProviderName
    /// As the host or finance wrote it; masked where it is an account at a bank.
    public let destination: String
    public let isBankAccount: Bool
    public let state: String
    public let at: Instant
}

extension Transaction {
    /// Payouts of which something was heard from one instant to another, with the last of it, by their names.
    public borrowing func transferNews(
        from start: Instant, until end: Instant
    ) throws(StoreFault) -> [TransferNewsRow] {
        try rows(
            """
            SELECT t.payout, t.host, t.net, t.currency, b.day, t.provider, d.destination,
              (SELECT count(*) FROM bank_accounts a WHERE a.shard = t.shard AND a.host = t.host AND a.n = t.destination),
              f.state, f.at_us
            FROM payout_transfer_facts f
            JOIN payout_transfers t ON t.shard = f.shard AND t.payout = f.payout
            JOIN payout_batches b ON b.shard = t.shard AND b.batch = t.batch
            JOIN payout_destinations d ON d.shard = t.shard AND d.host = t.host AND d.n = t.destination
            WHERE f.shard = $1 AND f.at_us >= $2 AND f.at_us < $3 AND NOT EXISTS (SELECT 1
              FROM payout_transfer_facts x WHERE x.shard = f.shard AND x.payout = f.payout AND x.n > f.n AND x.at_us < $3)
            ORDER BY t.payout
            """, shard, start, end
        ) { row throws(StoreFault) in
            guard let provider = ProviderName(rawValue: try row.text(5)) else { throw row.corrupt(5) }
            return TransferNewsRow(
                payout: try row.identifier(0), host: try row.identifier(1), net: try row.money(2, 3),
                batchDay: try row.day(4), provider: provider, destination: try row.text(6),
                isBankAccount: try row.integer(7) > 0, state: try row.text(8), at: try row.instant(9))
        }
    }

    /// Where a host was paid before an instant.
    public borrowing func destination(
        of host: HostID, before instant: Instant
    ) throws(StoreFault) -> (provider: ProviderName, text: String, isBankAccount: Bool)? {
        try row(
            """
            SELECT d.provider, d.destination, (SELECT count(*) FROM bank_accounts a WHERE a.shard = d.shard
              AND a.host = d.host AND a.n = d.n) FROM payout_destinations d
            WHERE d.shard = $1 AND d.host = $2 AND d.at_us < $3 ORDER BY d.n DESC LIMIT 1
            """, shard, host, instant
        ) { row throws(StoreFault) in
            guard let provider = ProviderName(rawValue: try row.text(0)) else { throw row.corrupt(0) }
            return (provider: provider, text: try row.text(1), isBankAccount: try row.integer(2) > 0)
        }
    }
}
