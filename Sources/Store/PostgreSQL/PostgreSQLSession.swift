internal import CPostgreSQL

/// The statements of one connection to PostgreSQL, in pipeline mode: what needs no answer waits, and travels with the
/// next statement that does. A round trip costs 30 to 80 µs, so a sale of twenty statements pays for a few of them.
/// Rows that are inserted wait longer, until a statement could see them; see ``WaitingInserts``.
///
/// Every answer is asked for with a Sync behind it, so what failed is among the statements since the one before.
final class PostgreSQLSession {
    private struct Known {
        let form: StatementForms.Form
        /// Names by which the server knows it, and the form for many rows.
        var name: String?
        var manyName: String?
    }

    private enum Sent {
        case preparation(of: StatementKey)
        case statement
        /// Its answer is kept; see ``ask(_:)``.
        case question(Question)
    }

    /// Answers to statements that waited are small, but both sides may only write so much before one reads.
    private static let waitingLimit = 64

    let handle: OpaquePointer
    let parameters = PostgreSQLParameters()
    /// Of rows that waited: others may be bound already when they go.
    private let rowParameters = PostgreSQLParameters()
    private var known: [StatementKey: Known] = [:]
    private var waiting = WaitingInserts()
    /// What is known of the schema's statements. Before it is set no row waits.
    var forms = StatementForms.ofNoTables
    private var sent: [Sent] = []
    /// Sent before the last Sync, not answered yet; see ``leave()``.
    private var owed: [Sent] = []
    private var names = 0
    /// What was asked ahead, and which tables the group has changed since.
    private var foreseen: [Question: PostgreSQLResult?] = [:]
    private var changed = ChangedTables()
    /// The first fault since the last ``recover()``: the transaction can only be rolled back.
    private(set) var fault: StoreFault?
    /// Whether anything but a query was sent since this was last set to `false`.
    var hasWritten = false
    /// Rows that were inserted, and other statements that write, since this was last set to 0.
    var writes = 0

    init(_ handle: OpaquePointer) { self.handle = handle }

    /// Runs a statement of which only the number of changed rows matters; see ``Transaction/execute(_:_:)``.
    func execute(_ sql: StaticString) throws(StoreFault) -> Int {
        // As the server would say, without asking it.
        if let fault { throw fault }
        let (key, statement) = look(up: sql)
        if case .waits(let insert, let table) = statement.form.kind, !insert.stepsAside {
            try wait(sql, insert, key, table: table)
            return 1
        }
        try makeWay(for: statement)
        writes += 1
        note(statement)
        try send(key, sql.description)
        if let changes = statement.form.changes { return changes }
        return try receive()?.changed ?? 0
    }

    /// Runs a statement of which not even the number of changed rows matters; see ``Transaction/ensure(_:_:)``.
    func ensure(_ sql: StaticString) throws(StoreFault) {
        if let fault { throw fault }
        let (key, statement) = look(up: sql)
        guard case .waits(let insert, let table) = statement.form.kind else {
            _ = try execute(sql)
            return
        }
        try wait(sql, insert, key, table: table)
    }

    private func wait(
        _ sql: StaticString, _ insert: PlainInsert, _ key: StatementKey, table: Int
    ) throws(StoreFault) {
        hasWritten = true
        writes += 1
        changed.add(table)
        // Two forms of a row of one table keep their order: one may point to the other.
        if waiting.hasOthers(of: table, than: key) { try writeWaiting(through: table) }
        if waiting.add(sql, insert, key, table: table, row: parameters) { try writeWaiting(through: table) }
    }

    /// Runs a query and waits for its rows.
    /// - Parameter seesWaiting: whether rows that wait have to be written before it.
    func query(_ sql: StaticString, seesWaiting: Bool = true) throws(StoreFault) -> PostgreSQLResult {
        let (key, statement) = look(up: sql)
        if !foreseen.isEmpty, let answer = answer(to: key, statement, seesWaiting) {
            if let fault { throw fault }
            return answer
        }
        if seesWaiting { try makeWay(for: statement) }
        note(statement)
        try send(key, sql.description)
        guard let result = try receive() else { throw .corrupt(column: "result") }
        return result
    }

    /// Puts a query with the bound parameters on its way before anybody needs its answer, once. ``query(_:seesWaiting:)``
    /// gives the answer as long as nothing that it reads was changed.
    func ask(_ sql: StaticString) throws(StoreFault) {
        let (key, statement) = look(up: sql)
        // It would be carried out, and again by its command.
        guard case .reads = statement.form.kind else { return }
        let question = Question(statement: key, parameters: parameters.content)
        guard foreseen[question] == nil else { return }
        foreseen.updateValue(nil, forKey: question)
        try send(key, sql.description, as: .question(question))
    }

    /// A group begins: what was foreseen for another one is forgotten.
    func forgetForeseen() {
        foreseen.removeAll(keepingCapacity: true)
        changed = ChangedTables()
    }

    private func answer(to key: StatementKey, _ statement: Known, _ seesWaiting: Bool) -> PostgreSQLResult? {
        guard case .reads(let tables) = statement.form.kind, !seesWaiting || !changed.contains(anyOf: tables) else {
            return nil
        }
        return foreseen[Question(statement: key, parameters: parameters.content)].flatMap(\.self)
    }

    private func note(_ statement: Known) {
        switch statement.form.kind {
        case .writes(let table): changed.add(table)
        case .waits(_, let table): changed.add(table)
        case .reads: break
        }
    }

    /// Runs a text that is in no literal, with the bound parameters: of a report, which ``ReportQuery`` has read, or about
    /// its cursor. The server forgets it at once.
    @discardableResult
    func run(report text: String) throws(StoreFault) -> PostgreSQLResult? {
        if let fault { throw fault }
        if !owed.isEmpty {
            let items = owed
            owed = []
            try collect(items)
        }
        let accepted = parameters.types.withUnsafeBufferPointer { types in
            parameters.withPointers { values, lengths, formats in
                PQsendQueryParams(
                    handle, text, Int32(parameters.count), types.baseAddress, values, lengths, formats, 1)
            }
        }
        guard accepted == 1 else { throw fail(.disconnected) }
        sent.append(.statement)
        return try receive()
    }

    /// Runs a statement without parameters whose answer is not needed now, and which sees no rows: one that begins or
    /// ends a transaction, or takes a lock.
    func post(_ sql: StaticString) throws(StoreFault) {
        parameters.removeAll()
        try send(look(up: sql).key, sql.description)
    }

    /// Sends the rows that wait, of the tables up to one.
    func writeWaiting(through table: Int = .max) throws(StoreFault) {
        guard waiting.hasRows(through: table) else { return }
        for rows in waiting.take(through: table) {
            if rows.count == 1 {
                rows.bindRow(to: rowParameters)
                try send(rows.key, rows.sql.description, rowParameters)
            } else {
                rows.bindArrays(to: rowParameters)
                try send(rows.key, rows.insert.manyRows, isMany: true, rowParameters)
            }
        }
    }

    /// Forgets the rows that wait: their command was undone.
    func dropWaiting() { waiting.removeAll() }

    private func makeWay(for statement: Known) throws(StoreFault) {
        switch statement.form.kind {
        case .reads(let tables):
            if waiting.hasRows(in: tables), let last = tables.max() { try writeWaiting(through: last) }
        case .writes, .waits: try writeWaiting()
        }
    }

    private func look(up sql: StaticString) -> (key: StatementKey, statement: Known) {
        precondition(sql.hasPointerRepresentation, "A statement has more than one character.")
        let key = StatementKey(address: UInt(bitPattern: sql.utf8Start), types: parameters.signature)
        if let statement = known[key] { return (key, statement) }
        let statement = Known(form: forms.form(of: sql))
        known[key] = statement
        return (key, statement)
    }

    /// Puts a statement with bound parameters on its way.
    /// - Parameter text: of the statement, for when the server does not know it yet.
    private func send(
        _ key: StatementKey, _ text: @autoclosure () -> String, isMany: Bool = false,
        _ bound: PostgreSQLParameters? = nil, as item: Sent = .statement
    ) throws(StoreFault) {
        if let fault { throw fault }
        let bound = bound ?? parameters
        if !owed.isEmpty {
            let items = owed
            owed = []
            try collect(items)
        }
        if sent.count >= Self.waitingLimit { _ = try receive() }
        let name = try name(of: key, text(), isMany: isMany, bound)
        if case .reads? = known[key]?.form.kind {} else { hasWritten = true }
        let accepted = bound.withPointers { values, lengths, formats in
            PQsendQueryPrepared(handle, name, Int32(bound.count), values, lengths, formats, 1)
        }
        guard accepted == 1 else { throw fail(.disconnected) }
        sent.append(item)
    }

    /// The name by which the server knows a statement; it is told if it does not.
    private func name(
        of key: StatementKey, _ text: @autoclosure () -> String, isMany: Bool, _ bound: PostgreSQLParameters
    ) throws(StoreFault) -> String {
        if let name = isMany ? known[key]?.manyName : known[key]?.name { return name }
        names += 1
        let name = "g\(names)"
        let accepted = bound.types.withUnsafeBufferPointer {
            PQsendPrepare(handle, name, text(), Int32($0.count), $0.baseAddress)
        }
        guard accepted == 1 else { throw fail(.disconnected) }
        sent.append(.preparation(of: key))
        if isMany { known[key]?.manyName = name } else { known[key]?.name = name }
        return name
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
                    if case .question(let question) = item { foreseen[question] = result }
                // Behind the one that failed: not carried out.
                case PGRES_PIPELINE_ABORTED: break
                default:
                    guard PQstatus(handle) == CONNECTION_OK else { throw fail(.disconnected) }
                    first = first ?? postgreSQLFault(pointer, "statement")
                }
            }
            if !succeeded, case .preparation(let key) = item { known[key] = nil }
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
        waiting.removeAll()
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
