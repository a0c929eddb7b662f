public import Values

/// A stretch of time in a room, half-open.
public struct AttendanceInterval: Hashable, Sendable, Codable {
    public let from: Instant
    public let to: Instant

    public init(from: Instant, to: Instant) {
        self.from = from
        self.to = to
    }
}

/// How long one person was in one room: the union of their connections, so two phones count once.
public struct Attendance: Hashable, Sendable {
    public let room: RoomID
    public let holder: Subject
    /// In order, apart from each other and not empty.
    public let intervals: [AttendanceInterval]

    /// Whole seconds in the room; fractions of the intervals add up first.
    public var seconds: Int64 {
        intervals.reduce(0) { $0 + $1.from.microseconds(until: $1.to) } / 1_000_000
    }

    /// Reads attendance from receipts of any number of gateways, in any order and with repeats.
    ///
    /// An admission counts from its `entered` or `resumed` to its `left` receipt. One without `left` is still going on: it counts
    /// until `now`. A `left` without `entered` counts nothing, and so does a refusal.
    /// - Returns: one attendance for each room and holder with any time, by room, then holder.
    public static func from(_ receipts: some Sequence<Receipt>, now: Instant) -> [Attendance] {
        var visits: [AdmissionID: Visit] = [:]
        for receipt in receipts {
            var visit = visits[receipt.admission] ?? Visit(key: Key(room: receipt.room, holder: receipt.holder))
            switch receipt.kind {
            case .entered, .resumed: visit.entered = min(visit.entered ?? receipt.occurredAt, receipt.occurredAt)
            case .left: visit.left = min(visit.left ?? receipt.occurredAt, receipt.occurredAt)
            case .refused: continue
            }
            visits[receipt.admission] = visit
        }
        var intervals: [Key: [AttendanceInterval]] = [:]
        for visit in visits.values {
            guard let entered = visit.entered else { continue }
            let left = visit.left ?? now
            if entered < left { intervals[visit.key, default: []].append(AttendanceInterval(from: entered, to: left)) }
        }
        return intervals.map { key, found in
            Attendance(room: key.room, holder: key.holder, intervals: merged(found))
        }
        .sorted { ($0.room, $0.holder) < ($1.room, $1.holder) }
    }

    /// The union of intervals; those that touch become one.
    public static func merged(_ intervals: [AttendanceInterval]) -> [AttendanceInterval] {
        var union: [AttendanceInterval] = []
        for interval in intervals.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) where interval.from < interval.to
        {
            if let last = union.last, interval.from <= last.to {
                union[union.count - 1] = AttendanceInterval(from: last.from, to: max(last.to, interval.to))
            } else {
                union.append(interval)
            }
        }
        return union
    }

    private struct Key: Hashable {
        let room: RoomID
        let holder: Subject
    }

    private struct Visit {
        let key: Key
        var entered: Instant?
        var left: Instant?
    }
}
