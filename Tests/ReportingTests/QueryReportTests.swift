import Foundation
import Testing
import Values

@testable import Reporting

/// Reports whose rows come from a query: their definitions, every form of their files, and their checks.
@Suite("Reports of queries")
struct QueryReportTests {
    /// A report with every kind of column.
    static let definition = """
        {
          "name": "till", "query": {"period": "month", "sql": ["SELECT 1 WHERE :shard = ''"], "controls": {"paid": ["SELECT 1"]}},
          "title": {"en": "The till", "fr": "La caisse"}, "about": {"en": "All of it.", "fr": "Le tout."},
          "empty": {"en": "Nothing came in.", "fr": "Rien n’est entré."},
          "columns": [
            {"name": "day", "kind": "day", "title": {"en": "Day", "fr": "Jour"}},
            {"name": "at", "kind": "instant", "title": {"en": "At", "fr": "À"}, "optional": true},
            {"name": "who", "kind": "text", "title": {"en": "Who", "fr": "Qui"}},
            {"name": "currency", "kind": "text", "title": {"en": "Currency", "fr": "Devise"}},
            {"name": "count", "kind": "integer", "title": {"en": "Count", "fr": "Nombre"}},
            {"name": "rate", "kind": "basis_points", "title": {"en": "Rate", "fr": "Taux"}},
            {"name": "amount", "kind": "money", "title": {"en": "Amount", "fr": "Montant"}, "currency": "currency"},
            {"name": "balance", "kind": "money", "title": {"en": "Balance", "fr": "Solde"}, "currency": "currency",
             "running": {"of": "amount", "within": ["currency"]}}
          ],
          "sort": ["currency", "day", "who"],
          "checks": [
            {"kind": "unique", "columns": ["currency", "day", "who"], "says": {"en": "Once each.", "fr": "Une fois chacun."}},
            {"kind": "total", "columns": ["amount"], "control": "paid", "says": {"en": "As the ledger.", "fr": "Comme au livre."}}
          ],
          "charts": [
            {"kind": "bars", "title": {"en": "By name", "fr": "Par nom"}, "about": {"en": "Sums.", "fr": "Sommes."}, "by": "who", "sum": "amount"}
          ]
        }
        """
    static func report() throws -> QueryReport { try QueryReport(Array(definition.utf8), origin: "till.json") }

    static let scope = ReportScope(
        platform: "Guichet & Cie", timeZone: "Europe/Paris",
        // A month that exists.
        period: ReportPeriod(month: "2026-02")!,
        firstSequence: 3, lastSequence: 9, through: 12, headHash: String(repeating: "ab", count: 32))

    static let rows: [[Cell]] = [
        row("2026-02-01", "2026-02-01T10:00:00.25Z", "Ana", "EUR", 3, 2_000, 123_456),
        row("2026-02-02", nil, "=1+1", "EUR", 1, 550, -7),
        row("2026-02-28", "2026-02-28T23:59:59Z", "Zoë \"Z\"; <b>, né", "EUR", 0, 0, 100),
        row("2026-02-02", "1969-12-31T23:59:59.5Z", "-x\nمرحبا", "JPY", 2, 10_000, 500),
    ]

    private static func row(
        _ day: String, _ at: String?, _ who: String, _ currency: String, _ count: Int64, _ rate: Int64, _ amount: Int64
    ) -> [Cell] {
        [
            .day(LocalDay(day)), at.flatMap { Instant($0) }.map { .instant($0) } ?? .absent, .text(who),
            .text(currency),
            .integer(count), .basisPoints(rate), .money(amount),
        ]
    }

    static func files(
        _ rows: [[Cell]] = rows, profile: ReportProfile = .standard, language: ReportLanguage = .english,
        controls: [String: Int64] = ["EUR": 123_549, "JPY": 500]
    ) throws -> (files: [ReportFile], totals: ReportTotals) {
        let report = try report()
        let sinks = ReportFormat.allCases.map { ($0, KeptBytes()) }
        let export = try ReportExport(
            report, of: scope, in: language, profile: profile, to: sinks.map { ($0.0, $0.1) })
        for row in rows { try export.add(row) }
        let totals = try export.finish(controls: ["paid": controls])
        let files = sinks.map { format, sink in
            ReportFile(
                name: ReportExport.fileName(report, scope, format, profile), contentType: format.contentType,
                bytes: sink.bytes)
        }
        return (files, totals)
    }

    @Test("Every form of a report is its golden file", arguments: ReportLanguage.allCases)
    func golden(language: ReportLanguage) throws {
        let (files, totals) = try Self.files(profile: language == .french ? .frExcel : .standard, language: language)
        // A workbook is compressed by the system's zlib: it is read by others below.
        for file in files where !file.name.hasSuffix(".xlsx") {
            try GoldenFiles.expect(file, in: "query-\(language.rawValue)")
        }
        #expect(totals.rows == 4)
        #expect(totals.sums == ["amount": ["EUR": 123_549, "JPY": 500]])
        let control = ExportControl.render(
            try Self.report(), Self.scope, totals,
            files.filter { $0.name.hasSuffix(".csv") }.map {
                ExportControl.File(
                    name: $0.name, contentType: $0.contentType, bytes: Int64($0.bytes.count),
                    sha256: SHA256Digest(of: $0.bytes))
            })
        try GoldenFiles.expect(
            ReportFile(name: "control.json", contentType: "application/json", bytes: control),
            in: "query-\(language.rawValue)")
    }

    @Test("Nothing is said in words, in every form")
    func empty() throws {
        let (files, totals) = try Self.files([], language: .french, controls: [:])
        #expect(totals.rows == 0)
        let page = try #require(files.first { $0.name.hasSuffix(".html") })
        #expect(String(decoding: page.bytes, as: UTF8.self).contains("Rien n’est entré."))
        let json = try #require(files.first { $0.name.hasSuffix(".json") })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any])
        #expect((object["rows"] as? [Any])?.isEmpty == true)
        #expect(
            files.first { $0.name.hasSuffix(".csv") }?.bytes
                == Array("day,at,who,currency,count,rate,amount,amount_decimal,balance,balance_decimal\r\n".utf8))
    }

    @Test("The page is well-formed")
    func wellFormed() throws {
        let (files, _) = try Self.files()
        let page = try #require(files.first { $0.name.hasSuffix(".html") })
        let outcome = try Tool.xmllint.run(["--noout", page.name], files: [page])
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test("The same rows give the same workbook, and openpyxl reads every value as what it is")
    func workbook() throws {
        let first = try #require(try Self.files().files.first { $0.name.hasSuffix(".xlsx") })
        let second = try #require(try Self.files().files.first { $0.name.hasSuffix(".xlsx") })
        #expect(first == second)
        let python = try #require(Tool.python)
        let outcome = try python.run(["-c", Self.reading], files: [first])
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("read 4"), "\(outcome.output)")
    }

    private static let reading = """
        import datetime, openpyxl
        book = openpyxl.load_workbook("till-2026-02.xlsx")
        assert book.sheetnames == ["The till", "Totals"], book.sheetnames
        sheet = book["The till"]
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[0] == ("Day", "At", "Who", "Currency", "Count", "Rate", "Amount", "Balance"), rows[0]
        assert rows[1][0] == datetime.datetime(2026, 2, 1) and rows[1][1] == datetime.datetime(2026, 2, 1, 10, 0, 0, 250000), rows[1]
        assert rows[1][4:] == (3, 0.2, 1234.56, 1234.56), rows[1]
        assert rows[2][2] == "=1+1" and sheet.cell(3, 3).data_type == "s" and sheet.cell(3, 3).quotePrefix
        assert rows[2][1] is None and rows[2][6:] == (-0.07, 1234.49), rows[2]
        assert rows[3][2] == 'Zoë "Z"; <b>, né' and rows[4][2] == "-x مرحبا", rows
        assert rows[4][6:] == (500, 500) and sheet.cell(5, 7).number_format == "#,##0"
        assert sheet.cell(2, 7).number_format == "#,##0.00" and sheet.cell(2, 1).is_date
        assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:H5"
        totals = {row[0]: row[1:] for row in book["Totals"].iter_rows(values_only=True) if row[0]}
        assert totals["Rows"][0] == 4 and totals["Period"][0] == "2026-02", totals
        assert [tuple(row[1:3]) for row in book["Totals"].iter_rows(values_only=True) if row[0] == "Amount"] == [(1235.49, "EUR"), (500, "JPY")]
        print("read", len(rows) - 1)
        """

    @Test("Rows beyond a sheet go on in a second one")
    func sheets() throws {
        let sink = KeptBytes()
        let definition = try Self.report().definition
        let writer = WorkbookRowWriter(definition, Self.scope, .english, BufferedOutput(sink), rowsPerSheet: 3)
        var checks = try StreamedChecks(definition)
        var running = RunningSums(definition)
        try writer.begin()
        for row in Self.rows {
            let whole = try running.complete(row)
            try checks.add(whole)
            try writer.add(whole, checks)
        }
        try writer.end(checks)
        let python = try #require(Tool.python)
        let outcome = try python.run(
            [
                "-c",
                "import openpyxl; b = openpyxl.load_workbook('b.xlsx'); print(b.sheetnames, [s.max_row for s in b][:2])",
            ], files: [ReportFile(name: "b.xlsx", contentType: "", bytes: sink.bytes)])
        #expect(outcome.output.contains("['The till', 'The till 2', 'Totals'] [4, 2]"), "\(outcome.output)")
    }

    @Test("Figures that contradict each other are refused")
    func refused() throws {
        func refusal(_ rows: [[Cell]], _ controls: [String: Int64] = [:]) -> ReportRefusal? {
            do {
                _ = try Self.files(rows, controls: controls)
                return nil
            } catch { return error as? ReportRefusal }
        }
        let rows = Self.rows
        #expect(refusal([rows[0], rows[0]]) == .notUnique(table: "till", row: 1))
        #expect(refusal([rows[3], rows[0]]) == .broken(table: "till", row: 1, column: "currency"))
        #expect(refusal([[.day(nil)] + rows[0].dropFirst()]) == .cellKind(table: "till", row: 0, column: "day"))
        #expect(refusal([[.text("x")] + rows[0].dropFirst()]) == .cellKind(table: "till", row: 0, column: "day"))
        #expect(refusal([Array(rows[0].dropLast())]) == .columnCount(table: "till", row: 0))
        #expect(
            refusal([rows[0]], ["EUR": 1])
                == .total(table: "till", column: "amount", currency: "EUR", expected: 1, found: 123_456))
        #expect(
            refusal([], ["USD": 5]) == .total(table: "till", column: "amount", currency: "USD", expected: 5, found: 0))
        let most = Array(rows[0].dropLast()) + [.money(.max)]
        let other: [Cell] = [
            .day(LocalDay("2026-02-03")), .absent, .text("x"), .text("EUR"), .integer(1), .basisPoints(1), .money(1),
        ]
        #expect(refusal([most, other]) == .overflow(table: "till"))
    }

    @Test(
        "A damaged definition is refused with its file, the place and the reason",
        arguments: [
            ("\"name\": \"till\"", "\"name\": \"Till\"", "name:"),
            ("\"period\": \"month\"", "\"period\": \"moon\"", "query.period"),
            ("\"sql\": [\"SELECT 1 WHERE :shard = ''\"], ", "", "query"),
            ("\"kind\": \"day\"", "\"kind\": \"date\"", "columns[0].kind"),
            ("\"optional\": true", "\"optinal\": true", "columns[1].optinal: there is no such member"),
            ("\"fr\": \"Jour\"", "\"fr\": \"\"", "columns[0]: day lacks words"),
            ("\"currency\": \"currency\"}", "\"currency\": \"money\"}", "columns[6]: amount is money"),
            ("\"sort\": [\"currency\"", "\"sort\": [\"coin\"", "sort: there is no column coin"),
            ("\"control\": \"paid\"", "\"control\": \"owed\"", "checks[1]: there is no control owed"),
            (
                "\"columns\": [\"currency\", \"day\", \"who\"]", "\"columns\": [\"who\"]",
                "checks[0]: unique columns must be"
            ),
            ("\"within\": [\"currency\"]", "\"within\": [\"who\"]", "columns[7]: balance runs over"),
            ("\"by\": \"who\"", "\"by\": \"what\"", "charts[0]: there is no column what"),
            ("\"sum\": \"amount\"", "\"sum\": \"count\"", "charts[0]: count is no money"),
            ("\"name\": \"at\"", "\"name\": \"day\"", "columns[1]: day is there twice"),
            ("\"charts\": [", "\"charts\": [,", "no JSON"),
        ])
    func damaged(old: String, new: String, place: String) {
        let text = Self.definition.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.definition)
        do {
            _ = try QueryReport(Array(text.utf8), origin: "till.json")
            Issue.record("It was taken.")
        } catch {
            guard case .definition(let file, let detail) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(file == "till.json")
            #expect(detail.contains(place), "\(detail)")
        }
    }

    @Test("The product's definitions are sound and speak both languages")
    func builtIn() throws {
        let reports = try QueryReport.builtIn()
        #expect(reports.count >= 11)
        for report in reports {
            #expect(!report.title(.french).isEmpty && !report.about(.english).isEmpty)
            for column in report.definition.columns where column.style == .code {
                #expect(column.vocabulary != nil, "\(report.name) \(column.name)")
            }
        }
    }

    @Test("Periods are what their names say")
    func periods() throws {
        func days(_ period: ReportPeriod?) -> String { period.map { "\($0.firstDay) \($0.lastDay) \($0)" } ?? "none" }
        #expect(days(ReportPeriod(month: "2024-02")) == "2024-02-01 2024-02-29 2024-02")
        #expect(days(ReportPeriod(quarter: "2026-Q4")) == "2026-10-01 2026-12-31 2026-Q4")
        #expect(days(ReportPeriod(quarter: "2026-Q1")) == "2026-01-01 2026-03-31 2026-Q1")
        #expect(days(ReportPeriod(year: "2026")) == "2026-01-01 2026-12-31 2026")
        let day = try #require(LocalDay("2026-05-17"))
        #expect(
            ReportPeriod.Unit.allCases.map { "\(ReportPeriod($0, of: day))" } == [
                "2026-05-17", "2026-05", "2026-Q2", "2026",
            ])
        #expect(
            days(ReportPeriod(from: day, to: day.advanced(byDays: 1))) == "2026-05-17 2026-05-18 2026-05-17_2026-05-18")
        #expect(ReportPeriod(from: day, to: day.advanced(byDays: -1)) == nil)
        for text in ["2026-13", "2026-1", "26-01", "2026-Q5", "2026-Q0", "2026-q1", "20266", "x"] {
            #expect(
                ReportPeriod(month: text) == nil && ReportPeriod(quarter: text) == nil
                    && ReportPeriod(year: text) == nil)
        }
    }
}
