public import Values

/// What a rebuild changed in a table that follows from others.
public struct RebuiltTable: Sendable, Hashable, Codable {
    public let table: String
    /// Rows that were not what the facts say, and rows that were lacking; a row that was wrong is both.
    public private(set) var removed = 0
    public private(set) var added = 0
    /// The first of them, `-` for removed and `+` for added.
    public private(set) var changes: [String] = []

    public var isChanged: Bool { removed + added > 0 }

    /// As many as an audit shows of one rule.
    private static let shown = 20

    init(_ table: String) { self.table = table }

    mutating func remove(_ row: String) {
        removed += 1
        if changes.count < Self.shown { changes.append("- " + row) }
    }

    mutating func add(_ row: String) {
        added += 1
        if changes.count < Self.shown { changes.append("+ " + row) }
    }
}

/// A table all of whose rows follow from facts: how it is read, emptied and filled again.
///
/// Queues are none of them: when a call is made next, or how often it was tried, follows from nothing.
private struct DerivedTable {
    let name: String
    /// Each row as a text.
    let rows: StaticString
    let clear: StaticString
    let fill: StaticString
}

extension Database {
    /// Makes the derived tables anew from the facts that they follow from, and nothing else; what was wrong stands in the
    /// log of acts. Each is a transaction of its own, so that whoever sells beside it waits for one table at most.
    /// - Returns: every one of them, with what was wrong in it.
    public func rebuildDerived(by actor: String, at instant: Instant) async throws -> [RebuiltTable] {
        var rebuilt: [RebuiltTable] = []
        for table in derivedTables {
            rebuilt.append(try await write { try $0.rebuild(table, by: actor, at: instant) })
        }
        return rebuilt
    }
}

extension Transaction {
    fileprivate borrowing func rebuild(
        _ table: DerivedTable, by actor: String, at instant: Instant
    ) throws(StoreFault) -> RebuiltTable {
        var stale = Set(try rows(table.rows, shard) { row throws(StoreFault) in try row.text(0) })
        try execute(table.clear, shard)
        try execute(table.fill, shard)
        var found = RebuiltTable(table.name)
        var lacking: [String] = []
        try forEach(table.rows, shard) { row throws(StoreFault) in
            let text = try row.text(0)
            if stale.remove(text) == nil { lacking.append(text) }
        }
        for row in stale.sorted() { found.remove(row) }
        for row in lacking.sorted() { found.add(row) }
        guard found.isChanged else { return found }
        try audit(
            actor: actor, act: "derived_rebuilt", subject: found.table,
            detail: "\(found.removed) removed, \(found.added) added", at: instant)
        return found
    }
}

private let derivedTables: [DerivedTable] = [
    DerivedTable(
        name: "open_passages",
        rows: """
            SELECT account || ' ' || item || ' ' || currency || ' ' || CAST(amount AS TEXT) || ' ' || CAST(at_us AS TEXT)
            FROM open_passages WHERE shard = $1
            """,
        clear: "DELETE FROM open_passages WHERE shard = $1",
        fill: """
            INSERT INTO open_passages (shard, account, item, currency, amount, at_us)
            SELECT i.shard, 'liabilities:suspense', i.item, i.currency, i.amount, i.at_us FROM suspense_items i
            WHERE i.shard = $1 AND NOT EXISTS (SELECT 1 FROM suspense_ends x WHERE x.shard = i.shard AND x.item = i.item)
            UNION ALL
            SELECT r.shard, 'liabilities:repayments', r.repayment, r.currency, r.amount, r.created_us FROM repayments r
            WHERE r.shard = $1 AND NOT EXISTS (SELECT 1 FROM repayment_facts f WHERE f.shard = r.shard
              AND f.repayment = r.repayment AND f.state IN ('succeeded', 'failed'))
            UNION ALL
            SELECT d.shard, 'assets:contested', d.provider || '/' || d.dispute, d.currency, d.amount, s.at_us
            FROM dispute_steps s JOIN disputes d ON d.shard = s.shard AND d.provider = s.provider
              AND d.dispute = s.dispute
            WHERE s.shard = $1 AND s.place = 1 AND NOT EXISTS (SELECT 1 FROM dispute_steps x WHERE x.shard = s.shard
              AND x.provider = s.provider AND x.dispute = s.dispute AND x.place = 2)
            UNION ALL
            SELECT g.shard, 'liabilities:contested', g.provider || '/' || g.dispute, g.currency, g.given, g.at_us
            FROM (SELECT d.shard AS shard, d.provider AS provider, d.dispute AS dispute, d.currency AS currency,
                d.amount - s.platform + coalesce((SELECT max(y.after) FROM dispute_recoveries y
                  WHERE y.shard = s.shard AND y.provider = s.provider AND y.dispute = s.dispute), 0) AS given,
                s.at_us AS at_us
              FROM dispute_steps s JOIN disputes d ON d.shard = s.shard AND d.provider = s.provider
                AND d.dispute = s.dispute
              WHERE s.shard = $1 AND s.place = 1 AND NOT EXISTS (SELECT 1 FROM dispute_steps x
                WHERE x.shard = s.shard AND x.provider = s.provider AND x.dispute = s.dispute AND x.place = 2)) AS g
            WHERE g.given > 0
            """),
    DerivedTable(
        name: "fund_held_places",
        rows: """
            SELECT program || ' ' || CAST(place AS TEXT) || ' by row ' || CAST(n AS TEXT) FROM fund_held_places
            WHERE shard = $1
            """,
        clear: "DELETE FROM fund_held_places WHERE shard = $1",
        fill: """
            INSERT INTO fund_held_places (shard, program, place, n)
            SELECT a.shard, a.program, a.place, a.n FROM fund_book a WHERE a.shard = $1 AND a.kind = 'admitted'
              AND NOT EXISTS (SELECT 1 FROM fund_book e WHERE e.shard = a.shard AND e.program = a.program
                AND e.place = a.place AND e.kind IN ('ended', 'completed'))
            """),
    DerivedTable(
        name: "fund_reserved",
        rows: """
            SELECT program || ' ' || month || ' ' || CAST(place AS TEXT) || ' ' || CAST(amount AS TEXT)
            FROM fund_reserved WHERE shard = $1
            """,
        clear: "DELETE FROM fund_reserved WHERE shard = $1",
        fill: """
            INSERT INTO fund_reserved (shard, program, month, place, amount)
            SELECT shard, program, month, place, CAST(sum(delta) AS BIGINT) FROM fund_reservations WHERE shard = $1
            GROUP BY shard, program, month, place HAVING sum(delta) > 0
            """),
    DerivedTable(
        name: "open_reserves",
        rows: """
            SELECT host || ' ' || currency || ' ' || CAST(reserve AS TEXT) || ' ' || CAST(step AS TEXT) || ' '
              || CAST(left_amount AS TEXT) || ' ' || until_day FROM open_reserves WHERE shard = $1
            """,
        clear: "DELETE FROM open_reserves WHERE shard = $1",
        fill: """
            INSERT INTO open_reserves (shard, host, currency, reserve, step, left_amount, until_day)
            SELECT m.shard, m.host, m.currency, m.reserve, m.step, m.left_after, m.until_day FROM reserve_moves m
            WHERE m.shard = $1 AND m.left_after > 0 AND NOT EXISTS (SELECT 1 FROM reserve_moves x
              WHERE x.shard = m.shard AND x.host = m.host AND x.currency = m.currency AND x.reserve = m.reserve
                AND x.step > m.step)
            """),
    DerivedTable(
        name: "open_movements",
        rows: """
            SELECT provider || ' ' || movement || ' ' || CAST(created_us AS TEXT) FROM open_movements WHERE shard = $1
            """,
        clear: "DELETE FROM open_movements WHERE shard = $1",
        fill: """
            INSERT INTO open_movements (shard, provider, movement, created_us)
            SELECT m.shard, m.provider, m.movement, m.created_us FROM provider_movements m WHERE m.shard = $1
              AND NOT EXISTS (SELECT 1 FROM provider_movement_ends x WHERE x.shard = m.shard
                AND x.provider = m.provider AND x.movement = m.movement)
            """),
    DerivedTable(
        name: "owed",
        rows: """
            SELECT host || ' ' || accrual || ' ' || currency || ' ' || CAST(amount AS TEXT) || ' ' || available_on || ' '
              || accrued_on FROM owed WHERE shard = $1
            """,
        clear: "DELETE FROM owed WHERE shard = $1",
        fill: """
            INSERT INTO owed (shard, host, currency, accrual, amount, available_on, accrued_on)
            SELECT a.shard, a.host, a.currency, a.accrual, a.amount, a.available_on, a.accrued_on FROM accruals a
            WHERE a.shard = $1 AND NOT EXISTS (SELECT 1 FROM payout_lines l WHERE l.shard = a.shard
              AND l.accrual = a.accrual)
            """),
]
