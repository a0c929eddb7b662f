internal import CSQLite

/// The statements of one database transaction. It lives as long as the closure it is passed to, on the thread of its
/// connection, and cannot be copied out of there.
public struct Transaction: ~Copyable {
    let statements: StatementCache
    let handle: OpaquePointer

    /// Runs a statement that gives no rows.
    /// - Returns: how many rows it changed.
    @discardableResult
    public borrowing func execute<each Value: Bindable>(
        _ sql: StaticString, _ values: repeat each Value
    ) throws(StoreFault) -> Int {
        let statement = try statements.statement(sql)
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try value.bind(to: statement, at: index)
        }
        while try statement.step() {}
        return Int(sqlite3_changes(handle))
    }

    /// Runs a query and reads every row.
    public borrowing func rows<each Value: Bindable, Element>(
        _ sql: StaticString, _ values: repeat each Value, read: (borrowing Row) throws(StoreFault) -> Element
    ) throws(StoreFault) -> [Element] {
        var elements: [Element] = []
        try forEach(sql, repeat each values) { row throws(StoreFault) in elements.append(try read(row)) }
        return elements
    }

    /// Runs a query and hands each row to `body`, so that a long result needs no array.
    public borrowing func forEach<each Value: Bindable>(
        _ sql: StaticString, _ values: repeat each Value, body: (borrowing Row) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        let statement = try statements.statement(sql)
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try value.bind(to: statement, at: index)
        }
        while try statement.step() { try body(Row(pointer: statement.pointer)) }
    }

    /// Runs a query and reads its first row, if there is one.
    public borrowing func row<each Value: Bindable, Element>(
        _ sql: StaticString, _ values: repeat each Value, read: (borrowing Row) throws(StoreFault) -> Element
    ) throws(StoreFault) -> Element? {
        let statement = try statements.statement(sql)
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try value.bind(to: statement, at: index)
        }
        guard try statement.step() else { return nil }
        return try read(Row(pointer: statement.pointer))
    }
}
