import ArgumentParser
import Values

struct TicketKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The keys that sign tickets: list, rotate, retire (operator's key needed).",
        discussion: """
            Private keys stay in files of the server's data folder; these commands only say when one is made, from \
            when it signs and when it goes. Gateways learn a new key while they run.
            """,
        subcommands: [List.self, Rotate.self, Retire.self])

    private struct View: Decodable {
        let kid, state: String
        let announcedAt, signsFrom: Instant
        let retiredAt: Instant?
        let reason: String?

        var row: [String] {
            [kid, state, signsFrom.description, retiredAt.map { "\($0) (\(reason ?? "-"))" } ?? "-"]
        }
    }

    private static func show(_ views: [View]) {
        Output.table(["key", "state", "signs from", "retired"], views.map(\.row))
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The keys in the order of their use.")
        @OptionGroup var server: ServerOptions

        private struct Answer: Decodable { let keys: [View] }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/ticket-keys")
                if server.json { return try Output.json(answer) }
                let list: Answer = try APIClient.decode(answer)
                TicketKeyCommand.show(list.keys)
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new key: announced now, signing after a moment.",
            discussion: "The key before goes on verifying until its last ticket has ended, and leaves by itself then.")
        @Option(help: "Seconds between announcement and first ticket. Default: 60.") var signsIn: Int64?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable { let signsInSeconds: Int64? }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/ticket-keys", Body(signsInSeconds: signsIn), idempotencyKey: IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                TicketKeyCommand.show([try APIClient.decode(answer)])
            }
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key out of the set: an announced one, or one that somebody else may have.")
        @Argument(help: "The key's name, as lists show it; last, and behind -- if it begins with a dash.") var kid:
            String
        @Flag(help: "At once, though its tickets have not ended: they must be fetched again.") var compromised = false
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable { let compromised: Bool }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/ticket-keys/\(kid)/retire", Body(compromised: compromised),
                    idempotencyKey: IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                TicketKeyCommand.show([try APIClient.decode(answer)])
            }
        }
    }
}
