/// Where a ledger's database is.
public enum LedgerPlace: Sendable, Hashable, CustomStringConvertible {
    /// An SQLite file; it belongs to one process at a time.
    case file(String)
    /// A database of a PostgreSQL server; any number of processes may share it.
    case server(PostgreSQLAddress)

    /// Reads a path, or an address such as `postgresql://guichet@db.example/ledger` or `host=/run/db dbname=ledger`.
    public init(_ text: String, password: String? = nil) {
        if let address = PostgreSQLAddress(text, password: password) {
            self = .server(address)
        } else {
            self = .file(text)
        }
    }

    /// The path, or the address without its password.
    public var description: String {
        switch self {
        case .file(let path): path
        case .server(let address): address.description
        }
    }

    /// Opens the ledger, its schema brought up to date.
    public func open() throws(StoreFault) -> Database {
        switch self {
        case .file(let path): try .ledger(at: path)
        case .server(let address): try .ledger(at: address)
        }
    }

    /// The names of migrations that were not applied yet; changes nothing.
    public func missingMigrations() throws(StoreFault) -> [String] {
        switch self {
        case .file(let path):
            // A reader's connection makes no file.
            do throws(StoreFault) {
                return try Connection.open(path: path, role: .reader).missing(of: Migration.ledger).map(\.name)
            } catch {
                // SQLITE_CANTOPEN: there is none yet.
                guard case .sqlite(let code, _, _) = error, code & 0xFF == 14 else { throw error }
                return Migration.ledger.map(\.name)
            }
        case .server(let address):
            return try PostgreSQLConnection.open(address, role: .reader).missing(of: Migration.ledger).map(\.name)
        }
    }

    /// Applies what is missing.
    /// - Returns: the names of what was missing.
    @discardableResult
    public func migrate() throws(StoreFault) -> [String] {
        switch self {
        case .file(let path):
            let lock = try FileLock(besides: path)
            defer { lock.release() }
            try createPrivateFile(path)
            let connection = try Connection.open(path: path, role: .writer)
            return try bringUpToDate(connection)
        case .server(let address):
            let connection = try PostgreSQLConnection.open(address, role: .writer)
            return try bringUpToDate(connection)
        }
    }

    private func bringUpToDate<Engine: MigratingConnection & ~Copyable>(
        _ connection: borrowing Engine
    ) throws(StoreFault) -> [String] {
        let missing = try connection.missing(of: Migration.ledger)
        try connection.migrate(Migration.ledger)
        return missing.map(\.name)
    }

    /// Runs statements that ``PostgreSQLDialect`` made, each by itself.
    public func run(_ statements: [String]) throws(StoreFault) {
        guard case .server(let address) = self else { return }
        let connection = try PostgreSQLConnection.open(address, role: .writer)
        for statement in statements { try connection.run(script: statement) }
    }
}
