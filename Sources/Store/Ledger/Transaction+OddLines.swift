public import BoxOffice
public import Values

/// A line of a provider's statement that can't be taken as it is.
public struct OddLineRow: Sendable, Hashable {
    public let provider: ProviderName
    /// By the provider's name of it.
    public let name: String
    /// Of what the provider said.
    public let digest: String
    /// ``StatementProblem/unreadable`` or ``StatementProblem/conflict``.
    public let problem: StatementProblem
    public let detail: String
    public let at: Instant

    public init(
        provider: ProviderName, name: String, digest: String, problem: StatementProblem, detail: String, at: Instant
    ) {
        self.provider = provider
        self.name = name
        self.digest = digest
        self.problem = problem
        self.detail = detail
        self.at = at
    }
}

extension Transaction {
    /// Writes down what can't be taken, once for each thing that is said.
    /// - Returns: whether it is new.
    public borrowing func insert(_ line: OddLineRow) throws(StoreFault) -> Bool {
        let known = try row(
            """
            SELECT 1 FROM provider_odd_lines WHERE shard = $1 AND provider = $2 AND movement = $3 AND digest = $4
            """, shard, line.provider.rawValue, line.name, line.digest
        ) { _ throws(StoreFault) in true }
        guard known == nil else { return false }
        try execute(
            """
            INSERT INTO provider_odd_lines (shard, provider, movement, digest, problem, detail, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, line.provider.rawValue, line.name, line.digest, line.problem.rawValue, line.detail, line.at)
        return true
    }

    /// What has no end yet, oldest first, behind one of them. Looked up among all that ever were: those are exceptions.
    public borrowing func openOddLines(
        after cursor: (at: Instant, provider: String, name: String), limit: Int
    ) throws(StoreFault) -> [OddLineRow] {
        try rows(
            """
            SELECT o.provider, o.movement, o.digest, o.problem, o.detail, o.at_us FROM provider_odd_lines o
            WHERE o.shard = $1 AND (o.at_us, o.provider, o.movement || ' ' || o.digest) > ($2, $3, $4)
              AND NOT EXISTS (SELECT 1 FROM provider_odd_line_ends x WHERE x.shard = o.shard AND x.provider = o.provider
                AND x.movement = o.movement AND x.digest = o.digest)
            ORDER BY o.at_us, o.provider, o.movement || ' ' || o.digest LIMIT $5
            """, shard, cursor.at, cursor.provider, cursor.name, limit, read: readOddLine)
    }

    /// What has no end yet under a name, and whether anything ever was odd about it.
    public borrowing func oddLines(
        named name: String, of provider: ProviderName
    ) throws(StoreFault) -> (open: [OddLineRow], known: Bool) {
        let all = try rows(
            """
            SELECT o.provider, o.movement, o.digest, o.problem, o.detail, o.at_us, x.at_us FROM provider_odd_lines o
            LEFT JOIN provider_odd_line_ends x ON x.shard = o.shard AND x.provider = o.provider
              AND x.movement = o.movement AND x.digest = o.digest
            WHERE o.shard = $1 AND o.provider = $2 AND o.movement = $3 ORDER BY o.at_us, o.digest
            """, shard, provider.rawValue, name
        ) { row throws(StoreFault) in (line: try readOddLine(row), isOpen: row.isNull(6)) }
        return (all.filter(\.isOpen).map(\.line), !all.isEmpty)
    }

    public borrowing func end(
        _ line: OddLineRow, because reason: String, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_odd_line_ends (shard, provider, movement, digest, reason, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, line.provider.rawValue, line.name, line.digest, reason, actor, instant)
    }
}

private func readOddLine(_ row: borrowing Row) throws(StoreFault) -> OddLineRow {
    guard let provider = ProviderName(rawValue: try row.text(0)) else { throw row.corrupt(0) }
    guard let problem = StatementProblem(rawValue: try row.text(3)) else { throw row.corrupt(3) }
    return OddLineRow(
        provider: provider, name: try row.text(1), digest: try row.text(2), problem: problem, detail: try row.text(4),
        at: try row.instant(5))
}
