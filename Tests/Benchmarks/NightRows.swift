import Foundation

/// The floor under a night: the rows that it left, written once more by the `sqlite3` shell, with the same keys, indexes,
/// foreign keys, checks and durability, and without anything that decides, hashes or says what they are.
///
/// Rows that a night makes and takes away again (what is in escrow, what is owed) are left out, so the floor is low.
struct NightRows {
    /// The file after the night, and a copy of it from before.
    let done: String
    let before: String

    /// Tables that a night appends to, parents first, each with what tells the night's rows.
    private static let tables: [(name: String, isNew: String)] = [
        (
            "accounts",
            "NOT EXISTS (SELECT 1 FROM main.accounts m WHERE (m.shard, m.account, m.currency) "
                + "= (x.shard, x.account, x.currency))"
        ),
        ("entries", "x.seq > (SELECT max(seq) FROM before_entries)"),
        ("legs", "x.seq > (SELECT max(seq) FROM before_entries)"),
        ("nights", "x.day = \(last)"),
        ("order_splits", "x.rated_on = \(last)"),
        ("tier_use", "x.day = \(last)"),
        ("releases", "x.day = \(last)"),
        ("accruals", "x.accrued_on = \(last)"),
        ("payout_batches", "x.day = \(last)"),
        ("payout_items", "x.batch = 'batch_' || \(last)"),
        ("payout_lines", "x.batch = 'batch_' || \(last)"),
        ("carried", "x.day = \(last)"),
        ("outbox", "x.sequence > (SELECT max(sequence) FROM before_outbox)"),
    ]

    private static let last = "(SELECT max(day) FROM done.nights)"

    func write(orders: Double) throws -> Measurement {
        let copies = Self.tables.map {
            "INSERT INTO main.\($0.name) SELECT x.* FROM done.\($0.name) x WHERE \($0.isNew);"
        }
        return try SQLiteShell(path: before).measure(
            "sqlite3, the bare rows", orders: orders,
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
            PRAGMA secure_delete = OFF; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8000;
            ATTACH '\(done)' AS done;
            CREATE TEMP TABLE before_entries AS SELECT max(seq) AS seq FROM main.entries;
            CREATE TEMP TABLE before_outbox AS SELECT max(sequence) AS sequence FROM main.outbox;
            BEGIN IMMEDIATE;
            \(copies.joined(separator: "\n"))
            COMMIT;
            """)
    }
}
