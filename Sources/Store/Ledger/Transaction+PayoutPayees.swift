public import BoxOffice
public import Payouts
public import Values

/// Where a host is paid.
public struct DestinationRow: Sendable, Hashable {
    /// Its number among those of the host, from 1.
    public let n: Int64
    public let provider: ProviderName
    public let text: String
    public let since: Instant
}

/// What earlier batches paid to a host in a currency.
public struct PaidBefore: Sendable, Hashable {
    public let count: Int64
    /// In minor units.
    public let sum: Int64
}

/// Whole parts of a register or a batch at once: ten thousand payees are ten questions and not ten thousand.
extension Transaction {
    /// A part of the register of a night with the names of its hosts: payees behind one of them, by host and currency.
    public borrowing func registered(
        on day: LocalDay, after cursor: (host: String, currency: String), limit: Int
    ) throws(StoreFault) -> [(entry: CarriedEntry, name: String)] {
        try rows(
            """
            SELECT c.host, c.currency, c.available, c.pending, c.reason, c.next_on, c.bracket_use,
              COALESCE(h.name, c.host)
            FROM carried c LEFT JOIN hosts h ON h.shard = c.shard AND h.host = c.host
            WHERE c.shard = $1 AND c.day = $2 AND (c.host, c.currency) > ($3, $4)
            ORDER BY c.host, c.currency LIMIT $5
            """, shard, day, cursor.host, cursor.currency, limit
        ) { row throws(StoreFault) in (entry: try readCarried(row), name: try row.text(7)) }
    }

    /// Where the hosts of a part are paid now.
    public borrowing func destinations(
        from first: String, through last: String
    ) throws(StoreFault) -> [HostID: DestinationRow] {
        let found = try rows(
            """
            SELECT d.host, d.n, d.provider, d.destination, d.at_us FROM payout_destinations d
            WHERE d.shard = $1 AND d.host >= $2 AND d.host <= $3 AND d.n = (SELECT max(x.n) FROM payout_destinations x
              WHERE x.shard = d.shard AND x.host = d.host)
            """, shard, first, last
        ) { row throws(StoreFault) in
            guard let provider = ProviderName(rawValue: try row.text(2)) else { throw row.corrupt(2) }
            let destination = DestinationRow(
                n: try row.integer(1), provider: provider, text: try row.text(3), since: try row.instant(4))
            return (try row.identifier(0, as: HostID.self), destination)
        }
        return Dictionary(found, uniquingKeysWith: { $1 })
    }

    /// What holds now for the payouts of the hosts of a part.
    public borrowing func payees(
        from first: String, through last: String
    ) throws(StoreFault) -> [HostID: PayeeRow] {
        let found = try rows(
            """
            SELECT p.host, p.withholding_bp, p.blocked, p.reason, p.actor, p.at_us FROM payee_facts p
            WHERE p.shard = $1 AND p.host >= $2 AND p.host <= $3 AND p.n = (SELECT max(x.n) FROM payee_facts x
              WHERE x.shard = p.shard AND x.host = p.host)
            """, shard, first, last, read: readPayee)
        return Dictionary(found.map { ($0.host, $0) }, uniquingKeysWith: { $1 })
    }

    /// Of each item of a part of a batch what the last batches before it paid to its host in its currency; who was never
    /// paid is left out. A batch is named by its day, so names follow each other as days do.
    /// - Parameter limit: how many batches are looked back at.
    public borrowing func paidBefore(
        _ batch: String, from first: String, through last: String, limit: Int
    ) throws(StoreFault) -> [TierKey: PaidBefore] {
        let found = try rows(
            """
            SELECT i.host, i.currency,
              (SELECT count(*) FROM (SELECT e.net FROM payout_items e WHERE e.shard = i.shard AND e.host = i.host
                AND e.currency = i.currency AND e.batch < i.batch ORDER BY e.batch DESC LIMIT $5) l),
              (SELECT COALESCE(sum(l.net), 0) FROM (SELECT e.net FROM payout_items e WHERE e.shard = i.shard
                AND e.host = i.host AND e.currency = i.currency AND e.batch < i.batch ORDER BY e.batch DESC LIMIT $5) l)
            FROM payout_items i WHERE i.shard = $1 AND i.batch = $2 AND i.host >= $3 AND i.host <= $4
            """, shard, batch, first, last, limit
        ) { row throws(StoreFault) in
            (
                TierKey(host: try row.identifier(0), currency: try row.currency(1)),
                PaidBefore(count: try row.integer(2), sum: try row.integer(3))
            )
        }
        return Dictionary(found.filter { $0.1.count > 0 }, uniquingKeysWith: { $1 })
    }

    /// A part of a batch with the names of its hosts: items behind one of them, by host and currency, each with its last
    /// attempt.
    public borrowing func items(
        of batch: String, after cursor: (host: String, currency: String), limit: Int
    ) throws(StoreFault) -> [(item: PayoutItemRow, name: String)] {
        let found = try rows(
            """
            SELECT i.host, i.currency, i.gross, i.withheld, i.net, COALESCE(h.name, i.host) FROM payout_items i
            LEFT JOIN hosts h ON h.shard = i.shard AND h.host = i.host
            WHERE i.shard = $1 AND i.batch = $2 AND (i.host, i.currency) > ($3, $4)
            ORDER BY i.host, i.currency LIMIT $5
            """, shard, batch, cursor.host, cursor.currency, limit
        ) { row throws(StoreFault) in (item: try readItem(row), name: try row.text(5)) }
        guard let first = found.first, let last = found.last else { return [] }
        let attempts = try attempts(of: batch, from: first.item.host.text, through: last.item.host.text)
        return found.map { (item: $0.item.attempted(attempts), name: $0.name) }
    }
}
