internal import CPostgreSQL
internal import CSQLite
internal import Foundation

/// What the parameters of a report's query stand for.
public struct ReportQueryValues: Sendable {
    public var firstDay: String
    public var lastDay: String
    public var firstSequence: Int64
    public var lastSequence: Int64
    public var through: Int64
    /// Microseconds since 1970.
    public var start: Int64
    public var end: Int64
    public var known: Int64

    public init(
        firstDay: String, lastDay: String, firstSequence: Int64, lastSequence: Int64, through: Int64, start: Int64,
        end: Int64, known: Int64
    ) {
        self.firstDay = firstDay
        self.lastDay = lastDay
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.through = through
        self.start = start
        self.end = end
        self.known = known
    }

    /// Of a question after columns, which needs no rows.
    public static let none = ReportQueryValues(
        firstDay: "", lastDay: "", firstSequence: 1, lastSequence: 0, through: 0, start: 0, end: 0, known: 0)

    fileprivate func value(of parameter: ReportQuery.Parameter) -> any Bindable {
        switch parameter {
        case .shard: shard
        case .firstDay: firstDay
        case .lastDay: lastDay
        case .firstSequence: firstSequence
        case .lastSequence: lastSequence
        case .through: through
        case .start: start
        case .end: end
        case .known: known
        }
    }
}

extension Transaction {
    /// The columns that a query gives, in order, by name. The engine reads the text; no row is made.
    public borrowing func columns(of query: ReportQuery) throws(StoreFault) -> [String] {
        switch engine {
        case .sqlite(let statements):
            let entry = try statements.entry(report: query.positionalText)
            return (0..<sqlite3_column_count(entry.pointer)).map { index in
                sqlite3_column_name(entry.pointer, index).map { String(cString: $0) } ?? ""
            }
        case .postgreSQL(let session):
            try bind(query, .none, session.parameters)
            let result = try session.run(report: "SELECT * FROM (\(query.text)) AS report LIMIT 0")
            return result?.names ?? []
        case .asking: throw .corrupt(column: "foresight")
        }
    }

    /// Runs a query and hands each row to `body` until that says no; no more than a few thousand rows are held at once.
    /// - Parameter seconds: how long it may take.
    /// - Throws: ``StoreFault``; ``StoreFault/isTimeout`` tells a query that took too long.
    public borrowing func forEach(
        _ query: ReportQuery, _ values: ReportQueryValues, seconds: Int,
        body: (borrowing Row) throws(StoreFault) -> Bool
    ) throws(StoreFault) {
        switch engine {
        case .sqlite(let statements):
            let entry = try statements.entry(report: query.positionalText)
            let deadline = ReportDeadline(seconds: seconds)
            deadline.watch(statements.handle)
            defer { deadline.end(statements.handle) }
            let statement = Statement(entry)
            for (index, parameter) in query.parameters.enumerated() {
                try values.value(of: parameter).bind(to: statement, at: Int32(index + 1))
            }
            while try entry.step() {
                guard try body(Row(entry.pointer)) else { return }
            }
        case .postgreSQL(let session): try forEach(query, values, seconds, session, body)
        case .asking: throw .corrupt(column: "foresight")
        }
    }

    /// By a cursor: the driver would hold the whole answer of a plain query.
    private borrowing func forEach(
        _ query: ReportQuery, _ values: ReportQueryValues, _ seconds: Int, _ session: PostgreSQLSession,
        _ body: (borrowing Row) throws(StoreFault) -> Bool
    ) throws(StoreFault) {
        let parameters = session.parameters
        let end = DispatchTime.now().uptimeNanoseconds + UInt64(seconds) * 1_000_000_000
        parameters.removeAll()
        // Reports read much of a table, where an index only costs.
        for setting in ["statement_timeout = \(1_000 * seconds)", "enable_seqscan = on"] {
            try session.run(report: "SET LOCAL \(setting)")
        }
        try bind(query, values, parameters)
        try session.run(report: "DECLARE guichet_report NO SCROLL CURSOR FOR \(query.text)")
        parameters.removeAll()
        reading: while let result = try session.run(report: "FETCH FORWARD 2000 FROM guichet_report"), result.count > 0
        {
            for number in 0..<result.count {
                guard try body(Row(result, number)) else { break reading }
            }
            guard DispatchTime.now().uptimeNanoseconds < end else {
                throw .postgreSQL(state: "57014", operation: "report", message: "the time of a report is over")
            }
        }
        try session.run(report: "CLOSE guichet_report")
    }

    private borrowing func bind(
        _ query: ReportQuery, _ values: ReportQueryValues, _ parameters: PostgreSQLParameters
    ) throws(StoreFault) {
        let statement = Statement(parameters)
        for (index, parameter) in query.parameters.enumerated() {
            try values.value(of: parameter).bind(to: statement, at: Int32(index + 1))
        }
    }
}

extension StatementCache {
    /// A statement for one use, made of a text that ``ReportQuery`` has read. SQLite says itself that it only reads.
    fileprivate func entry(report text: String) throws(StoreFault) -> Entry {
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, -1, 0, &pointer, nil)
        guard code == SQLITE_OK, let pointer else { throw sqliteFault(handle, "prepare", code) }
        let entry = Entry(pointer)
        guard sqlite3_stmt_readonly(pointer) != 0 else {
            throw .sqlite(code: SQLITE_READONLY, operation: "report", message: "a report's query writes")
        }
        return entry
    }
}

/// Ends a statement of SQLite that takes too long.
private final class ReportDeadline {
    private let end: UInt64

    init(seconds: Int) { end = DispatchTime.now().uptimeNanoseconds + UInt64(seconds) * 1_000_000_000 }

    /// Looked at every 100,000 steps of SQLite's machine: about a millisecond.
    func watch(_ handle: OpaquePointer) {
        sqlite3_progress_handler(
            handle, 100_000,
            { context in
                guard let context else { return 0 }
                let deadline = Unmanaged<ReportDeadline>.fromOpaque(context).takeUnretainedValue()
                return DispatchTime.now().uptimeNanoseconds < deadline.end ? 0 : 1
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func end(_ handle: OpaquePointer) { sqlite3_progress_handler(handle, 0, nil, nil) }
}

extension StoreFault {
    /// A report's query took longer than it may: SQLITE_INTERRUPT, query_canceled.
    public var isTimeout: Bool {
        switch self {
        case .sqlite(let code, _, _): code & 0xFF == 9
        case .postgreSQL(let state, _, _): state == "57014"
        case .disconnected, .outcomeUnknown, .unreachable, .inUse, .file, .pragma, .migrationChanged, .schemaTooNew,
            .schemaOutdated, .corrupt, .overloaded, .closed:
            false
        }
    }
}
