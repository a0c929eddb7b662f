import ArgumentParser
import Foundation
import Payouts
import Schemas
import Values

struct FundCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fund", abstract: "Funds: stipends, pots and rate cards for hosts, month by month.",
        discussion: """
            A fund is data. Start from a preset, and let finance set it:
              guichet fund set spark-2021
              guichet fund set --file my-fund.json
              guichet fund endow spark-2021 --amount "75000.00 USD" --reason "Board, 12 January"
              guichet fund apply spark-2021 --age --followers 6200
              guichet fund decide spark-2021 HOST accept --followers 6200 --reason "Two good pilots"
              guichet fund enroll spark-2021 HOST --from 2026-01-05 --to 2026-03-29
              guichet fund show spark-2021
            A fund with a cohort has so many places and an account of its own: a place reserves its months there, and             is paid to its end. 'guichet fund enroll' takes a host into such a fund whatever the criteria say.
            Its months close in the night of their closing day and are never opened again; what was wrong is corrected \
            with 'guichet host adjust'.
            """,
        subcommands: [
            Set.self, List.self, Show.self, Endow.self, Apply.self, Leave.self, Application.self, Applications.self,
            Decide.self, Book.self, Progress.self, Exclusions.self, Enroll.self, Link.self, Exclude.self,
        ])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the terms of a fund, from a preset or a file (finance or operator key needed).",
            discussion: """
                The ledger counts the versions: the first one, or the next for months that have not begun. The same \
                terms again change nothing. Whom a cohort takes is as the newest version says, at once.
                """)

        @Argument(help: "A preset by name: spark-2021, clubhouse-creator-first, shorts-45, user-centric, rate-card.")
        var preset: String?
        @Option(help: "A file with the terms, as a preset is written.") var file: String?
        @Option(help: "The first month of the new terms, such as 2026-05. Default: the next one that has not begun.")
        var fromMonth: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func validate() throws {
            guard (preset == nil) != (file == nil) else { throw ValidationError("Name a preset, or a --file.") }
        }

        func run() async throws {
            try await reportingFailures {
                var terms = try terms()
                if let fromMonth {
                    guard let month = LocalMonth(fromMonth) else {
                        throw CommandFailure(.usage, "'\(fromMonth)' is not a month, such as 2026-05.")
                    }
                    terms = terms.version(terms.version, from: month)
                }
                let answer = try await server.client().post(
                    "/v1/funds", terms, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                try FundOutput.show(answer, server)
            }
        }

        private func terms() throws -> FundProgram {
            if let preset {
                guard let program = try? FundBook(json: FundProgramPresets.json)[preset] else {
                    throw CommandFailure(.usage, "There is no preset '\(preset)'.")
                }
                return program
            }
            guard let file, let bytes = FileManager.default.contents(atPath: file) else {
                throw CommandFailure(.file, "\(file ?? "") can't be read.")
            }
            do { return try JSONDecoder().decode(FundProgram.self, from: bytes) } catch {
                throw CommandFailure(.usage, "\(file) holds no terms of a fund: \(error)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The terms of every fund.")
        @OptionGroup var server: ServerOptions

        private struct Funds: Decodable {
            let funds: [FundProgram]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/funds")
                if server.json { return try Output.json(answer) }
                let list: Funds = try APIClient.decode(answer)
                Output.table(
                    ["FUND", "VERSION", "KIND", "CURRENCY"],
                    list.funds.map { [$0.name, "\($0.version)", $0.scheme.kind, $0.currency.code] })
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A fund, and what each of its months gave, with the figures behind it.")
        @Argument(help: "The fund.") var fund: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try FundOutput.show(try await server.client().get("/v1/funds/\(fund)"), server)
            }
        }
    }

    struct Enroll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a host into a stipend for some days, both included (finance or operator key needed).")
        @Argument(help: "The fund.") var fund: String
        @Argument(help: "The host.") var host: String
        @Option(help: "The first day.") var from: String
        @Option(help: "The last day.") var to: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/funds/\(fund)/enrolments", ["host": host, "from": from, "to": to],
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                Output.line("enrolled  \(host) in \(fund), \(from) to \(to)")
            }
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Say that an account is a host's own: what it hears never counts (finance or operator key needed).")
        @Argument(help: "The host.") var host: String
        @Argument(help: "The account: a holder or another host.") var account: String
        @Option(help: "How that is known.") var reason: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/hosts/\(host)/accounts", ["account": account, "reason": reason],
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                Output.line("linked    \(account) to \(host)")
            }
        }
    }

    struct Exclude: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a room out of every fund (finance or operator key needed).")
        @Argument(help: "The room.") var room: String
        @Option(help: "Why.") var reason: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/rooms/\(room)/fund-exclusion", ["reason": reason],
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                Output.line("excluded  \(room)")
            }
        }
    }
}

enum FundOutput {
    private struct View: Decodable {
        struct Month: Decodable {
            struct Host: Decodable {
                let host: HostID
                let amount: Money
                let weeks, weeksEnrolled, weeksMet, listeners: Int?
                let minutes: Int64?
            }
            let month: LocalMonth
            let closedOn: LocalDay
            let amount: Money
            let given: Int64
            let hosts: [Host]
        }
        let terms: FundProgram
        let months: [Month]
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let fund: View = try APIClient.decode(answer)
        let from = fund.terms.fromMonth.map { ", for months from \($0) on" } ?? ""
        Output.line("fund      \(fund.terms.name), version \(fund.terms.version) (\(fund.terms.scheme.kind))\(from)")
        for month in fund.months {
            let given = Money(month.given, month.amount.currency)
            Output.line("month     \(month.month), closed on \(month.closedOn): \(given) of \(month.amount)")
            Output.table(
                ["HOST", "AMOUNT", "BY"],
                month.hosts.map { host in
                    let figures =
                        host.weeks.map {
                            "\(host.weeksMet ?? 0) of \($0) weeks met, \(host.weeksEnrolled ?? 0) enrolled"
                        } ?? "\(host.minutes ?? 0) minutes of \(host.listeners ?? 0) listeners"
                    return [host.host.text, "\(host.amount)", figures]
                })
        }
    }
}
