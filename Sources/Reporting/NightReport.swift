/// All files of one night, as a pure function of its facts: the same facts give the same bytes.
public enum NightReport {
    /// The page that a person opens first.
    public static let indexName = "report.html"

    /// Checks the facts against each other and writes every file.
    ///
    /// - Parameter language: of pages and workbooks; files for programs do not depend on it.
    /// - Returns: `report.html`, the tables as CSV, JSON and workbooks, `result.json`, `journal.hledger`,
    ///   `journal.beancount`, `statement-HOST.html`, `.csv`, `.json` and `.xlsx` for every host, and `control.json`,
    ///   sorted by name.
    /// - Throws: the first contradiction found; then nothing is written.
    public static func files(_ facts: NightFacts, language: ReportLanguage) throws(ReportRefusal) -> [ReportFile] {
        let definitions = try ReportDefinition.all()
        let books = try NightBooks(facts)
        let parts = PageParts(words: try Words(language))
        var files: [ReportFile] = []
        var entries: [ControlFile.Entry] = []

        func add(_ file: ReportFile, _ table: Table? = nil) throws(ReportRefusal) {
            files.append(file)
            entries.append(ControlFile.Entry(file, rows: table?.rows.count, sums: try table?.sums() ?? [:]))
        }

        // Of the whole journal, so once for all tables and hosts.
        let night = facts.scope(of: ReportPeriod(day: facts.day))
        for definition in definitions {
            guard let table = books.tables[definition.name] else { continue }
            for format in definition.formats ?? [] {
                let name = definition.file ?? definition.name
                switch format {
                case .csv: try add(csv(table, name), table)
                case .json: try add(file(name + ".json", json, table.json.document), table)
                case .xlsx:
                    try add(workbook(table, name, night, language), table)
                }
            }
        }
        for statement in books.statements {
            let name = "statement-" + FileName.part(statement.host)
            try add(csv(statement.table, name), statement.table)
            var scope = night
            scope.period = statement.period(facts)
            try add(workbook(statement.table, name, scope, language), statement.table)
            try add(file(name + ".json", json, StatementFile.render(statement, facts)), statement.table)
            let page = StatementPage(statement: statement, facts: facts, parts: parts, file: name + ".csv")
            try add(file(name + ".html", html, page.render()))
        }
        try add(file("journal.hledger", plain, HledgerJournal.render(books.journal)), books.tables["journal"])
        try add(file("journal.beancount", plain, BeancountJournal.render(books.journal)), books.tables["journal"])
        try add(file("result.json", json, ResultFile.render(books)))
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let page = NightPage(books: books, parts: parts, definitions: definitions, files: entries)
        try add(file(indexName, html, page.render()))
        files.append(ControlFile.render(facts, entries))
        return files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static let html = "text/html; charset=utf-8"
    private static let json = "application/json"
    private static let plain = "text/plain; charset=utf-8"

    private static func file(_ name: String, _ type: String, _ bytes: [UInt8]) -> ReportFile {
        ReportFile(name: name, contentType: type, bytes: bytes)
    }

    private static func csv(_ table: Table, _ name: String) -> ReportFile {
        file(name + ".csv", "text/csv; charset=utf-8; header=present", CSVText.render(table))
    }

    private static func workbook(
        _ table: Table, _ name: String, _ scope: ReportScope, _ language: ReportLanguage
    ) throws(ReportRefusal) -> ReportFile {
        file(name + ".xlsx", ReportFormat.xlsx.contentType, try TableWorkbook.render(table, scope, language))
    }
}
