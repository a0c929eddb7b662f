/// What went wrong in the store: never a refusal, and never with a bound value in it.
///
/// ``isTransient`` says whether the same command may succeed when it is sent again.
public enum StoreFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// SQLite said no. `code` is the extended result code, `operation` the kind of call, `message` SQLite's own words
    /// (they name tables and constraints, not values).
    case sqlite(code: Int32, operation: String, message: String)
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
    /// A row does not hold what its column promises, for example an id that is none.
    case corrupt(column: String)
    /// More commands wait than the queue takes; try again later.
    case overloaded
    /// The database was closed.
    case closed

    public var isTransient: Bool {
        switch self {
        case .sqlite(let code, _, _): Self.transientPrimaryCodes.contains(code & 0xFF)
        case .overloaded: true
        case .inUse, .file, .pragma, .migrationChanged, .schemaTooNew, .corrupt, .closed: false
        }
    }

    /// SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_IOERR, SQLITE_FULL: the disk or a neighbour, not the command.
    private static let transientPrimaryCodes: Set<Int32> = [5, 6, 7, 10, 13]

    /// A constraint of the schema refused the row: with a single writer that decided beforehand, a bug.
    public var isConstraint: Bool {
        if case .sqlite(let code, _, _) = self { return code & 0xFF == 19 }
        return false
    }

    public var description: String {
        switch self {
        case .sqlite(let code, let operation, let message): "SQLite \(operation) failed with \(code): \(message)"
        case .inUse(let path): "\(path) is in use by another process. Stop it, or choose another file."
        case .file(let path, let code): "\(path) cannot be opened (errno \(code))."
        case .pragma(let name, let value): "SQLite did not accept \(name); it says \(value)."
        case .migrationChanged(let name): "Migration \(name) was applied with another text."
        case .schemaTooNew(let number): "The file has schema \(number), which this version does not know."
        case .corrupt(let column): "A stored value of \(column) cannot be read."
        case .overloaded: "Too many commands are waiting for the database."
        case .closed: "The database is closed."
        }
    }
}
