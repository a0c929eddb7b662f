internal import CPostgreSQL

/// The statements of one connection to PostgreSQL, in pipeline mode: what needs no answer waits, and travels with the
/// next statement that does. A round trip costs 30 to 80 µs, so a sale of twenty statements pays for half of them.
///
/// Every answer is asked for with a Sync behind it, so what failed is among the statements since the one before.
final class PostgreSQLSession {
    /// Found by the address of its literal, as with SQLite, and the types of its parameters.
    private struct Key: Hashable {
        let address: UInt
        let types: UInt64
    }

    /// A literal that the server knows by name.
    private struct Prepared {
        let name: String
        /// How many rows it changes if it succeeds, where its text says so.
        let changes: Int?
        let reads: Bool
    }

    private enum Sent {
        case preparation(of: Key)
        case statement
    }

    /// Answers to statements that waited are small, but both sides may only write so much before one reads.
    private static let waitingLimit = 64

    let handle: OpaquePointer
    let parameters = PostgreSQLParameters()
    private var prepared: [Key: Prepared] = [:]
    private var sent: [Sent] = []
    /// Sent before the last Sync, not answered yet; see ``leave()``.
    private var owed: [Sent] = []
    private var names = 0
    /// The first fault since the last ``recover()``: the transaction can only be rolled back.
    private(set) var fault: StoreFault?
    /// Whether anything but a query was sent since this was last set to `false`.
    var hasWritten = false

    init(_ handle: OpaquePointer) { self.handle = handle }

    /// Runs a statement of which only the number of changed rows matters; see ``Transaction/execute(_:_:)``.
    func execute(_ sql: StaticString) throws(StoreFault) -> Int {
        if let changes = try send(sql) { return changes }
        return try receive()?.changed ?? 0
    }

    /// Runs a query and waits for its rows.
    func query(_ sql: StaticString) throws(StoreFault) -> PostgreSQLResult {
        try send(sql)
        guard let result = try receive() else { throw .corrupt(column: "result") }
        return result
    }

    /// Runs a statement without parameters whose answer is not needed now.
    func post(_ sql: StaticString) throws(StoreFault) {
        parameters.removeAll()
        try send(sql)
    }

    /// Puts a statement with the bound parameters on its way.
    /// - Returns: how many rows it changes, if that is certain.
    @discardableResult
    private func send(_ sql: StaticString) throws(StoreFault) -> Int? {
        precondition(sql.hasPointerRepresentation, "A statement has more than one character.")
        // As the server would say, without asking it.
        if let fault { throw fault }
        if !owed.isEmpty {
            let items = owed
            owed = []
            try collect(items)
        }
        if sent.count >= Self.waitingLimit { _ = try receive() }
        let key = Key(address: UInt(bitPattern: sql.utf8Start), types: parameters.signature)
        let statement: Prepared
        if let known = prepared[key] { statement = known } else { statement = try prepare(sql, key) }
        if !statement.reads { hasWritten = true }
        let accepted = parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(handle, statement.name, Int32(parameters.count), values, lengths, formats, 1)
        }
        guard accepted == 1 else { throw fail(.disconnected) }
        sent.append(.statement)
        return statement.changes
    }

    private func prepare(_ sql: StaticString, _ key: Key) throws(StoreFault) -> Prepared {
        names += 1
        let text = sql.description
        let statement = Prepared(
            name: "g\(names)", changes: certainChanges(of: text), reads: text.hasPrefix("SELECT"))
        let accepted = parameters.types.withUnsafeBufferPointer {
            PQsendPrepare(handle, statement.name, text, Int32($0.count), $0.baseAddress)
        }
        guard accepted == 1 else { throw fail(.disconnected) }
        sent.append(.preparation(of: key))
        prepared[key] = statement
        return statement
    }

    /// Waits for the answers to everything that was sent.
    /// - Returns: the last statement's.
    @discardableResult
    func receive() throws(StoreFault) -> PostgreSQLResult? {
        guard PQpipelineSync(handle) == 1 else { throw fail(.disconnected) }
        defer { sent.removeAll(keepingCapacity: true) }
        return try collect(sent)
    }

    /// Sends what was sent on its way, and goes on: the answers are waited for before the next statement.
    func leave() throws(StoreFault) {
        guard PQpipelineSync(handle) == 1 else { throw fail(.disconnected) }
        owed = sent
        sent.removeAll(keepingCapacity: true)
    }

    /// The answers to statements that have a Sync behind them.
    @discardableResult
    private func collect(_ items: [Sent]) throws(StoreFault) -> PostgreSQLResult? {
        var last: PostgreSQLResult?
        var first: StoreFault?
        for item in items {
            var succeeded = false
            // The results of one statement end with a null.
            while let pointer = PQgetResult(handle) {
                let result = PostgreSQLResult(pointer)
                switch PQresultStatus(pointer) {
                case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                    succeeded = true
                    last = result
                // Behind the one that failed: not carried out.
                case PGRES_PIPELINE_ABORTED: break
                default:
                    guard PQstatus(handle) == CONNECTION_OK else { throw fail(.disconnected) }
                    first = first ?? postgreSQLFault(pointer, "statement")
                }
            }
            if !succeeded, case .preparation(let key) = item { prepared[key] = nil }
        }
        guard let sync = PQgetResult(handle) else { throw fail(.disconnected) }
        defer { PQclear(sync) }
        guard PQresultStatus(sync) == PGRES_PIPELINE_SYNC else { throw fail(.disconnected) }
        if let first { throw fail(first) }
        return last
    }

    /// Takes note of a body that failed: statements may be sent again, the first one is the roll-back.
    func recover() {
        // What was sent after the fault has no answer yet; its faults are the same one.
        fault = nil
        if !sent.isEmpty { _ = try? receive() }
        if fault?.isDisconnection != true { fault = nil }
    }

    private func fail(_ fault: StoreFault) -> StoreFault {
        if self.fault == nil { self.fault = fault }
        return fault
    }
}

/// How many rows a statement changes if it succeeds, for those that cannot change another number: an INSERT of one row
/// that does not step aside for a row that is there.
func certainChanges(of sql: String) -> Int? {
    guard sql.hasPrefix("INSERT INTO"), sql.contains(") VALUES"), !sql.contains("RETURNING") else { return nil }
    guard let values = sql.split(separator: "VALUES", maxSplits: 1).last, !values.contains("), (") else { return nil }
    guard let conflict = values.firstRange(of: "ON CONFLICT") else { return 1 }
    let action = values[conflict.upperBound...]
    return action.contains("DO UPDATE") && !action.contains("WHERE") ? 1 : nil
}

/// What the server said, without the values that its words might carry.
func postgreSQLFault(_ result: OpaquePointer, _ operation: String) -> StoreFault {
    // Only the server gives a state: without one these are libpq's own words about a connection that broke.
    guard let state = guichet_pg_sqlstate(result).map({ String(cString: $0) }) else { return .disconnected }
    let words = guichet_pg_message(result).map { String(cString: $0) } ?? ""
    // Class 22 quotes what it could not read.
    return .postgreSQL(state: state, operation: operation, message: state.hasPrefix("22") ? "data exception" : words)
}
