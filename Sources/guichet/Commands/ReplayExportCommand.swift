import ArgumentParser
import Foundation
import HTTPEdge
import LedgerService
import Store
import Values

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play a list of facts through a fresh ledger, or write such a list from a real one.",
        discussion: """
            'guichet replay CONFIG EVENTS --out DIR' plays; 'guichet replay export' writes CONFIG and EVENTS from the \
            books of a house. Together they say what another policy would have paid:

              guichet replay export --data ./box-office --out ./history
              guichet replay history/config.json history/events.ndjson --out ./what-if --policy guichet-default-2026
            """,
        subcommands: [ReplayPlay.self, ReplayExportCommand.self], defaultSubcommand: ReplayPlay.self)
}

struct ReplayExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the facts of a ledger as a list that 'guichet replay' plays.",
        discussion: """
            Reads the database file itself, beside a server that sells or on a copy, and changes nothing. Writes \
            config.json, the policy under which the last night was run, and events.ndjson, every fact in the night that \
            knew it. Played under the same policy the list pays what the house has paid. What funds gave, and fees of \
            disputes that hosts bore, are corrections in it. Names of hosts, rooms and buyers are their ids.

              guichet replay export --data ./box-office --out ./history
              guichet replay export --database copy.sqlite --out ./history
            """)

    @Option(name: .customLong("data"), help: "The data folder. Default: GUICHET_DATA_DIRECTORY.")
    var dataFolder: String?
    @Option(help: "The database file, or an address such as postgresql://guichet@db/ledger.") var database: String?
    @Option(help: "The folder for the files; made if it is not there.") var out: String
    @Flag(help: "Print the summary as JSON.") var json = false

    func run() async throws {
        try await reportingFailures {
            do { try await export() } catch let refusal as any Refusal {
                throw CommandFailure(refused: refusal)
            } catch let fault as StoreFault {
                throw CommandFailure(.file, "The ledger can't be read: \(fault)")
            }
        }
    }

    private func export() async throws {
        let books = try open()
        do {
            let folder = try ReplayFolder(making: out)
            let made = try await ReplayExport(books).write { try folder.write($0, to: "events.ndjson") }
            try folder.write(String(decoding: made.config, as: UTF8.self), to: "config.json")
            try folder.close()
            await books.close()
            if json { return try Output.json(made.summary) }
            Output.line("nights  \(made.summary.nights), \(made.summary.firstDay) to \(made.summary.lastDay)")
            Output.line("facts   \(made.summary.facts)")
            Output.line("policy  \(made.summary.policy)")
            Output.line("files   \(out)/config.json, \(out)/events.ndjson")
        } catch {
            await books.close()
            throw error
        }
    }

    private func open() throws -> Database {
        if let database, database.hasPrefix("postgres") {
            return try LedgerPlace(database, password: ProcessInfo.processInfo.environment["GUICHET_DATABASE_PASSWORD"])
                .open()
        }
        if let database { return try Database.auditing(ledgerAt: database) }
        guard let folder = dataFolder ?? ProcessInfo.processInfo.environment["GUICHET_DATA_DIRECTORY"] else {
            throw CommandFailure(.usage, "Name the data folder with --data, or a database with --database.")
        }
        return try Database.auditing(ledgerAt: folder + "/ledger.sqlite")
    }
}

extension CommandFailure {
    /// A refusal in words, with what to do next.
    init(refused refusal: any Refusal) {
        let words = Problem(refusal, in: .en)
        self.init(
            .refused, "refused (\(refusal.code)): \(words.title). \(words.detail)\n  What to do: \(words.next)")
    }
}
