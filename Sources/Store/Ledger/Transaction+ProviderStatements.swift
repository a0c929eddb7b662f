public import BoxOffice
public import Values

/// A stretch of a provider's statement that was read to its end.
public struct ProviderStatementRow: Sendable, Hashable {
    public let provider: ProviderName
    public let n: Int64
    /// Half open.
    public let from: Instant
    public let through: Instant
    /// Lines that were new.
    public let lines: Int
    /// The last entry of the journal before the provider was asked.
    public let head: Int64
    /// Up to which entry the provider had to state what the books have.
    public let checked: Int64
    public let actor: String
    public let at: Instant

    public init(
        provider: ProviderName, n: Int64, from: Instant, through: Instant, lines: Int, head: Int64, checked: Int64,
        actor: String, at: Instant
    ) {
        self.provider = provider
        self.n = n
        self.from = from
        self.through = through
        self.lines = lines
        self.head = head
        self.checked = checked
        self.actor = actor
        self.at = at
    }
}

/// The end of a line.
public enum MovementEnd: Sendable, Hashable {
    /// The books have it, with the entry of a fee that is of no payment.
    case matched(StatedFact, BookedMovement, fee: Int64?)
    case fee(Int64, reason: String)
    case explained(reason: String)
}

extension Transaction {
    /// How far a provider's statement was read; `nil` if it never was.
    public borrowing func lastStatement(of provider: ProviderName) throws(StoreFault) -> ProviderStatementRow? {
        try statements(of: provider, before: .max, limit: 1).first
    }

    /// Stretches that were read, the last one first.
    public borrowing func statements(
        of provider: ProviderName, before n: Int64, limit: Int
    ) throws(StoreFault) -> [ProviderStatementRow] {
        try rows(
            """
            SELECT provider, n, from_us, through_us, lines, head_seq, checked_seq, actor, at_us FROM provider_statements
            WHERE shard = $1 AND provider = $2 AND n < $3 ORDER BY n DESC LIMIT $4
            """, shard, provider.rawValue, n, limit, read: readStatement)
    }

    /// Whether money came through a provider behind an entry.
    public borrowing func hasPayments(
        through provider: ProviderName, after sequence: Int64
    ) throws(StoreFault) -> Bool {
        try row(
            "SELECT 1 FROM hold_payments WHERE shard = $1 AND seq > $2 AND provider = $3 LIMIT 1", shard, sequence,
            provider.rawValue
        ) { _ throws(StoreFault) in true } ?? false
    }

    /// When the first money of a provider was booked; `nil` for none.
    public borrowing func firstPayment(through provider: ProviderName) throws(StoreFault) -> Instant? {
        try row(
            """
            SELECT e.posted_us FROM hold_payments p JOIN entries e ON e.shard = p.shard AND e.seq = p.seq
            WHERE p.shard = $1 AND p.provider = $2 ORDER BY p.seq LIMIT 1
            """, shard, provider.rawValue
        ) { row throws(StoreFault) in try row.instant(0) }
    }

    public borrowing func insertStatement(_ row: ProviderStatementRow) throws(StoreFault) {
        let last = try lastStatement(of: row.provider)
        try execute(
            """
            INSERT INTO provider_statements
              (shard, provider, n, prev_n, from_us, through_us, lines, head_seq, prev_checked, checked_seq, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, row.provider.rawValue, row.n, last?.n, row.from, row.through, row.lines, row.head,
            last?.checked ?? 0, row.checked, row.actor, row.at)
    }

    /// The last entry that a provider had to state by now: of before the newest reading that is older than an instant.
    public borrowing func statementHead(
        of provider: ProviderName, before instant: Instant
    ) throws(StoreFault) -> Int64? {
        try row(
            """
            SELECT head_seq FROM provider_statements WHERE shard = $1 AND provider = $2 AND at_us <= $3
            ORDER BY n DESC LIMIT 1
            """, shard, provider.rawValue, instant
        ) { row throws(StoreFault) in try row.integer(0) }
    }

    /// When the first payment through a provider was asked for.
    public borrowing func firstCharge(through provider: ProviderName) throws(StoreFault) -> Instant? {
        let first: Instant?? = try row(
            "SELECT min(created_us) FROM charges WHERE shard = $1 AND provider = $2", shard, provider.rawValue
        ) { row throws(StoreFault) in row.isNull(0) ? nil : try row.instant(0) }
        return first.flatMap(\.self)
    }

    // Lines

    public borrowing func movement(
        _ name: String, of provider: ProviderName
    ) throws(StoreFault) -> ProviderMovement? {
        try row(
            """
            SELECT movement, kind, category, source, related, currency, amount, fee, created_us, available_us, ours
            FROM provider_movements WHERE shard = $1 AND provider = $2 AND movement = $3
            """, shard, provider.rawValue, name, read: readMovement)
    }

    /// Stores a line that was not there before; it is open.
    public borrowing func insert(
        _ line: ProviderMovement, of provider: ProviderName, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_movements (shard, provider, movement, kind, category, source, related, currency, amount,
              fee, net, created_us, available_us, at_us, ours)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """, shard, provider.rawValue, line.name, line.kind.rawValue, line.category, line.source, line.related,
            line.amount.currency, line.amount.minorUnits, line.fee.minorUnits, line.net.minorUnits, line.createdAt,
            line.availableAt, instant, line.ours)
        try execute(
            "INSERT INTO open_movements (shard, provider, movement, created_us) VALUES ($1, $2, $3, $4)", shard,
            provider.rawValue, line.name, line.createdAt)
    }

    /// Lines without an end, oldest first, behind one of them.
    public borrowing func openMovements(
        after cursor: (at: Instant, provider: String, name: String), limit: Int
    ) throws(StoreFault) -> [(provider: ProviderName, line: ProviderMovement)] {
        try rows(
            """
            SELECT m.movement, m.kind, m.category, m.source, m.related, m.currency, m.amount, m.fee, m.created_us,
              m.available_us, m.ours, m.provider
            FROM open_movements o JOIN provider_movements m ON m.shard = o.shard AND m.provider = o.provider
              AND m.movement = o.movement
            WHERE o.shard = $1 AND (o.created_us, o.provider, o.movement) > ($2, $3, $4)
            ORDER BY o.created_us, o.provider, o.movement LIMIT $5
            """, shard, cursor.at, cursor.provider, cursor.name, limit
        ) { row throws(StoreFault) in
            guard let provider = ProviderName(rawValue: try row.text(11)) else { throw row.corrupt(11) }
            return (provider: provider, line: try readMovement(row))
        }
    }

    public borrowing func isOpen(_ name: String, of provider: ProviderName) throws(StoreFault) -> Bool {
        try row(
            "SELECT 1 FROM open_movements WHERE shard = $1 AND provider = $2 AND movement = $3", shard,
            provider.rawValue, name
        ) { _ throws(StoreFault) in true } ?? false
    }

    /// The end of a line.
    public borrowing func end(
        _ name: String, of provider: ProviderName, _ end: MovementEnd, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        var (outcome, reason) = ("matched", "")
        var (fact, target): (String?, String?) = (nil, nil)
        var (sequence, fee): (Int64?, Int64?) = (nil, nil)
        switch end {
        case .matched(let stated, let booked, let entry):
            (fact, target, sequence, fee) = (stated.rawValue, booked.target, booked.sequence, entry)
        case .fee(let entry, let words): (outcome, fee, reason) = ("fee", entry, words)
        case .explained(let words): (outcome, reason) = ("explained", words)
        }
        try execute(
            """
            INSERT INTO provider_movement_ends
              (shard, provider, movement, outcome, fact, target, seq, fee_seq, reason, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, provider.rawValue, name, outcome, fact, target, sequence, fee, reason, actor, instant)
        try execute(
            "DELETE FROM open_movements WHERE shard = $1 AND provider = $2 AND movement = $3", shard, provider.rawValue,
            name)
    }

    /// The line that states a fact of the books.
    public borrowing func stating(
        _ fact: StatedFact, _ target: String, by provider: ProviderName
    ) throws(StoreFault) -> String? {
        try row(
            """
            SELECT movement FROM provider_movement_ends WHERE shard = $1 AND provider = $2 AND fact = $3 AND target = $4
            """, shard, provider.rawValue, fact.rawValue, target
        ) { row throws(StoreFault) in try row.text(0) }
    }

    /// What is booked as a fee under a line's name.
    public borrowing func fee(of name: String, by provider: ProviderName) throws(StoreFault) -> Money? {
        try row(
            "SELECT fee, currency FROM provider_fees WHERE shard = $1 AND provider = $2 AND movement = $3", shard,
            provider.rawValue, name
        ) { row throws(StoreFault) in try row.money(0, 1) }
    }
}

private func readStatement(_ row: borrowing Row) throws(StoreFault) -> ProviderStatementRow {
    guard let provider = ProviderName(rawValue: try row.text(0)) else { throw row.corrupt(0) }
    return ProviderStatementRow(
        provider: provider, n: try row.integer(1), from: try row.instant(2), through: try row.instant(3),
        lines: try row.int(4), head: try row.integer(5), checked: try row.integer(6), actor: try row.text(7),
        at: try row.instant(8))
}

private func readMovement(_ row: borrowing Row) throws(StoreFault) -> ProviderMovement {
    guard let kind = ProviderMovementKind(rawValue: try row.text(1)) else { throw row.corrupt(1) }
    let currency = try row.currency(5)
    let (amount, fee) = (Money(try row.integer(6), currency), Money(try row.integer(7), currency))
    let line = ProviderMovement(
        name: try row.text(0), kind: kind, category: try row.text(2), source: try row.text(3),
        related: try row.text(4), ours: try row.optionalText(10), amount: amount, fee: fee, net: amount - fee,
        createdAt: try row.instant(8),
        availableAt: try row.instant(9))
    guard let line else { throw row.corrupt(0) }
    return line
}
