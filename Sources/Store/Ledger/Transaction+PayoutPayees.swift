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

    public init(count: Int64, sum: Int64) {
        self.count = count
        self.sum = sum
    }
}

/// Hosts that are asked about together: those whom a night looked at or paid, from one of them through another. What is
/// asked of them follows from that night, however many other hosts there are.
public struct PayeePart: Sendable, Hashable {
    let day: LocalDay
    let batch: String
    let first: HostID
    let last: HostID

    public init(of batch: PayoutBatchRow, from first: HostID, through last: HostID) {
        day = batch.day
        self.batch = batch.batch
        self.first = first
        self.last = last
    }
}

/// Parts of a register or a batch at once, in place of a question for each host.
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
    public borrowing func destinations(of part: PayeePart) throws(StoreFault) -> [HostID: DestinationRow] {
        let found = try rows(
            """
            SELECT d.host, d.n, d.provider, d.destination, d.at_us
            FROM (SELECT c.shard, c.host FROM carried c WHERE c.shard = $1 AND c.day = $2 AND c.host >= $4
                AND c.host <= $5
              UNION SELECT i.shard, i.host FROM payout_items i WHERE i.shard = $1 AND i.batch = $3 AND i.host >= $4
                AND i.host <= $5) q
            JOIN payout_destinations d ON d.shard = q.shard AND d.host = q.host
              AND d.n = (SELECT max(x.n) FROM payout_destinations x WHERE x.shard = q.shard AND x.host = q.host)
            """, shard, part.day, part.batch, part.first, part.last
        ) { row throws(StoreFault) in (try row.identifier(0, as: HostID.self), try readDestination(row)) }
        return Dictionary(found, uniquingKeysWith: { $1 })
    }

    /// What holds now for the payouts of the hosts of a part.
    public borrowing func payees(of part: PayeePart) throws(StoreFault) -> [HostID: PayeeRow] {
        let found = try rows(
            """
            SELECT f.host, f.withholding_bp, f.blocked, f.reason, f.actor, f.at_us
            FROM (SELECT c.shard, c.host FROM carried c WHERE c.shard = $1 AND c.day = $2 AND c.host >= $4
                AND c.host <= $5
              UNION SELECT i.shard, i.host FROM payout_items i WHERE i.shard = $1 AND i.batch = $3 AND i.host >= $4
                AND i.host <= $5) q
            JOIN payee_facts f ON f.shard = q.shard AND f.host = q.host
              AND f.n = (SELECT max(x.n) FROM payee_facts x WHERE x.shard = q.shard AND x.host = q.host)
            """, shard, part.day, part.batch, part.first, part.last, read: readPayee)
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

/// Of `host, n, provider, destination, at_us`.
func readDestination(_ row: borrowing Row) throws(StoreFault) -> DestinationRow {
    guard let provider = ProviderName(rawValue: try row.text(2)) else { throw row.corrupt(2) }
    return DestinationRow(
        n: try row.integer(1), provider: provider, text: try row.text(3), since: try row.instant(4))
}
