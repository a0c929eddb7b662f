internal import Values

/// CSV row by row. Every amount stands twice: in minor units and as a decimal; in the profile of a person, once.
final class CSVRowWriter: ReportRowWriter {
    private let definition: ReportDefinition
    private let profile: ReportProfile
    private let language: ReportLanguage
    private let output: BufferedOutput
    private var separator: UInt8 { UInt8(ascii: profile == .frExcel ? ";" : ",") }

    init(
        _ definition: ReportDefinition, _ profile: ReportProfile, _ language: ReportLanguage, _ output: BufferedOutput
    ) {
        self.definition = definition
        self.profile = profile
        self.language = language
        self.output = output
    }

    func begin() throws {
        var heading: [String] = []
        for column in definition.columns {
            switch profile {
            case .standard:
                heading.append(column.name)
                if column.kind == .money { heading.append(column.decimal ?? column.name + "_decimal") }
            // The profile is one of a language, whatever pages speak.
            case .frExcel: heading.append(Self.guarded(column.title[.french]))
            }
        }
        if profile == .frExcel { output.bytes += [0xEF, 0xBB, 0xBF] }
        CSVText.append(heading, separator: separator, to: &output.bytes)
    }

    func add(_ row: [Cell], _ checks: StreamedChecks) throws {
        for (index, column) in definition.columns.enumerated() {
            if index > 0 { output.bytes.append(separator) }
            let cell = row[index]
            switch profile {
            case .standard:
                CSVText.append(cell.plain, separator: separator, to: &output.bytes)
                guard column.kind == .money else { continue }
                output.bytes.append(separator)
                let decimal = Self.decimal(cell, checks.currency(of: index, in: row))
                CSVText.append(decimal, separator: separator, to: &output.bytes)
            case .frExcel:
                let text = Self.french(cell) { checks.currency(of: index, in: row) }
                CSVText.append(text, separator: separator, to: &output.bytes)
            }
        }
        output.bytes += [13, 10]
        try output.pass()
    }

    func end(_ checks: StreamedChecks) throws { try output.flush() }

    private static func decimal(_ cell: Cell, _ code: String) -> String {
        guard let amount = cell.number, let currency = Currency(code) else { return "" }
        return Money(amount, currency).decimal
    }

    /// What a French Excel reads as what it is.
    private static func french(_ cell: Cell, currency: () -> String) -> String {
        switch cell {
        case .absent, .day, .integer: cell.plain
        case .text(let text): guarded(text)
        case .money(let amount):
            (Currency(currency()).map { Money(amount, $0).decimal } ?? String(amount)).replacing(".", with: ",")
        // Excel knows no `T` and no `Z`.
        case .instant: cell.plain.replacing("T", with: " ").replacing("Z", with: "").replacing(".", with: ",")
        case .basisPoints(let value):
            (value < 0 ? "-" : "") + "\(value.magnitude / 100),"
                + (value.magnitude % 100 < 10 ? "0" : "") + "\(value.magnitude % 100)%"
        }
    }

    /// A text that a spreadsheet would compute gets an apostrophe in front.
    static func guarded(_ text: String) -> String {
        guard let first = text.utf8.first, [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D].contains(first) else { return text }
        return "'" + text
    }
}

/// The rows as objects by column name, in the same form as the tables of a night.
final class JSONRowWriter: ReportRowWriter {
    private let definition: ReportDefinition
    private let scope: ReportScope
    private let output: BufferedOutput
    /// Positions of the columns in the order of their names, in which members are written.
    private let order: [Int]

    init(_ definition: ReportDefinition, _ scope: ReportScope, _ output: BufferedOutput) {
        self.definition = definition
        self.scope = scope
        self.output = output
        order = definition.columns.indices.sorted {
            definition.columns[$0].name.utf8.lexicographicallyPrecedes(definition.columns[$1].name.utf8)
        }
    }

    func begin() throws {
        let kinds = definition.columns.map { column in
            JSONText.object(["name": .string(column.name), "kind": .string(column.kind.rawValue)])
        }
        try output.write("{\n \"columns\": " + JSONText.array(kinds).nested(1))
        try output.write(",\n \"period\": " + scope.period.json.nested(1))
        try output.write(",\n \"report\": " + JSONText.string(definition.name).nested(1))
        try output.write(",\n \"rows\": [")
    }

    func add(_ row: [Cell], _ checks: StreamedChecks) throws {
        var text = checks.rows == 1 ? "\n  {" : ",\n  {"
        for (place, index) in order.enumerated() {
            text += place == 0 ? "\n   " : ",\n   "
            text += JSONText.string(definition.columns[index].name).nested(0)
            text += ": "
            text += row[index].json.nested(0)
        }
        try output.write(text + "\n  }")
    }

    func end(_ checks: StreamedChecks) throws {
        try output.write(checks.rows == 0 ? "],\n" : "\n ],\n")
        try output.write(" \"through\": \(scope.through)\n}\n")
        try output.flush()
    }
}
