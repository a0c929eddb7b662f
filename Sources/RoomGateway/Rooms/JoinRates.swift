internal import HTTPEdge

/// How fast joins may follow each other.
///
/// A handshake costs 0.3 ms of CPU, a join a durable write: whoever repeats them fast takes them from the others.
extension RateLimiter.Rate {
    /// A class or an office behind one address joins within seconds.
    static let address = Self(burst: 100, perSecond: 20)
    /// A phone that changes networks joins again and again, but not faster than this.
    static let ticket = Self(burst: 8, perSecond: 0.5)
}
