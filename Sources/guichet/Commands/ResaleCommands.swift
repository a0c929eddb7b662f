import ArgumentParser
import Foundation
import Values

extension TicketCommand {
    struct Resell: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a ticket up: it is paid back once somebody else takes its seat.",
            discussion: """
                Until then the ticket is yours and lets you in, and 'guichet ticket keep' takes it back. It is sold when \
                no other seat is left, first put up first; people on the waiting list come before everybody else. What \
                comes back, and until when, is part of the room's terms ('guichet room terms').
                """)
        @Argument(help: "The ticket's id, ticket_…") var ticket: String
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try await ResaleOutput.change("/v1/tickets/\(ticket)/resale", wallet, idempotencyKey, server)
            }
        }
    }

    struct Keep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a ticket back that you have put up.")
        @Argument(help: "The ticket's id, ticket_…") var ticket: String
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try await ResaleOutput.change("/v1/tickets/\(ticket)/resale/keep", wallet, idempotencyKey, server)
            }
        }
    }

    struct ShowResale: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resale", abstract: "Show what became of a ticket that was put up.")
        @Argument(help: "The ticket's id, ticket_…") var ticket: String
        @Option(help: "Your wallet file; with a host's or operator's key none is needed.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try PaymentOutput.client(server, wallet)
                try ResaleOutput.show(try await client.get("/v1/tickets/\(ticket)/resale"), server)
            }
        }
    }
}

private enum ResaleOutput {
    private struct Nothing: Encodable {}

    private struct View: Decodable {
        let ticket: TicketID
        let state: String
        let position: Int?
        let amount: Money
        let until: Instant
        let lentUntil: Instant?
    }

    static func change(_ path: String, _ wallet: String?, _ key: String?, _ server: ServerOptions) async throws {
        let client = server.client(key: try WalletFile(wallet).required().key)
        try show(
            try await client.post(path, Nothing(), idempotencyKey: key ?? IdempotencyKey.fresh()), server)
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let view: View = try APIClient.decode(answer)
        Output.line("ticket    \(view.ticket)")
        Output.line("state     \(view.state)")
        if let position = view.position { Output.line("position  \(position)") }
        Output.line("back      \(view.amount)")
        Output.line("until     \(view.until)")
        if let lent = view.lentUntil { Output.line("lent      until \(lent), while somebody pays for its seat") }
    }
}
