/// How a relay sends what it forwards: each packet as it comes, or collected so that fewer messages carry them.
///
/// 97 % of a forwarded packet's cost is its way through the kernel. Packets to one listener that are collected for a
/// tick go as one message (UDP_SEGMENT); the price is a delay of at most the tick.
public enum Pace: Int, CaseIterable, Comparable, Sendable {
    case atOnce
    case tick5
    case tick10
    case tick20

    /// For how long packets are collected, in milliseconds; 0 for not at all. One packet of a voice is 20 ms, so a
    /// longer tick would only collect several packets of the same voice.
    public var tickMilliseconds: UInt64 {
        switch self {
        case .atOnce: 0
        case .tick5: 5
        case .tick10: 10
        case .tick20: 20
        }
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The moment at which what arrives now must be on its way. Quarters of a tick are the grid, so that the packets
    /// of many rooms leave together and a relay wakes 200 times a second and not once for each room.
    func due(after now: MonotonicInstant) -> MonotonicInstant {
        let tick = tickMilliseconds * 1_000_000
        guard tick > 0 else { return now }
        let grid = tick / 4
        return MonotonicInstant(nanoseconds: (now.nanoseconds + tick) / grid * grid)
    }
}
