internal import AudioRelay
internal import Datagrams
internal import Foundation

/// The thread that takes the steps of handshakes, so that no media thread does public-key work while people listen.
///
/// One for all of them: 3,000 handshakes a second are more than any door lets in. First come, first served; each peer
/// has one step here at a time, which bounds the queue by the peers.
///
/// `@unchecked Sendable`: `condition` guards the queue and the flag.
final class HandshakeThread: @unchecked Sendable {
    private typealias Job = (step: HandshakeStep, answer: @Sendable (HandshakeStep) -> Void)

    private let condition = NSCondition()
    private var jobs: ArraySlice<Job> = []
    private var isStopping = false
    private var thread: OwnThread?

    init() {
        thread = OwnThread(named: "guichet.hands") { [weak self] in
            while let job = self?.take() {
                job.step.run()
                job.answer(job.step)
            }
        }
    }

    /// Takes a step when those before it are done, and gives it to `answer` on this thread.
    func take(_ step: HandshakeStep, answer: @escaping @Sendable (HandshakeStep) -> Void) {
        condition.withLock {
            jobs.append((step, answer))
            condition.signal()
        }
    }

    /// Makes the thread end; steps that wait are not taken any more.
    func beginStopping() {
        condition.withLock {
            isStopping = true
            condition.signal()
        }
    }

    func stop() async {
        beginStopping()
        await thread?.finished()
    }

    /// Waits for work; `nil` at the end.
    private func take() -> Job? {
        condition.withLock {
            while jobs.isEmpty && !isStopping { condition.wait() }
            // Answers hold their media threads, which hold this one.
            if isStopping { jobs = [] }
            return jobs.popFirst()
        }
    }
}
