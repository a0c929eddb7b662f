import ArgumentParser
import Foundation
import Values

struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "The journal: its published heads, and undoing an entry.",
        subcommands: [Heads.self, Reverse.self])

    struct Heads: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the signed heads that nights have published; no key is needed.",
            discussion: "Keep copies elsewhere: whoever has one can tell whether anything before it was changed.")
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            struct Head: Decodable {
                let day: LocalDay
                let sequence: Int64
                let hash: String
            }
            let heads: [Head]
            let next: LocalDay?
        }

        func run() async throws {
            try await reportingFailures {
                var rows: [[String]] = []
                var cursor = ""
                while true {
                    let answer = try await server.client(key: nil).get("/v1/journal/heads\(cursor)")
                    if server.json { return try Output.json(answer) }
                    let page: Page = try APIClient.decode(answer)
                    rows += page.heads.map { ["\($0.day)", "\($0.sequence)", $0.hash] }
                    guard let next = page.next else { break }
                    cursor = "?after=\(next)"
                }
                Output.table(["DAY", "SEQUENCE", "HASH"], rows)
            }
        }
    }

    struct Reverse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Undo an entry by its exact mirror, once (operator key).",
            discussion: """
                Only where nothing but the journal depends on the entry: top-ups whose money is still there, money in \
                suspense. For any other entry the refusal names the command to use.
                """)
        @Argument(help: "The entry, entry_…") var entry: String
        @Option(help: "Why it stood wrongly; kept in the audit log.") var reason: String
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            let entry: EntryID
            let reverses: EntryID
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/journal/entries/\(entry)/reversal", ["reason": reason],
                    idempotencyKey: IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.line("\(view.entry) reverses \(view.reverses)")
            }
        }
    }
}

struct PeriodCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "period", abstract: "Closed months: nothing is dated in them any more.",
        subcommands: [Close.self, List.self])

    struct View: Decodable {
        let closedThrough: LocalDay
        let entry: EntryID
        let by: String
        let at: Instant
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a month: income and expenses become earnings (finance key).",
            discussion: """
                What is found late is dated on the first open day and carries the day on which it happened. A close \
                is not taken back.
                """)
        @Argument(help: "The month, for example 2026-11.") var month: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/periods", ["month": month], idempotencyKey: IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.line("closed through \(view.closedThrough) by \(view.entry)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List closed months, the last one first (finance key).")
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let periods: [View]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/periods")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                Output.table(
                    ["CLOSED THROUGH", "ENTRY", "BY", "AT"],
                    page.periods.map { ["\($0.closedThrough)", $0.entry.text, $0.by, "\($0.at)"] })
            }
        }
    }
}

struct BalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance", abstract: "Balances of accounts, now or as they stood.", subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List balances at the end of a business day, debit positive (finance key).",
            discussion: """
                --by recorded: what the journal held then. --by occurred: what had happened by then, as known now; \
                the two differ by what was booked late.
                """)
        @Option(help: "The business day. Default: today.") var asOf: String?
        @Option(help: "recorded or occurred.") var by = "recorded"
        @Option(help: "Only accounts that begin with this.") var account: String?
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            struct Balance: Decodable {
                let account: String
                let currency: Currency
                let balance: Int64
            }
            let balances: [Balance]
        }

        func run() async throws {
            try await reportingFailures {
                var query = URLComponents()
                query.queryItems = [URLQueryItem(name: "by", value: by)]
                if let asOf { query.queryItems?.append(URLQueryItem(name: "as_of", value: asOf)) }
                if let account { query.queryItems?.append(URLQueryItem(name: "account", value: account)) }
                let answer = try await server.client().get("/v1/balances\(query.string ?? "")")
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.table(
                    ["ACCOUNT", "BALANCE"],
                    view.balances.map { [$0.account, "\(Money($0.balance, $0.currency))"] })
            }
        }
    }
}
