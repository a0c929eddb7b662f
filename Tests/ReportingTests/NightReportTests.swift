import Foundation
import Reporting
import Testing
import Values

@Suite("The night's files")
struct NightReportTests {
    static let story = Story(seed: 7, days: 6, hosts: 3, rooms: 4).facts

    @Test("Every file of a night is its golden file, in both languages", arguments: ReportLanguage.allCases)
    func golden(language: ReportLanguage) throws {
        let files = try NightReport.files(Self.story, language: language)
        #expect(files.count == 31)
        // A workbook is compressed by the system's zlib: it is read by others below.
        let workbooks = files.filter { $0.name.hasSuffix(".xlsx") }
        for file in files where language == .english || file.name.hasSuffix(".html") {
            guard !file.name.hasSuffix(".xlsx") else { continue }
            // The page names the workbooks' digests, and the control file the page's.
            let page = file.name == "control.json" ? files.filter { $0.name == NightReport.indexName } : []
            try GoldenFiles.expect(
                Self.withoutDigests(of: workbooks + page, in: file), in: "night-\(language.rawValue)")
        }
    }

    /// A page or control file in which digests and sizes of some files are left out.
    private static func withoutDigests(of files: [ReportFile], in file: ReportFile) throws -> ReportFile {
        guard file.name == NightReport.indexName || file.name == "control.json" else { return file }
        var text = String(decoding: file.bytes, as: UTF8.self)
        for other in files {
            let digest = SHA256Digest(of: other.bytes).hex
            try #require(text.contains(digest))
            // The size stands behind the digest on the page, and in front of it in the control file.
            let place = try #require(text.range(of: digest))
            let size = #/("bytes": |<td class="figure">)[0-9]+[^<"\n]*/#
            if file.name == "control.json" {
                let head = text[..<place.lowerBound]
                let start = try #require(head.range(of: "\"bytes\": ", options: .backwards))
                text.replaceSubrange(
                    start.lowerBound..<place.lowerBound,
                    with: text[start.lowerBound..<place.lowerBound].replacing(
                        size, with: "\"bytes\": 0,", maxReplacements: 1))
            } else {
                let end = try #require(text.range(of: "</tr>", range: place.upperBound..<text.endIndex))
                text.replaceSubrange(
                    place.upperBound..<end.upperBound,
                    with: text[place.upperBound..<end.upperBound].replacing(size, with: "<td class=\"figure\">"))
            }
            text = text.replacing(digest, with: "digest of \(other.name)")
        }
        return ReportFile(name: file.name, contentType: file.contentType, bytes: Array(text.utf8))
    }

    @Test("Gnumeric and openpyxl read a statement's workbook as what it is, and every workbook of a night opens")
    func workbooks() throws {
        let files = try NightReport.files(Self.story, language: .english)
        let workbooks = files.filter { $0.name.hasSuffix(".xlsx") }
        #expect(workbooks.count == 8)
        for workbook in workbooks {
            let table = String(workbook.name.dropLast(5))
            let csv = try #require(files.first { $0.name == table + ".csv" })
            let rows = String(decoding: csv.bytes, as: UTF8.self).components(separatedBy: "\r\n").count - 1
            let outcome = try Tool(path: "/bin/sh").run(
                ["-c", "ssconvert -T Gnumeric_stf:stf_csv \(workbook.name) out.csv && wc -l < out.csv"],
                files: [workbook])
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(outcome.output.split(separator: "\n").last.flatMap { Int($0) } == rows, "\(outcome.output)")
        }
        let statement = try #require(workbooks.first { $0.name.hasPrefix("statement-") })
        let csv = try #require(files.first { $0.name == statement.name.dropLast(5) + ".csv" })
        let python = try #require(Tool.python)
        let outcome = try python.run(["-c", Self.reading, statement.name, csv.name], files: [statement, csv])
        #expect(outcome.output.contains("the same"), "\(outcome.output)")
    }

    /// Every value of the workbook against the CSV, whose amounts are in minor units.
    private static let reading = """
        import csv, sys, openpyxl
        book = openpyxl.load_workbook(sys.argv[1])
        assert book.sheetnames == ["Statement", "Totals"], book.sheetnames
        with open(sys.argv[2], newline="", encoding="utf-8") as file:
            records = list(csv.reader(file))
        names = [name for name in records[0] if not name.endswith("_decimal")]
        sheet = list(book["Statement"].iter_rows(values_only=True))
        assert len(sheet) == len(records) and len(sheet[0]) == len(names), (len(sheet), len(records))
        money = {"gross", "vat", "fee", "base", "share", "share_reversed", "refunded", "withheld", "net", "sent",
                 "bracket_left", "amount", "balance"}
        for cells, record in zip(sheet[1:], records[1:]):
            values = dict(zip(records[0], record))
            for name, cell in zip(names, cells):
                said = values[name]
                if cell is None: assert said == "", (name, said)
                elif name in money: assert round(cell * 100) == int(said), (name, cell, said)
                elif name.endswith("_on") or name in ("day", "batch_day"): assert str(cell.date()) == said, (name, cell, said)
                elif name in ("withholding_bp", "bracket_bp"): assert round(cell * 10000) == int(said), (name, cell, said)
                else: assert str(cell) == said, (name, cell, said)
        totals = [row for row in book["Totals"].iter_rows(values_only=True) if row[0]]
        assert not any(row[0] == "Balance" for row in totals), totals
        assert [row[1] for row in totals if row[0] == "Rows"] == [len(records) - 1], totals
        print("the same", len(records))
        """

    @Test("The same facts give the same bytes, whatever order the rows come in", arguments: [1, 2] as [UInt64])
    func stable(seed: UInt64) throws {
        let facts = Story(seed: seed, days: 6, currencies: [.eur, .jpy]).facts
        var turned = facts
        turned.sales.reverse()
        turned.escrow.reverse()
        turned.payouts.reverse()
        turned.balances.reverse()
        turned.carried.reverse()
        turned.orders.reverse()
        turned.hosts.reverse()
        turned.batches.reverse()
        for index in turned.hosts.indices { turned.hosts[index].lines.reverse() }
        let once = try NightReport.files(facts, language: .english)
        #expect(try NightReport.files(turned, language: .english) == once)
    }

    @Test("An empty night has every file, and says that nothing happened")
    func empty() throws {
        let files = try NightReport.files(Self.nothing, language: .french)
        let page = try #require(files.first { $0.name == NightReport.indexName })
        let text = String(decoding: page.bytes, as: UTF8.self)
        #expect(text.contains("Aucun billet n’a été vendu ce jour."))
        #expect(!text.contains("<svg"))
        #expect(
            files.contains {
                $0.name == "payouts.csv" && $0.bytes == Array("batch_day,host,currency,gross,withheld,net\r\n".utf8)
            })
    }

    @Test("The control file names every other file with its true digest, rows and sums")
    func control() throws {
        struct Control: Decodable {
            struct File: Decodable {
                let name: String
                let sha256: String
                let bytes: Int
                let rows: Int?
                let sums: [String: [String: Int64]]
                let first_sequence: Int64
                let last_sequence: Int64
            }
            let files: [File]
        }
        let files = try NightReport.files(Self.story, language: .english)
        let bytes = try #require(files.first { $0.name == "control.json" }).bytes
        let control = try JSONDecoder().decode(Control.self, from: Data(bytes))
        #expect(control.files.map(\.name) == files.map(\.name).filter { $0 != "control.json" })
        for entry in control.files {
            let file = try #require(files.first { $0.name == entry.name })
            #expect(entry.sha256 == SHA256Digest(of: file.bytes).hex)
            #expect(entry.bytes == file.bytes.count)
            #expect(entry.last_sequence == Self.story.headSequence && entry.first_sequence == 1)
            if entry.name.hasSuffix(".csv") {
                let records = String(decoding: file.bytes, as: UTF8.self).components(separatedBy: "\r\n").count - 2
                #expect(entry.rows == records)
            }
        }
        let sales = try #require(control.files.first { $0.name == "sales.csv" })
        #expect(sales.sums["gross"] == ["EUR": Self.story.sales.reduce(0) { $0 + $1.gross }])
    }

    static let nothing = NightFacts(
        platform: "Guichet", day: LocalDay(daysSince1970: 20_454), cutoff: Instant(seconds: 1_767_308_400),
        cutSequence: 0, headSequence: 0, headHash: String(repeating: "0", count: 64), policy: "guichet-standard",
        policyVersion: 1, timeZone: "Europe/Paris", batches: [], journal: [], balances: [], sales: [], escrow: [],
        payouts: [], carried: [], orders: [], hosts: [])
}
