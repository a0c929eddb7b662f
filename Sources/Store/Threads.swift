internal import Foundation
internal import Synchronization

/// How many threads still hold a connection, and who waits for the last of them to end.
final class ThreadCount: Sendable {
    private struct State {
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func enter() { state.withLock { $0.count += 1 } }

    func leave() {
        let released = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in released { continuation.resume() }
    }

    func none() async {
        await withCheckedContinuation { continuation in
            let isNone = state.withLock { state in
                if state.count > 0 { state.waiting.append(continuation) }
                return state.count == 0
            }
            if isNone { continuation.resume() }
        }
    }
}

/// What a thread says about its start, once.
///
/// `@unchecked Sendable`: `settled` is touched only while `condition` is locked.
final class StartOutcome: @unchecked Sendable {
    private let condition = NSCondition()
    private var settled: StoreFault??

    func settle(_ fault: StoreFault?) {
        condition.lock()
        if settled == nil { settled = .some(fault) }
        condition.signal()
        condition.unlock()
    }

    func wait() -> StoreFault? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let settled { return settled }
            condition.wait()
        }
    }
}
