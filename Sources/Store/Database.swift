internal import Foundation

/// A SQLite file with one writer thread and a few reader threads.
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
    private let threads = ThreadCount()

    /// Opens or creates the file and brings its schema up to date.
    /// - Parameter readers: reader connections, each with a thread of its own.
    /// - Throws: ``StoreFault``; ``StoreFault/inUse(path:)`` if another process has the file.
    public init(path: String, migrations: [Migration], readers: Int = 2) throws(StoreFault) {
        let lock = try FileLock(besides: path)
        try createPrivateFile(path)
        try start("guichet.writer") { [writes] opened throws(StoreFault) in
            // The file is free for a successor only once the connection is gone.
            defer { lock.release() }
            let connection = try Connection.open(path: path, role: .writer)
            try connection.migrate(migrations)
            opened()
            connection.serveWrites(from: writes)
        }
        for _ in 0..<max(1, readers) {
            try start("guichet.reader") { [reads] opened throws(StoreFault) in
                let connection = try Connection.open(path: path, role: .reader)
                opened()
                connection.serveReads(from: reads)
            }
        }
    }

    deinit {
        writes.close()
        reads.close()
    }

    /// Serves what waits, then closes every connection and releases the file. Later calls get ``StoreFault/closed``.
    public func close() async {
        writes.close()
        reads.close()
        await threads.none()
    }

    /// Runs `body` in the next group and returns its value once that group is durable.
    ///
    /// The body must not reach outside its arguments: it may run, still be rolled back with its group, and run again.
    /// - Throws: what the body throws, or a ``StoreFault`` if nothing of it was stored.
    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { writes.add(WaitingJob($0, body)) }
    }

    /// Runs `body` on a snapshot.
    @discardableResult
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { reads.add(WaitingJob($0, body)) }
    }

    /// Starts a thread and waits until it has opened its connection, or rethrows why it could not.
    private func start(
        _ name: String, _ serve: @escaping @Sendable (_ opened: () -> Void) throws(StoreFault) -> Void
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
