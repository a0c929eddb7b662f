internal import Foundation

/// One event of a live view (text/event-stream, WHATWG HTML section 9.2).
enum ServerSentEvent: Sendable, Hashable {
    case state(StageState)
    case speaking([Int])
    case ended(code: String, title: String, detail: String)
    case heartbeat

    /// Who is on the stage; listeners are only counted.
    struct StageState: Codable, Sendable, Hashable {
        struct Voice: Codable, Sendable, Hashable {
            let participant: Int
            let role: String
            let speaking: Bool
            let muted: Bool
        }

        let listeners: Int
        let stage: [Voice]
        let roomState: String
    }

    private struct Speaking: Encodable { let participants: [Int] }
    private struct Ended: Encodable {
        let code: String
        let title: String
        let detail: String
    }

    /// As it goes over the wire. JSON has no line breaks, so one `data` line is enough.
    var text: String {
        switch self {
        case .state(let state): Self.line("state", state)
        case .speaking(let participants): Self.line("speaking", Speaking(participants: participants))
        case .ended(let code, let title, let detail):
            Self.line("ended", Ended(code: code, title: title, detail: detail))
        case .heartbeat: ": here\n\n"
        }
    }

    private static func line(_ name: String, _ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // These values are texts and numbers only: there is nothing in them that JSON cannot say.
        guard let json = try? encoder.encode(value) else { preconditionFailure("An event is always JSON.") }
        return "event: \(name)\ndata: \(String(decoding: json, as: UTF8.self))\n\n"
    }
}
