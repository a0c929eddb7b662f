extension Connection {
    /// Takes groups of writes until the queue is closed and drained.
    borrowing func serveWrites(from queue: JobQueue) {
        while true {
            let group = queue.take(upTo: Database.groupLimit)
            if group.isEmpty { return }
            let fault = commit(group)
            for job in group { job.finish(fault) }
        }
    }

    /// Takes reads one at a time, each on a snapshot of its own.
    borrowing func serveReads(from queue: JobQueue) {
        while let job = queue.take(upTo: 1).first {
            let transaction = transaction()
            do throws(StoreFault) {
                try transaction.execute("BEGIN")
                _ = job.run(in: transaction)
                try transaction.execute("COMMIT")
                job.finish(nil)
            } catch {
                rollBack()
                job.finish(error)
            }
        }
    }

    /// One transaction around the group, one savepoint around each body.
    /// - Returns: why nothing of the group was stored, or `nil` once all of it is durable.
    private borrowing func commit(_ group: [any Job]) -> StoreFault? {
        let transaction = transaction()
        do throws(StoreFault) {
            try transaction.execute("BEGIN IMMEDIATE")
            for job in group {
                try transaction.execute("SAVEPOINT command")
                let succeeded = job.run(in: transaction)
                // A full disk makes SQLite roll back everything by itself: then nobody may be told "done".
                guard !isIdle else { throw .sqlite(code: 13, operation: "group", message: "rolled back by SQLite") }
                if !succeeded { try transaction.execute("ROLLBACK TO command") }
                try transaction.execute("RELEASE command")
            }
            try transaction.execute("COMMIT")
            return nil
        } catch {
            rollBack()
            return error
        }
    }

    // Swift 6.3.1's optimiser crashes when it inlines this into a borrowing caller ("Cannot initialize a nonCopyable
    // type with a guaranteed value"), so it may not.
    @inline(never)
    private borrowing func rollBack() {
        guard !isIdle else { return }
        let transaction = transaction()
        // If even this fails the next BEGIN does too, and its caller hears of it.
        _ = try? transaction.execute("ROLLBACK")
    }
}
