import ArgumentParser
import Foundation
import Values

struct TransferCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer", abstract: "Pass a ticket on, or buy one to give away.",
        discussion: """
            A holder offers a ticket and gets a code; whoever has the code may accept it with their own wallet. Until \
            then the ticket is still the holder's; from then on only the new holder comes in, and a later refund goes \
            to them.
              CODE=$(guichet transfer offer TICKET --until +2d)
              guichet transfer accept "$CODE" --wallet friend.json
            How often and until when tickets pass is part of the room's terms ('guichet room terms').
            """,
        subcommands: [Offer.self, Accept.self, Withdraw.self, Show.self, Gift.self])

    struct Offer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Offer a ticket; its code goes to standard output, once.")
        @Argument(help: "The ticket's id, ticket_…") var ticket: String
        @Option(help: "Until when: RFC 3339, or +2h. Default: as long as the room's terms let tickets pass.")
        var until: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                let body = ["expiresAt": try until.map { try WallTime.read($0, WallTime.now()) }]
                let answer = try await client.post(
                    "/v1/tickets/\(ticket)/transfers", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                try TransferOutput.show(answer, server)
            }
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept a ticket with its code and print it.",
            discussion: "The ticket goes to standard output, so:  T=$(guichet transfer accept CODE)")
        @Argument(help: "The code that you were given.") var code: String
        @Option(help: "Your wallet file; made if there is none.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let mine = try await WalletFile(wallet).readOrMake(server)
                let answer = try await server.client(key: mine.key).post(
                    "/v1/transfers/accept", ["code": code], idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let view: Views.Accepted = try APIClient.decode(answer)
                Output.line(view.token)
                Output.error("\(view.ticket): seat \(view.seat) of \(view.room), until \(view.expiresAt)")
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an offer back.")
        @Argument(help: "The offer, transfer_…") var transfer: String
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                let answer = try await client.post(
                    "/v1/transfers/\(transfer)/withdraw", [String: String](),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                try TransferOutput.show(answer, server)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what became of an offer.")
        @Argument(help: "The offer, transfer_…") var transfer: String
        @Option(help: "Your wallet file.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                try TransferOutput.show(try await client.get("/v1/transfers/\(transfer)"), server)
            }
        }
    }

    struct Gift: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Buy tickets to give away; each code goes to standard output, once.")
        @Argument(help: "The room.") var room: String
        @Option(help: "How many tickets, 1 to 20.") var count: Int = 1
        @Option(help: "The tier of the price list. Default: the cheapest that is open.") var tier: String?
        @Option(help: "The price of one ticket that you agree to. Default: the price now.") var price: String?
        @Option(help: "Until when it can be accepted: RFC 3339, or +2h.") var until: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let room: String
            let count: Int
            let tier: String?
            let price: Money?
            let expiresAt: Instant?
        }

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                var wish = WishOptions()
                (wish.count, wish.tier, wish.price, wish.voucher, wish.country) = (count, tier, price, nil, nil)
                let order = try await wish.body(for: room, client)
                let body = Body(
                    room: room, count: count, tier: tier, price: order.price,
                    expiresAt: try until.map { try WallTime.read($0, WallTime.now()) })
                let answer = try await client.post(
                    "/v1/gifts", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let view: Views.Gifts = try APIClient.decode(answer)
                for gift in view.gifts {
                    Output.line(gift.code ?? gift.transfer.text)
                    Output.error("\(gift.transfer): \(gift.ticket), until \(gift.expiresAt)")
                }
            }
        }
    }
}

extension Views {
    struct Transfer: Decodable {
        let transfer: TransferID
        let ticket: TicketID
        let state: String
        let expiresAt: Instant
        let code: String?
    }

    struct Accepted: Decodable {
        let ticket: TicketID
        let room: RoomID
        let seat: Int
        let expiresAt: Instant
        let token: String
    }

    struct Gifts: Decodable {
        let gifts: [Transfer]
    }
}

private enum TransferOutput {
    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let view: Views.Transfer = try APIClient.decode(answer)
        if let code = view.code { Output.line(code) }
        let words = "\(view.transfer): \(view.ticket) \(view.state), until \(view.expiresAt)"
        if view.code == nil { Output.line(words) } else { Output.error(words) }
    }
}
