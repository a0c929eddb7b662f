import ArgumentParser
import Foundation

extension ReportCommand {
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a report for a period: CSV, JSON, HTML with plots, or a workbook.",
            discussion: """
                All files come from one moment of the books, and control.json says what they hold: rows, sums per \
                currency, the SHA-256 of each file, the first and last entry. Each file is checked against it here. \
                Up to the same entry (--through) the same report has the same bytes: what stands in no entry, such as \
                how far a payout has come, counts up to that entry's time. Without --through it is as it is now.

                There is no Parquet: no library that this project may build on writes it. DuckDB and pyarrow read the CSV.

                Examples:
                  guichet report run trial-balance --month 2026-11 --out ./november
                  guichet report run vat-by-country --quarter 2026-Q4 --format csv --profile fr-excel --out ./oss
                  guichet report run general-ledger --from 2026-11-01 --to 2026-11-15 --format csv,xlsx --out ./ledger
                """)

        @Argument(help: "The report; 'guichet report list' names them.") var name: String
        @Option(help: "A month, for example 2026-11.") var month: String?
        @Option(help: "A quarter, for example 2026-Q4.") var quarter: String?
        @Option(help: "A year, for example 2026.") var year: String?
        @Option(help: "A business day.") var day: String?
        @Option(help: "The first day of a period of your own; needs --to.") var from: String?
        @Option(help: "The last day of it.") var to: String?
        @Option(help: "csv, json, html, xlsx, several of them with commas, or all.") var format = "all"
        @Option(help: "How CSV is written: standard (RFC 4180), or fr-excel (semicolon, decimal comma).")
        var profile = "standard"
        @Option(help: "Language of pages and workbooks: en or fr.") var language = "en"
        @Option(help: "Leave out what was booked after this entry of the journal.") var through: Int64?
        @Option(name: .customLong("out"), help: "The folder; made if missing.") var folder: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                var client = try server.client()
                client.language = language
                let target = ReportFolder(path: folder)
                let archive = try target.reserve()
                defer { unlink(archive) }
                try await client.download(path(), to: archive)
                let files = try ExportArchive(path: archive).extract(into: folder)
                if server.json { return try Output.json(files) }
                files.forEach(Output.line)
            }
        }

        private func path() -> String {
            var query = [
                ("format", "zip"), ("formats", format == "all" ? nil : format), ("profile", profile), ("month", month),
                ("quarter", quarter), ("year", year), ("day", day), ("from", from), ("to", to),
                ("through", through.map(String.init)),
            ]
            query.removeAll { $0.1 == nil }
            let encoded = query.map { "\($0.0)=\(Self.encoded($0.1 ?? ""))" }.joined(separator: "&")
            return "/v1/reports/definitions/\(Self.encoded(name))/export?\(encoded)"
        }

        private static func encoded(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-_.,")))
                ?? ""
        }
    }
}

extension ReportFolder {
    /// Makes the folder and an empty file in it for what comes over the line.
    func reserve() throws -> String {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch { throw CommandFailure(.file, "\(path) can't be made.") }
        var name = Array((path + "/.guichet-export-XXXXXX").utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw CommandFailure(.file, "\(path) can't be written to.") }
        close(descriptor)
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
