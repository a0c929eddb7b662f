/// A row that is not what the rest of the books say: where it stands and what is wrong with it.
public struct AuditFinding: Hashable, Sendable, Codable {
    public let table: String
    /// The row's key within its table.
    public let key: String
    public let problem: String

    public init(table: String, key: String, problem: String) {
        self.table = table
        self.key = key
        self.problem = problem
    }
}

/// One check: how many rows it looked at, and what it found.
public struct AuditLine: Hashable, Sendable, Codable {
    /// Short and stable: `J1`…`J13` of the payout rules, or the name of a derived table.
    public let check: String
    /// What must hold.
    public let rule: String
    public var counted: Int
    /// How many rows break the rule.
    public private(set) var broken = 0
    /// The first of them; a broken chain breaks everywhere, and twenty are enough to see where it began.
    public private(set) var findings: [AuditFinding] = []

    public static let shownFindings = 20

    public init(_ check: String, _ rule: String, counted: Int = 0) {
        self.check = check
        self.rule = rule
        self.counted = counted
    }

    public mutating func add(_ table: String, _ key: String, _ problem: String) {
        broken += 1
        if findings.count < Self.shownFindings {
            findings.append(AuditFinding(table: table, key: key, problem: problem))
        }
    }
}

/// All that an audit looked at.
public struct AuditReport: Hashable, Sendable, Codable {
    /// Where the journal ends.
    public let sequence: Int64
    public let hash: String
    public let lines: [AuditLine]
    public var isClean: Bool { lines.allSatisfy { $0.broken == 0 } }

    public init(sequence: Int64, hash: String, lines: [AuditLine]) {
        self.sequence = sequence
        self.hash = hash
        self.lines = lines
    }

    /// The report with one check more.
    public func with(_ line: AuditLine) -> AuditReport {
        AuditReport(sequence: sequence, hash: hash, lines: lines + [line])
    }
}
