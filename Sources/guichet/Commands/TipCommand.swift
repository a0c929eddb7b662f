import ArgumentParser
import Foundation
import Values

struct TipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tip", abstract: "Tips of listeners to a room's host: send, list, refund, accept.",
        discussion: """
            Whoever has a ticket may tip once the room is open, and for a while after its end. The tip goes into the \
            room's escrow and is divided and paid like the room's tickets.

              guichet tip send ROOM "2.00 EUR" --message "Thank you"
              guichet tip send ROOM "2.00 EUR" --preview         what it posts, and a quote
              guichet tip send ROOM --quote QUOTE                at the quote that you have read
              guichet tip list ROOM                  (the host's key)
            """,
        subcommands: [Send.self, List.self, Refund.self, Accept.self])

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tip the host of a room from your wallet.")
        @Argument(help: "The room.") var room: String
        @Argument(help: "How much, with its currency: \"2.00 EUR\".") var amount: String?
        @Flag(help: "Show what it posts, with a quote, and give nothing.") var preview = false
        @Option(help: "A quote of --preview: it is given at its postings, or not at all.") var quote: String?
        @Option(help: "A line that the host reads.") var message: String?
        @Option(help: "Your country, for the tax: FR.") var country: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            var quote: String?
            var amount: Money?
            var message, country: String?
        }

        func validate() throws {
            guard (amount == nil) != (quote == nil) else { throw ValidationError("Give an amount or --quote.") }
            if quote != nil, preview || country != nil {
                throw ValidationError("A quote says the country, and was a preview itself.")
            }
            if preview, message != nil { throw ValidationError("The message is sent with the tip.") }
        }

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                let body = Body(
                    quote: quote, amount: try amount.map { try MoneyArgument.read($0) }, message: message,
                    country: country)
                if preview {
                    return try TipOutput.quote(try await client.post("/v1/rooms/\(room)/tips/quote", body), server)
                }
                let answer = try await client.post(
                    "/v1/rooms/\(room)/tips", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                try TipOutput.show(answer, server)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tips of a room, the oldest first (host, moderator, operator, finance or auditor key).")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let tips: [Views.Tip]
            let next: String?
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                var tips: [Views.Tip] = []
                var cursor = ""
                while true {
                    let answer = try await client.get("/v1/rooms/\(room)/tips\(cursor)")
                    if server.json { return try Output.json(answer) }
                    let page: Page = try APIClient.decode(answer)
                    tips += page.tips
                    guard let next = page.next else { break }
                    cursor = "?cursor=\(next)"
                }
                Output.table(
                    ["TIP", "AMOUNT", "AT", "STATE", "MESSAGE"],
                    tips.map {
                        [
                            $0.tip.text, $0.amount.description, $0.at.description, $0.refunded ? "refunded" : "given",
                            $0.message,
                        ]
                    })
            }
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a tip back, whole (the host's key, or an operator's).")
        @Argument(help: "The tip, tip_…") var tip: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Nothing: Encodable {}

        func run() async throws {
            try await reportingFailures {
                try TipOutput.show(
                    try await server.client().post(
                        "/v1/tips/\(tip)/refund", Nothing(), idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()),
                    server)
            }
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether a room's host takes tips (the host's key).")
        @Argument(help: "The room.") var room: String
        @Flag(inversion: .prefixedNo, help: "Take tips, or take none.") var tips = true
        @OptionGroup var server: ServerOptions

        private struct Switch: Codable {
            let accepts: Bool
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().put("/v1/rooms/\(room)/tips", Switch(accepts: tips))
                if server.json { return try Output.json(answer) }
                let state: Switch = try APIClient.decode(answer)
                Output.line(state.accepts ? "takes tips" : "takes no tips")
            }
        }
    }
}

private enum TipOutput {
    static func quote(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let quote: Views.TipQuote = try APIClient.decode(answer)
        Output.line("amount    \(quote.amount)")
        for leg in quote.postings { Output.line("posting   \(leg.amount)  \(leg.debit) -> \(leg.credit)") }
        Output.line("quote     \(quote.quote)")
        Output.line("until     \(quote.quoteExpiresAt)")
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let tip: Views.Tip = try APIClient.decode(answer)
        Output.line("tip       \(tip.tip)")
        Output.line("amount    \(tip.amount)")
        Output.line("state     \(tip.refunded ? "refunded" : "given")")
        if !tip.message.isEmpty { Output.line("message   \(tip.message)") }
    }
}

extension Views {
    struct TipQuote: Decodable {
        let amount: Money
        let postings: [Leg]
        let quote: String
        let quoteExpiresAt: Instant
    }

    struct Tip: Decodable {
        let tip: TipID
        let amount: Money
        let message: String
        let at: Instant
        let refunded: Bool
    }
}
