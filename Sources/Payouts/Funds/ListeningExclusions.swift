public import Values

/// Why listening, or a room, counts for nothing in a month of a fund.
public enum FundExclusionReason: String, Hashable, Sendable, Codable, CaseIterable {
    /// The room was called off.
    case cancelled
    /// Finance took the room out of every fund.
    case excluded
    /// Of a stipend: the room was shorter than it had to be, or heard by fewer.
    case shortRoom = "short_room"
    case fewInRoom = "few_in_room"
    /// By somebody on the stage, or an account of theirs.
    case ownAccount = "own_account"
    /// Beyond what one listener counts of a room, or of a day.
    case roomCap = "room_cap"
    case dayCap = "day_cap"
    /// Less of a room than counts at all.
    case tooShort = "too_short"
    /// The host had fewer different listeners than the fund asks: all that was left of it.
    case fewListeners = "few_listeners"
}

/// Listening of one person that does not count.
public struct ListeningExclusion: Hashable, Sendable {
    public let room: RoomID
    public let reason: FundExclusionReason
    public let microseconds: Int64
}

/// What ``verifiedMinutes(of:_:in:own:under:calendar:)`` leaves out of one person's listening, by room and reason, after
/// stretches were clipped to their room and united: what is left out and what counts add up to what was heard.
public func listeningExclusions(
    of listener: String, _ intervals: [ListeningInterval], in rooms: [RoomID: FundRoom], own: OwnAccounts,
    under terms: ListeningTerms, calendar: BusinessCalendar
) -> [ListeningExclusion] {
    var left: [ListeningExclusion] = []
    func leave(_ room: RoomID, _ reason: FundExclusionReason, _ microseconds: Int64) {
        guard microseconds > 0 else { return }
        left.append(ListeningExclusion(room: room, reason: reason, microseconds: microseconds))
    }
    func length(_ stretches: [Stretch]) -> Int64 { stretches.reduce(0) { $0 + $1.length } }
    var stretches: [Stretch] = []
    for (id, group) in Dictionary(grouping: intervals, by: \.room) {
        guard let room = rooms[id] else { continue }
        let heard = united(group, in: room)
        if own.has(listener, ofAnyHostIn: room) {
            leave(id, .ownAccount, length(heard))
            continue
        }
        let first = beginning(heard, upTo: terms.roomCapMinutes)
        leave(id, .roomCap, length(heard) - length(first))
        stretches += first
    }
    stretches.sort { ($0.from, $0.room) < ($1.from, $1.room) }
    var kept: [RoomID: Int64] = [:]
    var beyond: [RoomID: Int64] = [:]
    for (_, day) in Dictionary(grouping: stretches, by: { calendar.localDay(of: Instant(microseconds: $0.from)) }) {
        for stretch in day { beyond[stretch.room, default: 0] += stretch.length }
        for stretch in beginning(day, upTo: terms.dayCapMinutes) {
            kept[stretch.room, default: 0] += stretch.length
            beyond[stretch.room, default: 0] -= stretch.length
        }
    }
    for (room, microseconds) in beyond { leave(room, .dayCap, microseconds) }
    for (room, microseconds) in kept where microseconds < max(1, terms.minSeconds * 1_000_000) {
        leave(room, .tooShort, microseconds)
    }
    return left.sorted { ($0.room, $0.reason.rawValue) < ($1.room, $1.reason.rawValue) }
}
