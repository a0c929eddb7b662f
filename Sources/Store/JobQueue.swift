internal import Foundation

/// A body waiting for its connection. The thread that takes a job calls `run` and then `finish`, once each.
protocol Job: Sendable {
    /// What the body will surely ask.
    var foresight: Foresight? { get }
    /// Runs the body; `false` if it threw, so that its savepoint is rolled back.
    ///
    /// It may run again if its transaction was rolled back; the last run counts.
    func run(in transaction: borrowing Transaction) -> Bool
    /// Its statements failed after the body had ended.
    func fail(_ fault: StoreFault)
    /// Answers the caller: with the body's outcome, or with `fault` where the transaction around it failed.
    func finish(_ fault: StoreFault?)
}

/// Jobs in order of arrival, for blocking threads to take.
///
/// `@unchecked Sendable`: `waiting` and `isClosed` are touched only while `condition` is locked.
final class JobQueue: @unchecked Sendable {
    /// 20,000 commands are seconds of work: whoever comes later is better told to come back.
    static let limit = 20_000

    private let condition = NSCondition()
    private var waiting: [any Job] = []
    private var isClosed = false

    func add(_ job: some Job) {
        condition.lock()
        let fault: StoreFault? = isClosed ? .closed : waiting.count >= Self.limit ? .overloaded : nil
        if fault == nil {
            waiting.append(job)
            condition.signal()
        }
        condition.unlock()
        if let fault { job.finish(fault) }
    }

    /// Waits for jobs and takes up to `count` of them; empty once the queue is closed and drained.
    func take(upTo count: Int) -> [any Job] {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty && !isClosed { condition.wait() }
        let taken = Array(waiting.prefix(count))
        waiting.removeFirst(taken.count)
        return taken
    }

    /// Waits at most so long for the queue to be closed; meanwhile whoever waits is answered with `fault`.
    /// - Returns: whether it is closed.
    func refuse(with fault: StoreFault, forMilliseconds milliseconds: Int) -> Bool {
        condition.lock()
        let deadline = Date(timeIntervalSinceNow: Double(milliseconds) / 1_000)
        var refused: [any Job] = []
        while !isClosed, condition.wait(until: deadline) {}
        swap(&refused, &waiting)
        let isClosed = isClosed
        condition.unlock()
        for job in refused { job.finish(fault) }
        return isClosed
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }
}

/// One body and the task that waits for its outcome.
///
/// `@unchecked Sendable`: `outcome` is touched only by the thread that took the job, between `run` and `finish`.
final class WaitingJob<Value: Sendable>: Job, @unchecked Sendable {
    let foresight: Foresight?
    private let body: @Sendable (borrowing Transaction) throws -> Value
    private let continuation: CheckedContinuation<Value, any Error>
    private var outcome: Result<Value, any Error>?

    init(
        _ continuation: CheckedContinuation<Value, any Error>, foresight: Foresight? = nil,
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) {
        self.continuation = continuation
        self.foresight = foresight
        self.body = body
    }

    func run(in transaction: borrowing Transaction) -> Bool {
        do {
            outcome = .success(try body(transaction))
            return true
        } catch {
            outcome = .failure(error)
            return false
        }
    }

    func fail(_ fault: StoreFault) { outcome = .failure(fault) }

    func finish(_ fault: StoreFault?) {
        switch (fault, outcome) {
        // A refusal stays a refusal even if the group around it could not be committed: it wrote nothing.
        case (_, .failure(let error)?): continuation.resume(throwing: error)
        case (let fault?, _): continuation.resume(throwing: fault)
        case (nil, let outcome?): continuation.resume(with: outcome)
        case (nil, nil): continuation.resume(throwing: StoreFault.closed)
        }
    }
}
