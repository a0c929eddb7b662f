import ArgumentParser
import Foundation
import Values

/// Whom a host lets into none of its rooms.
enum HostBans {
    struct View: Decodable {
        let holder: String
        let banned: Bool
        let reason: String
        let by: String
        let at: Instant
    }

    private struct Body: Encodable {
        var holder, ticket: String?
        let reason: String?
    }

    struct Ban: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ban somebody from every room of a host (host's, moderator's or operator's key).",
            discussion: """
                Whoever is inside is sent out within a second, and buys and gets nothing of the host's rooms any more. \
                What they bought stays theirs: 'guichet ticket refund' gives it back. Removing somebody from one room \
                alone is 'guichet stage remove'.
                  guichet host ban HOST holder_… --reason "Insulted a speaker"
                  guichet host ban HOST ticket_…
                """)

        @Argument(help: "The host.") var host: String
        @Argument(help: "The person: holder_…, or a ticket of theirs, ticket_…") var person: String
        @Option(help: "Why, in one line; for the host's list and nobody else.") var reason: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                var body = Body(reason: reason)
                if person.hasPrefix("ticket_") { body.ticket = person } else { body.holder = person }
                try show(
                    try await server.client().post(
                        "/v1/hosts/\(host)/bans", body, idempotencyKey: IdempotencyKey.fresh()), server)
            }
        }
    }

    struct Unban: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let somebody in again (host's, moderator's or operator's key).",
            discussion: "A removal from a room that is still open stays for that room.")

        @Argument(help: "The host.") var host: String
        @Argument(help: "The person, holder_…") var holder: String
        @Option(help: "Why, in one line.") var reason: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try show(
                    try await server.client().post(
                        "/v1/hosts/\(host)/bans/\(holder)/lift", Body(reason: reason),
                        idempotencyKey: IdempotencyKey.fresh()), server)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bans", abstract: "Whom a host has banned from all of its rooms.")

        @Argument(help: "The host.") var host: String
        @Option(help: "How many at most: 1 to 1000.") var limit = 100
        @Option(help: "Go on where the page before ended.") var cursor: String?
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let bans: [View]
            let next: String?
        }

        func run() async throws {
            try await reportingFailures {
                let behind = cursor.map { "&cursor=\($0)" } ?? ""
                let answer = try await server.client().get("/v1/hosts/\(host)/bans?limit=\(limit)\(behind)")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                for ban in page.bans { Output.line("\(ban.holder)  since \(ban.at)  by \(ban.by)  \(ban.reason)") }
                if let next = page.next { Output.error("more behind --cursor \(next)") }
            }
        }
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let ban: View = try APIClient.decode(answer)
        Output.line("\(ban.holder)  \(ban.banned ? "banned" : "let in again")  since \(ban.at)")
    }
}
