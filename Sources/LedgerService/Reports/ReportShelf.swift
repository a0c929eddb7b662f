internal import Foundation
internal import Reporting
internal import Schemas
internal import Store
internal import Values

/// The reports with queries that a house has, each with its texts read: those of the product and those of a folder.
public struct ReportShelf: Sendable {
    struct Shelved: Sendable {
        let report: QueryReport
        let query: ReportQuery
        let controls: [(name: String, query: ReportQuery)]
    }

    let reports: [Shelved]

    /// Those that ship with the product. They are part of the program: a broken one is a bug that the first test finds.
    public static let builtIn: ReportShelf = {
        do { return try ReportShelf(try QueryReport.builtIn()) } catch {
            preconditionFailure("A report of the product is broken: \(error)")
        }
    }()

    /// The product's and those of a folder: each file `*.json` in it is one definition.
    /// - Throws: ``ReportRefusal`` that names file, place and reason; ``ReportFolderFault`` for a folder or file that
    ///   can't be read.
    public init(folder: String) throws {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw ReportFolderFault(path: folder)
        }
        var reports = try QueryReport.builtIn()
        for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            let path = folder + "/" + name
            guard let data = FileManager.default.contents(atPath: path), data.count <= Self.byteLimit else {
                throw ReportFolderFault(path: path)
            }
            reports.append(try QueryReport(Array(data), origin: name))
        }
        try self.init(reports)
    }

    /// A definition is a few kilobytes.
    private static let byteLimit = 256 * 1_024

    init(_ all: [QueryReport]) throws(ReportRefusal) {
        let schema = SchemaScripts.ledger.map(\.text).joined()
        var shelved: [Shelved] = []
        var origins: [String: String] = [:]
        for report in all {
            if let other = origins.updateValue(report.origin, forKey: report.name) {
                throw .definition(
                    table: report.origin, detail: "name: '\(report.name)' is the report of \(other) already.")
            }
            // Kept for tables of a later version, or of a part that this one lacks.
            guard report.needs.allSatisfy({ schema.contains("CREATE TABLE \($0) (") }) else { continue }
            var controls: [(String, ReportQuery)] = []
            for (name, text) in report.controls {
                controls.append((name, try Self.read(text, report, "query.controls.\(name)")))
            }
            shelved.append(
                Shelved(report: report, query: try Self.read(report.sql, report, "query.sql"), controls: controls))
        }
        reports = shelved.sorted { $0.report.name.utf8.lexicographicallyPrecedes($1.report.name.utf8) }
    }

    private static func read(
        _ text: String, _ report: QueryReport, _ place: String
    ) throws(ReportRefusal) -> ReportQuery {
        do throws(QueryRefusal) { return try ReportQuery(text) } catch {
            throw .definition(table: report.origin, detail: "\(place), \(error).")
        }
    }

    subscript(name: String) -> Shelved? { reports.first { $0.report.name == name } }
}

/// A folder or file of definitions that can't be read.
public struct ReportFolderFault: Error, CustomStringConvertible {
    public let path: String
    public var description: String { "\(path) can't be read." }
}

extension LedgerService {
    /// Lets the database read every query, so that a wrong one is found at the start and not at the end of a quarter.
    /// - Throws: ``ReportRefusal`` that names the file and what is wrong.
    public func checkReports() async throws {
        let reports = settings.reports.reports
        for shelved in reports {
            let report = shelved.report
            let expected = report.columns.map(\.name)
            let queries =
                [("query.sql", shelved.query)] + shelved.controls.map { ("query.controls.\($0.name)", $0.query) }
            for (number, (place, query)) in queries.enumerated() {
                let columns: [String]
                do { columns = try await database.report { try $0.columns(of: query) } } catch let fault as StoreFault {
                    guard !fault.isTransient else { throw fault }
                    throw ReportRefusal.definition(table: report.origin, detail: "\(place): \(fault)")
                }
                let isRight = number == 0 ? columns == expected : columns.count == 2
                guard isRight else {
                    let wanted = number == 0 ? expected.joined(separator: ", ") : "a currency and an amount"
                    throw ReportRefusal.definition(
                        table: report.origin,
                        detail: "\(place): it gives \(columns.joined(separator: ", ")), not \(wanted).")
                }
            }
        }
    }
}
