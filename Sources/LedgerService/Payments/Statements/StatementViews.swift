public import BoxOffice
internal import Store
public import Values

/// A stretch of a provider's statement that was read, as shown.
public struct ProviderStatementView: Sendable, Hashable, Encodable {
    public let provider: String
    /// Counted from 1 for each provider.
    public let statement: Int64
    /// Half open: the next one begins where this one ends.
    public let from: Instant
    public let through: Instant
    /// Lines that were new.
    public let lines: Int
    public let actor: String
    public let at: Instant

    init(_ row: ProviderStatementRow) {
        provider = row.provider.rawValue
        statement = row.n
        from = row.from
        through = row.through
        lines = row.lines
        actor = row.actor
        at = row.at
    }
}

public struct ProviderStatementList: Sendable, Hashable, Encodable {
    public let statements: [ProviderStatementView]
    public let next: String?
}

/// Something on which a provider's statement and the books do not agree.
public struct ProviderDifferenceView: Sendable, Hashable, Encodable {
    public let provider: String
    /// The line, by the provider's name; of what the books have and no line states, `fact` and `target` instead.
    public let line: String?
    public let fact: String?
    public let target: String?
    /// The provider's word for the line, or the kind of the fact.
    public let category: String
    /// As the provider's balance moves by it.
    /// Absent of a line that can't be taken.
    public let amount: Money?
    /// What the provider kept with a line.
    public let fee: Money?
    public let problem: String
    /// What is wrong with a line that can't be taken.
    public let detail: String?
    public let since: Instant
    public let ageDays: Int64

    init(
        _ line: ProviderMovement, of provider: ProviderName, _ problem: StatementProblem, at now: Instant
    ) {
        self.provider = provider.rawValue
        self.line = line.name
        fact = nil
        target = nil
        category = line.category
        amount = line.amount
        fee = line.fee
        self.problem = problem.rawValue
        detail = nil
        since = line.createdAt
        ageDays = Self.days(since: line.createdAt, at: now)
    }

    init(_ gap: ProviderGapRow, at now: Instant) {
        provider = gap.provider.rawValue
        line = nil
        fact = gap.fact.rawValue
        target = gap.target
        category = gap.fact.rawValue
        amount = gap.amount
        fee = nil
        problem = StatementProblem.missing.rawValue
        detail = nil
        since = gap.bookedAt
        ageDays = Self.days(since: gap.bookedAt, at: now)
    }

    init(_ line: OddLineRow, at now: Instant) {
        provider = line.provider.rawValue
        self.line = line.name
        fact = nil
        target = nil
        category = line.problem.rawValue
        amount = nil
        fee = nil
        problem = line.problem.rawValue
        detail = line.detail
        since = line.at
        ageDays = Self.days(since: line.at, at: now)
    }

    private static func days(since: Instant, at now: Instant) -> Int64 {
        max(0, since.microseconds(until: now) / 86_400_000_000)
    }
}

public struct ProviderDifferenceList: Sendable, Hashable, Encodable {
    public let differences: [ProviderDifferenceView]
    public let next: String?
}

/// What somebody ends: a line of a statement, or a fact of the books that no line states.
public enum ProviderDifference: Sendable, Hashable {
    case line(String)
    case fact(StatedFact, target: String)

    var text: String {
        switch self {
        case .line(let name): name
        case .fact(let fact, let target): "\(fact.rawValue) \(target)"
        }
    }
}

/// The end of a difference, as shown.
public struct ProviderResolutionView: Sendable, Hashable, Encodable {
    public let provider: String
    public let line: String?
    public let fact: String?
    public let target: String?
    public let resolution: String
    public let reason: String
    /// What was booked as a fee; negative for what came back.
    public let booked: Money?
}
