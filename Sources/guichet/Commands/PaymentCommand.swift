import ArgumentParser
import Foundation
import Values

struct PaymentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payment",
        abstract: "Payments through a provider: list, show, ask, refund, confirm, disputes.",
        discussion: """
            Tickets are bought through a provider with 'guichet ticket buy ROOM --provider NAME', which prints the link \
            to pay. Once the provider says that the money is there, the tickets are made; 'guichet hold show' has them.
            """,
        subcommands: [
            List.self, Show.self, Ask.self, Refund.self, Confirm.self, Disputes.self, Payouts.self, Play.self,
        ])

    struct Charge: Decodable {
        struct Repayment: Decodable {
            let repayment, state: String
            let amount: Money
        }
        let charge, provider, state, holder: String
        /// Of tickets; money into a wallet has none.
        let hold, purchase: String?
        let amount: Money
        let url: String?
        let fees: [Money]?
        let repayments: [Repayment]
        let disputes: [Dispute]
    }

    struct Dispute: Decodable {
        let provider, dispute, charge, position: String
        let amount: Money
        let facts: [String]
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List payments, newest first (finance, auditor or operator key).")
        @Option(help: "At most so many.") var limit: Int = 100
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable { let charges: [Charge] }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/charges?limit=\(limit)")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                Output.table(
                    ["charge", "provider", "amount", "state", "purchase", "back", "disputes"],
                    page.charges.map { charge in
                        [
                            charge.charge, charge.provider, "\(charge.amount)", charge.state,
                            charge.purchase ?? "wallet",
                            charge.repayments.map { "\($0.amount) \($0.state)" }.joined(separator: ", "),
                            charge.disputes.map(\.position).joined(separator: ", "),
                        ]
                    })
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a payment and what became of it.")
        @Argument(help: "The payment, charge_…") var charge: String
        @Option(help: "Your wallet file; with an operator's or finance key none is needed.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try PaymentOutput.client(server, wallet)
                try PaymentOutput.show(try await client.get("/v1/charges/\(charge)"), server)
            }
        }
    }

    struct Ask: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask the provider now how a payment stands.",
            discussion: """
                Providers tell it by themselves; where an event is late or lost the server asks, first after a minute and \
                then less and less often. This asks at once.
                """)
        @Argument(help: "The payment, charge_…") var charge: String
        @Option(help: "Your wallet file; with an operator's key none is needed.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try PaymentOutput.client(server, wallet)
                try PaymentOutput.show(
                    try await client.post(
                        "/v1/charges/\(charge)/ask", [String: String](), idempotencyKey: IdempotencyKey.fresh()), server
                )
            }
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send money of the wallet back to whoever paid.",
            discussion: """
                A ticket's refund goes to the wallet; this sends it on through the provider. The money counts as gone \
                once the provider says so, and is in the wallet again if the provider can't deliver it.
                """)
        @Argument(help: "The payment, charge_…") var charge: String
        @Option(help: "How much: \"5.00 EUR\". Default: all that is left of the payment and in the wallet.")
        var amount: String?
        @Option(help: "Your wallet file; with an operator's key none is needed.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable { let amount: Money? }

        func run() async throws {
            try await reportingFailures {
                let client = try PaymentOutput.client(server, wallet)
                let body = Body(amount: try amount.map { try MoneyArgument.read($0) })
                try PaymentOutput.show(
                    try await client.post(
                        "/v1/charges/\(charge)/repayments", body,
                        idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()), server)
            }
        }
    }

    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that the money of a manual payment is here, or went back (operator key).",
            discussion: "Each is booked once, so repeating the command is safe.")
        @Argument(help: "The payment, charge_…") var charge: String
        @Option(help: "What was received: \"5.00 EUR\".") var amount: String?
        @Option(help: "The bank's own name of it.") var reference: String?
        @Option(help: "Instead: a repayment, repayment_…") var repayment: String?
        @Option(help: "What became of the repayment: succeeded or failed.") var outcome: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let amount: Money?
            let reference, repayment, outcome: String?
        }

        func run() async throws {
            try await reportingFailures {
                let body = Body(
                    amount: try amount.map { try MoneyArgument.read($0) }, reference: reference, repayment: repayment,
                    outcome: outcome)
                try PaymentOutput.show(
                    try await server.client().post("/v1/charges/\(charge)/confirmation", body), server)
            }
        }
    }

    struct Disputes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List disputes (finance, auditor or operator key).")
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable { let disputes: [Dispute] }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/disputes")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                Output.table(
                    ["dispute", "provider", "charge", "amount", "position", "told"],
                    page.disputes.map {
                        [
                            $0.dispute, $0.provider, $0.charge, "\($0.amount)", $0.position,
                            $0.facts.joined(separator: " "),
                        ]
                    })
            }
        }
    }

    struct Payouts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what providers sent to the bank (finance, auditor or operator key).")
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            struct Payout: Decodable {
                let provider, payout, state: String
                let amount: Money
                let createdAt: Instant
            }
            let payouts: [Payout]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/provider-payouts")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                Output.table(
                    ["payout", "provider", "amount", "state", "since"],
                    page.payouts.map { [$0.payout, $0.provider, "\($0.amount)", $0.state, "\($0.createdAt)"] })
            }
        }
    }

    struct Play: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Play what a buyer or a bank does with a sandbox payment.",
            discussion: """
                pay, pay_twice, pay_reordered, process, expire, refunds_fail, refund_elsewhere, \
                refund_elsewhere_fails, dispute, dispute_won, dispute_lost. The server must run with --sandbox.
                """)
        @Argument(help: "The payment, charge_…") var charge: String
        @Argument(help: "The outcome.") var outcome: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client(key: nil).post(
                    "/v1/providers/sandbox/checkouts/sandbox_\(charge)", ["outcome": outcome])
                try Output.json(answer)
            }
        }
    }
}

/// How commands of payments print, in one place.
enum PaymentOutput {
    static func client(_ server: ServerOptions, _ wallet: String?) throws -> APIClient {
        let stronger = try server.client()
        return stronger.key == nil ? server.client(key: try WalletFile(wallet).required().key) : stronger
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let charge: PaymentCommand.Charge = try APIClient.decode(answer)
        Output.line("payment   \(charge.charge)")
        if let hold = charge.hold {
            Output.line("hold      \(hold), \(charge.purchase ?? "")")
        } else {
            Output.line("wallet    \(charge.holder)")
        }
        Output.line("provider  \(charge.provider)")
        Output.line("amount    \(charge.amount)")
        Output.line("state     \(charge.state)")
        if let url = charge.url { Output.line("pay at    \(url)") }
        for fee in charge.fees ?? [] { Output.line("kept      \(fee)") }
        for repayment in charge.repayments {
            Output.line("back      \(repayment.amount), \(repayment.state), \(repayment.repayment)")
        }
        for dispute in charge.disputes {
            Output.line("dispute   \(dispute.amount), \(dispute.position), \(dispute.dispute)")
        }
    }
}
