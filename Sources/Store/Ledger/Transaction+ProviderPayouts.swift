public import BoxOffice
public import Values

/// A payout of a provider to our bank, in the state that its last fact left it in.
public struct ProviderPayoutRow: Sendable, Hashable {
    public let provider: ProviderName
    public let payout: ProviderPayout
    public let createdAt: Instant

    public init(provider: ProviderName, payout: ProviderPayout, createdAt: Instant) {
        self.provider = provider
        self.payout = payout
        self.createdAt = createdAt
    }
}

extension Transaction {
    /// Stores a payout that is heard of for the first time: it is pending.
    public borrowing func insertProviderPayout(_ row: ProviderPayoutRow) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_payouts (shard, provider, payout, currency, amount, created_us)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, shard, row.provider.rawValue, row.payout.name, row.payout.amount.currency,
            row.payout.amount.minorUnits, row.createdAt)
        try execute(
            """
            INSERT INTO provider_payout_facts (shard, provider, payout, n, state, at_us)
            VALUES ($1, $2, $3, 1, 'pending', $4)
            """, shard, row.provider.rawValue, row.payout.name, row.createdAt)
    }

    public borrowing func providerPayout(
        _ name: String, of provider: ProviderName
    ) throws(StoreFault) -> ProviderPayoutRow? {
        try row(
            """
            SELECT p.provider, p.payout, p.amount, p.currency, p.created_us, f.state FROM provider_payouts p
            JOIN provider_payout_facts f ON f.shard = p.shard AND f.provider = p.provider AND f.payout = p.payout
              AND f.n = (SELECT max(n) FROM provider_payout_facts m WHERE m.shard = p.shard
                AND m.provider = p.provider AND m.payout = p.payout)
            WHERE p.shard = $1 AND p.provider = $2 AND p.payout = $3
            """, shard, provider.rawValue, name, read: readPayout)
    }

    /// Payouts in the order of their names, behind one of them.
    public borrowing func providerPayouts(
        after cursor: (provider: String, payout: String), limit: Int
    ) throws(StoreFault) -> [ProviderPayoutRow] {
        try rows(
            """
            SELECT p.provider, p.payout, p.amount, p.currency, p.created_us, f.state FROM provider_payouts p
            JOIN provider_payout_facts f ON f.shard = p.shard AND f.provider = p.provider AND f.payout = p.payout
              AND f.n = (SELECT max(n) FROM provider_payout_facts m WHERE m.shard = p.shard
                AND m.provider = p.provider AND m.payout = p.payout)
            WHERE p.shard = $1 AND (p.provider, p.payout) > ($2, $3) ORDER BY p.provider, p.payout LIMIT $4
            """, shard, cursor.provider, cursor.payout, limit, read: readPayout)
    }

    /// - Parameter sequence: of the entry that the state made.
    public borrowing func append(
        _ state: ProviderPayoutState, to row: ProviderPayoutRow, sequence: Int64?, at instant: Instant
    ) throws(StoreFault) {
        let last = try self.row(
            """
            SELECT n, state FROM provider_payout_facts WHERE shard = $1 AND provider = $2 AND payout = $3
            ORDER BY n DESC LIMIT 1
            """, shard, row.provider.rawValue, row.payout.name
        ) { row throws(StoreFault) in (n: try row.integer(0), state: try row.text(1)) }
        guard let last else { throw .corrupt(column: "provider_payout_facts.n") }
        try execute(
            """
            INSERT INTO provider_payout_facts
              (shard, provider, payout, n, prev_n, prev_state, state, seq, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, row.provider.rawValue, row.payout.name, last.n + 1, last.n, last.state, state.rawValue,
            sequence, instant)
    }
}

private func readPayout(_ row: borrowing Row) throws(StoreFault) -> ProviderPayoutRow {
    guard let provider = ProviderName(rawValue: try row.text(0)) else { throw row.corrupt(0) }
    guard let state = ProviderPayoutState(rawValue: try row.text(5)) else { throw row.corrupt(5) }
    return ProviderPayoutRow(
        provider: provider, payout: ProviderPayout(name: try row.text(1), amount: try row.money(2, 3), state: state),
        createdAt: try row.instant(4))
}
