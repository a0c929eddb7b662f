internal import BoxOffice
internal import Ledger
internal import HTTPEdge
internal import Reporting
internal import Store
internal import Synchronization
internal import Values

/// The finished files of a report, still on the disk.
public struct FinishedExport: Sendable {
    struct File: Sendable {
        let name: String
        let format: ReportFormat
        let file: SpooledFile
    }

    let files: [File]
    /// `control.json`.
    let control: [UInt8]
    /// All of them in one archive, where that was asked for.
    let bundle: SpooledFile?
    let name: String
    let scope: ReportScope
    let totals: ReportTotals
}

extension LedgerService {
    /// The reports that can be asked for, by name.
    func reportDefinitions(_ language: ReportLanguage, by caller: Caller) throws -> [ReportDefinitionView] {
        try requireFinanceReading(caller)
        return settings.reports.reports.map { shelved in
            let report = shelved.report
            return ReportDefinitionView(
                name: report.name, title: report.title(language), about: report.about(language),
                period: report.unit.rawValue,
                columns: report.columns.map { ReportDefinitionView.Column(name: $0.name, kind: $0.kind.rawValue) },
                formats: ReportFormat.allCases.map(\.rawValue))
        }
    }

    /// Makes the files of a report from one snapshot of the database. Rows go to the disk as they come: memory does not
    /// grow with them.
    /// - Throws: ``ReportRunRefusal``, or ``ReportRefusal`` where the figures contradict each other; then nothing is given.
    public func export(_ name: String, _ order: ReportRequest, by caller: Caller) async throws -> FinishedExport {
        try requireFinanceReading(caller)
        guard let shelved = settings.reports[name] else { throw ReportRunRefusal.reportNameUnknown }
        let run = ReportRun(
            shelved: shelved, order: order, platform: settings.platform, calendar: settings.housePolicy.calendar,
            now: clock.now(), limits: settings.reportLimits)
        guard reportTurns.take() else { throw ReportRunRefusal.busy }
        defer { reportTurns.giveBack() }
        do {
            return try await database.report { try run.finish(in: $0) }
        } catch let fault as StoreFault where fault.isTimeout {
            throw ReportRunRefusal.tooSlow(seconds: settings.reportLimits.seconds)
        } catch is ArchiveTooLarge {
            throw ReportRunRefusal.tooLarge
        }
    }
}

/// What one run of a report may take.
public struct ReportLimits: Sendable, Hashable {
    /// Rows of one export. A general ledger of a million entries has two million; more should be asked for month by
    /// month.
    public var rows = 5_000_000
    /// Of the database's time, rows and files included.
    public var seconds = 300
}

/// How many reports run or wait: each may take minutes, and somebody who waits that long asks again.
final class ReportTurns: Sendable {
    private static let limit = 8
    private let taken = Mutex(0)

    func take() -> Bool {
        taken.withLock { taken in
            guard taken < Self.limit else { return false }
            taken += 1
            return true
        }
    }

    func giveBack() { taken.withLock { $0 -= 1 } }
}

/// One run of a report in a transaction that reads.
struct ReportRun: Sendable {
    let shelved: ReportShelf.Shelved
    let order: ReportRequest
    let platform: String
    let calendar: BusinessCalendar
    let now: Instant
    let limits: ReportLimits

    func finish(in transaction: borrowing Transaction) throws -> FinishedExport {
        let report = shelved.report
        let (scope, values) = try scope(in: transaction)
        let spools = try order.formats.map { ($0, try SpooledFile()) }
        let export = try ReportExport(
            report, of: scope, in: order.language, profile: order.profile, to: spools.map { ($0.0, $0.1) })
        try rows(in: transaction, values, to: export)
        var controls: [String: [String: Int64]] = [:]
        for (name, query) in shelved.controls {
            controls[name] = try totals(of: query, values, in: transaction)
        }
        let sums = try export.finish(controls: controls)
        var files: [FinishedExport.File] = []
        for (format, spool) in spools {
            spool.finish()
            files.append(
                FinishedExport.File(
                    name: ReportExport.fileName(report, scope, format, order.profile), format: format, file: spool))
        }
        let listed = files.map {
            ExportControl.File(
                name: $0.name, contentType: $0.format.contentType, bytes: $0.file.count, sha256: $0.file.sha256)
        }
        let control = ExportControl.render(report, scope, sums, listed)
        return FinishedExport(
            files: files, control: control, bundle: order.isBundled ? try bundle(files, control) : nil,
            name: "\(report.name)-\(scope.period)", scope: scope, totals: sums)
    }

    private func bundle(_ files: [FinishedExport.File], _ control: [UInt8]) throws -> SpooledFile {
        let spool = try SpooledFile()
        let bundle = ReportBundle(spool)
        for file in files {
            try bundle.begin(file.name)
            var offset: Int64 = 0
            while true {
                let piece = try file.file.read(at: offset, upTo: 1 << 18)
                if piece.isEmpty { break }
                try bundle.add(piece)
                offset += Int64(piece.count)
            }
        }
        try bundle.begin(ExportControl.name)
        try bundle.add(control)
        try bundle.finish()
        spool.finish()
        return spool
    }

    /// What the report is about, and the same as its queries take it.
    private func scope(in transaction: borrowing Transaction) throws -> (ReportScope, ReportQueryValues) {
        let head = try transaction.journalHead()
        let through = order.through ?? head.chain.sequence
        guard (0...head.chain.sequence).contains(through) else { throw ReportRunRefusal.throughAhead }
        let last = try transaction.reportHead(at: through)
        let period =
            order.period ?? ReportPeriod(shelved.report.unit, of: last?.effectiveOn ?? calendar.businessDay(of: now))
        let found = try transaction.sequences(from: period.firstDay, to: period.lastDay, through: through)
        let scope = ReportScope(
            platform: platform, timeZone: calendar.zone, period: period, firstSequence: found?.first,
            lastSequence: found?.last, through: through, headHash: last?.hash ?? SHA256Digest.zero.hex)
        let values = ReportQueryValues(
            firstDay: period.firstDay.description, lastDay: period.lastDay.description,
            firstSequence: found?.first ?? 1,
            lastSequence: found?.last ?? 0, through: through,
            start: calendar.cutoff(of: period.firstDay.advanced(byDays: -1)).microseconds,
            end: calendar.cutoff(of: period.lastDay).microseconds,
            known: order.through == nil ? .max : last?.postedAt.microseconds ?? 0)
        return (scope, values)
    }

    private func rows(
        in transaction: borrowing Transaction, _ values: ReportQueryValues, to export: ReportExport
    ) throws {
        let columns = shelved.report.columns.map(\.kind)
        var failure: (any Error)?
        var count = 0
        try transaction.forEach(shelved.query, values, seconds: limits.seconds) { row throws(StoreFault) in
            count += 1
            var cells: [Cell] = []
            cells.reserveCapacity(columns.count)
            for (index, kind) in columns.enumerated() { cells.append(try row.cell(index, kind)) }
            do {
                guard count <= limits.rows else { throw ReportRunRefusal.tooManyRows(most: limits.rows) }
                try export.add(cells)
            } catch { failure = error }
            return failure == nil
        }
        if let failure { throw failure }
    }

    /// The control totals that a query gives: currency and amount.
    private func totals(
        of query: ReportQuery, _ values: ReportQueryValues, in transaction: borrowing Transaction
    ) throws -> [String: Int64] {
        var totals: [String: Int64] = [:]
        try transaction.forEach(query, values, seconds: limits.seconds) { row throws(StoreFault) in
            totals[try row.text(0), default: 0] += try row.optionalInteger(1) ?? 0
            return true
        }
        return totals
    }
}

extension Row {
    /// The value of a column as a report has it.
    fileprivate func cell(_ column: Int, _ kind: ColumnKind) throws(StoreFault) -> Cell {
        if isNull(column) { return .absent }
        switch kind {
        case .text: return .text(try text(column))
        case .day: return .day(try day(column))
        case .instant: return .instant(try instant(column))
        case .money: return .money(try integer(column))
        case .integer: return .integer(try integer(column))
        case .basisPoints: return .basisPoints(try integer(column))
        }
    }
}
