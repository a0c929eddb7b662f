import ArgumentParser

struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Hosts: who opens rooms and gets paid.",
        subcommands: [
            Add.self, Payee.self, Adjust.self, Risk.self, HostBans.Ban.self, HostBans.Unban.self, HostBans.List.self,
        ])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a host and print the key with which they run their rooms (operator key needed).",
            discussion: "The key is shown once; the server keeps only its digest.")

        @Argument(help: "The name that listeners see.") var name: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post("/v1/hosts", ["name": name])
                if server.json { return try Output.json(answer) }
                let host: Views.Host = try APIClient.decode(answer)
                Output.line("host  \(host.host)")
                Output.line("key   \(host.key ?? "-")")
                Output.error("Keep the key: it is not shown again. Use it as GUICHET_KEY in 'guichet room' commands.")
            }
        }
    }

    struct Payee: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or set what holds for a host's payouts (finance or operator key needed).",
            discussion: """
                Without options it shows; a change needs its reason and holds from the next night's cut on.
                  guichet host payee HOST --withholding-bp 1500 --reason "Tax office, form of May"
                  guichet host payee HOST --blocked --reason "The bank sent the last payout back"
                A blocked host keeps earning: what is available is carried until --unblocked.
                """)

        enum Block: String, EnumerableFlag {
            case blocked, unblocked

            static func help(for value: Block) -> ArgumentHelp? {
                switch value {
                case .blocked: "Pay nothing out for now."
                case .unblocked: "Pay out again."
                }
            }
        }

        @Argument(help: "The host.") var host: String
        @Option(help: "Part of each payout kept back for the tax office, in basis points: 1500 is 15 %.")
        var withholdingBp: Int64?
        @Flag var block: Block?
        @Option(help: "Why; kept with the change.") var reason: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let withholdingBp: Int64?
            let blocked: Bool?
            let reason: String
        }

        func validate() throws {
            let changes = withholdingBp != nil || block != nil
            guard changes == (reason != nil) else {
                throw ValidationError("A change needs --reason, and a reason needs a change.")
            }
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                let answer =
                    if let reason {
                        try await client.put(
                            "/v1/hosts/\(host)/payee",
                            Body(withholdingBp: withholdingBp, blocked: block.map { $0 == .blocked }, reason: reason))
                    } else {
                        try await client.get("/v1/hosts/\(host)/payee")
                    }
                if server.json { return try Output.json(answer) }
                let payee: Views.Payee = try APIClient.decode(answer)
                Output.line("host         \(payee.host)")
                Output.line("withholding  \(payee.withholdingBp) bp")
                Output.line("payouts      \(payee.blocked ? "blocked" : "go out")")
                if let reason = payee.reason { Output.line("reason       \(reason)") }
                if let since = payee.since { Output.line("since        \(since)") }
            }
        }
    }
}
