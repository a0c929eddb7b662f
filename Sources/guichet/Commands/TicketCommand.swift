import ArgumentParser
import Foundation
import Values

struct TicketCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket", abstract: "Tickets: buy, show, verify, extend, refund, resell.",
        subcommands: [
            Buy.self, Show.self, Verify.self, Inspect.self, QR.self, Calendar.self, Receipt.self, Refund.self,
            Resell.self, Keep.self, ShowResale.self, ClaimCommand.self, ExtendCommand.self, TicketKeyCommand.self,
        ])

    struct Buy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Buy tickets from your wallet and print them, or get a link to pay them.",
            discussion: """
                The ticket goes to standard output, so:  T=$(guichet ticket buy ROOM)
                With --provider the link to pay goes there; the tickets are made once the provider has the money, and \
                'guichet hold show' prints them.
                """)

        @Argument(help: "The room.") var room: String
        @OptionGroup var wish: WishOptions
        @Option(help: "Pay through a provider in place of the wallet: sandbox, manual or stripe.") var provider: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key: give the same one to repeat a purchase whose answer was lost.")
        var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                // A buyer who pays through a provider has nothing to put down first.
                let mine =
                    try await provider == nil
                    ? WalletFile(wallet).required() : WalletFile(wallet).readOrMake(server)
                let client = server.client(key: mine.key)
                if let provider { return try await checkout(through: provider, client) }
                let answer = try await client.post(
                    "/v1/orders", try await wish.body(for: room, client),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let sale: Views.Purchase = try APIClient.decode(answer)
                guard let tickets = sale.tickets else {
                    Output.line(sale.token)
                    let seat = sale.seat.map { "seat \($0), " } ?? ""
                    return Output.error("\(sale.ticket): \(seat)\(sale.price), until \(sale.expiresAt)")
                }
                for ticket in tickets {
                    Output.line(ticket.token)
                    Output.error("\(ticket.ticket): seat \(ticket.seat), \(sale.price), until \(sale.expiresAt)")
                }
            }
        }

        private func checkout(through provider: String, _ client: APIClient) async throws {
            let answer = try await client.post(
                "/v1/checkouts", try await wish.body(for: room, client, through: provider),
                idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
            if server.json { return try Output.json(answer) }
            let charge: PaymentCommand.Charge = try APIClient.decode(answer)
            Output.line(charge.url ?? charge.charge)
            Output.error(
                "\(charge.charge): \(charge.amount), \(charge.state); its tickets: guichet hold show \(charge.hold ?? "")"
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a ticket of your wallet.")
        @Argument(help: "The ticket's id, ticket_…") var ticket: String
        @Option(help: "Your wallet file.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let mine = try WalletFile(wallet).required()
                let answer = try await server.client(key: mine.key).get("/v1/tickets/\(ticket)")
                if server.json { return try Output.json(answer) }
                let view: Views.Ticket = try APIClient.decode(answer)
                Output.line("ticket  \(view.ticket)")
                Output.line("room    \(view.room)")
                Output.line("role    \(view.role)")
                Output.line("state   \(view.state)")
                if let policy = view.policy { Output.line("policy  \(policy)") }
                Output.line("valid   \(view.notBefore) to \(view.expiresAt)")
                if let key = view.boundTo { Output.line("bound   \(key)") }
                if let token = view.token { Output.line("token   \(token)") }
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask the server whether a ticket is good; exit 0 if it is, 1 if not.")
        @Argument(help: "The ticket itself (the long text), or - for standard input.") var token: String
        @Option(help: "The room it should open.") var room: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let text = token == "-" ? (readLine() ?? "") : token
                var body = ["token": text]
                body["room"] = room
                let answer = try await server.client(key: nil).post("/v1/tickets/verify", body)
                let verdict: Views.Verdict = try APIClient.decode(answer)
                if server.json {
                    try Output.json(answer)
                } else {
                    Output.line(verdict.valid ? "valid" : "\(verdict.code ?? "refused"): \(verdict.title ?? "")")
                }
                if !verdict.valid { throw ExitCode.refused }
            }
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a ticket back for its money; who listens with it falls silent within a second.",
            discussion: """
                How much comes back follows from the terms of the room and the time alone. --preview prints it with the
                postings and changes nothing; --amount gives back only if it is still that much:
                  guichet ticket refund TICKET --preview
                  guichet ticket refund TICKET --amount "2.50 EUR"
                A host or an operator gives back any amount that is left.
                """)
        @Argument(help: "The ticket's id, ticket_…") var ticket: String
        @Option(help: "Your wallet file; with a host's or operator's key none is needed.") var wallet: String?
        @Flag(help: "Only show what a refund now would give.") var preview = false
        @Option(help: "The amount that you expect, or give as a host: \"2.50 EUR\".") var amount: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let stronger = try server.client()
                let client = stronger.key == nil ? server.client(key: try WalletFile(wallet).required().key) : stronger
                if preview {
                    return try AfterSaleOutput.offer(try await client.get("/v1/tickets/\(ticket)/refund"), server)
                }
                let answer = try await client.post(
                    "/v1/tickets/\(ticket)/refund", ["amount": try amount.map { try MoneyArgument.read($0) }],
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let refund: Views.Refund = try APIClient.decode(answer)
                Output.line("refunded  \(refund.amount) for \(refund.ticket)")
            }
        }
    }
}
