public import Values

/// Token buckets, one a key: a network, a ticket.
///
/// The table is bounded; a bucket that is full again is forgotten.
public struct RateLimiter: Sendable {
    /// How many at once, and how many a second after that.
    public struct Rate: Sendable, Hashable {
        public var burst: Double
        public var perSecond: Double

        public init(burst: Double, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }

    private struct Bucket {
        var tokens: Double
        var at: Instant
    }

    private var buckets: [String: Bucket] = [:]
    private let rate: Rate
    private let capacity: Int

    public init(_ rate: Rate, capacity: Int = 20_000) {
        self.rate = rate
        self.capacity = capacity
    }

    /// Takes a token of `key`; `false` if there is none.
    public mutating func admit(_ key: String, at now: Instant) -> Bool {
        if buckets.count >= capacity, buckets[key] == nil {
            buckets = buckets.filter { tokens(of: $0.value, at: now) < rate.burst }
            // Twenty thousand keys that are all busy: an attack, and nobody new comes in during it.
            guard buckets.count < capacity else { return false }
        }
        let available = buckets[key].map { tokens(of: $0, at: now) } ?? rate.burst
        guard available >= 1 else { return false }
        buckets[key] = Bucket(tokens: available - 1, at: now)
        return true
    }

    /// Gives back a token that ``admit(_:at:)`` took for nothing.
    public mutating func giveBack(_ key: String) {
        guard let bucket = buckets[key] else { return }
        buckets[key]?.tokens = min(rate.burst, bucket.tokens + 1)
    }

    private func tokens(of bucket: Bucket, at now: Instant) -> Double {
        let seconds = Double(max(0, bucket.at.microseconds(until: now))) / 1_000_000
        return min(rate.burst, bucket.tokens + seconds * rate.perSecond)
    }
}
