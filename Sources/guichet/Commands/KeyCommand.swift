import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Service keys: for gateways and for finance.", subcommands: [Add.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a service key and print it once (operator key needed).",
            discussion: "  guichet key add gateway --data ./box-office > gateway.key")

        @Argument(help: "gateway or finance.") var scope: String
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            let key: String
            let subject: String
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post("/v1/keys", ["scope": scope])
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.line(view.key)
                Output.error("Keep the key: it is not shown again. It belongs to \(view.subject).")
                if scope == "gateway" { Output.error("Start the gateway with --set gateway.id=\(view.subject)") }
            }
        }
    }
}
