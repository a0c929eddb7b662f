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

    borrowing func run(schema: String) throws(StoreFault) {
        var rest = schema[...]
        while let found = rest.firstMatch(of: /ALTER TABLE (\w+) ALTER COLUMN (\w+) DROP NOT NULL;/) {
            try run(script: String(rest[..<found.range.lowerBound]))
            try dropNotNull(of: String(found.output.2), in: String(found.output.1))
            rest = rest[found.range.upperBound...]
        }
        try run(script: String(rest))
    }

    /// Lets a column be NULL, which SQLite has no statement for: the text of the table is changed in the schema, as SQLite's
    /// documents describe for changes that leave the rows as they are (lang_altertable, section 7). The other way, another
    /// table in the place of this one, would need one for each that refers to it.
    private borrowing func dropNotNull(of column: String, in table: String) throws(StoreFault) {
        let transaction = transaction()
        let text = try transaction.row("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = $1", table) {
            row throws(StoreFault) in try row.text(0)
        }
        guard let text,
            let pattern = try? Regex(#"[(,]\s*\#(column) [A-Z]+( NOT NULL)"#, as: (Substring, Substring).self),
            let found = text.firstMatch(of: pattern)
        else { throw .corrupt(column: "\(table).\(column)") }
        let removed = found.output.1.startIndex..<found.output.1.endIndex
        let changed = String(text[..<removed.lowerBound] + text[removed.upperBound...])
        let version = try transaction.row("PRAGMA schema_version") { row throws(StoreFault) in try row.integer(0) } ?? 0
        try run(script: "PRAGMA writable_schema = ON")
        try transaction.execute(
            "UPDATE sqlite_schema SET sql = $1 WHERE type = 'table' AND name = $2", changed, table)
        // Other connections read the schema anew, and so does this one.
        try run(script: "PRAGMA schema_version = \(version + 1); PRAGMA writable_schema = RESET")
    }

    borrowing func abandon() { rollBack() }

    borrowing func hasMigrations() throws(StoreFault) -> Bool {
        try transaction().row("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'") {
            _ throws(StoreFault) in true
        } ?? false
    }
}
