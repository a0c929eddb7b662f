import ArgumentParser
import Foundation
import Payouts
import Values

/// What hosts and finance do with a fund that has a cohort.
extension FundCommand {
    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply for a place in a fund's cohort (host key needed).",
            discussion: """
                The answer lists what the fund asks and what there is: "2 of 3 rooms in 30 days". Nobody is refused \
                for a criterion here: it counts when finance decides.
                  guichet fund apply spark-2021 --age --followers 6200 --note "Jazz, every Tuesday and Friday"
                """)
        @Argument(help: "The fund.") var fund: String
        @Flag(help: "I am as old as the fund asks.") var age = false
        @Option(help: "Followers elsewhere; finance looks them up.") var followers: Int64?
        @Option(help: "What finance should know, up to 500 characters.") var note: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let ageDeclared: Bool
            let followers: Int64?
            let note: String?
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/funds/\(fund)/applications", Body(ageDeclared: age, followers: followers, note: note),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                try CohortOutput.show(answer, server)
            }
        }
    }

    struct Leave: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Withdraw an application, or give a place up: today is its last day (host key needed).")
        @Argument(help: "The fund.") var fund: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/funds/\(fund)/leave", [String: String](),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                try CohortOutput.show(answer, server)
            }
        }
    }

    struct Application: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Where a host stands with a fund: each criterion, the place and what it has reserved.",
            discussion: "Counted when it is asked for. Before a host applies it says what would be asked.")
        @Argument(help: "The fund.") var fund: String
        @Option(help: "The host.") var host: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try CohortOutput.show(
                    try await server.client().get("/v1/funds/\(fund)/applications/\(host)"), server)
            }
        }
    }

    struct Applications: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whoever has ever applied for a fund, each as it stands now (finance, operator or auditor key).")
        @Argument(help: "The fund.") var fund: String
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let applications: [CohortOutput.Candidacy]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/funds/\(fund)/applications")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                Output.table(
                    ["HOST", "STATE", "ELIGIBLE", "MISSING"],
                    page.applications.map { row in
                        let missing = row.criteria.filter { !$0.met }.map(\.words).joined(separator: ", ")
                        return [row.host.text, row.state, row.eligible ? "yes" : "no", missing]
                    })
            }
        }
    }

    struct Decide: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept or decline an application, or end a place (finance or operator key needed).",
            discussion: """
                A place reserves its months in the fund's account, so that it is paid to its end or not given; one \
                that ends frees the rest. Without --from and --to it begins with the next month.
                  guichet fund decide spark-2021 HOST accept --followers 6200 --reason "Two good pilots"
                  guichet fund decide spark-2021 HOST decline --reason "Bought listeners"
                  guichet fund decide spark-2021 HOST end --to 2026-03-31 --reason "Moves away"
                'guichet fund enroll' takes a host in whatever the criteria say.
                """)
        @Argument(help: "The fund.") var fund: String
        @Argument(help: "The host.") var host: String
        @Argument(help: "accept, decline or end.") var decision: String
        @Option(help: "The first day of a place.") var from: String?
        @Option(help: "The last day.") var to: String?
        @Option(help: "The followers that you have seen.") var followers: Int64?
        @Option(help: "Why; kept in the fund's book.") var reason: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let host, decision: String
            let from, to: String?
            let followers: Int64?
            let reason: String
        }

        func validate() throws {
            guard ["accept", "decline", "end"].contains(decision) else {
                throw ValidationError("Say accept, decline or end.")
            }
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/funds/\(fund)/decisions",
                    Body(host: host, decision: decision, from: from, to: to, followers: followers, reason: reason),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                try CohortOutput.show(answer, server)
            }
        }
    }

    struct Endow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set money aside for the hosts of a fund (finance or operator key needed).",
            discussion: """
                A fund with a cohort gives from an account of its own, which never holds less than its places have \
                reserved. An amount below zero takes back what is free.
                  guichet fund endow spark-2021 --amount "75000.00 USD" --reason "Board, 12 January"
                """)
        @Argument(help: "The fund.") var fund: String
        @Option(parsing: .unconditional, help: "The signed amount, such as \"7500.00 USD\".") var amount: String
        @Option(help: "Why; kept in the fund's book.") var reason: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let amount: Money
            let reason: String
        }

        func run() async throws {
            try await reportingFailures {
                guard let money = Money(parsing: amount) else {
                    throw CommandFailure(.usage, "'\(amount)' is no amount, such as \"7500.00 USD\".")
                }
                let answer = try await server.client().post(
                    "/v1/funds/\(fund)/endowments", Body(amount: money, reason: reason),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let account: CohortOutput.Account = try APIClient.decode(answer)
                CohortOutput.show(account)
            }
        }
    }

    struct Book: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The book of a fund: its account and the log of its selection (finance, operator or auditor key)."
        )
        @Argument(help: "The fund.") var fund: String
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            struct Row: Decodable {
                let row: Int
                let kind, reason: String
                let at: Instant
                let host: HostID?
                let place: Int?
                let month: LocalMonth?
                let places: Int
                let committed, balance: Money
            }
            let account: CohortOutput.Account
            let rows: [Row]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/funds/\(fund)/book")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                CohortOutput.show(page.account)
                Output.table(
                    ["ROW", "AT", "WHAT", "WHOM", "PLACES", "RESERVED", "BALANCE", "REASON"],
                    page.rows.map { row in
                        [
                            "\(row.row)", "\(row.at)", row.kind,
                            [row.place.map { "place \($0)" }, row.host?.text, row.month?.description]
                                .compactMap(\.self).joined(separator: " "), "\(row.places)", "\(row.committed)",
                            "\(row.balance)", row.reason,
                        ]
                    })
            }
        }
    }
}

enum CohortOutput {
    struct Account: Decodable {
        let balance, committed, free: Money
        let places, cap: Int
    }

    struct Candidacy: Decodable {
        struct Place: Decodable {
            struct Month: Decodable {
                let month: LocalMonth
                let reserved: Money
            }
            let place: Int
            let from, to: LocalDay
            let reserved: [Month]
        }
        let fund: String
        let host: HostID
        let state: String
        let place: Place?
        let criteria: [Criterion]
        let eligible: Bool
        let placesLeft: Int
    }

    static func show(_ account: Account) {
        Output.line("balance   \(account.balance)")
        Output.line("reserved  \(account.committed)")
        Output.line("free      \(account.free)")
        Output.line("places    \(account.places) of \(account.cap) held")
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let candidacy: Candidacy = try APIClient.decode(answer)
        Output.line("fund      \(candidacy.fund), \(candidacy.placesLeft) places left")
        Output.line("host      \(candidacy.host), \(candidacy.state)")
        for criterion in candidacy.criteria {
            Output.line("\(criterion.met ? "met       " : "missing   ")\(criterion.words)")
        }
        guard let place = candidacy.place else { return }
        Output.line("place     \(place.place), \(place.from) to \(place.to)")
        for month in place.reserved { Output.line("reserved  \(month.month) \(month.reserved)") }
    }
}

extension Criterion {
    /// `2 of 3 rooms in 30 days`.
    var words: String {
        let of = "\(have) of \(need)"
        let mark = source == .measured ? "" : " (\(source.rawValue))"
        return switch criterion {
        case "rooms": "\(of) rooms in \(days ?? 0) days"
        case "payee": have >= need ? "a payout account, and nothing blocks it" : "no payout account, or it is blocked"
        case "age": have >= need ? "\(need) years or older\(mark)" : "not declared to be \(need) years or older"
        default: "\(of) \(criterion)\(mark)"
        }
    }
}
