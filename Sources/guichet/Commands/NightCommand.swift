import ArgumentParser
import Foundation
import Values

struct NightCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "night", abstract: "The nightly batch: what hosts earned, what is paid.",
        subcommands: [Run.self, Show.self])

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the night of one business day (finance or operator key).",
            discussion: """
                Running a night again changes nothing and shows the stored result. A day that is not over is \
                refused, unless --cut-now ends it early: what is sold later belongs to the next day.
                """)

        @Option(help: "The business day, for example 2026-11-22.") var day: String
        @Flag(help: "End the day now instead of at its cut-off.") var cutNow = false
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let day: String
            let cutNow: Bool
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post("/v1/nights", Body(day: day, cutNow: cutNow))
                try NightOutput.show(answer, server)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a night that has run.")
        @Option(help: "The business day.") var day: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try NightOutput.show(try await server.client().get("/v1/nights/\(day)"), server)
            }
        }
    }
}

enum NightOutput {
    private struct View: Decodable {
        struct Payout: Decodable {
            let host: HostID
            let gross, withheld, net: Money
        }
        struct Carried: Decodable {
            let host: HostID
            let available, pending: Money
            let reason: String
            let nextOn: LocalDay?
        }
        let day: LocalDay
        let state: String
        let cutoff: Instant
        let cutSequence: Int64
        let headHash, digest: String?
        let payouts: [Payout]
        let carried: [Carried]
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let night: View = try APIClient.decode(answer)
        Output.line("night     \(night.day) (\(night.state))")
        Output.line("cut       \(night.cutoff), journal sequence \(night.cutSequence)")
        Output.line("chain     \(night.headHash ?? "-")")
        Output.line("batch     \(night.digest ?? "-")")
        if !night.payouts.isEmpty {
            Output.table(
                ["HOST", "GROSS", "WITHHELD", "NET"],
                night.payouts.map { [$0.host.text, "\($0.gross)", "\($0.withheld)", "\($0.net)"] })
        }
        for row in night.carried {
            let next = row.nextOn.map { ", next on \($0)" } ?? ""
            Output.line(
                "carried   \(row.host): available \(row.available), pending \(row.pending) (\(row.reason)\(next))")
        }
    }
}
