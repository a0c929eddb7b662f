internal import Synchronization

/// Wakes the long polls of gateways when the feed grew.
final class FeedBell: Sendable {
    private struct State {
        var next = 0
        var isClosed = false
        var isOwed = false
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    }
    private let state = Mutex(State())

    /// To be called after the commit, never before: who is woken reads at once.
    func ring() {
        let woken = state.withLock { state in
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in woken {
            continuation.yield()
            continuation.finish()
        }
    }

    /// There is something to hear of once the transaction is stored that is running now.
    func owe() { state.withLock { $0.isOwed = true } }

    /// Rings if somebody owes it: after a commit. One time too often wakes somebody who finds nothing.
    func ringIfOwed() {
        let isOwed = state.withLock { state in
            defer { state.isOwed = false }
            return state.isOwed
        }
        if isOwed { ring() }
    }

    /// Lets nobody wait any more: the server is going.
    func close() {
        state.withLock { $0.isClosed = true }
        ring()
    }

    /// A stream that yields at the next ring. Made before the feed is read, so that no ring falls between.
    func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let ticket = state.withLock { state -> Int? in
            guard !state.isClosed else { return nil }
            state.next += 1
            state.waiting[state.next] = continuation
            return state.next
        }
        guard let ticket else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.waiting.removeValue(forKey: ticket) }
        }
        return stream
    }
}
