extension PostgreSQLConnection: MigratingConnection {
    static var beginMigration: StaticString { "BEGIN" }

    /// Statements of the schema, in PostgreSQL's dialect, inside the transaction that is open.
    borrowing func run(schema: String) throws(StoreFault) {
        // Two processes that start together on an empty database: the second waits, and finds the work done. The
        // number is this program's own and means nothing.
        try run(script: "SELECT pg_advisory_xact_lock(4748170923)")
        try run(script: PostgreSQLDialect.translate(schema))
        _ = try pipeline()
    }

    borrowing func abandon() {
        guard let session = try? pipeline() else { return }
        session.recover()
        try? session.post("ROLLBACK")
        _ = try? session.receive()
    }

    borrowing func hasMigrations() throws(StoreFault) -> Bool {
        _ = try pipeline()
        return try transaction().row(
            """
            SELECT 1 FROM information_schema.tables
            WHERE table_schema = current_schema() AND table_name = 'schema_migrations'
            """
        ) { _ throws(StoreFault) in true } ?? false
    }
}
