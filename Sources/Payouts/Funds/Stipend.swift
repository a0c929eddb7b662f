public import Values

/// What a stipend program asks for and gives (R8).
public struct StipendTerms: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        /// The part of the weeks that were met.
        case prorata
        /// All of it if every week of the month was met, else nothing.
        case allOrNothing = "all_or_nothing"
    }

    /// Minor units a month.
    public let amount: Int64
    public let mode: Mode
    public let roomsPerWeek: Int
    public let minRoomMinutes: Int64
    public let minRoomListeners: Int
    /// How long somebody has to listen to count as a listener.
    public let minSeconds: Int64

    public init(
        amount: Int64, mode: Mode, roomsPerWeek: Int, minRoomMinutes: Int64, minRoomListeners: Int, minSeconds: Int64
    ) {
        self.amount = amount
        self.mode = mode
        self.roomsPerWeek = roomsPerWeek
        self.minRoomMinutes = minRoomMinutes
        self.minRoomListeners = minRoomListeners
        self.minSeconds = minSeconds
    }
}

/// A room of a host as a stipend looks at it.
public struct StipendRoom: Hashable, Sendable {
    /// The local day on which it starts.
    public let day: LocalDay
    /// How long it lasted.
    public let seconds: Int64
    /// How many others listened for ``StipendTerms/minSeconds``.
    public let listeners: Int

    public init(day: LocalDay, seconds: Int64, listeners: Int) {
        self.day = day
        self.seconds = seconds
        self.listeners = listeners
    }

    public func counts(under terms: StipendTerms) -> Bool {
        seconds >= terms.minRoomMinutes * 60 && listeners >= terms.minRoomListeners
    }
}

/// What a host gets of a stipend for a month, and why.
public struct StipendResult: Hashable, Sendable {
    public let weeks: Int
    /// Weeks in which the host was enrolled from Monday to Sunday.
    public let weeksEnrolled: Int
    public let weeksMet: Int
    /// Minor units.
    public let amount: Int64
}

/// One host's month (R8). A week is met if the host was enrolled on each of its days and enough rooms count.
/// - Parameter enrolments: first and last days, both included; several may cover a week together.
public func decideStipend(
    for month: LocalMonth, under terms: StipendTerms, enrolments: [ClosedRange<LocalDay>], rooms: [StipendRoom]
) -> StipendResult {
    let mondays = month.mondays
    var enrolled = 0
    var met = 0
    for monday in mondays {
        let days = (0..<7).map { monday.advanced(byDays: $0) }
        guard days.allSatisfy({ day in enrolments.contains { $0.contains(day) } }) else { continue }
        enrolled += 1
        let week = monday...monday.advanced(byDays: 6)
        if rooms.count(where: { week.contains($0.day) && $0.counts(under: terms) }) >= terms.roomsPerWeek { met += 1 }
    }
    let amount: Int64 =
        switch terms.mode {
        case .prorata: quotientHalfUp(terms.amount, Int64(met), Int64(mondays.count))
        case .allOrNothing: met == mondays.count ? terms.amount : 0
        }
    return StipendResult(weeks: mondays.count, weeksEnrolled: enrolled, weeksMet: met, amount: amount)
}
