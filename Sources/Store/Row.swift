internal import CSQLite
public import Values

/// The current row of a running query. Columns are counted from 0 in the order of the SELECT.
public struct Row: ~Copyable {
    enum Engine {
        case sqlite(OpaquePointer)
        case postgreSQL(PostgreSQLResult, Int32)
    }

    let engine: Engine

    init(_ pointer: OpaquePointer) { engine = .sqlite(pointer) }
    init(_ result: PostgreSQLResult, _ number: Int32) { engine = .postgreSQL(result, number) }

    public func isNull(_ column: Int) -> Bool {
        switch engine {
        case .sqlite(let pointer): sqlite3_column_type(pointer, Int32(column)) == SQLITE_NULL
        case .postgreSQL(let result, let number): result.isNull(number, Int32(column))
        }
    }

    public func integer(_ column: Int) throws(StoreFault) -> Int64 {
        switch engine {
        case .sqlite(let pointer):
            guard sqlite3_column_type(pointer, Int32(column)) == SQLITE_INTEGER else { throw corrupt(column) }
            return sqlite3_column_int64(pointer, Int32(column))
        case .postgreSQL(let result, let number):
            guard let integer = result.integer(number, Int32(column)) else { throw corrupt(column) }
            return integer
        }
    }

    public func optionalInteger(_ column: Int) throws(StoreFault) -> Int64? {
        isNull(column) ? nil : try integer(column)
    }

    public func int(_ column: Int) throws(StoreFault) -> Int { Int(try integer(column)) }

    public func text(_ column: Int) throws(StoreFault) -> String {
        switch engine {
        case .sqlite(let pointer):
            guard sqlite3_column_type(pointer, Int32(column)) == SQLITE_TEXT,
                let start = sqlite3_column_text(pointer, Int32(column))
            else { throw corrupt(column) }
            let count = Int(sqlite3_column_bytes(pointer, Int32(column)))
            return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
        case .postgreSQL(let result, let number):
            guard let bytes = result.bytes(number, Int32(column), of: .text) else { throw corrupt(column) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The bytes of a text, without making a text of them: for scans of millions of rows.
    public func withText<Result>(
        _ column: Int, _ body: (UnsafeRawBufferPointer) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        switch engine {
        case .sqlite(let pointer):
            guard sqlite3_column_type(pointer, Int32(column)) == SQLITE_TEXT,
                let start = sqlite3_column_text(pointer, Int32(column))
            else { throw corrupt(column) }
            return try body(
                UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, Int32(column)))))
        case .postgreSQL(let result, let number):
            guard let bytes = result.bytes(number, Int32(column), of: .text) else { throw corrupt(column) }
            return try body(bytes)
        }
    }

    public func optionalText(_ column: Int) throws(StoreFault) -> String? {
        isNull(column) ? nil : try text(column)
    }

    public func blob(_ column: Int) throws(StoreFault) -> [UInt8] {
        switch engine {
        case .sqlite(let pointer):
            guard sqlite3_column_type(pointer, Int32(column)) == SQLITE_BLOB else { throw corrupt(column) }
            let count = Int(sqlite3_column_bytes(pointer, Int32(column)))
            guard count > 0, let start = sqlite3_column_blob(pointer, Int32(column)) else { return [] }
            return Array(UnsafeRawBufferPointer(start: start, count: count))
        case .postgreSQL(let result, let number):
            guard let bytes = result.bytes(number, Int32(column), of: .bytes) else { throw corrupt(column) }
            return Array(bytes)
        }
    }

    /// A pragma's value, of whatever type, as text.
    func anything(_ column: Int) -> String {
        guard case .sqlite(let pointer) = engine, let start = sqlite3_column_text(pointer, Int32(column)) else {
            return ""
        }
        return String(cString: start)
    }

    public func instant(_ column: Int) throws(StoreFault) -> Instant { Instant(microseconds: try integer(column)) }

    public func optionalInstant(_ column: Int) throws(StoreFault) -> Instant? {
        isNull(column) ? nil : try instant(column)
    }

    public func identifier<Kind>(
        _ column: Int, as kind: Identifier<Kind>.Type = Identifier<Kind>.self
    ) throws(StoreFault) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(try text(column)) else { throw corrupt(column) }
        return id
    }

    public func optionalIdentifier<Kind>(
        _ column: Int, as kind: Identifier<Kind>.Type = Identifier<Kind>.self
    ) throws(StoreFault) -> Identifier<Kind>? {
        isNull(column) ? nil : try identifier(column, as: kind)
    }

    public func day(_ column: Int) throws(StoreFault) -> LocalDay {
        guard let day = LocalDay(try text(column)) else { throw corrupt(column) }
        return day
    }

    public func currency(_ column: Int) throws(StoreFault) -> Currency {
        guard let currency = Currency(try text(column)) else { throw corrupt(column) }
        return currency
    }

    /// An amount in one column and its currency in another.
    public func money(_ amount: Int, _ currency: Int) throws(StoreFault) -> Money {
        Money(try integer(amount), try self.currency(currency))
    }

    /// Names the column of a value that a caller could not read.
    public func corrupt(_ column: Int) -> StoreFault {
        switch engine {
        case .sqlite(let pointer):
            guard let name = sqlite3_column_name(pointer, Int32(column)) else { return .corrupt(column: "\(column)") }
            return .corrupt(column: String(cString: name))
        case .postgreSQL(let result, _): return .corrupt(column: result.name(Int32(column)))
        }
    }
}
