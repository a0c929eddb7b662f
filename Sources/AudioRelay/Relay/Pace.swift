/// How a relay sends what it forwards: each packet as it comes, or collected so that fewer messages carry them.
///
/// 97 % of a forwarded packet's cost is its way through the kernel. Packets to one listener that are collected for a
/// tick go as one message (UDP_SEGMENT); the price is a delay of at most the tick.
public enum Pace: Int, CaseIterable, Comparable, Sendable {
    case atOnce
    case tick5
    case tick10
    case tick20
    /// As `tick20`, and listeners that take longer packets get frames of 20 ms merged to packets of 40 or 60 ms.
    case merged

    /// For how long packets are collected, in milliseconds; 0 for not at all. One packet of a voice is 20 ms, so a
    /// longer tick would only collect several packets of the same voice.
    public var tickMilliseconds: UInt64 {
        switch self {
        case .atOnce: 0
        case .tick5: 5
        case .tick10: 10
        case .tick20, .merged: 20
        }
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The moment at which what arrives now must be on its way.
    func due(after now: MonotonicInstant) -> MonotonicInstant {
        Self.due(after: now, milliseconds: tickMilliseconds)
    }

    /// At most some milliseconds after `now`. Quarters of a tick, at most 5 ms, are the grid, so that the packets of
    /// many rooms leave together and a relay wakes 200 times a second and not once for each room.
    static func due(after now: MonotonicInstant, milliseconds: UInt64) -> MonotonicInstant {
        guard milliseconds > 0 else { return now }
        let grid = min(milliseconds, 20) * 250_000
        return MonotonicInstant(nanoseconds: (now.nanoseconds + milliseconds * 1_000_000) / grid * grid)
    }
}
