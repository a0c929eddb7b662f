import ArgumentParser
import Foundation
import Values

struct PayoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payout", abstract: "Pay what the night has booked: destinations, approval, sending, confirming.",
        discussion: """
            The night books what each host is paid; this brings the money there. A host is paid through Stripe Connect \
            (acct_…), or by hand, and then finance says what became of it.

              guichet payout destination HOST --provider stripe --to acct_1NxYZ
              guichet payout show 2026-11-22                    (the batch: who agreed, how many stand where)
              guichet payout items 2026-11-22 --state refused   (whom it pays, and what became of it)
              guichet payout payees 2026-11-22 --find morel     (everybody whom the night looked at, and why)
              guichet payout approve 2026-11-22 --digest DIGEST (two people, neither of whom ran the night)
              guichet payout gates 2026-11-22                   (whether the books are in order)
              guichet payout send 2026-11-22 --digest DIGEST    (as 'show' prints it)
              guichet payout account HOST --iban … --name …     (a bank account instead of a destination)
              guichet payout file 2026-11-22 --format pain.001.001.09 --out payouts.xml
              guichet payout settle camt.xml                    (what the bank says: pain.002, camt.053/054, NACHA)
              guichet payout confirm PAYOUT paid                (made by hand)
              guichet payout why --host HOST                    (for the host: paid, or why not)

            Sending again sends nothing twice. What comes back is owed again, and payouts to that host stop until finance \
            has looked: 'guichet host payee HOST --unblocked --reason …'.
            """,
        subcommands: [
            Destination.self, Show.self, Items.self, Payees.self, Approve.self, Reject.self, Gates.self, Send.self,
            Confirm.self, Why.self,
            BankAccount.self, Files.self, File.self, Settle.self,
        ])

    struct Destination: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or say where a host is paid (the host's key, or finance).")
        @Argument(help: "The host, host_…") var host: String
        @Option(help: "stripe, manual or sandbox.") var provider: String?
        @Option(help: "Where: acct_… of Stripe; else what finance knows it by.") var to: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let provider, destination: String
        }

        private struct View: Decodable {
            let provider, destination: String?
            let since: Instant?
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                let path = "/v1/hosts/\(host)/destination"
                let answer: Data
                switch (provider, to) {
                case (let provider?, let to?):
                    answer = try await client.put(path, Body(provider: provider, destination: to))
                case (nil, nil): answer = try await client.get(path)
                default: throw CommandFailure(.usage, "Give --provider and --to together, or neither.")
                }
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                guard let provider = view.provider, let destination = view.destination else {
                    return Output.line("nowhere yet")
                }
                Output.line("\(provider) \(destination), since \(view.since?.description ?? "-")")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a payout batch: who agreed, what there is to explain, how many items stand where.",
            discussion: "With a key of finance, an auditor or an operator.")
        @Argument(help: "The business day.") var day: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try PayoutOutput.show(try await server.client().get("/v1/payout-batches/\(day)"), server)
            }
        }
    }

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send what is left of a batch (finance or operator key).",
            discussion: "Items without a destination, of blocked hosts, or sent before are left as they are.")
        @Argument(help: "The business day.") var day: String
        @Option(help: "The digest of the batch, as 'guichet payout show' prints it.") var digest: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try PayoutOutput.show(
                    try await server.client().post(
                        "/v1/payout-batches/\(day)/send", ["digest": digest],
                        idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()), server)
            }
        }
    }

    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what became of a payout that was made by hand (finance or operator key).")
        @Argument(help: "The payout, payout_…") var payout: String
        @Argument(help: "paid, returned or refused.") var outcome: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try PayoutOutput.show(
                    try await server.client().post(
                        "/v1/payouts/\(payout)/confirmation", ["outcome": outcome]), server)
            }
        }
    }
}
