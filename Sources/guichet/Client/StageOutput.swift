import Foundation
import Values

/// How commands of the stage print, in one place.
enum StageOutput {
    struct Lead: Decodable {
        let state: String
        let participant: Int?
        let clearsAt: Instant?

        var words: String {
            switch state {
            case "host": "the host"
            case "waiting": "the host has not been here yet"
            case "missing": "the host's line was lost a moment ago"
            case "cohost": "co-host number \(participant ?? 0)"
            case "paused": "nobody; cleared at \(clearsAt?.description ?? "-")"
            default: "nobody; the room was cleared"
            }
        }
    }

    struct Person: Decodable {
        let admission: String
        let participant: Int
        let role, direction: String
        let since: Instant
        let speaking, muted, onStage, invited: Bool
        let hand: Int?

        var marks: String {
            let marks = [
                speaking ? "speaking" : nil, muted ? "muted" : nil, onStage ? "invited up" : nil,
                invited ? "invitation open" : nil, hand.map { "hand \($0)" },
            ].compactMap(\.self)
            return marks.isEmpty ? "-" : marks.joined(separator: ", ")
        }
    }

    struct Hand: Decodable {
        let participant: Int
        let raisedAt: Instant
    }

    struct View: Decodable {
        let listeners: Int
        let participants: [Person]
        let hands: [Hand]
        let handCount: Int
        let mode: String
        let locked: Bool
        let lead: Lead
    }

    struct Standing: Decodable {
        let participant: Int
        let role: String
        let maySpeak, hand, muted: Bool
    }

    struct State: Decodable {
        let listeners: Int
        let hands: [Int]
        let handCount: Int
        let mode: String
        let locked: Bool
        let lead: Lead
        let you: Standing?
    }

    static func view(_ answer: Data, _ options: StageOptions) throws {
        if options.json { return try Output.json(answer) }
        let view: View = try APIClient.decode(answer)
        Output.line("leads      \(view.lead.words)")
        Output.line("speaking   \(view.mode)\(view.locked ? ", locked" : "")")
        Output.line("listeners  \(view.listeners)")
        let hands = view.hands.map { String($0.participant) }.joined(separator: ", ")
        Output.line("hands      \(view.handCount)\(hands.isEmpty ? "" : ": \(hands)")")
        Output.table(
            ["NO", "ROLE", "DIRECTION", "STATE", "SINCE", "ADMISSION"],
            view.participants.map {
                [String($0.participant), $0.role, $0.direction, $0.marks, $0.since.description, $0.admission]
            })
    }

    /// The answer of a command. Those of removals and mutes say less: then that it is done.
    static func state(_ answer: Data, _ options: StageOptions) throws {
        if options.json { return try Output.json(answer) }
        guard let state = try? JSONDecoder().decode(State.self, from: answer) else { return Output.line("done") }
        Output.line("leads      \(state.lead.words)")
        Output.line("speaking   \(state.mode)\(state.locked ? ", locked" : "")")
        let hands = state.hands.map(String.init).joined(separator: ", ")
        Output.line("hands      \(state.handCount)\(hands.isEmpty ? "" : ": \(hands)")")
        guard let you = state.you else { return }
        let marks = [
            you.maySpeak ? "may speak" : "listens", you.hand ? "hand up" : nil, you.muted ? "muted" : nil,
        ].compactMap(\.self)
        Output.line("you        number \(you.participant), \(you.role): \(marks.joined(separator: ", "))")
    }
}
