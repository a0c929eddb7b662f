import ArgumentParser
import Foundation
import Values

extension ProviderCommand {
    private struct Call: Decodable {
        struct Said: Decodable { let outcome, person: String }
        let call, provider, kind: String
        let amount: Money?
        let since: Instant
        let tries: Int
        let asked, ended: Bool
        let said: Said?
    }

    struct Calls: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Calls that providers have not answered (finance, auditor or operator key).",
            discussion: "Of a provider that the house no longer has nobody asks again: answer in its place.")
        @Option(help: "At most so many.") var limit = 100
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable { let calls: [Call] }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/provider-calls?limit=\(limit)")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                guard !page.calls.isEmpty else { return Output.line("every call has its answer") }
                Output.table(
                    ["call", "provider", "amount", "since", "tries", "asked again", "said"],
                    page.calls.map {
                        [
                            $0.call, $0.provider, $0.amount.map { "\($0)" } ?? "", "\($0.since)", "\($0.tries)",
                            $0.asked ? "yes" : "no", $0.said.map { "\($0.outcome) by \($0.person)" } ?? "",
                        ]
                    })
            }
        }
    }

    struct Answer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what became of a call in the provider's place (finance or operator key).",
            discussion: """
                made: the provider did it, so a refund or a payout counts as gone. not_made: it did not; the money of a \
                refund is in the wallet again, a payout can be sent once more, a page to pay on ends. Of refunds and \
                payouts two people have to say the same, each with a key of their own. Look into the provider's own \
                accounts first.
                """)
        @Argument(help: "The call, as 'guichet provider calls' names it.") var call: String
        @Argument(help: "made or not_made.") var outcome: String
        @Option(help: "How it is known.") var reason: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/provider-calls/\(call)/answers", ["outcome": outcome, "reason": reason],
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let shown: Call = try APIClient.decode(answer)
                Output.line(
                    shown.ended
                        ? "\(shown.call) is answered: \(outcome)"
                        : "\(shown.call): \(outcome), once a second person says the same")
            }
        }
    }
}
