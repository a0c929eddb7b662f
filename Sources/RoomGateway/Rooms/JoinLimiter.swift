internal import Values

/// Token buckets for joins: one bucket per network address and one per ticket.
///
/// A handshake costs 0.3 ms of CPU, a join a durable write: whoever repeats them fast takes them from the others.
/// The table is bounded; a bucket that is full again is forgotten.
struct JoinLimiter: Sendable {
    /// How many joins at once, and how many a second after that.
    struct Rate: Sendable, Hashable {
        var burst: Double
        var perSecond: Double

        /// A class or an office behind one address joins within seconds.
        static let address = Rate(burst: 100, perSecond: 20)
        /// A phone that changes networks joins again and again, but not faster than this.
        static let ticket = Rate(burst: 8, perSecond: 0.5)
    }

    private struct Bucket {
        var tokens: Double
        var at: Instant
    }

    private var buckets: [String: Bucket] = [:]
    private let rate: Rate
    private let capacity: Int

    init(_ rate: Rate, capacity: Int = 20_000) {
        self.rate = rate
        self.capacity = capacity
    }

    /// Takes a token of `key`; `false` if there is none.
    mutating func admit(_ key: String, at now: Instant) -> Bool {
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

    private func tokens(of bucket: Bucket, at now: Instant) -> Double {
        let seconds = Double(max(0, bucket.at.microseconds(until: now))) / 1_000_000
        return min(rate.burst, bucket.tokens + seconds * rate.perSecond)
    }
}
