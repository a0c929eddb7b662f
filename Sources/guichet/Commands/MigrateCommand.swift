import ArgumentParser
import Store

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the ledger's database up to date, or look whether it is.",
        discussion: """
            A server does the same when it starts, if its role may. Run this as the owner of a PostgreSQL database, and \
            servers as a role that may only append facts:

              guichet migrate --database postgresql://owner@db/ledger --grant guichet

            --distribute citus turns every table with a shard into a distributed one and the others into reference \
            tables; --print shows its statements and those of --grant instead of running them.
            """)

    enum Distribution: String, ExpressibleByArgument, CaseIterable { case citus }

    @Flag(help: "Apply nothing: exit with 0 if nothing is missing, else name what is and exit with 1.")
    var check = false

    @Option(help: "Give this role the rights of a server: SELECT and INSERT on facts, UPDATE and DELETE elsewhere.")
    var grant: String?

    @Option(help: "Spread the tables over a cluster: citus.")
    var distribute: Distribution?

    @Flag(name: .customLong("print"), help: "Print the statements of --grant and --distribute and change nothing.")
    var prints = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        try await reportingFailures {
            let settings = try await options.settings()
            let place: LedgerPlace
            if let named = settings.database {
                place = named
            } else {
                place = .file(try DataFolder(settings.dataDirectory).ledgerDatabase)
            }
            var statements = distribute == nil ? [] : PostgreSQLDialect.citus(of: Migration.ledger)
            if let grant {
                guard let grants = PostgreSQLDialect.grants(to: grant, of: Migration.ledger) else {
                    throw CommandFailure(.usage, "--grant takes the name of a role: letters, digits, underscores.")
                }
                statements += grants
            }
            if prints { return statements.forEach { Output.line($0 + ";") } }
            if !statements.isEmpty, case .file = place {
                throw CommandFailure(.usage, "--grant and --distribute are for PostgreSQL; \(place) is a file.")
            }
            do { try carryOut(statements, at: place) } catch let fault as StoreFault {
                throw CommandFailure(place.exitCode, "The database \(place): \(fault)")
            }
        }
    }

    private func carryOut(_ statements: [String], at place: LedgerPlace) throws {
        if check {
            let missing = try place.missingMigrations()
            for name in missing { Output.line("missing  \(name)") }
            guard missing.isEmpty else { throw ExitCode.refused }
            return Output.line("up to date")
        }
        for name in try place.migrate() { Output.line("applied  \(name)") }
        try place.run(statements)
        Output.line("up to date")
    }
}

extension LedgerPlace {
    /// What a command ends with when this can't be opened.
    var exitCode: ExitCode {
        switch self {
        case .file: .file
        case .server: .unavailable
        }
    }
}
