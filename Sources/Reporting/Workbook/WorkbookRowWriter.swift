internal import Values

/// A workbook of a spreadsheet program (ECMA-376, "xlsx"), row by row: sheets with the rows, numbers as numbers with
/// the format of their currency, real dates; and a sheet with totals, period and proof.
///
/// A text cell is a text by its type, so none is ever computed; one that begins like a formula has the style that keeps
/// it a text when somebody edits it.
final class WorkbookRowWriter: ReportRowWriter {
    /// Rows of a sheet beside its heading: the format has 1,048,576. More go on in a further sheet.
    let rowsPerSheet: Int

    private let definition: ReportDefinition
    private let scope: ReportScope
    private let words: Words?
    private let language: ReportLanguage
    private let zip: ZipStream
    private var sheets: [String] = []
    private var rowInSheet = 0

    init(
        _ definition: ReportDefinition, _ scope: ReportScope, _ language: ReportLanguage, _ output: BufferedOutput,
        rowsPerSheet: Int = 1_048_575
    ) {
        self.definition = definition
        self.scope = scope
        self.language = language
        self.rowsPerSheet = rowsPerSheet
        words = try? Words(language)
        zip = ZipStream(output)
    }

    func begin() throws { try beginSheet() }

    func add(_ row: [Cell], _ checks: StreamedChecks) throws {
        if rowInSheet == rowsPerSheet {
            try endSheet()
            try beginSheet()
        }
        rowInSheet += 1
        let number = rowInSheet + 1
        var text = "<row r=\"\(number)\">"
        for index in definition.columns.indices {
            SheetCell.write(row[index], at: index, number, checks.currency(of: index, in: row), to: &text)
        }
        try zip.add(Array((text + "</row>\n").utf8))
    }

    func end(_ checks: StreamedChecks) throws {
        try endSheet()
        try writeTotals(checks)
        for (name, text) in WorkbookParts.files(sheets: sheets, heading: definition.columns.count) {
            try zip.begin(name)
            try zip.add(Array(text.utf8))
        }
        try zip.finish()
    }

    private func beginSheet() throws {
        let title = definition.title[language]
        let number = sheets.count + 1
        sheets.append(WorkbookParts.sheetName(number == 1 ? title : "\(title.prefix(26)) \(number)", among: sheets))
        rowInSheet = 0
        try zip.begin("xl/worksheets/sheet\(number).xml")
        var text = WorkbookParts.sheetHead(widths: definition.columns.map(width), frozen: true)
        text += "<row r=\"1\">"
        for (index, column) in definition.columns.enumerated() {
            SheetCell.write(column.title[language], at: index, 1, style: .heading, to: &text)
        }
        try zip.add(Array((text + "</row>\n").utf8))
    }

    private func endSheet() throws {
        let last = SheetCell.name(definition.columns.count - 1, rowInSheet + 1)
        let text = "</sheetData><autoFilter ref=\"A1:\(last)\"/>" + WorkbookParts.sheetTail
        try zip.add(Array(text.utf8))
    }

    /// In characters, as spreadsheets count.
    private func width(_ column: ReportDefinition.Column) -> Int {
        let least =
            switch column.kind {
            case .text: column.style == .id ? 34 : 22
            case .day: 12
            case .instant: 20
            case .money: 15
            case .integer, .basisPoints: 11
            }
        return max(least, min(30, column.title[language].count + 3))
    }

    /// The last sheet: rows, sums per currency, period, journal and what was checked.
    private func writeTotals(_ checks: StreamedChecks) throws {
        let word = { (key: String) in self.words?(key) ?? key }
        sheets.append(WorkbookParts.sheetName(word("query.totals"), among: sheets))
        try zip.begin("xl/worksheets/sheet\(sheets.count).xml")
        var text = WorkbookParts.sheetHead(widths: [38, 18, 12], frozen: false)
        var number = 0
        func row(_ cells: [(Cell, String)], heading: Bool = false) {
            number += 1
            text += "<row r=\"\(number)\">"
            for (index, (cell, currency)) in cells.enumerated() {
                if heading || (index == 0 && cells.count > 1) {
                    SheetCell.write(cell.plain, at: index, number, style: .heading, to: &text)
                } else {
                    SheetCell.write(cell, at: index, number, currency, to: &text)
                }
            }
            text += "</row>\n"
        }
        row([(.text(definition.title[language]), "")], heading: true)
        row([(.text(word("query.period")), ""), (.text(scope.period.description), "")])
        row([(.text(word("query.first_day")), ""), (.day(scope.period.firstDay), "")])
        row([(.text(word("query.last_day")), ""), (.day(scope.period.lastDay), "")])
        row([(.text(word("query.rows")), ""), (.integer(Int64(checks.rows)), "")])
        row([(.text(word("query.first_sequence")), ""), (scope.firstSequence.map { .integer($0) } ?? .absent, "")])
        row([(.text(word("query.last_sequence")), ""), (scope.lastSequence.map { .integer($0) } ?? .absent, "")])
        row([(.text(word("query.through")), ""), (.integer(scope.through), "")])
        row([(.text(word("proof.head")), ""), (.text(scope.headHash), "")])
        if checks.rows == 0 { row([(.text(definition.empty[language]), "")]) }
        number += 1
        // Balances add up to nothing.
        let balances = Set(definition.checks.filter { $0.kind == .running }.compactMap { $0.columns.last })
        for (index, column) in definition.columns.enumerated() where !balances.contains(column.name) {
            for (currency, sum) in (checks.sums[index] ?? [:]).sorted(by: { $0.key < $1.key }) {
                row([(.text(column.title[language]), ""), (.money(sum), currency), (.text(currency), "")])
            }
        }
        number += 1
        for check in definition.checks { row([(.text(check.says[language]), "")]) }
        try zip.add(Array((text + "</sheetData>" + WorkbookParts.sheetTail).utf8))
    }
}
