/// Why a connection stopped serving.
enum ServingEnd {
    /// The queue is closed and drained.
    case closed
    /// The connection broke. Nothing of these jobs was stored: they may run on another connection.
    case lost([any Job])
}

extension PostgreSQLConnection {
    /// How often a group that another transaction got in the way of is run before its callers hear of it.
    private static let attemptLimit = 5

    /// From now on rows of these tables may travel together.
    borrowing func knowTables(of migrations: [Migration]) throws(StoreFault) {
        try pipeline().forms = .of(migrations)
    }

    borrowing func seed(_ lock: SharedLock) throws(StoreFault) {
        let session = try pipeline()
        try session.post(lock.seed)
        try session.receive()
    }

    /// Takes groups of writes until the queue is closed and drained or the connection breaks.
    /// - Parameter first: jobs that another connection was lost with.
    borrowing func serveWrites(
        from queue: JobQueue, first: [any Job], lock: SharedLock?
    ) throws(StoreFault) -> ServingEnd {
        let session = try pipeline()
        var again = first
        var stored = 0
        var nextStatistics = Self.firstStatistics
        while true {
            let group = again.isEmpty ? queue.take(upTo: Database.groupLimit) : again
            if group.isEmpty { return .closed }
            let fault = commit(group, lock: lock, in: session)
            // Once: jobs that two connections were lost with may be what breaks them.
            if fault == .disconnected, again.isEmpty { return .lost(group) }
            for job in group { job.finish(fault) }
            if fault?.isDisconnection == true { return .lost([]) }
            again = []
            stored += session.writes
            session.writes = 0
            if lock != nil, stored >= nextStatistics {
                nextStatistics *= 8
                renewStatistics(session)
            }
        }
    }

    /// Rows behind which a new ledger's tables are counted for the planner, and again after eight times as many: rows and
    /// not commands, since one command may write thousands. The server does it by itself, but only once a minute, and in
    /// the rush of the first minute every index that begins with the shard looks as good to it as any other. A role that
    /// does not own the tables is not obeyed, and told nothing.
    private static let firstStatistics = 512

    private borrowing func renewStatistics(_ session: PostgreSQLSession) {
        do throws(StoreFault) {
            // Tables that have more than doubled since somebody counted them: a process that joins a large ledger counts
            // nothing.
            try session.post(
                """
                DO $$ DECLARE name TEXT; BEGIN
                  FOR name IN SELECT c.oid::regclass::text FROM pg_class c
                    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
                      AND pg_relation_size(c.oid) > 8192 * (2 * c.relpages::bigint + 4)
                  LOOP EXECUTE 'ANALYZE ' || name; END LOOP;
                END $$
                """)
            try session.receive()
        } catch {
            // A broken connection is noticed by the next group, and anything else can wait for the server's own.
            session.recover()
        }
    }

    /// Takes reads one at a time, each on a snapshot of its own.
    borrowing func serveReads(from queue: JobQueue, first: [any Job]) throws(StoreFault) -> ServingEnd {
        let session = try pipeline()
        var again = first.first
        while true {
            guard let job = again ?? queue.take(upTo: 1).first else { return .closed }
            let fault = read(job, in: session)
            if fault == .disconnected, again == nil { return .lost([job]) }
            job.finish(fault)
            if fault?.isDisconnection == true { return .lost([]) }
            again = nil
        }
    }

    private borrowing func read(_ job: any Job, in session: PostgreSQLSession) -> StoreFault? {
        do throws(StoreFault) {
            try session.post("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            session.hasWritten = false
            _ = job.run(in: transaction())
            if let fault = session.fault { throw fault }
            // What may have been more than a query has to be answered: it is refused here.
            if session.hasWritten { try session.receive() }
            // Whoever has read needs no answer to this; it lets go of the snapshot.
            try session.post("COMMIT")
            try session.leave()
            return nil
        } catch {
            return error.isDisconnection || !recovers(session) ? .disconnected : error
        }
    }

    /// One transaction around the group.
    ///
    /// At first without savepoints: a body that refuses before it has written leaves nothing behind. Only if one
    /// fails after it has written, the group is rolled back and run again with a savepoint around each.
    /// - Returns: why nothing of the group was stored, or `nil` once all of it is durable.
    private borrowing func commit(
        _ group: [any Job], lock: SharedLock?, in session: PostgreSQLSession
    ) -> StoreFault? {
        var isCareful = false
        var attempts = 0
        while true {
            var isCommitting = false
            do throws(StoreFault) {
                // Each statement sees what was committed before it, so all that follow the lock see everything.
                try session.post("BEGIN ISOLATION LEVEL READ COMMITTED")
                if let lock {
                    try session.post(lock.query)
                    // A question that fails is its own command's fault, once that has a savepoint.
                    try session.foresee(isCareful ? [] : group.compactMap(\.foresight))
                }
                if try run(group, isCareful: isCareful, in: session) {
                    if let memory { try transaction().settle(memory) }
                    try session.writeWaiting()
                    isCommitting = true
                    try session.post("COMMIT")
                    let answer = try session.receive()?.command
                    guard answer == "COMMIT" else {
                        throw .postgreSQL(state: "25P02", operation: "commit", message: answer ?? "nothing")
                    }
                    memory?.keep()
                    session.forgetForeseen()
                    return nil
                }
                memory?.forget()
                try rollBack(session)
                isCareful = true
            } catch {
                memory?.forget()
                let isLost = error.isDisconnection || !recovers(session)
                if isLost { return isCommitting ? .outcomeUnknown : .disconnected }
                attempts += 1
                if error.asksForRetry {
                    if attempts >= Self.attemptLimit { return error }
                } else {
                    if isCareful || error.isTransient { return error }
                    isCareful = true
                }
            }
        }
    }

    /// - Returns: `false` if a body failed and may have left something behind, which savepoints would have taken back.
    private borrowing func run(
        _ group: [any Job], isCareful: Bool, in session: PostgreSQLSession
    ) throws(StoreFault) -> Bool {
        for job in group {
            if isCareful {
                try runInSavepoint(job, in: session)
            } else {
                session.hasWritten = false
                let succeeded = job.run(in: transaction())
                if let fault = session.fault { throw fault }
                if !succeeded, session.hasWritten { return false }
            }
        }
        return true
    }

    private borrowing func runInSavepoint(_ job: any Job, in session: PostgreSQLSession) throws(StoreFault) {
        try session.post("SAVEPOINT command")
        let earlier = memory?.current
        var succeeded = job.run(in: transaction())
        if !succeeded { session.dropWaiting() }
        // Faults of what is still on its way are this body's.
        if session.fault == nil { try? session.writeWaiting() }
        if session.fault == nil { _ = try? session.receive() }
        if let fault = session.fault {
            // The whole group fails with such a one, and may be run again.
            if fault.isTransient { throw fault }
            if succeeded { job.fail(fault) }
            succeeded = false
            session.recover()
        }
        if !succeeded {
            if let earlier { memory?.goBack(to: earlier) }
            try session.post("ROLLBACK TO SAVEPOINT command")
        }
        try session.post("RELEASE SAVEPOINT command")
        try session.receive()
    }

    /// Whether the connection could be brought back to where a transaction may begin.
    @inline(never)
    private borrowing func recovers(_ session: PostgreSQLSession) -> Bool {
        session.recover()
        do throws(StoreFault) {
            try rollBack(session)
            return true
        } catch {
            return false
        }
    }

    private borrowing func rollBack(_ session: PostgreSQLSession) throws(StoreFault) {
        session.dropWaiting()
        try session.post("ROLLBACK")
        try session.receive()
    }
}
