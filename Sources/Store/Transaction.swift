internal import CSQLite

/// The statements of one database transaction. It lives as long as the closure it is passed to, on the thread of its
/// connection, and cannot be copied out of there.
///
/// A body whose statement failed has failed, whatever it catches: PostgreSQL lets nothing follow.
public struct Transaction: ~Copyable {
    enum Engine {
        case sqlite(StatementCache)
        case postgreSQL(PostgreSQLSession)
        /// Nothing is answered yet, and nothing may be written; see ``Foresight``.
        case asking(PostgreSQLSession)
    }

    let engine: Engine
    /// What the commands of a group of writes share; `nil` where each reads and writes for itself.
    var memory: GroupMemory? = nil

    /// Runs a statement that gives no rows.
    ///
    /// An INSERT that changes exactly one row or fails needs no answer: PostgreSQL gets it before the next statement
    /// that could see its row, and that one, or the end of the body or of the group, throws its fault.
    /// - Returns: how many rows it changed.
    @discardableResult
    public borrowing func execute<each Value: Bindable>(
        _ sql: StaticString, _ values: repeat each Value
    ) throws(StoreFault) -> Int {
        switch engine {
        case .sqlite(let statements):
            let entry = try statements.entry(sql)
            let statement = Statement(entry)
            try statement.bind(repeat each values)
            while try entry.step() {}
            return Int(sqlite3_changes(statements.handle))
        case .postgreSQL(let session):
            let statement = Statement(session.parameters)
            try statement.bind(repeat each values)
            return try session.execute(sql)
        case .asking: throw .corrupt(column: "foresight")
        }
    }

    /// Adds a row unless one with its key is there, with an `INSERT … ON CONFLICT DO NOTHING`, for who need not know
    /// which: PostgreSQL gets it together with the rows that the group of commands inserts.
    public borrowing func ensure<each Value: Bindable>(
        _ sql: StaticString, _ values: repeat each Value
    ) throws(StoreFault) {
        switch engine {
        case .sqlite: try execute(sql, repeat each values)
        case .postgreSQL(let session):
            let statement = Statement(session.parameters)
            try statement.bind(repeat each values)
            try session.ensure(sql)
        case .asking: throw .corrupt(column: "foresight")
        }
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
        switch engine {
        case .sqlite(let statements):
            let entry = try statements.entry(sql)
            let statement = Statement(entry)
            try statement.bind(repeat each values)
            while try entry.step() { try body(Row(entry.pointer)) }
        case .postgreSQL(let session):
            let statement = Statement(session.parameters)
            try statement.bind(repeat each values)
            let result = try session.query(sql)
            for number in 0..<result.count { try body(Row(result, number)) }
        case .asking(let session):
            let statement = Statement(session.parameters)
            try statement.bind(repeat each values)
            try session.ask(sql)
        }
    }

    /// Runs a query and reads its first row, if there is one.
    /// - Parameter seesWaiting: `false` if it is certain from elsewhere that no row which this group of commands has
    ///   inserted, changed or removed is among those that the query reads: PostgreSQL may get it before them, or have
    ///   answered it at the beginning of the group; see ``Foresight``.
    public borrowing func row<each Value: Bindable, Element>(
        _ sql: StaticString, _ values: repeat each Value, seesWaiting: Bool = true,
        read: (borrowing Row) throws(StoreFault) -> Element
    ) throws(StoreFault) -> Element? {
        switch engine {
        case .sqlite(let statements):
            let entry = try statements.entry(sql)
            let statement = Statement(entry)
            try statement.bind(repeat each values)
            guard try entry.step() else { return nil }
            return try read(Row(entry.pointer))
        case .postgreSQL(let session):
            let statement = Statement(session.parameters)
            try statement.bind(repeat each values)
            let result = try session.query(sql, seesWaiting: seesWaiting)
            guard result.count > 0 else { return nil }
            return try read(Row(result, 0))
        case .asking(let session):
            let statement = Statement(session.parameters)
            try statement.bind(repeat each values)
            try session.ask(sql)
            return nil
        }
    }

    /// The texts of all statements that this connection has run so far; SQLite only. For who wants to compare what two
    /// ways of doing something ask of the database.
    public var statementTexts: Set<String> {
        switch engine {
        case .sqlite(let statements): statements.texts
        case .postgreSQL, .asking: []
        }
    }

    /// How many steps of its machine SQLite took for each of them so far, by text; SQLite only. For who wants to know whether
    /// something costs more behind more history: unlike time it is the same on every machine.
    public var statementSteps: [String: Int64] {
        switch engine {
        case .sqlite(let statements): statements.steps
        case .postgreSQL, .asking: [:]
        }
    }
}
