public import Values

/// One connection of a listener to a room, half-open.
public struct ListeningInterval: Hashable, Sendable {
    public let room: RoomID
    public let from: Instant
    public let to: Instant

    public init(room: RoomID, from: Instant, to: Instant) {
        self.room = room
        self.from = from
        self.to = to
    }
}

/// A room as funds look at it.
public struct FundRoom: Hashable, Sendable {
    public let id: RoomID
    public let owner: HostID
    public let cohosts: [HostID]
    public let startsAt: Instant
    public let endsAt: Instant

    public init(id: RoomID, owner: HostID, cohosts: [HostID], startsAt: Instant, endsAt: Instant) {
        self.id = id
        self.owner = owner
        self.cohosts = cohosts
        self.startsAt = startsAt
        self.endsAt = endsAt
    }
}

/// Which accounts are a host's own: the host's id and whatever is linked to it. What they hear never counts for the
/// host's rooms.
public struct OwnAccounts: Hashable, Sendable {
    private var accounts: [HostID: Set<String>] = [:]

    public init() {}

    public mutating func link(_ account: String, to host: HostID) {
        accounts[host, default: []].insert(account)
    }

    public func has(_ account: String, of host: HostID) -> Bool {
        account == host.text || accounts[host]?.contains(account) == true
    }

    /// Whether an account belongs to anybody on the stage of a room.
    public func has(_ account: String, ofAnyHostIn room: FundRoom) -> Bool {
        has(account, of: room.owner) || room.cohosts.contains { has(account, of: $0) }
    }
}

/// What of listening is verified (R9). Caps in minutes; `nil` is no cap.
public struct ListeningTerms: Hashable, Sendable {
    public let roomCapMinutes: Int64?
    public let dayCapMinutes: Int64?
    public let minSeconds: Int64

    public init(roomCapMinutes: Int64?, dayCapMinutes: Int64?, minSeconds: Int64) {
        self.roomCapMinutes = roomCapMinutes
        self.dayCapMinutes = dayCapMinutes
        self.minSeconds = minSeconds
    }
}

/// A stretch of time in microseconds since 1970, half-open and not empty.
struct Stretch {
    let room: RoomID
    var from: Int64
    var to: Int64

    var length: Int64 { to - from }
}

let microsecondsPerMinute: Int64 = 60_000_000

/// Clips intervals to their room's time and unites those that overlap or touch.
func united(_ intervals: [ListeningInterval], in room: FundRoom) -> [Stretch] {
    let clipped = intervals.compactMap { interval -> Stretch? in
        let from = max(interval.from.microseconds, room.startsAt.microseconds)
        let to = min(interval.to.microseconds, room.endsAt.microseconds)
        return from < to ? Stretch(room: room.id, from: from, to: to) : nil
    }
    var union: [Stretch] = []
    for stretch in clipped.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) {
        if let last = union.last, stretch.from <= last.to {
            union[union.count - 1].to = max(last.to, stretch.to)
        } else {
            union.append(stretch)
        }
    }
    return union
}

/// The beginning of stretches, up to a length in all.
func beginning(_ stretches: [Stretch], upTo minutes: Int64?) -> [Stretch] {
    guard let minutes else { return stretches }
    var left = minutes * microsecondsPerMinute
    var kept: [Stretch] = []
    for stretch in stretches where left > 0 {
        let length = min(left, stretch.length)
        kept.append(Stretch(room: stretch.room, from: stretch.from, to: stretch.from + length))
        left -= length
    }
    return kept
}

/// Whole seconds that somebody heard of a room: clipped to its time, overlaps united.
public func heardSeconds(_ intervals: [ListeningInterval], of room: FundRoom) -> Int64 {
    united(intervals, in: room).reduce(0) { $0 + $1.length } / 1_000_000
}

/// The verified minutes of one listener, by room (R9): own rooms dropped, clipped, united, the room's cap, then the day's
/// cap over all rooms in order of start and room, then the least time, then whole minutes.
///
/// - Parameters:
///   - intervals: every connection of the listener, in any order, repeats included.
///   - rooms: those that count; intervals of others are dropped.
///   - calendar: whose local days the cap of a day is for: the day on which a stretch begins.
/// - Returns: rooms in which the listener counts; whole minutes may be 0 where the least time is below a minute.
public func verifiedMinutes(
    of listener: String, _ intervals: [ListeningInterval], in rooms: [RoomID: FundRoom], own: OwnAccounts,
    under terms: ListeningTerms, calendar: BusinessCalendar
) -> [RoomID: Int64] {
    var stretches: [Stretch] = []
    for (id, group) in Dictionary(grouping: intervals, by: \.room) {
        guard let room = rooms[id], !own.has(listener, ofAnyHostIn: room) else { continue }
        stretches += beginning(united(group, in: room), upTo: terms.roomCapMinutes)
    }
    stretches.sort { ($0.from, $0.room) < ($1.from, $1.room) }
    var kept: [RoomID: Int64] = [:]
    for (_, day) in Dictionary(
        grouping: stretches, by: { calendar.localDay(of: Instant(microseconds: $0.from)) })
    {
        for stretch in beginning(day, upTo: terms.dayCapMinutes) { kept[stretch.room, default: 0] += stretch.length }
    }
    return kept.filter { $0.value >= max(1, terms.minSeconds * 1_000_000) }
        .mapValues { $0 / microsecondsPerMinute }
}

/// What a host's rooms were heard in a month.
public struct HostListening: Hashable, Sendable {
    public let host: HostID
    /// Verified, whole.
    public let minutes: Int64
    /// Different ones with verified time.
    public let listeners: Int

    public init(host: HostID, minutes: Int64, listeners: Int) {
        self.host = host
        self.minutes = minutes
        self.listeners = listeners
    }
}

/// Adds listeners up to hosts, one listener after the other, so that a month needs no more memory than one of them.
public struct ListeningSums: Sendable {
    private var sums: [HostID: (minutes: Int64, listeners: Int)] = [:]

    public init() {}

    /// - Parameter minutes: what ``verifiedMinutes(of:_:in:own:under:calendar:)`` gave for a listener.
    public mutating func add(_ minutes: [RoomID: Int64], in rooms: [RoomID: FundRoom]) {
        for (host, sum) in Self.byOwner(minutes, in: rooms) {
            sums[host, default: (0, 0)].minutes += sum
            sums[host, default: (0, 0)].listeners += 1
        }
    }

    /// One listener's minutes by the owners of the rooms.
    public static func byOwner(_ minutes: [RoomID: Int64], in rooms: [RoomID: FundRoom]) -> [HostID: Int64] {
        var byOwner: [HostID: Int64] = [:]
        for (room, minutes) in minutes {
            guard let owner = rooms[room]?.owner else { continue }
            byOwner[owner, default: 0] += minutes
        }
        return byOwner
    }

    /// By host.
    public var hosts: [HostListening] {
        sums.map { HostListening(host: $0, minutes: $1.minutes, listeners: $1.listeners) }
            .sorted { $0.host < $1.host }
    }
}
