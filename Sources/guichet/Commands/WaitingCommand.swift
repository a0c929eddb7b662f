import ArgumentParser
import Foundation
import Values

struct WaitingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waiting", abstract: "Wait for tickets of a room that is full: join, show, pay, leave, list.",
        discussion: """
            Seats that get free are offered in the order of joining, to a group all at once or not at all. An offer is \
            kept for a while (half an hour unless the house says otherwise), at the price of that moment; nothing is \
            charged before you pay it.

              W=$(guichet waiting join ROOM --count 2 --most "8.00 EUR")
              guichet waiting show "$W"              (offered: until when, and for how much)
              guichet waiting pay "$W"               (prints the tickets)

            With --most you are passed over while a ticket costs more, and keep your place.
            """,
        subcommands: [Join.self, Show.self, Pay.self, Checkout.self, Leave.self, List.self])

    struct Join: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Join the waiting list of a room; your place's id goes to standard output.")
        @Argument(help: "The room.") var room: String
        @Option(help: "How many tickets, 1 to 20: all of them or none.") var count: Int = 1
        @Option(help: "The tier that you prefer. Where it is over or full, the cheapest open one takes its place.")
        var tier: String?
        @Option(help: "The highest price of one ticket: \"8.00 EUR\". Default: any.") var most: String?
        @Option(help: "The code of a voucher.") var voucher: String?
        @Option(help: "Your country, for the tax: FR.") var country: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let count: Int
            let tier: String?
            let most: Money?
            let voucher, country: String?
        }

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                let body = Body(
                    count: count, tier: tier, most: try most.map { try MoneyArgument.read($0) }, voucher: voucher,
                    country: country)
                let answer = try await client.post(
                    "/v1/rooms/\(room)/waiting", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let view: Views.Waiting = try APIClient.decode(answer)
                Output.line(view.waiting.text)
                Output.error("\(view.count) tickets, number \(view.position ?? 0) in the queue")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show your place, or what is offered to you.")
        @Argument(help: "Your place, waiting_…") var waiting: String
        @Option(help: "Your wallet file; with a host's or operator's key none is needed.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try PaymentOutput.client(server, wallet)
                try WaitingOutput.show(try await client.get("/v1/waiting/\(waiting)"), server)
            }
        }
    }

    struct Pay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pay what is offered from your wallet and print the tickets.")
        @Argument(help: "Your place, waiting_…") var waiting: String
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                try await WaitingOutput.change(waiting, "pay", client, idempotencyKey, server)
            }
        }
    }

    struct Checkout: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pay what is offered through a provider: says where.")
        @Argument(help: "Your place, waiting_…") var waiting: String
        @Option(help: "manual, sandbox or stripe.") var provider: String
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                let answer = try await client.post(
                    "/v1/waiting/\(waiting)/checkout", ["provider": provider],
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                try PaymentOutput.show(answer, server)
            }
        }
    }

    struct Leave: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Leave the list; seats that are offered to you go to the next.")
        @Argument(help: "Your place, waiting_…") var waiting: String
        @Option(help: "Your wallet file; with an operator's key none is needed.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try PaymentOutput.client(server, wallet)
                try await WaitingOutput.change(waiting, "leave", client, idempotencyKey, server)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List who waits in a room (host or staff key), or your own place (wallet).")
        @Argument(help: "The room.") var room: String
        @Option(help: "Your wallet file; with a host's or operator's key none is needed.") var wallet: String?
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let parties, tickets, offered: Int
            let waiting: [Views.Waiting]
            let next: String?
        }

        func run() async throws {
            try await reportingFailures {
                let client = try PaymentOutput.client(server, wallet)
                var all: [Views.Waiting] = []
                var cursor = ""
                while true {
                    let answer = try await client.get("/v1/rooms/\(room)/waiting\(cursor)")
                    if server.json { return try Output.json(answer) }
                    let page: Page = try APIClient.decode(answer)
                    all += page.waiting
                    guard let next = page.next else {
                        Output.error("\(page.parties) wait for \(page.tickets) tickets, \(page.offered) have an offer")
                        break
                    }
                    cursor = "?cursor=\(next)"
                }
                Output.table(
                    ["WAITING", "POSITION", "TICKETS", "MOST", "STATE", "SINCE"],
                    all.map { party in
                        [
                            party.waiting.text, party.position.map(String.init) ?? "", String(party.count),
                            party.most?.description ?? "", party.words, party.since.description,
                        ]
                    })
            }
        }
    }
}

private enum WaitingOutput {
    private struct Nothing: Encodable {}

    static func change(
        _ waiting: String, _ verb: String, _ client: APIClient, _ key: String?, _ server: ServerOptions
    ) async throws {
        try show(
            try await client.post(
                "/v1/waiting/\(waiting)/\(verb)", Nothing(), idempotencyKey: key ?? IdempotencyKey.fresh()), server)
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let view: Views.Waiting = try APIClient.decode(answer)
        Output.line("waiting   \(view.waiting)")
        Output.line("room      \(view.room)")
        Output.line("state     \(view.words)")
        Output.line("tickets   \(view.count)")
        if let most = view.most { Output.line("most      \(most) each") }
        if let position = view.position { Output.line("position  \(position)") }
        if let offer = view.offer {
            Output.line("hold      \(offer.hold)")
            Output.line("price     \(offer.price) each, \(offer.total) together")
            if view.state == "offered" { Output.line("until     \(offer.expiresAt)") }
        }
        for ticket in view.tickets ?? [] { Output.line("token     \(ticket.token)") }
    }
}

extension Views {
    struct Waiting: Decodable {
        struct Offer: Decodable {
            let hold: PurchaseID
            let price, total: Money
            let expiresAt: Instant
        }
        struct Bought: Decodable {
            let token: String
        }

        let waiting: WaitingID
        let room: RoomID
        let state: String
        let count: Int
        let most: Money?
        let position: Int?
        let reason: String?
        let since: Instant
        let offer: Offer?
        let tickets: [Bought]?

        /// The state, with why where something went past.
        var words: String {
            switch reason {
            case "price": "passed (a ticket costs more than your most)"
            case "places": "passed (no price has places for all of you)"
            default: state
            }
        }
    }
}
