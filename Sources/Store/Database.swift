internal import Foundation
internal import Synchronization

/// A SQLite file, or a PostgreSQL database, with one writer thread and a few reader threads.
///
/// Writes are committed in groups: bodies that wait together run in one transaction. A body that throws is rolled back
/// alone (where it had written before, the group runs again with a savepoint for each); nobody is answered before
/// COMMIT is on disk (WAL, `synchronous=FULL`).
/// One durable commit costs 0.2 to 1 ms of disk, so 64 buyers a commit are 64 times the sales of one.
public final class Database: Sendable {
    /// Commands per commit. Beyond 256 the wait for the commit is no longer the larger part.
    static let groupLimit = 256

    private let writes = JobQueue()
    private let reads = JobQueue()
    /// Reports may take a minute: they have a connection of their own, made when the first one is asked for.
    private let reports = JobQueue()
    private let reportThread: ReportThread
    private let threads = ThreadCount()
    /// Whether other processes may write to the same database: what one of them remembers about it may be out of date.
    public let isShared: Bool

    /// Opens or creates the file and brings its schema up to date.
    /// - Parameter readers: reader connections, each with a thread of its own.
    /// - Throws: ``StoreFault``; ``StoreFault/inUse(path:)`` if another process has the file.
    public init(path: String, migrations: [Migration], readers: Int = 2) throws(StoreFault) {
        isShared = false
        reportThread = ReportThread { queue, opened throws(StoreFault) in
            let connection = try Connection.open(path: path, role: .reader)
            try connection.sortOnDisk()
            opened()
            connection.serveReads(from: queue)
        }
        let lock = try FileLock(besides: path)
        try createPrivateFile(path)
        try start("guichet.writer") { [writes] opened throws(StoreFault) in
            // The file is free for a successor only once the connection is gone.
            defer { lock.release() }
            let connection = try Connection.open(path: path, role: .writer)
            try connection.migrate(migrations)
            opened()
            connection.serveWrites(from: writes)
            connection.checkpoint()
        }
        for _ in 0..<max(1, readers) {
            try start("guichet.reader") { [reads] opened throws(StoreFault) in
                let connection = try Connection.open(path: path, role: .reader)
                opened()
                connection.serveReads(from: reads)
            }
        }
    }

    /// Connects to a PostgreSQL database and brings its schema up to date.
    ///
    /// A connection that breaks is made again by itself; meanwhile callers get a transient ``StoreFault``.
    /// - Parameter lock: what every group of writes begins with.
    /// - Throws: ``StoreFault``, if there is no connection to begin with or the schema is not what it should be.
    public init(
        _ address: PostgreSQLAddress, migrations: [Migration], readers: Int = 4, lock: SharedLock? = nil
    ) throws(StoreFault) {
        isShared = true
        reportThread = ReportThread { queue, opened throws(StoreFault) in
            try keepServing(queue, opened) { jobs, opened throws(StoreFault) in
                let connection = try PostgreSQLConnection.open(address, role: .reader)
                opened()
                return try connection.serveReads(from: queue, first: jobs)
            }
        }
        try start("guichet.writer") { [writes] opened throws(StoreFault) in
            try keepServing(writes, opened) { jobs, opened throws(StoreFault) in
                let connection = try PostgreSQLConnection.open(address, role: .writer)
                try connection.migrate(migrations)
                try connection.knowTables(of: migrations)
                if let lock { try connection.seed(lock) }
                opened()
                return try connection.serveWrites(from: writes, first: jobs, lock: lock)
            }
        }
        for _ in 0..<max(1, readers) {
            try start("guichet.reader") { [reads] opened throws(StoreFault) in
                try keepServing(reads, opened) { jobs, opened throws(StoreFault) in
                    let connection = try PostgreSQLConnection.open(address, role: .reader)
                    opened()
                    return try connection.serveReads(from: reads, first: jobs)
                }
            }
        }
    }

    /// Opens a file only to read it, as it is: beside a process that sells from it, or a copy. Nothing is migrated.
    /// - Throws: ``StoreFault/schemaOutdated(number:)`` for a file that an older version wrote.
    public init(auditing path: String, migrations: [Migration]) throws(StoreFault) {
        guard access(path, R_OK) == 0 else { throw .file(path: path, code: errno) }
        isShared = false
        reportThread = ReportThread { queue, opened throws(StoreFault) in
            let connection = try Connection.open(path: path, role: .auditor)
            opened()
            connection.serveReads(from: queue)
        }
        try start("guichet.auditor") { [reads] opened throws(StoreFault) in
            let connection = try Connection.open(path: path, role: .auditor)
            try connection.requireSchema(migrations)
            opened()
            connection.serveReads(from: reads)
        }
        // Nobody takes writes: they are refused as closed.
        writes.close()
    }

    deinit {
        writes.close()
        reads.close()
        reports.close()
    }

    /// Serves what waits, then closes every connection and releases the file. Later calls get ``StoreFault/closed``.
    public func close() async {
        writes.close()
        reads.close()
        reports.close()
        await threads.none()
    }

    /// Runs `body` in the next group and returns its value once that group is durable.
    ///
    /// The body must not reach outside its arguments: it may run, still be rolled back with its group, and run again.
    /// - Parameter foresight: what the body will surely ask; see ``Foresight``.
    /// - Throws: what the body throws, or a ``StoreFault`` if nothing of it was stored.
    @discardableResult
    public func write<Value: Sendable>(
        foreseeing foresight: Foresight? = nil,
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { writes.add(WaitingJob($0, foresight: foresight, body)) }
    }

    /// Runs `body` on a snapshot.
    @discardableResult
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { reads.add(WaitingJob($0, body)) }
    }

    /// Runs `body` on a snapshot of its own, on the connection of reports: one at a time, so that what takes long holds up
    /// other reports and nobody else.
    @discardableResult
    public func report<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try reportThread.once { [reports] serve throws(StoreFault) in
            try start("guichet.reports") { opened throws(StoreFault) in try serve(reports, opened) }
        }
        return try await withCheckedThrowingContinuation { reports.add(WaitingJob($0, body)) }
    }

    /// Starts a thread and waits until it has opened its connection, or rethrows why it could not.
    private func start(
        _ name: String, _ serve: @escaping @Sendable (_ opened: @escaping () -> Void) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        let outcome = StartOutcome()
        threads.enter()
        let thread = Thread { [threads] in
            do throws(StoreFault) {
                try serve { outcome.settle(nil) }
            } catch {
                outcome.settle(error)
            }
            threads.leave()
        }
        thread.name = name
        thread.start()
        if let fault = outcome.wait() { throw fault }
    }
}

/// How the thread of reports serves its queue, and whether it was started.
private final class ReportThread: Sendable {
    typealias Serve = @Sendable (_ queue: JobQueue, _ opened: @escaping () -> Void) throws(StoreFault) -> Void

    private let serve: Serve
    private let isStarted = Mutex(false)

    init(_ serve: @escaping Serve) { self.serve = serve }

    /// Calls `start` the first time, and again after it has failed.
    func once(_ start: (@escaping Serve) throws(StoreFault) -> Void) throws(StoreFault) {
        var fault: StoreFault?
        isStarted.withLock { isStarted in
            guard !isStarted else { return }
            do throws(StoreFault) {
                try start(serve)
                isStarted = true
            } catch { fault = error }
        }
        if let fault { throw fault }
    }
}

/// A row that lets the groups of commands of several processes follow one another: as long as one holds it, the others
/// wait.
public struct SharedLock: Sendable {
    /// Makes the row if it is missing.
    let seed: StaticString
    /// Takes it, with FOR UPDATE; the end of the transaction gives it back.
    let query: StaticString

    public init(seed: StaticString, query: StaticString) {
        self.seed = seed
        self.query = query
    }
}

/// Serves a queue over one connection after the other until the queue is closed.
private func keepServing(
    _ queue: JobQueue, _ opened: @escaping () -> Void,
    _ serve: (_ first: [any Job], _ opened: () -> Void) throws(StoreFault) -> ServingEnd
) throws(StoreFault) {
    var jobs: [any Job] = []
    var hasOpened = false
    var pause = 25
    while true {
        do throws(StoreFault) {
            let end = try serve(jobs) {
                hasOpened = true
                pause = 25
                opened()
            }
            switch end {
            case .closed: return
            case .lost(let left): jobs = left
            }
        } catch {
            // The first connection has to be there; later ones are tried for as long as somebody may come.
            guard hasOpened else { throw error }
            for job in jobs { job.finish(error) }
            jobs = []
            if queue.refuse(with: error, forMilliseconds: pause) { return }
            pause = min(2 * pause, 1_000)
        }
    }
}
