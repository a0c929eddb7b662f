internal import CSQLite

/// One connection to a SQLite file, owned by one thread.
///
/// Opened with `SQLITE_OPEN_NOMUTEX`: the owner thread is the lock.
struct Connection: ~Copyable {
    /// An auditor takes the file as it is: it can't write, and sets nothing that would.
    enum Role { case writer, reader, auditor }

    private let handle: OpaquePointer
    private let statements: StatementCache
    /// Of the writer, for its groups.
    let memory: GroupMemory?

    /// Done before the process's first connection. Without it threads that work in files of their own queue for a lock:
    /// a third of the time of all tests together went there. Whether it worked changes nothing but that.
    private static let libraryIsSettled = guichet_sqlite_uncounted() == SQLITE_OK

    private init(_ handle: OpaquePointer, _ role: Role) {
        self.handle = handle
        memory = role == .writer ? GroupMemory() : nil
        statements = StatementCache(handle)
    }

    static func open(path: String, role: Role) throws(StoreFault) -> Connection {
        let access =
            switch role {
            case .writer: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .reader: SQLITE_OPEN_READWRITE
            case .auditor: SQLITE_OPEN_READONLY
            }
        _ = libraryIsSettled
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            let fault = sqliteFault(opened, "open", code)
            sqlite3_close_v2(opened)
            throw fault
        }
        sqlite3_extended_result_codes(opened, 1)
        // Five seconds: a checkpoint of another connection on a loaded disk ends well before.
        sqlite3_busy_timeout(opened, 5_000)
        let connection = Connection(opened, role)
        try connection.settle(role)
        return connection
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// What durability and integrity rest on is set and read back: a build or a wrapper may have other ideas.
    private borrowing func settle(_ role: Role) throws(StoreFault) {
        guard role != .auditor else { return }
        try require("journal_mode", set: "PRAGMA journal_mode = WAL", ask: "PRAGMA journal_mode", "wal")
        try require("synchronous", set: "PRAGMA synchronous = FULL", ask: "PRAGMA synchronous", "2")
        try require("foreign_keys", set: "PRAGMA foreign_keys = ON", ask: "PRAGMA foreign_keys", "1")
        try require("trusted_schema", set: "PRAGMA trusted_schema = OFF", ask: "PRAGMA trusted_schema", "0")
        if role == .reader { try require("query_only", set: "PRAGMA query_only = ON", ask: "PRAGMA query_only", "1") }
        try hasten(role)
    }

    /// What only speed rests on. Measured on 20,000 sales with commits of 64: together they halve the CPU of their SQL.
    private borrowing func hasten(_ role: Role) throws(StoreFault) {
        // Savepoints keep the old pages of a statement or command. In a file, which is the default beyond 64 KB, they
        // cost two system calls a page.
        try set("PRAGMA temp_store = MEMORY")
        // Nothing here is deleted to be forgotten; Debian's SQLite would overwrite what a page no longer needs.
        try set("PRAGMA secure_delete = OFF")
        guard role == .writer else { return }
        // 64 MB: the right edges and upper levels of every tree of a ledger of millions of entries. With the default of
        // 2 MB the pages that one group touches push each other out.
        try set("PRAGMA cache_size = -65536")
        // A checkpoint copies each changed page once, however often it was changed since the last one: 32 MB of log
        // where the default is 4 make fewer copies. What a crash leaves is read in a fraction of a second.
        try set("PRAGMA wal_autocheckpoint = 8000")
    }

    /// A report may sort a whole ledger: on its connection, sorts beyond the cache go to temporary files.
    borrowing func sortOnDisk() throws(StoreFault) { try set("PRAGMA temp_store = FILE") }

    private borrowing func set(_ pragma: StaticString) throws(StoreFault) {
        try transaction().forEach(pragma) { _ throws(StoreFault) in }
    }

    private borrowing func require(
        _ name: String, set: StaticString, ask: StaticString, _ expected: String
    ) throws(StoreFault) {
        let transaction = transaction()
        try transaction.forEach(set) { _ throws(StoreFault) in }
        let value = try transaction.row(ask) { row throws(StoreFault) in
            row.anything(0)
        }
        guard value == expected else { throw .pragma(name: name, value: value ?? "nothing") }
    }

    /// The handle and statements for the duration of one body; the caller brackets it with BEGIN and COMMIT.
    borrowing func transaction() -> Transaction { Transaction(engine: .sqlite(statements), memory: memory) }

    /// Whether SQLite has no open transaction, which it also brings about by itself when the disk is full.
    var isIdle: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// How many rows were written on this connection so far, whatever became of them.
    var changedRows: Int64 { sqlite3_total_changes64(handle) }

    /// Runs a text of several statements: migrations only.
    borrowing func run(script: String) throws(StoreFault) {
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        if code != SQLITE_OK { throw sqliteFault(handle, "script", code) }
    }
}
