import ArgumentParser

struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Hosts: who opens rooms and gets paid.", subcommands: [Add.self])

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
}
