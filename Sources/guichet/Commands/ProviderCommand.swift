import ArgumentParser
import Foundation
import Values

struct ProviderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "Statements of payment providers against the books, and calls that providers never answered.",
        discussion: """
            A provider's own statement is read line by line and held against the books: what the books have is matched, \
            fees are booked, the rest stays open. What is open for more than a day holds batches of payouts. The \
            reports 'provider-reconciliation' and 'provider-differences' show the same with sums and ages.
            """,
        subcommands: [Read.self, Statements.self, Differences.self, Resolve.self, Calls.self, Answer.self])

    struct Read: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a provider's statement up to now (finance or operator key).",
            discussion: """
                Reading again takes nothing in twice. Without a name the statements of all providers of the house are \
                read; those that write none are passed over.
                """)
        @Argument(help: "The provider: stripe or sandbox. Default: all of the house.") var provider: String?
        @Option(help: "Idempotency key, for one provider.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Names: Decodable { let providers: [String] }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                if let provider {
                    let answer = try await client.post(
                        "/v1/provider-statements", ["provider": provider],
                        idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                    return try show(answer)
                }
                let names: Names = try APIClient.decode(try await client.get("/v1/providers"))
                // One that is silent keeps nobody from reading the others.
                var fault: (any Error)?
                for name in names.providers where name != "manual" {
                    do {
                        try show(
                            try await client.post(
                                "/v1/provider-statements", ["provider": name], idempotencyKey: IdempotencyKey.fresh()))
                    } catch { fault = error }
                }
                if let fault { throw fault }
            }
        }

        private func show(_ answer: Data) throws {
            if server.json { return try Output.json(answer) }
            let statement: ProviderOutput.Statement = try APIClient.decode(answer)
            Output.line(
                "\(statement.provider): read through \(statement.through), \(statement.lines) new in the last stretch")
        }
    }

    struct Statements: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "How far a statement was read (finance, auditor or operator key).")
        @Argument(help: "The provider.") var provider: String
        @Option(help: "At most so many.") var limit = 30
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable { let statements: [ProviderOutput.Statement] }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/provider-statements/\(provider)?limit=\(limit)")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                Output.table(
                    ["n", "from", "through", "lines", "by"],
                    page.statements.map { ["\($0.statement)", "\($0.from)", "\($0.through)", "\($0.lines)", $0.actor] })
            }
        }
    }

    struct Differences: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What statements and books do not agree on (finance, auditor or operator key).",
            discussion: """
                kind: the books know no such line. unknown: nothing is booked that it could state. twice: another line \
                states the same. amount, fee: the books have another one. missing: booked, and in no statement. \
                unreadable: nobody can read the line. conflict: it says something else than it did before.
                """)
        @Option(help: "At most so many.") var limit = 100
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            struct Difference: Decodable {
                let provider, category, problem: String
                let line, fact, target, detail: String?
                let amount: Money?
                let fee: Money?
                let since: Instant
                let ageDays: Int
            }
            let differences: [Difference]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/provider-differences?limit=\(limit)")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                guard !page.differences.isEmpty else { return Output.line("statements and books agree") }
                Output.table(
                    ["problem", "provider", "what", "kind", "amount", "fee", "days"],
                    page.differences.map {
                        [
                            $0.problem, $0.provider, $0.line ?? "\($0.fact ?? "") \($0.target ?? "")", $0.category,
                            $0.amount.map { "\($0)" } ?? $0.detail ?? "", $0.fee.map { "\($0)" } ?? "", "\($0.ageDays)",
                        ]
                    })
            }
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End by hand what statement and books do not agree on (finance or operator key).",
            discussion: """
                Name a line, or with --fact and --target what the books have and no line states. --as explained books \
                nothing; --as fee books what the line moved as the provider's fee. The reason stands in the audit log.
                """)
        @Argument(help: "The provider.") var provider: String
        @Argument(help: "The line, by the provider's name.") var line: String?
        @Option(help: "Instead of a line: payment, repayment, dispute, settlement, payout, or one with _return.")
        var fact: String?
        @Option(help: "What the fact is of.") var target: String?
        @Option(name: .customLong("as"), help: "explained or fee.") var resolution = "explained"
        @Option(help: "What was found out.") var reason: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let provider: String
            let line, fact, target: String?
            let resolution, reason: String
        }

        private struct Ended: Decodable {
            let resolution: String
            let booked: Money?
        }

        func run() async throws {
            try await reportingFailures {
                let body = Body(
                    provider: provider, line: line, fact: fact, target: target, resolution: resolution, reason: reason)
                let answer = try await server.client().post(
                    "/v1/provider-differences/resolutions", body,
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let ended: Ended = try APIClient.decode(answer)
                Output.line("ended as \(ended.resolution)" + (ended.booked.map { ", booked a fee of \($0)" } ?? ""))
            }
        }
    }
}

enum ProviderOutput {
    struct Statement: Decodable {
        let provider, actor: String
        let statement, lines: Int
        let from, through: Instant
    }
}
