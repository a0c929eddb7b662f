import ArgumentParser
import Foundation
import Values

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Seats that wait for their money: create, show, pay, cancel.",
        subcommands: [Create.self, Show.self, Pay.self, Cancel.self, Receive.self, Refund.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep seats for a few minutes at the price of now.")

        @Argument(help: "The room.") var room: String
        @OptionGroup var wish: WishOptions
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let mine = try WalletFile(wallet).required()
                let client = server.client(key: mine.key)
                let body = try await wish.body(for: room, client)
                try HoldOutput.show(
                    try await client.post(
                        "/v1/holds", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()), server)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a hold and what became of it.")
        @Argument(help: "The hold, purchase_…") var hold: String
        @Option(help: "Your wallet file; with an operator's key none is needed.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try HoldOutput.client(server, wallet)
                try HoldOutput.show(try await client.get("/v1/holds/\(hold)"), server)
            }
        }
    }

    struct Pay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Pay a hold from your wallet and print its tickets.")
        @Argument(help: "The hold, purchase_…") var hold: String
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                try await HoldOutput.change(hold, "pay", client, idempotencyKey, server)
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give the seats of a hold back.")
        @Argument(help: "The hold, purchase_…") var hold: String
        @Option(help: "Your wallet file; with an operator's key none is needed.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try HoldOutput.client(server, wallet)
                try await HoldOutput.change(hold, "cancel", client, idempotencyKey, server)
            }
        }
    }

    struct Receive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Book money that a provider received for a hold (operator).")
        @Argument(help: "The hold, purchase_…") var hold: String
        @Option(help: "Who received it, for example bank.") var provider: String
        @Option(help: "The provider's own name of the payment; it is booked once.") var reference: String
        @Option(help: "How much, with its currency: \"10.00 EUR\".") var amount: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let provider, reference: String
            let amount: Money
        }

        func run() async throws {
            try await reportingFailures {
                let body = Body(provider: provider, reference: reference, amount: try MoneyArgument.read(amount))
                try HoldOutput.show(
                    try await server.client().post(
                        "/v1/holds/\(hold)/payments", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()),
                    server)
            }
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give money of a hold that waits in suspense to its wallet (operator).")
        @Argument(help: "The hold, purchase_…") var hold: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try await HoldOutput.change(hold, "refund", try server.client(), idempotencyKey, server)
            }
        }
    }
}

/// What a buyer wants of a room; shared by buying, holding and quoting.
struct WishOptions: ParsableArguments {
    @Option(help: "How many tickets, 1 to 20.") var count: Int = 1
    @Option(help: "The tier of the price list. Default: the cheapest that is open.") var tier: String?
    @Option(help: "The price of one ticket that you agree to or choose. Default: the price now.") var price: String?
    @Option(help: "The code of a voucher.") var voucher: String?
    @Option(help: "Your country, for the tax: FR.") var country: String?

    struct Body: Encodable {
        let room: String
        let count: Int
        let tier: String?
        let price: Money?
        let voucher, country: String?
        var provider: String?
    }

    /// The order, at the price that was given or that the room's list shows now.
    func body(
        for room: String, _ client: APIClient, through provider: String? = nil
    ) async throws -> Body {
        let agreed: Money
        if let price {
            agreed = try MoneyArgument.read(price)
        } else if let tier {
            let list: Views.Prices = try APIClient.decode(try await client.get("/v1/rooms/\(room)/prices"))
            guard let found = list.prices.first(where: { $0.tier == tier }) else {
                throw CommandFailure(.refused, "The room has no price '\(tier)'. 'guichet room prices' lists them.")
            }
            agreed = found.price
        } else {
            let view: Views.Room = try APIClient.decode(try await client.get("/v1/rooms/\(room)"))
            agreed = view.price
        }
        return Body(
            room: room, count: count, tier: tier, price: agreed, voucher: voucher, country: country,
            provider: provider)
    }
}

/// How commands of holds print, in one place.
private enum HoldOutput {
    private struct Nothing: Encodable {}

    /// An operator's or host's key if there is one, else the wallet's.
    static func client(_ server: ServerOptions, _ wallet: String?) throws -> APIClient {
        let stronger = try server.client()
        return stronger.key == nil ? server.client(key: try WalletFile(wallet).required().key) : stronger
    }

    static func change(
        _ hold: String, _ verb: String, _ client: APIClient, _ key: String?, _ server: ServerOptions
    ) async throws {
        try show(
            try await client.post(
                "/v1/holds/\(hold)/\(verb)", Nothing(), idempotencyKey: key ?? IdempotencyKey.fresh()), server)
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let hold: Views.Hold = try APIClient.decode(answer)
        Output.line("hold      \(hold.hold)")
        Output.line("room      \(hold.room)")
        Output.line("state     \(hold.state)")
        Output.line("tickets   \(hold.count) at \(hold.price), \(hold.total) together")
        Output.line("until     \(hold.expiresAt)")
        if !hold.seats.isEmpty { Output.line("seats     \(hold.seats.map(String.init).joined(separator: ", "))") }
        for payment in hold.payments {
            let why = payment.reason.map { " (\($0))" } ?? ""
            Output.line(
                "payment   \(payment.amount) \(payment.provider) \(payment.reference): \(payment.outcome)\(why)")
        }
        for ticket in hold.tickets ?? [] { Output.line("token     \(ticket.token)") }
    }
}
