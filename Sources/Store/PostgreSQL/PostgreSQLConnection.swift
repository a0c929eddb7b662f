internal import CPostgreSQL

/// One connection to PostgreSQL, owned by one thread.
struct PostgreSQLConnection: ~Copyable {
    enum Role { case writer, reader }

    private let handle: OpaquePointer
    private let session: PostgreSQLSession
    /// Of the writer. What it remembers of the head holds while a group has the head's row.
    let memory: GroupMemory?

    private init(_ handle: OpaquePointer, _ role: Role) {
        self.handle = handle
        memory = role == .writer ? GroupMemory() : nil
        session = PostgreSQLSession(handle)
    }

    deinit { PQfinish(handle) }

    static func open(_ address: PostgreSQLAddress, role: Role) throws(StoreFault) -> PostgreSQLConnection {
        let handle = address.withParameters { PQconnectdbParams($0, $1, 1) }
        guard let handle else { throw .disconnected }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            // libpq's words name host, port, role and database; never the password.
            throw .unreachable(message: PQerrorMessage(handle).map { String(cString: $0) } ?? "")
        }
        let connection = PostgreSQLConnection(handle, role)
        try connection.settle(role)
        return connection
    }

    /// What durability and order rest on is set and read back, whatever the server or the role has by default.
    private borrowing func settle(_ role: Role) throws(StoreFault) {
        // A process that stops in the middle of a transaction must not hold the head row for ever. Plans are kept, and
        // one that was made when a table had a page would read all of it in the rush that follows: each statement here
        // has its index. Without that a plan "costs" enough for PostgreSQL to compile it.
        try run(
            script: """
                SET client_min_messages = warning; SET idle_in_transaction_session_timeout = '30s';
                SET lock_timeout = '15s'; SET synchronous_commit = on; SET TimeZone = 'UTC';
                SET enable_seqscan = off; SET jit = off;
                """)
        if role == .reader { try run(script: "SET default_transaction_read_only = on") }
        for (name, expected) in [("synchronous_commit", "on"), ("server_encoding", "UTF8")] {
            let value = try setting(name)
            guard value == expected else { throw .pragma(name: name, value: value ?? "nothing") }
        }
        // Servers that speak this protocol and are not PostgreSQL have no such setting.
        let sync = try setting("fsync")
        guard sync == nil || sync == "on" else { throw .pragma(name: "fsync", value: "off") }
    }

    /// A setting of the server; `nil` if it has none of that name.
    private borrowing func setting(_ name: String) throws(StoreFault) -> String? {
        let text = name.withCString { name in
            var values: [UnsafePointer<CChar>?] = [name]
            return PQexecParams(handle, "SELECT current_setting($1, true)", 1, nil, &values, nil, nil, 0)
        }
        guard let text else { throw .disconnected }
        defer { PQclear(text) }
        guard PQresultStatus(text) == PGRES_TUPLES_OK else { throw postgreSQLFault(text, "setting") }
        return PQgetisnull(text, 0, 0) != 0 ? nil : PQgetvalue(text, 0, 0).map { String(cString: $0) }
    }

    /// The statements of one transaction; the caller brackets it with BEGIN and COMMIT.
    borrowing func transaction() -> Transaction { Transaction(engine: .postgreSQL(session), memory: memory) }

    /// The session, in the mode in which statements travel together.
    borrowing func pipeline() throws(StoreFault) -> PostgreSQLSession {
        if PQpipelineStatus(handle) == PQ_PIPELINE_OFF, PQenterPipelineMode(handle) != 1 { throw .disconnected }
        return session
    }

    /// Runs a text of several statements outside the pipeline: settings and migrations only.
    borrowing func run(script: String) throws(StoreFault) {
        if PQpipelineStatus(handle) != PQ_PIPELINE_OFF, PQexitPipelineMode(handle) != 1 { throw .disconnected }
        guard let result = PQexec(handle, script) else { throw .disconnected }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return
        default:
            guard PQstatus(handle) == CONNECTION_OK else { throw .disconnected }
            throw postgreSQLFault(result, "script")
        }
    }
}
