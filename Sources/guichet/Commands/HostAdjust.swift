import ArgumentParser
import Foundation
import Values

extension HostCommand {
    struct Adjust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Correct what a host is owed, or list corrections (finance or operator key needed).",
            discussion: """
                Without --by it lists. A correction is booked at once and never changed: what was wrong is corrected \
                by another one. A positive amount is in the host's favour; the next night pays it, or recovers a \
                negative one from later credits.
                  guichet host adjust HOST --by "12.50 EUR" --reason "Promised on the phone, ticket 4711"
                  guichet host adjust HOST --by "-3.00 EUR" --reason "Paid twice in May"
                """)

        @Argument(help: "The host.") var host: String
        @Option(parsing: .unconditional, help: "The signed amount, such as \"-3.00 EUR\".") var by: String?
        @Option(help: "Why; kept with the correction.") var reason: String?
        @Option(help: "The name of this correction, so that it is booked once however often it is sent.")
        var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let amount: Money
            let reason: String
        }

        private struct Adjustment: Decodable {
            let adjustment: AccrualID
            let amount: Money
            let source, reason: String
            let at: Instant
        }

        private struct List: Decodable {
            let adjustments: [Adjustment]
        }

        func validate() throws {
            guard (by == nil) == (reason == nil) else { throw ValidationError("A correction needs --by and --reason.") }
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                let path = "/v1/hosts/\(host)/adjustments"
                guard let by, let reason else {
                    let answer = try await client.get(path)
                    if server.json { return try Output.json(answer) }
                    let list: List = try APIClient.decode(answer)
                    return Output.table(
                        ["AT", "AMOUNT", "SOURCE", "REASON"],
                        list.adjustments.map { ["\($0.at)", "\($0.amount)", $0.source, $0.reason] })
                }
                guard let amount = Money(parsing: by) else {
                    throw CommandFailure(.usage, "'\(by)' is no amount, such as \"-3.00 EUR\".")
                }
                let answer = try await client.post(
                    path, Body(amount: amount, reason: reason), idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()
                )
                if server.json { return try Output.json(answer) }
                let made: Adjustment = try APIClient.decode(answer)
                Output.line("adjustment  \(made.adjustment)")
                Output.line("amount      \(made.amount)")
            }
        }
    }
}
