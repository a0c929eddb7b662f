public import Values

/// The warnings before the end of a ticket's time box, five minutes and one minute before it.
///
/// ```
///   none ──≤ 5 min left──▶ five ──≤ 1 min left──▶ one
///     ▲                      │                     │
///     └──────── move(to:), the end is another ─────┘      (each holds for one end)
/// ```
///
/// Whoever comes late hears at once what holds: a ticket with four minutes left has its first warning on entering. An
/// end that moves is a new one: its warnings come at their new times, and none is left out.
public struct EndWarnings: Hashable, Sendable {
    /// Seconds before the end, the earliest first. Five minutes are time to buy more; one is time to say goodbye.
    public static let secondsBefore: [Int64] = [300, 60]

    public private(set) var end: Instant
    /// The last warning that was given, in seconds before the end.
    private var given: Int64?

    public init(end: Instant) { self.end = end }

    /// The ticket ends at another time. The same time again changes nothing.
    public mutating func move(to end: Instant) {
        guard end != self.end else { return }
        self.end = end
        given = nil
    }

    /// The warning to give now, in seconds before the end: 300 or 60; each once, and none after the end.
    public mutating func due(at now: Instant) -> Int64? {
        guard now < end,
            let level = Self.secondsBefore.last(where: { end <= now.advanced(bySeconds: $0) }), level != given
        else { return nil }
        given = level
        return level
    }
}
