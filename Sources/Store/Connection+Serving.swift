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

    /// Brings everything into the file itself, so that a ledger which was ended cleanly is one file: to copy, to move.
    /// SQLite does so when the last connection goes, but two that go at once each take the other for the last. Where a
    /// reader is in the way for longer than the busy time-out, the log beside the file has what is missing, as after a
    /// crash.
    borrowing func checkpoint() {
        let transaction = transaction()
        _ = try? transaction.forEach("PRAGMA wal_checkpoint(TRUNCATE)") { _ throws(StoreFault) in }
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

    /// One transaction around the group.
    /// - Returns: why nothing of the group was stored, or `nil` once all of it is durable.
    private borrowing func commit(_ group: [any Job]) -> StoreFault? {
        do throws(StoreFault) {
            if try !commitWithoutSavepoints(group) { try commitWithSavepoints(group) }
            memory?.keep()
            return nil
        } catch {
            memory?.forget()
            rollBack()
            return error
        }
    }

    /// Ends the transaction of a group.
    private borrowing func commit() throws(StoreFault) {
        let transaction = transaction()
        if let memory { try transaction.settle(memory) }
        try transaction.execute("COMMIT")
    }

    /// Commands decide before they write, so one that is refused has nothing to undo, and savepoints, which copy every
    /// page before it is changed, would cost a third of a sale for nothing.
    /// - Returns: `false` if a body failed after it had written: then nothing of the group is stored, and its bodies
    ///   have to run again.
    private borrowing func commitWithoutSavepoints(_ group: [any Job]) throws(StoreFault) -> Bool {
        let transaction = transaction()
        try transaction.execute("BEGIN IMMEDIATE")
        for job in group {
            let written = changedRows
            let succeeded = job.run(in: transaction)
            // A full disk makes SQLite roll back everything by itself: then nobody may be told "done".
            guard !isIdle else { throw .sqlite(code: 13, operation: "group", message: "rolled back by SQLite") }
            if !succeeded && changedRows != written {
                memory?.forget()
                try transaction.execute("ROLLBACK")
                return false
            }
        }
        try commit()
        return true
    }

    /// One savepoint around each body, so that one that fails half-way leaves nothing and harms nobody.
    private borrowing func commitWithSavepoints(_ group: [any Job]) throws(StoreFault) {
        let transaction = transaction()
        try transaction.execute("BEGIN IMMEDIATE")
        for job in group {
            try transaction.execute("SAVEPOINT command")
            let earlier = memory?.current
            let succeeded = job.run(in: transaction)
            guard !isIdle else { throw .sqlite(code: 13, operation: "group", message: "rolled back by SQLite") }
            if !succeeded {
                if let earlier { memory?.goBack(to: earlier) }
                try transaction.execute("ROLLBACK TO command")
            }
            try transaction.execute("RELEASE command")
        }
        try commit()
    }

    // Swift 6.3.1's optimiser crashes when it inlines this into a borrowing caller ("Cannot initialize a nonCopyable
    // type with a guaranteed value"), so it may not.
    @inline(never)
    borrowing func rollBack() {
        guard !isIdle else { return }
        let transaction = transaction()
        // If even this fails the next BEGIN does too, and its caller hears of it.
        _ = try? transaction.execute("ROLLBACK")
    }
}
