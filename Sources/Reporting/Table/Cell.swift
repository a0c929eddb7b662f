public import Values

/// One value of a table. Money is integer minor units; its currency is in another column of the row.
public enum Cell: Hashable, Sendable {
    case absent
    case text(String)
    case day(LocalDay)
    case instant(Instant)
    case money(Int64)
    case integer(Int64)
    case basisPoints(Int64)

    /// A text where there is one.
    static func text(_ text: String?) -> Cell { text.map { .text($0) } ?? .absent }
    /// A day where there is one.
    static func day(_ day: LocalDay?) -> Cell { day.map { .day($0) } ?? .absent }

    /// The kind of column this belongs in; `nil` for an absent value, which fits an optional column of any kind.
    var kind: ColumnKind? {
        switch self {
        case .absent: nil
        case .text: .text
        case .day: .day
        case .instant: .instant
        case .money: .money
        case .integer: .integer
        case .basisPoints: .basisPoints
        }
    }

    /// The number in it, where it is one.
    var number: Int64? {
        switch self {
        case .money(let value), .integer(let value), .basisPoints(let value): value
        case .absent, .text, .day, .instant: nil
        }
    }

    /// The text for machines: ISO 8601 days, RFC 3339 instants in UTC, plain integers; empty where absent.
    var plain: String {
        switch self {
        case .absent: ""
        case .text(let text): text
        case .day(let day): day.description
        case .instant(let instant): instant.description
        case .money(let value), .integer(let value), .basisPoints(let value): String(value)
        }
    }

    /// Order within a column: absent first, texts in byte order of UTF-8, the rest by value.
    func precedes(_ other: Cell) -> Bool {
        switch (self, other) {
        case (.absent, .absent): false
        case (.absent, _): true
        case (_, .absent): false
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.day(let left), .day(let right)): left < right
        case (.instant(let left), .instant(let right)): left < right
        default: (number ?? 0) < (other.number ?? 0)
        }
    }
}

/// What a column holds.
public enum ColumnKind: String, Hashable, Sendable, Codable {
    case text
    case day
    case instant
    /// Integer minor units of the row's currency.
    case money
    case integer
    case basisPoints = "basis_points"

    /// Figures stand on the right of their column.
    var isFigure: Bool {
        switch self {
        case .money, .integer, .basisPoints: true
        case .text, .day, .instant: false
        }
    }
}
