internal import Schemas
internal import Values

/// A numbered step of a schema. Applied once, in order, and never edited afterwards: its checksum is remembered.
public struct Migration: Sendable, Hashable {
    public let number: Int64
    public let name: String
    public let script: String

    public init(number: Int64, name: String, script: String) {
        self.number = number
        self.name = name
        self.script = script
    }

    var checksum: String { SHA256Digest(of: script).hex }
}

/// A connection that a schema can be brought up to date over.
protocol MigratingConnection: ~Copyable {
    /// Keeps others from doing the same at the same time until the transaction ends.
    static var beginMigration: StaticString { get }
    borrowing func transaction() -> Transaction
    /// Runs statements written in SQLite's dialect; see ``PostgreSQLDialect``.
    borrowing func run(schema: String) throws(StoreFault)
    borrowing func abandon()
    /// Whether the table of applied migrations is there.
    borrowing func hasMigrations() throws(StoreFault) -> Bool
}

extension MigratingConnection where Self: ~Copyable {
    /// Applies what is missing, each migration in a transaction of its own.
    borrowing func migrate(_ migrations: [Migration]) throws(StoreFault) {
        for migration in try missing(of: migrations) {
            let transaction = transaction()
            try transaction.execute(Self.beginMigration)
            do throws(StoreFault) {
                try run(
                    schema: """
                        CREATE TABLE IF NOT EXISTS schema_migrations (
                          number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT;
                        """)
                // Another process may have been faster.
                if try !applied().contains(where: { $0.number == migration.number }) {
                    try run(schema: migration.script)
                    try transaction.execute(
                        "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
                        migration.number, migration.name, migration.checksum)
                }
                try transaction.execute("COMMIT")
            } catch {
                abandon()
                throw error
            }
        }
    }

    /// That nothing is missing, where nothing may be changed.
    borrowing func requireSchema(_ migrations: [Migration]) throws(StoreFault) {
        if let migration = try missing(of: migrations).first { throw .schemaOutdated(number: migration.number) }
    }

    /// Migrations that were not applied yet, in order.
    /// - Throws: for a database that other or newer migrations were applied to.
    borrowing func missing(of migrations: [Migration]) throws(StoreFault) -> [Migration] {
        let applied = try hasMigrations() ? applied() : []
        for (number, checksum) in applied {
            guard let known = migrations.first(where: { $0.number == number }) else {
                throw .schemaTooNew(number: number)
            }
            guard known.checksum == checksum else { throw .migrationChanged(name: known.name) }
        }
        return migrations.sorted { $0.number < $1.number }
            .filter { migration in !applied.contains { $0.number == migration.number } }
    }

    private borrowing func applied() throws(StoreFault) -> [(number: Int64, checksum: String)] {
        try transaction().rows("SELECT number, checksum FROM schema_migrations ORDER BY number") {
            row throws(StoreFault) in (number: try row.integer(0), checksum: try row.text(1))
        }
    }
}

extension Connection: MigratingConnection {
    static var beginMigration: StaticString { "BEGIN IMMEDIATE" }

    borrowing func run(schema: String) throws(StoreFault) { try run(script: schema) }

    borrowing func abandon() { rollBack() }

    borrowing func hasMigrations() throws(StoreFault) -> Bool {
        try transaction().row("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'") {
            _ throws(StoreFault) in true
        } ?? false
    }
}
