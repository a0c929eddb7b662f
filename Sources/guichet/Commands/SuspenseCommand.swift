import ArgumentParser
import Foundation
import Values

struct SuspenseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspense",
        abstract: "Money that arrived and can't be placed: book it, list it, give it its place.",
        subcommands: [Add.self, List.self, Resolve.self])

    struct Item: Decodable {
        struct End: Decodable {
            let how: String
            let holder: HolderID?
            let at: Instant
        }
        let item: SuspenseID
        let source, reference, reason: String
        let amount: Money
        let ageDays: Int?
        let end: End?

        var state: String {
            guard let end else { return "waits \(ageDays ?? 0) d" }
            return end.how + (end.holder.map { " \($0)" } ?? "")
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Book money that can't be placed (operator key).",
            discussion: "The same source and reference are booked once, so repeating the command is safe.")

        @Argument(help: "The amount with its currency: \"20.00 EUR\".") var amount: String
        @Option(help: "Who reported it: bank, or the provider's name.") var source: String
        @Option(help: "The source's own name of the payment.") var reference: String
        @Option(help: "Why it has no place.") var reason: String
        @Option(help: "The day on which it arrived, if that was before today.") var occurredOn: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let source, reference, reason: String
            let amount: Money
            let occurredOn: String?
        }

        func run() async throws {
            try await reportingFailures {
                let body = Body(
                    source: source, reference: reference, reason: reason, amount: try MoneyArgument.read(amount),
                    occurredOn: occurredOn)
                let answer = try await server.client().post(
                    "/v1/suspense", body, idempotencyKey: IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let item: Item = try APIClient.decode(answer)
                Output.line(item.item.text)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what waits, the oldest first (finance key).")
        @Flag(help: "What has found its place as well.") var all = false
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let items: [Item]
            let next: SuspenseID?
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                var items: [Item] = []
                var cursor = ""
                while true {
                    let answer = try await client.get("/v1/suspense?all=\(all)\(cursor)")
                    if server.json { return try Output.json(answer) }
                    let page: Page = try APIClient.decode(answer)
                    items += page.items
                    guard let next = page.next else { break }
                    cursor = "&after=\(next)"
                }
                Output.table(
                    ["ITEM", "AMOUNT", "SOURCE", "REFERENCE", "STATE", "REASON"],
                    items.map { [$0.item.text, "\($0.amount)", $0.source, $0.reference, $0.state, $0.reason] })
            }
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an item its place, once: a wallet, or back to where it came from (operator key).")
        @Argument(help: "The item, suspense_…") var item: String
        @Option(help: "The wallet whose money it is.") var toWallet: String?
        @Flag(
            help: "Send it back through the provider that took it; of other money, book that you sent it back."
        ) var refund = false
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let holder: String?
            let refund: Bool?
        }

        func validate() throws {
            guard (toWallet == nil) == refund else { throw ValidationError("Name either --to-wallet or --refund.") }
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/suspense/\(item)/resolve", Body(holder: toWallet, refund: refund ? true : nil),
                    idempotencyKey: IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let resolved: Item = try APIClient.decode(answer)
                Output.line("\(resolved.amount)  \(resolved.state)")
            }
        }
    }
}
