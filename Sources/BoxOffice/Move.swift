public import Values

/// When a room takes place.
public struct RoomTimes: Hashable, Sendable, Codable {
    public let doorsOpenAt: Instant
    public let startsAt: Instant
    public let endsAt: Instant

    public init(doorsOpenAt: Instant, startsAt: Instant, endsAt: Instant) {
        self.doorsOpenAt = doorsOpenAt
        self.startsAt = startsAt
        self.endsAt = endsAt
    }
}

extension Room {
    public var times: RoomTimes { RoomTimes(doorsOpenAt: doorsOpenAt, startsAt: startsAt, endsAt: endsAt) }
}

/// What a holder says when a room moves.
public enum MoveAnswer: String, Hashable, Sendable, Codable, CaseIterable {
    /// The ticket for the new time.
    case keep
    /// The whole price back, whatever the room promised its buyers: it was not the buyer who changed anything.
    case refund
}

/// A room that takes place at another time than was sold.
public struct RoomMove: Hashable, Sendable {
    public let room: RoomID
    /// From 1; the last one holds.
    public let number: Int
    public let from: RoomTimes
    public let to: RoomTimes
    /// What the host says to the holders.
    public let notice: String
    public let movedAt: Instant
    /// When answers end, exclusive: after some days, but before the doors open at the new time.
    public let answerUntil: Instant
    /// The answer of whoever gives none.
    public let defaultAnswer: MoveAnswer

    public init(
        room: RoomID, number: Int, from: RoomTimes, to: RoomTimes, notice: String, movedAt: Instant,
        answerUntil: Instant, defaultAnswer: MoveAnswer
    ) {
        self.room = room
        self.number = number
        self.from = from
        self.to = to
        self.notice = notice
        self.movedAt = movedAt
        self.answerUntil = answerUntil
        self.defaultAnswer = defaultAnswer
    }
}

/// Why a room does not move, or an answer is not taken.
public enum MoveRefusal: Refusal, Hashable {
    case roomUnknown
    case roomCancelled
    case roomClosed
    /// People are inside.
    case roomOpen
    case roomEnded
    /// It was announced that the room goes on, and people have paid to stay.
    case overtime
    case notice(most: Int)
    case times
    case tooLong(hours: Int)
    /// These are its times already.
    case unchanged
    /// Holders would hear of it too late.
    case tooSoon(earliest: Instant)
    /// No such ticket of this holder, or one that has ended.
    case ticketUnknown
    /// The room did not move since this ticket was bought.
    case notAsked
    case answered(MoveAnswer)
    case answersOver(Instant)
    /// Answers are still taken.
    case notDue(Instant)

    public var code: String {
        switch self {
        case .roomUnknown: "room_unknown"
        case .roomCancelled: "room_cancelled"
        case .roomClosed: "room_closed"
        case .roomOpen: "move_room_open"
        case .roomEnded: "room_ended"
        case .overtime: "move_overtime"
        case .notice: "move_notice"
        case .times: "room_times"
        case .tooLong: "room_too_long"
        case .unchanged: "move_unchanged"
        case .tooSoon: "move_too_soon"
        case .ticketUnknown: "ticket_unknown"
        case .notAsked: "move_not_asked"
        case .answered: "move_answered"
        case .answersOver: "move_answers_over"
        case .notDue: "move_not_due"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .roomUnknown, .roomCancelled, .roomClosed, .roomOpen, .roomEnded, .overtime, .times, .unchanged,
            .ticketUnknown, .notAsked:
            [:]
        case .notice(let most): ["characters": String(most)]
        case .tooLong(let hours): ["hours": String(hours)]
        case .tooSoon(let instant): ["earliest": instant.description]
        case .answered(let answer): ["answer": answer.rawValue]
        case .answersOver(let instant), .notDue(let instant): ["until": instant.description]
        }
    }
}

extension RoomMove {
    /// As long as a room's title twice over: a sentence with a reason.
    public static let maximumNotice = 240
}

/// Moves a room to other times. Checks in this order: the room exists, is not cancelled, not closed, not open, not over,
/// does not go on behind its end; the notice; the order of the new times, their length, that they are others; that
/// holders hear of it in time.
/// - Parameters:
///   - moves: how often the room has moved before.
///   - hasOvertime: whether it was announced that the room goes on: what was paid for that time was paid for these very
///     hours, so the room takes place in them or is cancelled.
public func decideMove(
    of room: Room?, to times: RoomTimes, notice: String, moves: Int, hasOvertime: Bool = false, policy: MovePolicy,
    at instant: Instant
) throws(MoveRefusal) -> RoomMove {
    guard let room else { throw .roomUnknown }
    switch room.state {
    case .cancelled: throw .roomCancelled
    case .closed: throw .roomClosed
    case .open: throw .roomOpen
    case .scheduled: break
    }
    guard instant < room.endsAt else { throw .roomEnded }
    guard !hasOvertime else { throw .overtime }
    guard isNotice(notice) else { throw .notice(most: RoomMove.maximumNotice) }
    guard times.doorsOpenAt <= times.startsAt, times.startsAt < times.endsAt,
        room.saleOpensAt.map({ $0 < times.endsAt }) ?? true
    else { throw .times }
    guard times.doorsOpenAt.microseconds(until: times.endsAt) <= Int64(Room.maximumHours) * 3_600_000_000 else {
        throw .tooLong(hours: Room.maximumHours)
    }
    guard times != room.times else { throw .unchanged }
    let earliest = instant.advanced(bySeconds: policy.noticeSeconds)
    guard times.doorsOpenAt > instant, times.doorsOpenAt >= earliest else { throw .tooSoon(earliest: earliest) }
    return RoomMove(
        room: room.id, number: moves + 1, from: room.times, to: times, notice: notice, movedAt: instant,
        answerUntil: min(
            lastAnswer(before: times.doorsOpenAt, from: instant), instant.advanced(bySeconds: policy.answerSeconds)),
        defaultAnswer: policy.defaultAnswer)
}

/// Tickets are exchanged when answers end. A quarter of an hour, or a quarter of the time that there is, before the doors
/// open: nobody who is inside already is to lose the ticket with which they came.
private func lastAnswer(before doors: Instant, from instant: Instant) -> Instant {
    let left = instant.microseconds(until: doors) / 1_000_000
    return doors.advanced(bySeconds: -min(900, left / 4))
}

/// Takes a holder's answer. Checks in this order: the room is not cancelled (everything goes back then), it has moved
/// since the ticket was bought, the holder has not answered, answers are still taken.
public func decideAnswer(
    in room: Room, to move: RoomMove?, boughtAt: Instant, given: MoveAnswer?, at instant: Instant
) throws(MoveRefusal) -> RoomMove {
    if case .cancelled = room.state { throw .roomCancelled }
    guard let move, boughtAt <= move.movedAt else { throw .notAsked }
    if let given { throw .answered(given) }
    guard instant < move.answerUntil else { throw .answersOver(move.answerUntil) }
    return move
}

private func isNotice(_ text: String) -> Bool {
    (1...RoomMove.maximumNotice).contains(text.count) && text.utf8.count <= 4 * RoomMove.maximumNotice
        && text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
            default: !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
            }
        }
}
