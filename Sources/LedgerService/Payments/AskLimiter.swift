internal import HTTPEdge
internal import Synchronization
internal import Values

/// How often payers have providers asked; beyond that the books answer. Whoever opens payments by the hundred must not use up
/// what a provider lets the house ask.
final class AskLimiter: Sendable {
    private struct Limits {
        var each = RateLimiter(RateLimiter.Rate(burst: 8, perSecond: 0.5))
        var all = RateLimiter(RateLimiter.Rate(burst: 40, perSecond: 20))
    }

    private let limits = Mutex(Limits())

    func admit(_ caller: Caller, at now: Instant) -> Bool {
        // An operator knows what the house may ask.
        guard !caller.isOperator else { return true }
        return limits.withLock { limits in
            guard limits.each.admit(caller.actor, at: now) else { return false }
            return limits.all.admit("", at: now)
        }
    }
}
