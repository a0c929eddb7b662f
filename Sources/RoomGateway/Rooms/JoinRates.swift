internal import HTTPEdge

/// How fast joins may follow each other.
///
/// A handshake costs 0.3 ms of CPU, a join a durable write: whoever repeats them fast takes them from the others.
extension RateLimiter.Rate {
    /// A class or an office behind one address joins within seconds.
    static let address = Self(burst: 100, perSecond: 20)
    /// A phone that changes networks joins again and again, but not faster than this.
    static let ticket = Self(burst: 8, perSecond: 0.5)
    /// A host who mutes a noisy stage clicks fast; nobody raises a hand more often than every second.
    static let acts = Self(burst: 20, perSecond: 1)
    /// Refusals of one ticket at the door that are written down; beyond them they are only counted. A person who is turned
    /// away tries a few times, and a program as fast as it may.
    static let refusedEntries = Self(burst: 20, perSecond: 0.1)
    /// Refused acts of one room that are written down; beyond them they are only counted, since anybody with a ticket
    /// can be refused as often as the door lets.
    static let refusedActs = Self(burst: 200, perSecond: 1)
}
