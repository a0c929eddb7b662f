internal import CSQLite
public import Values

/// A value that a statement takes as a parameter.
public protocol Bindable: Sendable {
    /// Binds the value to parameter `index` (from 1).
    func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault)
}

extension Int64: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try statement.check(sqlite3_bind_int64(statement.pointer, index, self))
    }
}

extension Int: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try Int64(self).bind(to: statement, at: index)
    }
}

extension String: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        var text = self
        let pointer = statement.pointer
        let code = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { characters in
                // An empty buffer may have no address, and a null address would bind NULL.
                guard let start = characters.baseAddress else {
                    return sqlite3_bind_text(pointer, index, "", 0, guichet_sqlite_transient())
                }
                return sqlite3_bind_text(
                    pointer, index, start, Int32(clamping: characters.count), guichet_sqlite_transient())
            }
        }
        try statement.check(code)
    }
}

extension [UInt8]: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        let pointer = statement.pointer
        let code = withUnsafeBytes { bytes in
            bytes.isEmpty
                ? sqlite3_bind_zeroblob(pointer, index, 0)
                : sqlite3_bind_blob(
                    pointer, index, bytes.baseAddress, Int32(clamping: bytes.count), guichet_sqlite_transient())
        }
        try statement.check(code)
    }
}

extension Optional: Bindable where Wrapped: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        switch self {
        case .some(let value): try value.bind(to: statement, at: index)
        case .none: try statement.check(sqlite3_bind_null(statement.pointer, index))
        }
    }
}

extension Identifier: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try text.bind(to: statement, at: index)
    }
}

/// Times are stored as whole microseconds since 1970, UTC.
extension Instant: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try microseconds.bind(to: statement, at: index)
    }
}

/// Days are stored as text, `2026-03-29`.
extension LocalDay: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try description.bind(to: statement, at: index)
    }
}

extension Currency: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try code.bind(to: statement, at: index)
    }
}

extension SHA256Digest: Bindable {
    /// Digests are stored as 64 hexadecimal digits, so that a person with a database shell can compare them.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try hex.bind(to: statement, at: index)
    }
}
