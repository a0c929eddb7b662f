public import Values

/// One pass over the rows of a report that writes all its files at once; no row is kept.
///
/// Rows are checked before they are written, but totals only at the end: whoever gave the sinks throws their bytes away
/// if ``finish(controls:)`` refuses.
public final class ReportExport {
    private let report: QueryReport
    private var checks: StreamedChecks
    private var writers: [any ReportRowWriter] = []
    private var running: RunningSums

    /// - Parameter outputs: each form that is wanted, and where its bytes go.
    public init(
        _ report: QueryReport, of scope: ReportScope, in language: ReportLanguage, profile: ReportProfile,
        to outputs: [(format: ReportFormat, sink: any ReportSink)]
    ) throws {
        self.report = report
        checks = try StreamedChecks(report.definition)
        running = RunningSums(report.definition)
        for (format, sink) in outputs {
            let output = BufferedOutput(sink)
            switch format {
            case .csv: writers.append(CSVRowWriter(report.definition, profile, language, output))
            case .json: writers.append(JSONRowWriter(report.definition, scope, output))
            case .html:
                let csv = Self.fileName(report, scope, .csv, profile)
                writers.append(try PageRowWriter(report.definition, scope, language, csv: csv, output))
            case .xlsx: writers.append(WorkbookRowWriter(report.definition, scope, language, output))
            }
        }
        for writer in writers { try writer.begin() }
    }

    /// Adds the next row: as many cells as the query has columns.
    public func add(_ answer: [Cell]) throws {
        let row = try running.complete(answer)
        try checks.add(row)
        for writer in writers { try writer.add(row, checks) }
    }

    /// Checks the totals and completes the files.
    /// - Parameter controls: what the report's controls give, by name and currency.
    public func finish(controls: [String: [String: Int64]]) throws -> ReportTotals {
        try checks.finish(controls: controls)
        for writer in writers { try writer.end(checks) }
        return ReportTotals(report.definition, checks)
    }

    /// What a file of a report is called.
    public static func fileName(
        _ report: QueryReport, _ scope: ReportScope, _ format: ReportFormat, _ profile: ReportProfile
    ) -> String {
        let suffix = format == .csv && profile != .standard ? "-" + profile.rawValue : ""
        return "\(report.name)-\(scope.period)\(suffix).\(format.rawValue)"
    }
}

/// What the rows of a report add up to.
public struct ReportTotals: Hashable, Sendable {
    public let rows: Int
    /// Sums of columns of money: column, currency code, minor units.
    public let sums: [String: [String: Int64]]

    init(_ definition: ReportDefinition, _ checks: StreamedChecks) {
        rows = checks.rows
        var sums: [String: [String: Int64]] = [:]
        for (index, column) in definition.columns.enumerated()
        where column.kind == .money && column.running == nil {
            sums[column.name] = checks.sums[index] ?? [:]
        }
        self.sums = sums
    }
}

/// Fills in the columns that a definition adds up from row to row.
struct RunningSums {
    private let definition: ReportDefinition
    /// Position, position of the amounts and of the columns of the group.
    private let columns: [(index: Int, amount: Int, group: [Int])]
    private var groups: [[Cell]]
    private var sums: [Int64]

    init(_ definition: ReportDefinition) {
        self.definition = definition
        columns = definition.columns.enumerated().compactMap { index, column in
            guard let running = column.running, let amount = definition.index(of: running.of) else { return nil }
            return (index, amount, running.within.compactMap { definition.index(of: $0) })
        }
        groups = columns.map { _ in [] }
        sums = columns.map { _ in 0 }
    }

    mutating func complete(_ answer: [Cell]) throws(ReportRefusal) -> [Cell] {
        guard !columns.isEmpty else { return answer }
        guard answer.count + columns.count == definition.columns.count else {
            throw .columnCount(table: definition.name, row: 0)
        }
        var row = answer
        for column in columns { row.insert(.absent, at: column.index) }
        for (place, column) in columns.enumerated() {
            let group = column.group.map { row[$0] }
            if groups[place] != group { (groups[place], sums[place]) = (group, 0) }
            let (sum, overflow) = sums[place].addingReportingOverflow(row[column.amount].number ?? 0)
            guard !overflow else { throw .overflow(table: definition.name) }
            sums[place] = sum
            row[column.index] = .money(sum)
        }
        return row
    }
}

/// Writes rows in one form.
protocol ReportRowWriter: AnyObject {
    func begin() throws
    /// - Parameter checks: the row is in their sums already.
    func add(_ row: [Cell], _ checks: StreamedChecks) throws
    func end(_ checks: StreamedChecks) throws
}

/// Collects small pieces for a sink.
final class BufferedOutput {
    private static let size = 1 << 16
    private let sink: any ReportSink
    var bytes: [UInt8] = []

    init(_ sink: any ReportSink) {
        self.sink = sink
        bytes.reserveCapacity(Self.size + 4_096)
    }

    func write(_ text: String) throws {
        bytes.append(contentsOf: text.utf8)
        try pass()
    }

    /// Hands on what has come together, if it is worth it.
    func pass() throws {
        if bytes.count >= Self.size { try flush() }
    }

    func flush() throws {
        guard !bytes.isEmpty else { return }
        try sink.write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}

/// `control.json` of an export: what a receiver needs to prove that nothing is missing or changed.
public enum ExportControl {
    public static let name = "control.json"

    /// A finished file.
    public struct File: Hashable, Sendable {
        public let name: String
        public let contentType: String
        public let bytes: Int64
        public let sha256: SHA256Digest

        public init(name: String, contentType: String, bytes: Int64, sha256: SHA256Digest) {
            self.name = name
            self.contentType = contentType
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    public static func render(
        _ report: QueryReport, _ scope: ReportScope, _ totals: ReportTotals, _ files: [File]
    ) -> [UInt8] {
        JSONText.object([
            "report": .string(report.name), "period": scope.period.json,
            "rows": .integer(Int64(totals.rows)),
            "sums": .object(totals.sums.mapValues { .object($0.mapValues { .integer($0) }) }),
            "journal": .object([
                "first_sequence": scope.firstSequence.map { .integer($0) } ?? .null,
                "last_sequence": scope.lastSequence.map { .integer($0) } ?? .null,
                "through": .integer(scope.through), "head_hash": .string(scope.headHash),
            ]),
            "files": .array(
                files.map { file in
                    .object([
                        "name": .string(file.name), "content_type": .string(file.contentType),
                        "bytes": .integer(file.bytes), "sha256": .string(file.sha256.hex),
                    ])
                }),
        ]).document
    }
}

extension ReportPeriod {
    var json: JSONText {
        .object([
            "name": .string(description), "first_day": .string(firstDay.description),
            "last_day": .string(lastDay.description),
        ])
    }
}
