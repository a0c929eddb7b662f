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

extension Connection {
    /// Applies what is missing, each migration in a transaction of its own.
    borrowing func migrate(_ migrations: [Migration]) throws(StoreFault) {
        let transaction = transaction()
        try transaction.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
              number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT
            """)
        let applied = try transaction.rows("SELECT number, checksum FROM schema_migrations ORDER BY number") {
            row throws(StoreFault) in (number: try row.integer(0), checksum: try row.text(1))
        }
        for (number, checksum) in applied {
            guard let known = migrations.first(where: { $0.number == number }) else {
                throw .schemaTooNew(number: number)
            }
            guard known.checksum == checksum else { throw .migrationChanged(name: known.name) }
        }
        for migration in migrations.sorted(by: { $0.number < $1.number })
        where !applied.contains(where: { $0.number == migration.number }) {
            try transaction.execute("BEGIN IMMEDIATE")
            do throws(StoreFault) {
                try run(script: migration.script)
                try transaction.execute(
                    "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
                    migration.number, migration.name, migration.checksum)
                try transaction.execute("COMMIT")
            } catch {
                if !isIdle { try transaction.execute("ROLLBACK") }
                throw error
            }
        }
    }
}
