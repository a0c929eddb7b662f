import ArgumentParser
import Foundation
import Values

struct OvertimeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overtime", abstract: "Rooms that go on behind their end: announce, show, extensions, refund.",
        discussion: """
            A host announces until when the room goes on, and what staying costs. Tickets that were sold keep their end; \
            their holders buy the time with 'guichet ticket extend' before it comes, and hear on without a gap. The stage \
            goes along for nothing, and tickets that are sold from now on end with the room.

              guichet room overtime announce ROOM --until +90m --price "1.00 EUR"
            """,
        subcommands: [Announce.self, Show.self, Extensions.self, Refund.self])

    struct Announce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Announce that a room goes on (the host's key).",
            discussion: "Prints what each extension will post. The answer can't be taken back; further ones add to it.")
        @Argument(help: "The room.") var room: String
        @Option(help: "The new end: RFC 3339, or a distance from now such as +90m.") var until: String
        @Option(help: "What staying costs a ticket, with its currency: \"1.00 EUR\"; \"0.00 EUR\" for nothing.")
        var price: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let until: Instant
            let price: Money
        }

        func run() async throws {
            try await reportingFailures {
                let body = Body(
                    until: try WallTime.read(until, WallTime.now()), price: try MoneyArgument.read(price))
                let answer = try await server.client().post(
                    "/v1/rooms/\(room)/overtimes", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                OvertimeOutput.show(try APIClient.decode(answer))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show how a room goes on, as everyone sees it.")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        private struct List: Decodable {
            let overtimes: [Views.Overtime]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client(key: nil).get("/v1/rooms/\(room)/overtimes")
                if server.json { return try Output.json(answer) }
                let list: List = try APIClient.decode(answer)
                if list.overtimes.isEmpty { Output.line("ends as it was announced first") }
                for overtime in list.overtimes { OvertimeOutput.show(overtime) }
            }
        }
    }

    struct Extensions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "List what holders bought, the oldest first (host, moderator, operator, finance or auditor key).")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let extensions: [Views.Extension]
            let next: String?
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                var found: [Views.Extension] = []
                var cursor = ""
                while true {
                    let answer = try await client.get("/v1/rooms/\(room)/extensions\(cursor)")
                    if server.json { return try Output.json(answer) }
                    let page: Page = try APIClient.decode(answer)
                    found += page.extensions
                    guard let next = page.next else { break }
                    cursor = "?cursor=\(next)"
                }
                Output.table(
                    ["EXTENSION", "TICKET", "OVERTIME", "PRICE", "AT", "STATE"],
                    found.map {
                        [
                            $0.extension.text, $0.ticket.text, String($0.overtime), $0.price.description,
                            $0.at.description, $0.refunded ? "refunded" : "bought",
                        ]
                    })
            }
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an extension back, whole, before its time begins (the host's key, or an operator's).",
            discussion: "The ticket ends where it ended before. A ticket that is given back takes its extensions along."
        )
        @Argument(help: "The extension, extension_…") var `extension`: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Nothing: Encodable {}

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/extensions/\(`extension`)/refund", Nothing(),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let back: Views.Extension = try APIClient.decode(answer)
                Output.line("refunded  \(back.price) for \(back.ticket)")
            }
        }
    }
}

struct ExtendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend", abstract: "Buy more time for a ticket whose room goes on, and print it anew.",
        discussion: """
            Until the ticket's own end; whoever is listening hears on. The ticket stays the same one: what is printed is \
            its token with the new end, and the old one stays good until the old end.

              guichet ticket extend TICKET --preview          what it costs, with the postings and a quote
              guichet ticket extend TICKET                    at the quote of this moment
              guichet ticket extend TICKET --quote QUOTE      at the quote that you have read
            """)
    @Argument(help: "The ticket's id, ticket_…") var ticket: String
    @Flag(help: "Only show what it costs and posts.") var preview = false
    @Option(help: "The price that you expect.") var price: String?
    @Option(help: "A quote of --preview: it is bought at its postings, or not at all.") var quote: String?
    @Option(help: "Your wallet file.") var wallet: String?
    @Option(
        help: "Idempotency key: give the same one to repeat a purchase whose answer was lost, with its quote or price.")
    var idempotencyKey: String?
    @OptionGroup var server: ServerOptions

    private struct Body: Encodable {
        var quote: String?
        var price: Money?
    }

    func validate() throws {
        if price != nil, quote != nil { throw ValidationError("Give --quote or --price: a quote says all.") }
    }

    func run() async throws {
        try await reportingFailures {
            let client = server.client(key: try WalletFile(wallet).required().key)
            let path = "/v1/tickets/\(ticket)/extension"
            if preview { return try OvertimeOutput.offer(try await client.get(path), server) }
            var body = Body(quote: quote)
            if let price {
                body.price = try MoneyArgument.read(price)
            } else if quote == nil {
                let offer: Views.ExtensionOffer = try APIClient.decode(try await client.get(path))
                body.quote = offer.quote
            }
            let answer = try await client.post(
                path, body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
            if server.json { return try Output.json(answer) }
            let bought: Views.Extension = try APIClient.decode(answer)
            if let token = bought.token { Output.line(token) }
            Output.error(
                "\(bought.ticket): \(bought.price), until \(bought.expiresAt?.description ?? "the end of the room")")
        }
    }
}

private enum OvertimeOutput {
    static func show(_ overtime: Views.Overtime) {
        Output.line("overtime  \(overtime.overtime)")
        Output.line("time      \(overtime.from) to \(overtime.until)")
        Output.line("price     \(overtime.price)")
        for leg in overtime.postings ?? [] { Output.line("posting   \(leg.amount)  \(leg.debit) -> \(leg.credit)") }
    }

    static func offer(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let offer: Views.ExtensionOffer = try APIClient.decode(answer)
        Output.line("ticket    \(offer.ticket)")
        Output.line("ends      \(offer.expiresAt)")
        Output.line("then      \(offer.until)")
        Output.line("price     \(offer.price)")
        for leg in offer.postings { Output.line("posting   \(leg.amount)  \(leg.debit) -> \(leg.credit)") }
        Output.line("quote     \(offer.quote)")
        Output.line("until     \(offer.quoteExpiresAt)")
    }
}

extension Views {
    struct OvertimePosting: Decodable {
        let debit, credit: String
        let amount: Money
    }

    struct Overtime: Decodable {
        let overtime: Int
        let from, until: Instant
        let price: Money
        let postings: [OvertimePosting]?
    }

    struct ExtensionOffer: Decodable {
        let ticket: TicketID
        let expiresAt, until: Instant
        let price: Money
        let postings: [OvertimePosting]
        let quote: String
        let quoteExpiresAt: Instant
    }

    struct Extension: Decodable {
        let `extension`: ExtensionID
        let ticket: TicketID
        let overtime: Int
        let price: Money
        let at: Instant
        let refunded: Bool
        let expiresAt: Instant?
        let token: String?
    }
}
