internal import HTTPEdge
internal import Stage
internal import Values

/// One event of a live view (text/event-stream, WHATWG HTML section 9.2).
enum ServerSentEvent: Sendable, Hashable {
    case state(StageState)
    /// The present state for a reader who asked for what happened after an event that is not known any more: whatever it
    /// knew is void.
    case reset(StageState)
    case speaking([Int])
    /// What the reader's own person is on stage.
    case you(StageStanding)
    case ended(EndedNotice)
    /// The reader's own ticket now ends then.
    case end(Instant)
    /// Less than so many seconds are left of it.
    case warning(secondsLeft: Int64, endsAt: Instant)

    /// A comment, so that proxies keep the line open and clients see that it is.
    static let heartbeat = ": here\n\n"

    /// Name and data, before it has a number.
    struct Written: Sendable, Hashable {
        let name: String
        /// JSON that is written here has no line breaks, so one `data` line is enough.
        let json: String

        /// As it goes over the wire.
        func text(_ id: RoomEventID) -> String { "id: \(id)\nevent: \(name)\ndata: \(json)\n\n" }
    }

    private struct End: Encodable { let endsAt: Instant }
    private struct Warning: Encodable {
        let secondsLeft: Int64
        let endsAt: Instant
    }
    private struct Speaking: Encodable { let participants: [Int] }

    var written: Written {
        switch self {
        case .state(let state): Self.write("state", state)
        case .reset(let state): Self.write("reset", state)
        case .speaking(let participants): Self.write("speaking", Speaking(participants: participants))
        case .you(let standing): Self.write("you", standing)
        case .ended(let notice): Self.write("ended", notice)
        case .end(let instant): Self.write("end", End(endsAt: instant))
        case .warning(let seconds, let end): Self.write("warning", Warning(secondsLeft: seconds, endsAt: end))
        }
    }

    private static func write(_ name: String, _ value: some Encodable) -> Written {
        Written(name: name, json: String(decoding: JSON.encode(value), as: UTF8.self))
    }
}
