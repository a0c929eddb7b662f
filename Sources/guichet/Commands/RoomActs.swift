import ArgumentParser
import Foundation
import Values

extension RoomCommand {
    struct Acts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was done on a room's stage: who, what, to whom, why; what was refused, by its code.")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        private struct Person: Decodable {
            let ticket: TicketID
            let role: String
        }

        private struct Act: Decodable {
            let n: Int64
            let at: Instant
            let kind: String
            let actor, target: Person?
            let role, reason, refused: String?
        }

        private struct Acts: Decodable {
            let acts: [Act]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/rooms/\(room)/acts")
                if server.json { return try Output.json(answer) }
                let list: Acts = try APIClient.decode(answer)
                func name(_ person: Person?) -> String { person.map { "\($0.role) \($0.ticket)" } ?? "-" }
                Output.table(
                    ["NO", "AT", "ACT", "BY", "TO", "REFUSED", "WHY"],
                    list.acts.map {
                        [
                            String($0.n), $0.at.description, $0.kind, name($0.actor), name($0.target),
                            $0.refused ?? "-", $0.reason ?? "-",
                        ]
                    })
            }
        }
    }
}
