internal import CSQLite

/// A statement that takes its parameters: a prepared statement of SQLite, checked out for one use, or the parameters
/// that go to PostgreSQL with it.
///
/// Values of the house bind themselves through ``Bindable``; whoever adds one hands on to a value that is there.
public struct Statement: ~Copyable {
    enum Engine {
        case sqlite(StatementCache.Entry)
        case postgreSQL(PostgreSQLParameters)
    }

    let engine: Engine

    init(_ entry: StatementCache.Entry) {
        engine = .sqlite(entry)
        entry.isBusy = true
    }

    init(_ parameters: PostgreSQLParameters) {
        engine = .postgreSQL(parameters)
        parameters.removeAll()
    }

    deinit {
        switch engine {
        case .sqlite(let entry):
            // Back into its connection's cache.
            sqlite3_reset(entry.pointer)
            sqlite3_clear_bindings(entry.pointer)
            entry.isBusy = false
        case .postgreSQL: break
        }
    }

    borrowing func bind<each Value: Bindable>(_ values: repeat each Value) throws(StoreFault) {
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try value.bind(to: self, at: index)
        }
    }
}

/// What a column or a parameter holds. A missing value has a type too: PostgreSQL plans a statement for the types that
/// its parameters had the first time.
public enum ParameterType: Sendable, Hashable {
    case integer
    case text
    case bytes
}

extension Statement {
    borrowing func bind(integer: Int64, at index: Int32) throws(StoreFault) {
        switch engine {
        case .sqlite(let entry): try check(sqlite3_bind_int64(entry.pointer, index, integer))
        case .postgreSQL(let parameters): parameters.append(integer)
        }
    }

    borrowing func bind(text: String, at index: Int32) throws(StoreFault) {
        var text = text
        switch engine {
        case .sqlite(let entry):
            let code = text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { characters in
                    // An empty buffer may have no address, and a null address would bind NULL.
                    guard let start = characters.baseAddress else {
                        return sqlite3_bind_text(entry.pointer, index, "", 0, guichet_sqlite_transient())
                    }
                    return sqlite3_bind_text(
                        entry.pointer, index, start, Int32(clamping: characters.count), guichet_sqlite_transient())
                }
            }
            try check(code)
        case .postgreSQL(let parameters): text.withUTF8 { parameters.append(.text, UnsafeRawBufferPointer($0)) }
        }
    }

    borrowing func bind(bytes: [UInt8], at index: Int32) throws(StoreFault) {
        switch engine {
        case .sqlite(let entry):
            let code = bytes.withUnsafeBytes { bytes in
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(entry.pointer, index, 0)
                    : sqlite3_bind_blob(
                        entry.pointer, index, bytes.baseAddress, Int32(clamping: bytes.count),
                        guichet_sqlite_transient())
            }
            try check(code)
        case .postgreSQL(let parameters): bytes.withUnsafeBytes { parameters.append(.bytes, $0) }
        }
    }

    borrowing func bindNull(_ type: ParameterType, at index: Int32) throws(StoreFault) {
        switch engine {
        case .sqlite(let entry): try check(sqlite3_bind_null(entry.pointer, index))
        case .postgreSQL(let parameters): parameters.appendNull(type)
        }
    }

    private borrowing func check(_ code: Int32) throws(StoreFault) {
        guard code != SQLITE_OK, case .sqlite(let entry) = engine else { return }
        throw sqliteFault(sqlite3_db_handle(entry.pointer), "bind", code)
    }
}
