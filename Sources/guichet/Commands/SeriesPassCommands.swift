import ArgumentParser
import Foundation
import Values

extension SeriesCommand {
    struct Buy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Buy a pass from your wallet; each ticket goes to standard output, one a line.",
            discussion: "A seat in every room or nothing. The pass itself is named on standard error.")
        @Argument(help: "The series.") var series: String
        @Option(help: "The price that you agree to. Default: the price now.") var price: String?
        @Option(help: "Your country, for the tax: FR.") var country: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                let quote: Views.PassQuote = try APIClient.decode(
                    try await client.post("/v1/series/\(series)/quotes", ["country": country]))
                if let price, try MoneyArgument.read(price) != quote.price {
                    throw CommandFailure(.refused, "A pass costs \(quote.price) now. Nothing was bought.")
                }
                let answer = try await client.post(
                    "/v1/passes", ["quote": quote.quote], idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let pass: Views.SeriesPass = try APIClient.decode(answer)
                for ticket in pass.tickets { Output.line(ticket.token ?? ticket.ticket.text) }
                Output.error("\(pass.pass): \(pass.tickets.count) tickets of '\(pass.title)' for \(pass.price)")
            }
        }
    }

    struct Pass: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pass", abstract: "Show a pass and its tickets (your wallet, or the host's key).")
        @Argument(help: "The pass, pass_…") var pass: String
        @Option(help: "Your wallet file.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await SeriesOutput.client(wallet, server).get("/v1/passes/\(pass)")
                if server.json { return try Output.json(answer) }
                let pass: Views.SeriesPass = try APIClient.decode(answer)
                Output.line("pass      \(pass.pass)")
                Output.line("series    \(pass.series) \(pass.title)")
                Output.line("price     \(pass.price), bought \(pass.soldAt)")
                Output.table(
                    ["TICKET", "PART", "STATE", "STARTS", "ROOM"],
                    pass.tickets.map {
                        [$0.ticket.text, $0.share.description, $0.state, $0.startsAt.description, $0.title]
                    })
            }
        }
    }

    struct Mine: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the passes that your wallet bought.")
        @Option(help: "Your wallet file.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                try await SeriesOutput.passes("/v1/passes", client, server)
            }
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a pass back: each ticket by its own terms, all of it in one.",
            discussion: """
                Your wallet gives back what the terms of each room say; tickets that you passed on, and those whose \
                terms give nothing, stay. With a host's or an operator's key every ticket in force comes back whole.
                """)
        @Argument(help: "The pass, pass_…") var pass: String
        @Flag(help: "Only show what would come back.") var preview = false
        @Option(help: "Give it back only if exactly this comes back: \"8.00 EUR\".") var amount: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try SeriesOutput.client(wallet, server)
                let path = "/v1/passes/\(pass)/refund"
                let answer: Data
                if preview {
                    answer = try await client.get(path)
                } else {
                    answer = try await client.post(
                        path, ["amount": try amount.map { try MoneyArgument.read($0) }],
                        idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                }
                if server.json { return try Output.json(answer) }
                let refund: Views.PassRefund = try APIClient.decode(answer)
                Output.line("\(preview ? "would come back" : "came back")  \(refund.total)")
                Output.table(
                    ["TICKET", "OUTCOME", "AMOUNT"],
                    refund.tickets.map { [$0.ticket.text, $0.outcome, $0.amount?.description ?? ""] })
            }
        }
    }
}

enum SeriesOutput {
    /// With a key of the options or the environment that, else the wallet's.
    static func client(_ wallet: String?, _ server: ServerOptions) throws -> APIClient {
        if wallet == nil, let client = try? server.client(), client.key != nil { return client }
        return server.client(key: try WalletFile(wallet).required().key)
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let series: Views.Series = try APIClient.decode(answer)
        Output.line("series    \(series.series) \(series.title)")
        Output.line("pass      \(series.price), the rooms one by one \(series.together)")
        Output.line("left      \(series.passesLeft) of \(series.passes)")
        Output.line("state     \(series.state), until \(series.saleEndsAt)")
        Output.table(
            ["ROOM", "PRICE", "SEATS LEFT", "STATE", "STARTS", "TITLE"],
            series.rooms.map {
                [
                    $0.room.text, $0.price.description, String($0.seatsLeft), $0.state, $0.startsAt.description,
                    $0.title,
                ]
            })
    }

    private struct PassPage: Decodable {
        let passes: [Views.PassLine]
        let next: String?
    }

    static func passes(_ path: String, _ client: APIClient, _ server: ServerOptions) async throws {
        var rows: [[String]] = []
        try await pages(path, client, server) { answer in
            let page: PassPage = try APIClient.decode(answer)
            rows += page.passes.map {
                [$0.pass.text, $0.series.text, $0.price.description, $0.soldAt.description, $0.holder.text]
            }
            return page.next
        }
        if !server.json { Output.table(["PASS", "SERIES", "PRICE", "SOLD", "HOLDER"], rows) }
    }

    /// Reads a list to its end; with `--json` its first page as it is.
    static func pages(
        _ path: String, _ client: APIClient, _ server: ServerOptions, _ read: (Data) throws -> String?
    ) async throws {
        var cursor = ""
        while true {
            let answer = try await client.get(path + cursor)
            if server.json { return try Output.json(answer) }
            guard let next = try read(answer) else { return }
            cursor = "?cursor=\(next)"
        }
    }
}

extension Views {
    struct Series: Decodable {
        struct Room: Decodable {
            let room: RoomID
            let title, state: String
            let startsAt: Instant
            let price: Money
            let seatsLeft: Int
        }
        let series: SeriesID
        let title, state: String
        let price, together: Money
        let passes, passesLeft: Int
        let saleEndsAt: Instant
        let rooms: [Room]
    }

    struct PassQuote: Decodable {
        struct Part: Decodable {
            let room: RoomID
            let weight, share, vat, fee, hostShare: Money
            let postings: [Leg]
        }
        let quote: String?
        let price: Money
        let parts: [Part]
        let expiresAt: Instant
    }

    struct SeriesPass: Decodable {
        struct Ticket: Decodable {
            let ticket: TicketID
            let title, state: String
            let startsAt: Instant
            let share: Money
            let token: String?
        }
        let pass: SeriesPassID
        let series: SeriesID
        let title: String
        let price: Money
        let soldAt: Instant
        let tickets: [Ticket]
    }

    struct PassLine: Decodable {
        let pass: SeriesPassID
        let series: SeriesID
        let holder: HolderID
        let price: Money
        let soldAt: Instant
    }

    struct PassRefund: Decodable {
        struct Part: Decodable {
            let ticket: TicketID
            let outcome: String
            let amount: Money?
        }
        let total: Money
        let tickets: [Part]
    }
}
