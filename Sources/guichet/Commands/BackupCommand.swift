import ArgumentParser
import Foundation
import Ledger
import Store

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the ledger's database into one file, while it sells.",
        discussion: """
            The copy is the ledger as it stood at one moment: every sale that was answered before the command began is \
            in it. It appears whole or not at all. The keys (ticket-signing.pem, operator.key) and the signed heads \
            are files beside the database: keep copies of them too, in another place than the backup.

              guichet backup /mnt/safe/2026-11-23.sqlite --data ./box-office

            This is for the embedded database. A ledger on PostgreSQL is backed up with PostgreSQL's own pg_dump or \
            continuous archiving.
            """)

    @Argument(help: "The file to write; it must not exist.") var file: String
    @Option(name: .customLong("data"), help: "The data folder. Default: GUICHET_DATA_DIRECTORY.")
    var dataFolder: String?

    func run() async throws {
        try await reportingFailures {
            guard let folder = dataFolder ?? ProcessInfo.processInfo.environment["GUICHET_DATA_DIRECTORY"] else {
                throw CommandFailure(.usage, "Name the data folder with --data.")
            }
            guard !FileManager.default.fileExists(atPath: file) else {
                throw CommandFailure(.file, "\(file) exists already; a backup replaces nothing.")
            }
            do { try Database.copy(folder + "/ledger.sqlite", to: file) } catch {
                throw CommandFailure(.file, "The backup failed: \(error)")
            }
            let bytes = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
            Output.line("\(file)  \(bytes) bytes")
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in its place, after the books in it were proved.",
        discussion: """
            Audits the copy, and compares it with the signed heads and the key of the data folder: a backup that ends \
            before a published head is refused, since what came after it would be lost without a word. Nothing is \
            replaced: the folder must hold no ledger.sqlite. With --check nothing is put anywhere.

              guichet restore /mnt/safe/2026-11-23.sqlite --data ./new-office --check
              guichet restore /mnt/safe/2026-11-23.sqlite --data ./new-office
            """)

    @Argument(help: "The backup.") var file: String
    @Option(name: .customLong("data"), help: "The data folder, with the keys and heads that were kept.")
    var dataFolder: String
    @Flag(help: "Only prove the books.") var check = false
    @Flag(help: "Take a backup that ends before a published head: what came later is lost.") var acceptLoss = false

    func run() async throws {
        try await reportingFailures {
            guard FileManager.default.fileExists(atPath: file) else {
                throw CommandFailure(.file, "There is no file \(file).")
            }
            let target = dataFolder + "/ledger.sqlite"
            if !check, FileManager.default.fileExists(atPath: target) {
                throw CommandFailure(.file, "\(target) exists: move it away first, a restore replaces nothing.")
            }
            let report = try await BookAudit.run(on: file, folder: dataFolder)
            BookAudit.show(report)
            let broken = report.lines.filter { $0.broken > 0 }.map(\.check)
            let isOnlyLoss =
                broken == ["signatures"] && report.lines.last?.findings.allSatisfy { $0.table == "heads" } == true
            guard report.isClean || (acceptLoss && isOnlyLoss) else {
                Output.error("guichet: the backup is not put in its place.")
                throw ExitCode.refused
            }
            guard !check else { return }
            _ = try DataFolder(dataFolder)
            do { try Database.copy(file, to: target) } catch {
                throw CommandFailure(.file, "The backup can't be put in its place: \(error)")
            }
            Output.line("restored \(target)")
        }
    }
}
