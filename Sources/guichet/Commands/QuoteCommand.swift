import ArgumentParser
import Foundation
import Values

struct QuoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote", abstract: "What tickets of a room would cost, and what their sale would post.",
        discussion: "Nothing is written. Needs no key.")

    @Argument(help: "The room.") var room: String
    @OptionGroup var wish: WishOptions
    @Option(help: "Paid through a provider in place of the wallet: sandbox, manual or stripe.") var provider: String?
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await reportingFailures {
            let client = server.client(key: nil)
            let answer = try await client.post(
                "/v1/quotes", try await wish.body(for: room, client, through: provider))
            if server.json { return try Output.json(answer) }
            let quote: Views.Quote = try APIClient.decode(answer)
            Output.line("tier      \(quote.tier) (version \(quote.priceVersion))")
            Output.line("price     \(quote.price)")
            if quote.discount.isPositive { Output.line("voucher   -\(quote.discount)") }
            Output.line("paid      \(quote.gross) a ticket, \(quote.total) for \(quote.count)")
            Output.line("inside    VAT \(quote.vat), fee \(quote.fee), host about \(quote.hostShare)")
            Output.line("until     \(quote.expiresAt)")
            Output.table(
                ["DEBIT", "CREDIT", "AMOUNT"], quote.postings.map { [$0.debit, $0.credit, $0.amount.description] })
        }
    }
}
