import AudioRelay
import RoomClient
import Synchronization

/// A listener of the story, on a task of its own: what was heard, and when.
final class DemoListener: Sendable {
    private final class Heard: Sendable {
        struct Progress {
            var frames: [[UInt8]] = []
            /// Arrival of the last frame, CLOCK_MONOTONIC in nanoseconds.
            var lastAt: UInt64?
            var isConnected = false
        }

        /// Protects what was heard so far.
        let progress = Mutex(Progress())
    }

    let name: String
    private let heard = Heard()
    private let task: Task<ListenSummary, any Error>

    init(_ name: String, _ listener: WHEPListener) {
        self.name = name
        task = Task { [heard] in
            try await listener.listen(
                onConnected: { heard.progress.withLock { $0.isConnected = true } },
                onPacket: { packet, nanoseconds in
                    heard.progress.withLock {
                        $0.frames.append(packet.payload)
                        $0.lastAt = nanoseconds
                    }
                })
        }
    }

    var isConnected: Bool { heard.progress.withLock(\.isConnected) }
    var frames: [[UInt8]] { heard.progress.withLock(\.frames) }
    var lastAtNanoseconds: UInt64? { heard.progress.withLock(\.lastAt) }

    /// How it ended, waiting for the end.
    func end() async throws -> ListenSummary { try await task.value }

    func stop() { task.cancel() }
}
