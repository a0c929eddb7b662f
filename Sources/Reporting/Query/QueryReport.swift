internal import Foundation
internal import Reports
internal import Values

/// A report whose rows are the answer of a query: a definition that finance can add without touching code.
public struct QueryReport: Sendable {
    public let name: String
    /// The file that it was read from.
    public let origin: String
    let definition: ReportDefinition
    let query: ReportDefinition.Query

    /// The text of the query.
    public var sql: String { query.sql.joined(separator: "\n") }
    /// Further queries, by the name under which checks refer to them: each gives a currency and an amount.
    public var controls: [(name: String, sql: String)] {
        (query.controls ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: "\n")) }
    }
    /// What period it is usually made for.
    public var unit: ReportPeriod.Unit { query.period }
    /// Tables without which it is not offered.
    public var needs: [String] { query.needs ?? [] }
    /// Name and kind of each column that the query gives, in order.
    public var columns: [(name: String, kind: ColumnKind)] {
        definition.columns.filter { $0.running == nil }.map { ($0.name, $0.kind) }
    }

    public func title(_ language: ReportLanguage) -> String { definition.title[language] }
    public func about(_ language: ReportLanguage) -> String { definition.about[language] }

    /// Reads a definition.
    /// - Parameter origin: the name of its file, for who has to correct it.
    /// - Throws: ``ReportRefusal/definition(table:detail:)`` with the place and what is wrong there.
    public init(_ bytes: [UInt8], origin: String) throws(ReportRefusal) {
        let definition: ReportDefinition
        do {
            try DefinitionReading.requireKnownMembers(bytes)
            definition = try JSONDecoder().decode(ReportDefinition.self, from: Data(bytes))
        } catch {
            throw .definition(table: origin, detail: DefinitionReading.words(of: error))
        }
        guard let query = definition.query else {
            throw .definition(table: origin, detail: "query: there is none.")
        }
        if let problem = definition.problem { throw .definition(table: origin, detail: problem) }
        name = definition.name
        self.origin = origin
        self.definition = definition
        self.query = query
    }

    /// Those that ship with the product, by name.
    public static func builtIn() throws(ReportRefusal) -> [QueryReport] {
        var reports: [QueryReport] = []
        for (name, bytes) in ReportResources.queries {
            reports.append(try QueryReport(bytes, origin: name + ".json"))
        }
        return reports.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

extension ReportDefinition {
    /// What of a definition contradicts itself, with its place; `nil` for a sound one.
    var problem: String? {
        guard name.wholeMatch(of: /[a-z][a-z0-9-]{1,39}/) != nil else {
            return "name: lower-case letters, digits and hyphens, 2 to 40 of them, not '\(name)'."
        }
        if (1...60).contains(columns.count) == false { return "columns: 1 to 60, not \(columns.count)." }
        if sort.isEmpty { return "sort: a report needs an order, so that it is the same every time." }
        if let missing = sort.first(where: { index(of: $0) == nil }) { return "sort: there is no column \(missing)." }
        for (number, column) in columns.enumerated() {
            if let words = problem(of: column, number) { return "columns[\(number)]: \(words)" }
        }
        for (number, check) in checks.enumerated() {
            if let words = problem(of: check) { return "checks[\(number)]: \(words)" }
        }
        for (number, chart) in charts.enumerated() {
            let named = [chart.by, chart.sum] + (chart.label.map { [$0] } ?? [])
            if let missing = named.first(where: { index(of: $0) == nil }) {
                return "charts[\(number)]: there is no column \(missing)."
            }
            if let sum = index(of: chart.sum), columns[sum].kind != .money {
                return "charts[\(number)]: \(chart.sum) is no money."
            }
        }
        for (member, wording) in [("title", title), ("about", about), ("empty", empty)]
        where wording.en.isEmpty || wording.fr.isEmpty {
            return "\(member): words are missing in English or French."
        }
        return nil
    }

    private func problem(of column: Column, _ number: Int) -> String? {
        guard column.name.wholeMatch(of: /[a-z][a-z0-9_]{0,39}/) != nil else {
            return "a name has lower-case letters, digits and underscores, not '\(column.name)'."
        }
        if columns[..<number].contains(where: { $0.name == column.name }) { return "\(column.name) is there twice." }
        if column.title.en.isEmpty || column.title.fr.isEmpty { return "\(column.name) lacks words." }
        if let running = column.running {
            guard column.kind == .money, let amount = index(of: running.of), columns[amount].kind == .money,
                columns[amount].running == nil, Set(running.within) == Set(sort.prefix(running.within.count))
            else { return "\(column.name) runs over a column of money within those that rows are sorted by first." }
        }
        guard column.kind == .money else { return nil }
        guard let currency = column.currency, let other = index(of: currency), columns[other].kind == .text else {
            return "\(column.name) is money and names no column with its currency."
        }
        return nil
    }

    private func problem(of check: Check) -> String? {
        let named = check.columns + (check.equals.map { [$0] } ?? [])
        if check.columns.isEmpty { return "it names no column." }
        if let missing = named.first(where: { index(of: $0) == nil }) { return "there is no column \(missing)." }
        if check.says.en.isEmpty || check.says.fr.isEmpty { return "words are missing." }
        switch check.kind {
        case .rowSum: return check.equals == nil ? "a row_sum needs 'equals'." : nil
        case .unique:
            // Rows come one by one, so only what stands side by side can be compared.
            return Set(check.columns) == Set(sort.prefix(check.columns.count))
                ? nil
                : "unique columns must be those that the rows are sorted by first."
        case .running: return check.columns.count == 2 ? nil : "running needs an amount and a balance."
        case .noGap: return nil
        case .total:
            if let control = check.control, query?.controls?[control] == nil {
                return "there is no control \(control)."
            }
            return nil
        }
    }
}

/// What a person needs to hear of a definition that can't be read.
enum DefinitionReading {
    private struct Unknown: Error {
        let place: String
    }

    private static let members: Set<String> = [
        "name", "query", "title", "about", "empty", "columns", "sort", "fold", "checks", "charts", "place", "file",
        "formats", "source",
    ]
    private static let inner: [String: Set<String>] = [
        "columns": [
            "name", "kind", "title", "currency", "optional", "decimal", "page", "style", "vocabulary", "running",
        ],
        "checks": ["kind", "columns", "equals", "control", "says"],
        "charts": ["kind", "title", "about", "by", "label", "sum", "onlyNight"],
    ]

    /// A member that nobody knows is a slip of the pen: it would silently do nothing.
    static func requireKnownMembers(_ bytes: [UInt8]) throws {
        guard let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw Unknown(place: "the file is no JSON object")
        }
        func require(_ object: [String: Any], _ known: Set<String>, _ place: String) throws {
            if let name = object.keys.sorted().first(where: { !known.contains($0) }) {
                throw Unknown(place: "\(place)\(name): there is no such member")
            }
        }
        try require(object, members, "")
        try require(object["query"] as? [String: Any] ?? [:], ["sql", "period", "controls", "needs"], "query.")
        for (member, known) in inner {
            for (number, element) in (object[member] as? [[String: Any]] ?? []).enumerated() {
                try require(element, known, "\(member)[\(number)].")
            }
        }
    }

    static func words(of error: any Error) -> String {
        if let unknown = error as? Unknown { return unknown.place + "." }
        guard let error = error as? DecodingError else {
            let words = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
            return "The file is no JSON: \(words ?? String(describing: error))"
        }
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        @unknown default: return String(describing: error)
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? "." + $0.stringValue }.joined()
        return path.isEmpty ? context.debugDescription : "\(path.drop { $0 == "." }): \(context.debugDescription)"
    }
}
