import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Keys: make service keys, revoke keys.",
        subcommands: [Add.self, Revoke.self])

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

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke every key of a host, wallet or gateway, or one key from a file (operator key needed).",
            discussion: """
                  guichet key revoke --subject gateway_01…
                  guichet key revoke --file lost.key
                Keys do not belong on a command line, where other users of the machine can read them.
                """)

        @Option(help: "Whose keys: an id, or finance.") var subject: String?
        @Option(help: "A file with the key to revoke.") var file: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let key, subject: String?
        }

        private struct View: Decodable {
            let revoked: Int
        }

        func validate() throws {
            guard (subject == nil) != (file == nil) else {
                throw ValidationError("Name either --subject or --file.")
            }
        }

        func run() async throws {
            try await reportingFailures {
                let body = Body(key: try file.map { try ServerOptions.readKey($0) }, subject: subject)
                let answer = try await server.client().post("/v1/keys/revoke", body)
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.line("revoked  \(view.revoked)")
            }
        }
    }
}
