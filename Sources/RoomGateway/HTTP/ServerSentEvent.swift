internal import HTTPEdge
internal import Values

/// One event of a live view (text/event-stream, WHATWG HTML section 9.2).
enum ServerSentEvent: Sendable, Hashable {
    case state(StageState)
    case speaking([Int])
    case ended(EndedNotice)
    /// The reader's own ticket now ends then.
    case end(Instant)
    /// Less than so many seconds are left of it.
    case warning(secondsLeft: Int64, endsAt: Instant)
    /// A comment, so that proxies keep the line open and clients see that it is.
    case heartbeat

    /// Who is on the stage; listeners are only counted.
    struct StageState: Encodable, Sendable, Hashable {
        struct Voice: Encodable, Sendable, Hashable {
            let participant: Int
            let role: Role
            let speaking: Bool
            let muted: Bool
        }

        let listeners: Int
        let stage: [Voice]
        let roomState: String
    }

    private struct End: Encodable { let endsAt: Instant }
    private struct Warning: Encodable {
        let secondsLeft: Int64
        let endsAt: Instant
    }
    private struct Speaking: Encodable { let participants: [Int] }

    /// As it goes over the wire. JSON written here has no line breaks, so one `data` line is enough.
    var text: String {
        switch self {
        case .state(let state): Self.lines("state", state)
        case .speaking(let participants): Self.lines("speaking", Speaking(participants: participants))
        case .ended(let notice): Self.lines("ended", notice)
        case .end(let instant): Self.lines("end", End(endsAt: instant))
        case .warning(let seconds, let end): Self.lines("warning", Warning(secondsLeft: seconds, endsAt: end))
        case .heartbeat: ": here\n\n"
        }
    }

    private static func lines(_ name: String, _ value: some Encodable) -> String {
        "event: \(name)\ndata: \(String(decoding: JSON.encode(value), as: UTF8.self))\n\n"
    }
}
