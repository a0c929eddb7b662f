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
              guichet tip list ROOM                  (the host's key)
            """,
        subcommands: [Send.self, List.self, Refund.self, Accept.self])

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tip the host of a room from your wallet.")
        @Argument(help: "The room.") var room: String
        @Argument(help: "How much, with its currency: \"2.00 EUR\".") var amount: String
        @Option(help: "A line that the host reads.") var message: String?
        @Option(help: "Your country, for the tax: FR.") var country: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let amount: Money
            let message, country: String?
        }

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                let body = Body(amount: try MoneyArgument.read(amount), message: message, country: country)
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
    struct Tip: Decodable {
        let tip: TipID
        let amount: Money
        let message: String
        let at: Instant
        let refunded: Bool
    }
}
