import ArgumentParser
import Foundation
import Values

extension PayoutCommand {
    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Agree to a batch (finance or operator key).",
            discussion: """
                Two people agree before a batch is sent, each with a key of their own that is older than the batch, and \
                neither of them with the key that ran the night. A house with one person lets a timer's key run the night \
                and sets payouts.oneApprovalUpTo. What 'guichet payout show' lists under FINDINGS needs a reason.
                """)
        @Argument(help: "The business day.") var day: String
        @Option(help: "The digest of the batch, as 'guichet payout show' prints it.") var digest: String
        @Option(help: "Why the batch is right all the same, where there is something to explain.") var reason: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let digest: String
            let reason: String?
        }

        func run() async throws {
            try await reportingFailures {
                try PayoutOutput.show(
                    try await server.client().post(
                        "/v1/payout-batches/\(day)/approvals", Body(digest: digest, reason: reason),
                        idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()), server)
            }
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop a batch; its approvals are taken back (finance or operator key).",
            discussion: "What the night has booked stays booked: mend the cause, and let people agree anew.")
        @Argument(help: "The business day.") var day: String
        @Option(help: "The digest of the batch, as 'guichet payout show' prints it.") var digest: String
        @Option(help: "Why.") var reason: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try PayoutOutput.show(
                    try await server.client().post(
                        "/v1/payout-batches/\(day)/rejection", ["digest": digest, "reason": reason],
                        idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()), server)
            }
        }
    }

    struct Gates: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show whether the books let a batch leave (finance, auditor or operator key).",
            discussion: """
                clearing   accounts of passage hold what is open of what they are for: repayments, disputes, suspense
                suspense   no money waits in suspense for longer than payouts.suspenseDays: 'guichet suspense list'
                books      a clean audit has read the night and is not older than payouts.auditHours, the chain holds since \
                then, and the batch is what its digest says: 'guichet audit --record'
                inbox      everything that providers told was understood, and no statement, repayment or payout has waited \
                for their answer for a day

                'guichet payout send' looks again, so mend what is not in order and send. Ends with 1 while a gate holds \
                the batch.
                """)
        @Argument(help: "The business day.") var day: String
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            struct Run: Decodable {
                struct Gate: Decodable {
                    let gate, detail: String
                    let passed: Bool
                    let count: Int
                }
                let passed: Bool
                let gates: [Gate]
            }
            let now: Run
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/payout-batches/\(day)/gates")
                let view: View = try APIClient.decode(answer)
                if server.json {
                    try Output.json(answer)
                } else {
                    Output.table(
                        ["GATE", "STATE", "COUNT", "WHAT"],
                        view.now.gates.map { [$0.gate, $0.passed ? "open" : "holds", String($0.count), $0.detail] })
                }
                if !view.now.passed { throw ExitCode.refused }
            }
        }
    }

    struct Why: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say why a host was paid in a night, or why not (the host's key, or finance).",
            discussion: "In English or French, by LANG.")
        @Option(help: "The host, host_…") var host: String
        @Option(help: "The business day of a night that is done; the last one without it.") var day: String?
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            struct Row: Decodable {
                let currency, reason, words: String
            }
            let day: LocalDay
            let rows: [Row]
            let words: String
        }

        func run() async throws {
            try await reportingFailures {
                let query = day.map { "?day=\($0)" } ?? ""
                let answer = try await server.client().get("/v1/hosts/\(host)/payout-reasons\(query)")
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                for row in view.rows { Output.line("\(view.day)  \(row.currency)  \(row.reason): \(row.words)") }
                if view.rows.isEmpty { Output.line("\(view.day)  nothing") }
                if !view.words.isEmpty { Output.line(view.words) }
            }
        }
    }
}
