import ArgumentParser
import Foundation
import Values

struct SeriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "series", abstract: "Rooms that are sold together: a series and its passes.",
        discussion: """
            A pass is a ticket of every room of a series, at one price. The price is divided over the rooms in \
            proportion to their prices; from then on each ticket is an order of its own, with its own terms. Passes are \
            paid from a wallet. One is sold while all of its rooms can still be heard: the sale ends with the first of \
            them, and with a room that is cancelled.

              guichet series create "Winter talks" ROOM ROOM ROOM --price "12.00 EUR" --passes 50
              guichet series quote SERIES
              guichet series buy SERIES
              guichet series refund PASS --preview
            """,
        subcommands: [
            Create.self, Offer.self, Show.self, List.self, Sold.self, Quote.self, Buy.self, Pass.self, Mine.self,
            Refund.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a series of your rooms (the host's key); its id goes to standard output.",
            discussion: "Two to fifty rooms in one currency. The list never changes, what a pass costs does.")
        @Argument(help: "The title.") var title: String
        @Argument(help: "The rooms, in your order.") var rooms: [String]
        @Option(help: "What a pass costs, with its currency: \"12.00 EUR\".") var price: String
        @Option(help: "How many passes there are.") var passes: Int
        @Option(help: "The end of the sale: RFC 3339, or +2d. Default: the end of the first room.") var until: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let title: String
            let rooms: [String]
            let price: Money
            let passes: Int
            let saleEndsAt: Instant?
        }

        func run() async throws {
            try await reportingFailures {
                let body = Body(
                    title: title, rooms: rooms, price: try MoneyArgument.read(price), passes: passes,
                    saleEndsAt: try until.map { try WallTime.read($0, WallTime.now()) })
                let answer = try await server.client().post(
                    "/v1/series", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let series: Views.Series = try APIClient.decode(answer)
                Output.line(series.series.text)
                Output.error("\(series.title): \(series.rooms.count) rooms, \(series.price) a pass")
            }
        }
    }

    struct Offer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a pass costs from now on, how many there are, until when (the host's key).",
            discussion: "Passes that were sold keep their price. --withdraw ends the sale; offering again resumes it.")
        @Argument(help: "The series.") var series: String
        @Option(help: "What a pass costs. Default: as it is.") var price: String?
        @Option(help: "How many passes there are, those that were sold included. Default: as it is.") var passes: Int?
        @Option(help: "The end of the sale: RFC 3339, or +2d. Default: the end of the first room.") var until: String?
        @Flag(help: "Sell no more of them.") var withdraw = false
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let price: Money
            let passes: Int
            let saleEndsAt: Instant?
            let withdrawn: Bool
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                let now: Views.Series = try APIClient.decode(try await client.get("/v1/series/\(series)"))
                let body = Body(
                    price: try price.map { try MoneyArgument.read($0) } ?? now.price, passes: passes ?? now.passes,
                    saleEndsAt: try until.map { try WallTime.read($0, WallTime.now()) }, withdrawn: withdraw)
                try SeriesOutput.show(try await client.put("/v1/series/\(series)/offer", body), server)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a series. Needs no key.")
        @Argument(help: "The series.") var series: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try SeriesOutput.show(try await server.client(key: nil).get("/v1/series/\(series)"), server)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List your series, the oldest first (host, moderator, operator, finance or auditor key).")
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let series: [Views.Series]
            let next: String?
        }

        func run() async throws {
            try await reportingFailures {
                var rows: [[String]] = []
                try await SeriesOutput.pages("/v1/series", try server.client(), server) { answer in
                    let page: Page = try APIClient.decode(answer)
                    rows += page.series.map {
                        [$0.series.text, $0.price.description, "\($0.passesLeft)/\($0.passes)", $0.state, $0.title]
                    }
                    return page.next
                }
                if !server.json { Output.table(["SERIES", "PASS", "LEFT", "STATE", "TITLE"], rows) }
            }
        }
    }

    struct Sold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the passes of a series that were sold (host, operator, finance or auditor key).")
        @Argument(help: "The series.") var series: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try await SeriesOutput.passes("/v1/series/\(series)/passes", try server.client(), server)
            }
        }
    }

    struct Quote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a pass would cost, room by room, and what its sale would post.",
            discussion: "Nothing is written. Needs no key.")
        @Argument(help: "The series.") var series: String
        @Option(help: "Your country, for the tax: FR.") var country: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client(key: nil).post("/v1/series/\(series)/quotes", ["country": country])
                if server.json { return try Output.json(answer) }
                let quote: Views.PassQuote = try APIClient.decode(answer)
                Output.line("pass      \(quote.price)")
                Output.line("until     \(quote.expiresAt)")
                Output.table(
                    ["ROOM", "PRICE", "PART", "VAT", "FEE", "HOST ABOUT"],
                    quote.parts.map {
                        [
                            $0.room.text, $0.weight.description, $0.share.description, $0.vat.description,
                            $0.fee.description, $0.hostShare.description,
                        ]
                    })
                Output.table(
                    ["DEBIT", "CREDIT", "AMOUNT"],
                    quote.parts.flatMap(\.postings).map { [$0.debit, $0.credit, $0.amount.description] })
            }
        }
    }
}
