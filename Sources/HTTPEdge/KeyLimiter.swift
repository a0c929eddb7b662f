internal import Synchronization
public import Values

/// Limits the requests of one API key.
///
/// Asked only for keys that are known: whoever invents keys fills no table, and is limited by network.
public final class KeyLimiter: Sendable {
    // Protects the buckets; held for one look-up.
    private let limiter: Mutex<RateLimiter>
    private let rate: RateLimiter.Rate

    public init(_ rate: RateLimiter.Rate, capacity: Int = 20_000) {
        self.rate = rate
        limiter = Mutex(RateLimiter(rate, capacity: capacity))
    }

    /// Lets a request with `key` pass, or refuses with `too_many_requests`.
    public func check(_ key: String, at now: Instant) throws(EdgeRefusal) {
        guard limiter.withLock({ $0.admit(key, at: now) }) else {
            throw .tooManyRequests(seconds: max(1, Int((1 / rate.perSecond).rounded(.up))))
        }
    }
}
