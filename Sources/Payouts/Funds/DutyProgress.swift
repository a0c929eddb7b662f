public import Values

/// A room of a host as the duties of a stipend look at it before the month closes.
public struct DutyRoom: Hashable, Sendable {
    /// Why a room does not count.
    public enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
        case cancelled
        /// Finance took it out of every fund.
        case excluded
        /// It has not ended: what it will be is not known.
        case notOver = "not_over"
        case tooShort = "too_short"
        case tooFewListeners = "too_few_listeners"
    }

    public let room: RoomID
    public let figures: StipendRoom
    public let isCancelled: Bool
    public let isExcluded: Bool
    public let isOver: Bool

    public init(room: RoomID, figures: StipendRoom, isCancelled: Bool, isExcluded: Bool, isOver: Bool) {
        self.room = room
        self.figures = figures
        self.isCancelled = isCancelled
        self.isExcluded = isExcluded
        self.isOver = isOver
    }

    /// Why it does not count, the first reason in the order of the cases; `nil` if it counts.
    public func reason(under terms: StipendTerms) -> Reason? {
        if isCancelled { return .cancelled }
        if isExcluded { return .excluded }
        if !isOver { return .notOver }
        if figures.seconds < terms.minRoomMinutes * 60 { return .tooShort }
        if figures.listeners < terms.minRoomListeners { return .tooFewListeners }
        return nil
    }
}

/// An ISO week of a month with what was done in it.
public struct DutyWeek: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case met
        /// It is not over, and rooms are missing.
        case notYet = "not_yet"
        case missed
        /// The host is not in the program on each of its days.
        case notEnrolled = "not_enrolled"
    }

    public let monday: LocalDay
    public let needed: Int
    public let counted: Int
    public let state: State
    /// Rooms that start in it, with why they do not count.
    public let rooms: [(room: DutyRoom, reason: DutyRoom.Reason?)]

    public static func == (lhs: DutyWeek, rhs: DutyWeek) -> Bool {
        lhs.monday == rhs.monday && lhs.needed == rhs.needed && lhs.counted == rhs.counted && lhs.state == rhs.state
            && lhs.rooms.elementsEqual(rhs.rooms) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(monday)
        hasher.combine(counted)
    }
}

/// How a host's month goes: what it would give if it closed as it is, and the most that it can still give.
public struct DutyMonth: Hashable, Sendable {
    public let month: LocalMonth
    public let weeks: [DutyWeek]
    /// Minor units.
    public let earned: Int64
    public let possible: Int64
}

/// The duties of a month so far (R8), by the rule that closes it.
/// - Parameter today: weeks that end on it or later are not over.
public func dutyProgress(
    of month: LocalMonth, under terms: StipendTerms, enrolments: [ClosedRange<LocalDay>], rooms: [DutyRoom],
    today: LocalDay
) -> DutyMonth {
    let weeks = month.mondays.map { monday -> DutyWeek in
        let sunday = monday.advanced(byDays: 6)
        let inWeek = rooms.filter { (monday...sunday).contains($0.figures.day) }
            .map { (room: $0, reason: $0.reason(under: terms)) }
        let counted = inWeek.count { $0.reason == nil }
        let isEnrolled = (0..<7).allSatisfy { offset in
            enrolments.contains { $0.contains(monday.advanced(byDays: offset)) }
        }
        let state: DutyWeek.State =
            !isEnrolled
            ? .notEnrolled : counted >= terms.roomsPerWeek ? .met : today <= sunday ? .notYet : .missed
        return DutyWeek(
            monday: monday, needed: terms.roomsPerWeek, counted: counted, state: state, rooms: inWeek)
    }
    func stipend(_ met: Int) -> Int64 {
        switch terms.mode {
        case .prorata: quotientHalfUp(terms.amount, Int64(met), Int64(weeks.count))
        case .allOrNothing: met == weeks.count ? terms.amount : 0
        }
    }
    let met = weeks.count { $0.state == .met }
    return DutyMonth(
        month: month, weeks: weeks, earned: stipend(met), possible: stipend(met + weeks.count { $0.state == .notYet }))
}
