internal import Schemas

extension Database {
    /// The ledger's database file, its schema up to date.
    public static func ledger(at path: String, readers: Int = 2) throws(StoreFault) -> Database {
        try Database(path: path, migrations: Migration.ledger, readers: readers)
    }

    /// The ledger's database file as it is, only to be read: beside the process that sells from it, or a copy.
    public static func auditing(ledgerAt path: String) throws(StoreFault) -> Database {
        try Database(auditing: path, migrations: Migration.ledger)
    }

    /// The ledger's database on a PostgreSQL server, its schema up to date. Any number of processes may share it: the
    /// head row of the shard is the lock, so their groups of commands follow one another.
    public static func ledger(at address: PostgreSQLAddress, readers: Int = 4) throws(StoreFault) -> Database {
        try Database(
            address, migrations: Migration.ledger, readers: readers,
            lock: SharedLock(
                // A lock needs a row to lie on, before the first entry too.
                seed: """
                    INSERT INTO heads (shard, sequence, hash, posted_us, feed)
                    VALUES ('0', 0, '0000000000000000000000000000000000000000000000000000000000000000', 0, 0)
                    ON CONFLICT (shard) DO NOTHING
                    """,
                query: "SELECT sequence FROM heads WHERE shard = '0' FOR UPDATE"))
    }
}

extension Migration {
    /// The ledger's schema, step by step.
    public static var ledger: [Migration] {
        SchemaScripts.ledger.map { Migration(number: $0.number, name: $0.name, script: $0.text) }
    }
}
