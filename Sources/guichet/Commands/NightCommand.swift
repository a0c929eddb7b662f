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
            let host, currency: String
            let gross, withheld, net: Int64
        }
        struct Carried: Decodable {
            let host, currency: String
            let available, pending: Int64
            let reason: String
        }
        let day: LocalDay
        let cutoff: Instant
        let cutSequence: Int64
        let chainHead, batchDigest: String
        let payouts: [Payout]
        let carried: [Carried]
        let alreadyRun: Bool?
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let night: View = try APIClient.decode(answer)
        Output.line("night     \(night.day)\(night.alreadyRun == true ? " (had run before; nothing changed)" : "")")
        Output.line("cut       \(night.cutoff), journal sequence \(night.cutSequence)")
        Output.line("chain     \(night.chainHead)")
        Output.line("batch     \(night.batchDigest)")
        if !night.payouts.isEmpty {
            Output.table(
                ["HOST", "GROSS", "WITHHELD", "NET"],
                night.payouts.map {
                    [
                        $0.host, money($0.gross, $0.currency), money($0.withheld, $0.currency),
                        money($0.net, $0.currency),
                    ]
                })
        }
        for row in night.carried {
            let amounts = "available \(money(row.available, row.currency)), pending \(money(row.pending, row.currency))"
            Output.line("carried   \(row.host): \(amounts) (\(row.reason))")
        }
    }

    private static func money(_ minorUnits: Int64, _ code: String) -> String {
        Currency(code).map { Money(minorUnits, $0).description } ?? "\(minorUnits) \(code)"
    }
}
