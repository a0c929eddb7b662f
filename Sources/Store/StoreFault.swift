internal import Foundation

/// What went wrong in the store: never a refusal, and never with a bound value in it.
///
/// ``isTransient`` says whether the same command may succeed when it is sent again.
public enum StoreFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// SQLite said no. `code` is the extended result code, `operation` the kind of call, `message` SQLite's own words
    /// (they name tables and constraints, not values).
    case sqlite(code: Int32, operation: String, message: String)
    /// PostgreSQL said no. `state` is the SQLSTATE, `message` the server's primary message (it names tables and
    /// constraints; values stand in its detail, which is not kept).
    case postgreSQL(state: String, operation: String, message: String)
    /// The connection to the database server broke before a commit was asked for: nothing was stored.
    case disconnected
    /// The connection broke while the server was committing: stored or not, asking again with the same key tells.
    case outcomeUnknown
    /// The database server cannot be connected to; `message` is libpq's own (it holds no password).
    case unreachable(message: String)
    /// Another process, or another part of this one, has the file open for writing.
    case inUse(path: String)
    /// The file could not be created or its lock file could not be opened; `code` is errno.
    case file(path: String, code: Int32)
    /// A pragma that durability or integrity rests on did not take the value asked for.
    case pragma(name: String, value: String)
    /// A migration that was applied earlier has other text now.
    case migrationChanged(name: String)
    /// The file was written by a newer version, which knows more migrations.
    case schemaTooNew(number: Int64)
    /// The file lacks this migration, and may not be changed here.
    case schemaOutdated(number: Int64)
    /// A row does not hold what its column promises, for example an id that is none.
    case corrupt(column: String)
    /// More commands wait than the queue takes; try again later.
    case overloaded
    /// The database was closed.
    case closed

    public var isTransient: Bool {
        switch self {
        case .sqlite(let code, _, _): Self.transientPrimaryCodes.contains(code & 0xFF)
        case .postgreSQL(let state, _, _):
            Self.transientClasses.contains(String(state.prefix(2))) || Self.transientStates.contains(state)
        case .overloaded, .disconnected, .outcomeUnknown, .unreachable: true
        case .inUse, .file, .pragma, .migrationChanged, .schemaTooNew, .schemaOutdated, .corrupt, .closed: false
        }
    }

    /// There is no room for what should be stored: SQLITE_FULL, disk_full.
    public var isFullDisk: Bool {
        if case .sqlite(let code, _, _) = self { return code & 0xFF == 13 }
        if case .postgreSQL(let state, _, _) = self { return state == "53100" }
        return false
    }

    /// The database can be read and not be written to: SQLITE_READONLY, and read_only_sql_transaction, which a standby
    /// says, or a server that its operator has set so.
    public var isReadOnly: Bool {
        if case .sqlite(let code, _, _) = self { return code & 0xFF == 8 }
        if case .postgreSQL(let state, _, _) = self { return state == "25006" }
        return false
    }

    /// SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL: the disk or a neighbour, not the command.
    private static let transientPrimaryCodes: Set<Int32> = [5, 6, 7, 8, 10, 13]

    /// Connection lost, transaction rolled back (serialisation, deadlock), out of resources, operator intervention,
    /// system error: the server or a neighbour, not the command.
    private static let transientClasses: Set<String> = ["08", "40", "53", "57", "58"]
    /// lock_not_available: a neighbour holds the head row for too long. read_only_sql_transaction: see ``isReadOnly``.
    private static let transientStates: Set<String> = ["55P03", "25006"]

    /// Two transactions met and one was sent back: at once again is right.
    var asksForRetry: Bool {
        if case .postgreSQL("40001", _, _) = self { return true }
        if case .postgreSQL("40P01", _, _) = self { return true }
        return false
    }

    /// Nothing more can be said over this connection.
    var isDisconnection: Bool {
        switch self {
        case .disconnected, .outcomeUnknown, .unreachable: true
        case .sqlite, .postgreSQL, .inUse, .file, .pragma, .migrationChanged, .schemaTooNew, .schemaOutdated, .corrupt,
            .overloaded,
            .closed:
            false
        }
    }

    /// A constraint of the schema refused the row: with a single writer that decided beforehand, a bug.
    public var isConstraint: Bool {
        switch self {
        case .sqlite(let code, _, _): code & 0xFF == 19
        case .postgreSQL(let state, _, _): state.hasPrefix("23")
        case .disconnected, .outcomeUnknown, .unreachable, .inUse, .file, .pragma, .migrationChanged, .schemaTooNew,
            .schemaOutdated,
            .corrupt, .overloaded, .closed:
            false
        }
    }

    public var description: String {
        switch self {
        case .sqlite where isFullDisk, .postgreSQL where isFullDisk: "The disk of the database is full."
        case .sqlite where isReadOnly, .postgreSQL where isReadOnly: "The database can be read and not written to."
        case .sqlite(let code, let operation, let message): "SQLite \(operation) failed with \(code): \(message)"
        case .postgreSQL(let state, let operation, let message):
            "PostgreSQL \(operation) failed with \(state): \(message)"
        case .disconnected: "The connection to the database was lost; nothing was stored."
        case .outcomeUnknown: "The connection to the database was lost during a commit; ask again with the same key."
        case .unreachable(let message): "The database cannot be reached: \(message)"
        case .inUse(let path): "\(path) is in use by another process. Stop it, or choose another file."
        case .file(let path, let code): "\(path) cannot be opened: \(String(cString: strerror(code)))."
        case .pragma(let name, let value): "The database did not accept \(name); it says \(value)."
        case .migrationChanged(let name): "Migration \(name) was applied with another text."
        case .schemaTooNew(let number): "The file has schema \(number), which this version does not know."
        case .schemaOutdated(let number):
            "The file lacks migration \(number): start the server on it once, or work on a copy that was."
        case .corrupt(let column): "A stored value of \(column) cannot be read."
        case .overloaded: "Too many commands are waiting for the database."
        case .closed: "The database is closed."
        }
    }
}
