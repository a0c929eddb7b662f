/// Chooses the pace from how much of its time a media thread works. A value: it reads no clock.
///
///     at once ──busy──▶ 5 ms ──busy──▶ 10 ms ──busy──▶ 20 ms ──busy──▶ 20 ms, frames merged
///        ◀─calm for 5 s─┘  ◀─calm for 5 s─┘  ◀─calm for 5 s─┘  ◀─calm for 5 s─┘
///
/// Busy is half a core or more during one window of a quarter of a second, calm a fifth or less during every window of
/// five seconds; where an operator says otherwise (``PaceRange/busyPercent``), calm is two fifths of busy as well. No step
/// changes the work of a packet by more than half, so that a step down (at most four fifths of busy afterwards) never
/// leads straight to a step up.
public struct PaceGovernor: Sendable {
    static let windowNanoseconds: UInt64 = 250_000_000
    static let calmNanoseconds: UInt64 = 5_000_000_000
    public private(set) var pace: Pace
    private let range: PaceRange
    /// In thousandths of a core.
    private let busyPerMille, calmPerMille: UInt64
    private var window: (start: MonotonicInstant, cpu: UInt64)?
    private var calmSince: MonotonicInstant?

    /// - Parameter range: what it chooses from; it begins with the quickest.
    public init(_ range: PaceRange = .auto) {
        precondition((1...90).contains(range.busyPercent), "A thread is busy at 1 to 90 per cent of a core.")
        pace = range.quickest
        self.range = range
        busyPerMille = UInt64(range.busyPercent) * 10
        calmPerMille = UInt64(range.busyPercent) * 4
    }

    /// When the next reading is wanted; earlier ones are not looked at.
    public var nextReading: MonotonicInstant {
        guard let window else { return MonotonicInstant(nanoseconds: 0) }
        return MonotonicInstant(nanoseconds: window.start.nanoseconds &+ Self.windowNanoseconds)
    }

    /// Takes a reading of the thread's CPU clock; says which pace to take from now on, when that is another one.
    public mutating func note(cpuNanoseconds cpu: UInt64, at now: MonotonicInstant) -> Pace? {
        guard let window else {
            self.window = (now, cpu)
            return nil
        }
        let elapsed = now.nanoseconds(since: window.start)
        guard elapsed >= Self.windowNanoseconds else { return nil }
        self.window = (now, cpu)
        let used = cpu > window.cpu ? cpu - window.cpu : 0
        let perMille = used.multipliedReportingOverflow(by: 1_000).partialValue / elapsed
        if perMille >= busyPerMille {
            calmSince = nil
            return step(to: pace.rawValue + 1)
        }
        guard perMille <= calmPerMille else {
            calmSince = nil
            return nil
        }
        let since = calmSince ?? window.start
        calmSince = since
        guard now.nanoseconds(since: since) >= Self.calmNanoseconds else { return nil }
        // Each step down is earned by a calm time of its own.
        calmSince = now
        return step(to: pace.rawValue - 1)
    }

    private mutating func step(to level: Int) -> Pace? {
        guard let next = Pace(rawValue: level), next >= range.quickest, next <= range.slowest else { return nil }
        pace = next
        return next
    }
}
