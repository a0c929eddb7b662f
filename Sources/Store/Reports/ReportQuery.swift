/// The query of a report: one SELECT that only reads, with parameters by name (`:first_day`).
///
/// Queries of reports are data, so this is the one place where a text that is in no literal becomes SQL. It is read
/// token by token before any engine sees it, and only what is known to be harmless passes: no second statement, no word
/// that writes or locks, no function but those of ``ReportQuery/functions``, no table with secrets, no quoting that
/// two engines read differently. Both engines run it in a transaction that can't write all the same.
public struct ReportQuery: Sendable, Hashable {
    /// What a query may ask of the run that it is part of.
    public enum Parameter: String, Sendable, Hashable, CaseIterable {
        case shard
        /// The period, both days inclusive, as text.
        case firstDay = "first_day"
        case lastDay = "last_day"
        /// The least and greatest sequence of entries dated in the period and not behind `through`; 1 and 0 if none is.
        case firstSequence = "first_sequence"
        case lastSequence = "last_sequence"
        /// The last entry that the report knows of.
        case through
        /// The period in microseconds since 1970, UTC, half-open: business days of the house.
        case start = "start_us"
        case end = "end_us"
        /// For facts that stand in no entry: those recorded before this instant count, in microseconds since 1970. The time
        /// of the entry `through` where that was asked for, so that nothing that is recorded later changes the report
        /// (acts and payouts are never written with a time before the last entry's); else the end of all times.
        case known = "known_us"
    }

    /// The text with `$1`, `$2`, … in the place of names, for PostgreSQL; and with `?1`, `?2`, … for SQLite.
    let text: String
    let positionalText: String
    /// The parameters by their number, from 1 on.
    let parameters: [Parameter]

    /// A definition is a page of text; more than this is no report but an accident.
    static let byteLimit = 20_000

    /// - Throws: the first thing in the text that may not be there.
    public init(_ text: String) throws(QueryRefusal) {
        guard text.utf8.count <= Self.byteLimit else { throw QueryRefusal(.tooLong(limit: Self.byteLimit), at: (1, 1)) }
        var scanner = QueryScanner(text)
        var parameters: [Parameter] = []
        var pieces: [(text: String, positional: String)] = []
        var previous: QueryToken?
        var count = 0
        var depth = 0
        while let (token, place) = try scanner.next() {
            count += 1
            switch token {
            case .word(let word):
                try Self.check(word, isFirst: count == 1, at: place)
            case .symbol("("):
                depth += 1
                if case .word(let word) = previous, !Self.beforeParenthesis.contains(word.uppercased()) {
                    throw QueryRefusal(.function(word), at: place)
                }
            case .symbol(")"):
                depth -= 1
                guard depth >= 0 else { throw QueryRefusal(.parenthesis, at: place) }
            case .literal:
                // E'…', U&'…' and the like are read by one engine only.
                if case .word(let word) = previous, scanner.touchesPrevious {
                    throw QueryRefusal(.word(word + "'"), at: place)
                }
            case .parameter(let name):
                guard let parameter = Parameter(rawValue: name) else {
                    throw QueryRefusal(.parameter(name), at: place)
                }
                if !parameters.contains(parameter) { parameters.append(parameter) }
            case .number, .symbol: break
            }
            let blank = pieces.isEmpty || scanner.touchesPrevious ? "" : " "
            if case .parameter(let name) = token {
                // Just appended, if it was not there.
                let number = (parameters.firstIndex { $0.rawValue == name } ?? 0) + 1
                pieces.append((blank + "$\(number)", blank + "?\(number)"))
            } else {
                pieces.append((blank + token.text, blank + token.text))
            }
            previous = token
        }
        guard count > 0 else { throw QueryRefusal(.empty, at: (1, 1)) }
        guard depth == 0 else { throw QueryRefusal(.parenthesis, at: scanner.place) }
        guard parameters.contains(.shard) else { throw QueryRefusal(.shardMissing, at: (1, 1)) }
        self.text = pieces.map(\.text).joined()
        positionalText = pieces.map(\.positional).joined()
        self.parameters = parameters
    }

    private static func check(_ word: String, isFirst: Bool, at place: (Int, Int)) throws(QueryRefusal) {
        let upper = word.uppercased()
        if isFirst, upper != "SELECT", upper != "WITH" { throw QueryRefusal(.notSelect(word), at: place) }
        guard !forbidden.contains(upper) else { throw QueryRefusal(.word(word), at: place) }
        let lower = word.lowercased()
        guard !secret.contains(lower),
            !["pg_", "sqlite_", "information_schema"].contains(where: { lower.hasPrefix($0) })
        else { throw QueryRefusal(.secret(word), at: place) }
    }

    /// What may be called: the same on both engines, exact, and without effect.
    public static let functions: Set<String> = [
        "SUM", "COUNT", "MIN", "MAX", "COALESCE", "NULLIF", "ABS", "CAST", "LENGTH", "SUBSTR", "REPLACE", "LOWER",
        "UPPER", "TRIM", "ROW_NUMBER", "RANK", "LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE",
    ]

    /// Words that a parenthesis may follow without being a call.
    private static let beforeParenthesis: Set<String> = functions.union([
        "AS", "IN", "AND", "OR", "NOT", "EXISTS", "OVER", "VALUES", "FROM", "JOIN", "WHERE", "ON", "BY", "SELECT",
        "WHEN",
        "THEN", "ELSE", "CASE", "UNION", "ALL", "EXCEPT", "INTERSECT", "MATERIALIZED", "HAVING", "FILTER", "LIKE",
        "BETWEEN", "DISTINCT",
    ])

    private static let forbidden: Set<String> = [
        "INSERT", "UPDATE", "DELETE", "MERGE", "UPSERT", "CREATE", "DROP", "ALTER", "TRUNCATE", "GRANT", "REVOKE",
        "COPY",
        "DO", "CALL", "EXECUTE", "PREPARE", "DEALLOCATE", "SET", "RESET", "SHOW", "LOCK", "VACUUM", "ANALYZE",
        "REINDEX",
        "CLUSTER", "PRAGMA", "ATTACH", "DETACH", "INTO", "FOR", "LISTEN", "NOTIFY", "UNLISTEN", "LOAD", "BEGIN",
        "START",
        "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "EXPLAIN", "RETURNING", "RECURSIVE", "DECLARE", "FETCH", "MOVE",
        "CLOSE", "SECURITY", "REFRESH", "IMPORT", "EXPORT",
    ]

    /// Tables and columns that hold hashes of keys and codes, or what opens something.
    private static let secret: Set<String> = [
        "api_keys", "idempotency_keys", "webhooks", "webhook_facts", "webhook_progress", "webhook_attempts",
        "charge_links", "bank_accounts", "bank_files", "schema_migrations", "code_hash", "transfers",
        "rowid", "oid", "ctid", "xmin", "xmax",
    ]
}

/// Why a text is no query of a report, and where: line and column from 1.
public struct QueryRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case empty
        case tooLong(limit: Int)
        /// It begins with another word than SELECT or WITH.
        case notSelect(String)
        /// A word that writes, locks, or ends the statement.
        case word(String)
        /// A call of what is not among ``ReportQuery/functions``.
        case function(String)
        /// A table or column that reports may not read.
        case secret(String)
        case parameter(String)
        /// A character that has no place outside of literals: a semicolon, a double quote, a backslash.
        case character(String)
        case literalOpen
        case parenthesis
        /// It would read the rows of every shard.
        case shardMissing
    }

    public let reason: Reason
    public let line: Int
    public let column: Int

    init(_ reason: Reason, at place: (line: Int, column: Int)) {
        self.reason = reason
        line = place.line
        column = place.column
    }

    public var description: String { "line \(line), column \(column): \(words)" }

    private var words: String {
        switch reason {
        case .empty: "there is no query"
        case .tooLong(let limit): "a query has at most \(limit) bytes"
        case .notSelect(let word): "a query is one SELECT, and does not begin with '\(word)'"
        case .word(let word): "'\(word)' has no place in a query that only reads"
        case .function(let word):
            "'\(word)' can't be called; known are "
                + ReportQuery.functions.sorted().joined(separator: ", ").lowercased()
        case .secret(let word): "'\(word)' is not for reports"
        case .parameter(let name):
            "there is no parameter :\(name); known are "
                + ReportQuery.Parameter.allCases.map { ":" + $0.rawValue }.joined(separator: ", ")
        case .character(let character): "the character \(character) has no place here"
        case .literalOpen: "a text that begins here does not end"
        case .parenthesis: "parentheses do not match"
        case .shardMissing: "the query has no :shard, which every table is asked for"
        }
    }
}
