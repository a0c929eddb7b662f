import ArgumentParser
import Foundation
import HTTPEdge
import Ledger
import LedgerService
import Schemas
import Store
import Tickets

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Prove the books: recompute the hash chain, every rule of the journal and every derived table.",
        discussion: """
            Reads the database file itself, and needs no server: beside one that sells, or on a copy. Changes nothing. \
            Exits with 1 if a single row is not what the rest of the books say, and names its table and key.

              guichet audit --data ./box-office
              guichet audit --database copy.sqlite --json

            With --record a running server makes the audit and keeps its result: payout batches leave only behind a clean \
            one that has read all of their night. A server with --nightly does so after each night, and sending an approved \
            batch does so where none is fresh enough (payouts.auditHours).

              guichet audit --record --data ./box-office

            With --rebuild the tables that follow from others are made anew from the facts, each in one transaction, and \
            it says what changed; then the books are audited. No fact is touched: what is wrong in one stays wrong. A file \
            must have no server on it; a PostgreSQL database may have any number.

              guichet audit --rebuild --data ./box-office
            """)

    @Option(help: "The database file, where it is not ledger.sqlite of the data folder.") var database: String?
    @Flag(help: "Make the tables that follow from others anew before the audit.") var rebuild = false
    @Flag(help: "Let the server audit and keep the result (finance or operator key).") var record = false
    @OptionGroup var server: ServerOptions

    private var json: Bool { server.json }
    private var dataFolder: String? { server.dataFolder }

    /// What --rebuild prints with --json.
    private struct Rebuilt: Encodable {
        let rebuilt: [RebuiltTable]
        let audit: AuditReport?
    }

    private struct Recorded: Decodable {
        let audit: Int64
        let clean: Bool
        let sequence: Int64
        let hash: String
        let broken: Int
        let detail: String
    }

    private func recordAudit() async throws {
        let answer = try await server.client().post(
            "/v1/audits", [String: String](), idempotencyKey: IdempotencyKey.fresh())
        let audit: Recorded = try APIClient.decode(answer)
        if json {
            try Output.json(answer)
        } else {
            Output.line(
                audit.clean
                    ? "clean    audit \(audit.audit): the journal ends at \(audit.sequence) \(audit.hash)"
                    : "broken   audit \(audit.audit): \(audit.broken) findings, the first: \(audit.detail)")
        }
        guard audit.clean else { throw ExitCode.refused }
    }

    private func rebuilt(at place: LedgerPlace) async throws -> [RebuiltTable] {
        let tables = try await BookRebuild.run(at: place)
        if !json { BookRebuild.show(tables) }
        return tables
    }

    func run() async throws {
        try await reportingFailures {
            if record {
                guard !rebuild else {
                    throw CommandFailure(.usage, "--rebuild works on the database itself; leave --record out.")
                }
                guard database == nil else {
                    throw CommandFailure(.usage, "--record asks a server; a database file alone keeps nothing.")
                }
                return try await recordAudit()
            }
            let path = try path()
            let tables = rebuild ? try await rebuilt(at: LedgerPlace(path)) : nil
            // Of a server's database a server makes the audit: with --record.
            if let tables, case .server = LedgerPlace(path) {
                return json ? try Output.json(Rebuilt(rebuilt: tables, audit: nil)) : ()
            }
            let report = try await BookAudit.run(on: path, folder: database == nil ? folder : nil)
            if !json {
                BookAudit.show(report)
            } else if let tables {
                try Output.json(Rebuilt(rebuilt: tables, audit: report))
            } else {
                try Output.json(report)
            }
            guard report.isClean else { throw ExitCode.refused }
        }
    }

    private var folder: String? { dataFolder ?? ProcessInfo.processInfo.environment["GUICHET_DATA_DIRECTORY"] }

    private func path() throws -> String {
        if let database { return database }
        guard let folder else {
            throw CommandFailure(.usage, "Name the data folder with --data, or a database file with --database.")
        }
        return folder + "/ledger.sqlite"
    }
}

/// Makes derived tables anew, and says what changed.
enum BookRebuild {
    static func run(at place: LedgerPlace) async throws -> [RebuiltTable] {
        do {
            let missing = try place.missingMigrations()
            guard missing.isEmpty else {
                throw CommandFailure(
                    .configuration, "The database \(place) is of an older version: run 'guichet migrate'.")
            }
            let database = try place.open()
            let now = WallClock.system.now()
            let tables = try await database.rebuildDerived(by: "operator", at: now)
            await database.close()
            return tables
        } catch let fault as StoreFault {
            throw CommandFailure(place.exitCode, "The database \(place) can't be rebuilt: \(fault)")
        }
    }

    static func show(_ tables: [RebuiltTable]) {
        for table in tables {
            Output.line(
                table.isChanged
                    ? "rebuilt  \(table.table): \(table.removed) removed, \(table.added) added"
                    : "ok       \(table.table) is what follows from the facts")
            for change in table.changes { Output.line("          \(change)") }
        }
    }
}

/// An audit of a database file, and how it is printed.
enum BookAudit {
    /// - Parameter folder: the data folder whose keys and kept heads are compared as well; `nil` for a file alone.
    static func run(on path: String, folder: String? = nil) async throws -> AuditReport {
        let chart: ChartOfAccounts
        do { chart = try ChartOfAccounts(json: ChartOfAccountsFile.json) } catch {
            throw CommandFailure(.configuration, "The chart of accounts can't be read: \(error)")
        }
        do {
            let database = try Database.auditing(ledgerAt: path)
            let (report, stored) = try await database.read { transaction in
                (try transaction.auditBooks(chart: chart), try transaction.statedHeads())
            }
            await database.close()
            guard let folder, let keyRing = keyRing(of: folder) else { return report }
            return report.with(HeadAudit.line(stored: stored, kept: keptHeads(of: folder), keyRing: keyRing))
        } catch {
            throw CommandFailure(.file, "The database \(path) can't be audited: \(error)")
        }
    }

    /// The public halves of the folder's keys; `nil` where there are none, as beside a copy.
    private static func keyRing(of folder: String) -> KeyRing? {
        let ring = KeyFolder(folder).publicKeys
        return ring.keys.isEmpty ? nil : ring
    }

    private static func keptHeads(of folder: String) -> [String: String] {
        let heads = folder + "/heads"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: heads)) ?? []
        return names.filter { $0.hasSuffix(".jws") }.reduce(into: [:]) { kept, name in
            kept[name] = (try? String(contentsOfFile: "\(heads)/\(name)", encoding: .utf8)) ?? ""
        }
    }

    static func show(_ report: AuditReport) {
        for line in report.lines {
            let verdict = line.broken == 0 ? "ok" : "BROKEN"
            let name = line.check.padding(toLength: 12, withPad: " ", startingAt: 0)
            let count = String(line.counted)
            let indent = String(repeating: " ", count: max(0, 9 - count.count))
            Output.line(
                "\(verdict.padding(toLength: 7, withPad: " ", startingAt: 0)) \(name)\(indent)\(count)  \(line.rule)")
            for finding in line.findings {
                Output.line("          \(finding.table) \(finding.key): \(finding.problem)")
            }
            if line.broken > line.findings.count {
                Output.line("          and \(line.broken - line.findings.count) more")
            }
        }
        let broken = report.lines.reduce(0) { $0 + $1.broken }
        Output.line(
            broken == 0
                ? "clean    the journal ends at \(report.sequence) \(report.hash)"
                : "broken   \(broken) findings; the journal ends at \(report.sequence) \(report.hash)")
    }
}
