internal import Synchronization

/// Counts calls down to the last one that is let pass.
final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(max(1, count)) }

    /// Whether this call is the one that was counted down to; never true again.
    func passesLast() -> Bool { left.subtract(1, ordering: .relaxed).newValue == 0 }
}
