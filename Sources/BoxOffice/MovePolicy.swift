public import Values

/// How a policy lets rooms move.
public struct MovePolicy: Hashable, Sendable {
    /// How long holders may answer at most.
    public let answerSeconds: Int64
    public let defaultAnswer: MoveAnswer
    /// The new doors open no sooner than this after the move, so that holders hear of it.
    public let noticeSeconds: Int64

    public init(
        answerSeconds: Int64 = 259_200, defaultAnswer: MoveAnswer = .keep, noticeSeconds: Int64 = 3_600
    ) {
        self.answerSeconds = answerSeconds
        self.defaultAnswer = defaultAnswer
        self.noticeSeconds = noticeSeconds
    }
}

extension SalePolicy {
    /// From when until when a listener's ticket lets in, exclusive.
    public func window(in times: RoomTimes) -> (notBefore: Instant, notAfter: Instant) {
        switch ticketStart {
        case .doorsOpen: (times.doorsOpenAt, times.endsAt)
        case .roomStarts: (times.startsAt, times.endsAt)
        }
    }
}

/// `"reschedule"` of a preset.
struct MoveFile: Decodable {
    let answer_hours: Int64?
    let `default`: MoveAnswer?
    let notice_minutes: Int64?
}

extension SalePolicy {
    static func moves(_ file: PolicyFile) throws(PolicyFault) -> MovePolicy {
        guard let moves = file.reschedule else { return MovePolicy() }
        let (hours, minutes) = (moves.answer_hours ?? 72, moves.notice_minutes ?? 60)
        guard (1...720).contains(hours), (0...10_080).contains(minutes) else {
            throw PolicyFault(
                policy: file.name, reason: "Holders answer within 1 to 720 hours, and hear 0 to 10,080 minutes before.")
        }
        return MovePolicy(
            answerSeconds: hours * 3_600, defaultAnswer: moves.default ?? .keep, noticeSeconds: minutes * 60)
    }
}
