internal import CSQLite

func sqliteFault(_ handle: OpaquePointer?, _ operation: String, _ code: Int32) -> StoreFault {
    guard let handle else { return .sqlite(code: code, operation: operation, message: "no connection") }
    return .sqlite(
        code: sqlite3_extended_errcode(handle), operation: operation, message: String(cString: sqlite3_errmsg(handle)))
}

/// Prepared statements of one SQLite connection, found by the address of their SQL literal: one word to hash, and no
/// text that was put together at run time can ever become SQL.
final class StatementCache {
    /// One prepared statement. A class, so that checking it out is a flag and not a move through a dictionary.
    final class Entry {
        let pointer: OpaquePointer
        var isBusy = false

        init(_ pointer: OpaquePointer) { self.pointer = pointer }
        deinit { sqlite3_finalize(pointer) }

        /// Moves to the next row; `false` at the end.
        func step() throws(StoreFault) -> Bool {
            let code = sqlite3_step(pointer)
            if code == SQLITE_ROW { return true }
            if code == SQLITE_DONE { return false }
            throw sqliteFault(sqlite3_db_handle(pointer), "step", code)
        }
    }

    let handle: OpaquePointer
    private var entries: [UInt: Entry] = [:]

    init(_ handle: OpaquePointer) { self.handle = handle }

    /// The prepared statement of a literal; it is busy from the moment on that a ``Statement`` takes it.
    func entry(_ sql: StaticString) throws(StoreFault) -> Entry {
        precondition(sql.hasPointerRepresentation, "A statement has more than one character.")
        let key = UInt(bitPattern: sql.utf8Start)
        if let entry = entries[key] {
            // The same statement inside its own row closure gets a copy of its own.
            return entry.isBusy ? try prepare(sql) : entry
        }
        let entry = try prepare(sql)
        entries[key] = entry
        return entry
    }

    func removeAll() { entries.removeAll() }

    /// The texts of all statements that were run on this connection so far.
    var texts: Set<String> { Set(entries.values.map { String(cString: sqlite3_sql($0.pointer)) }) }

    /// The steps of SQLite's machine that each of them took so far: what a statement costs, in a number that is the same
    /// on every machine. SQLite counts them anyway.
    var steps: [String: Int64] {
        var steps: [String: Int64] = [:]
        for entry in entries.values {
            steps[String(cString: sqlite3_sql(entry.pointer)), default: 0] += Int64(
                sqlite3_stmt_status(entry.pointer, SQLITE_STMTSTATUS_VM_STEP, 0))
        }
        return steps
    }

    private func prepare(_ sql: StaticString) throws(StoreFault) -> Entry {
        let text = positional(sql.description)
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer else { throw sqliteFault(handle, "prepare", code) }
        return Entry(pointer)
    }
}

/// Rewrites `$n` to `?n`: to SQLite `$1` is a *name*, numbered by first appearance, and not position 1.
///
/// Statements carry no text literals with a dollar sign, so no quoting needs to be understood.
func positional(_ sql: String) -> String {
    String(decoding: sql.utf8.map { $0 == UInt8(ascii: "$") ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
}
