import ArgumentParser
import Values

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "API keys: make, list, revoke.",
        subcommands: [Create.self, List.self, Revoke.self, Add.self])

    /// What the making of a key answers.
    private struct Made: Decodable {
        let id: APIKeyID
        let key: String
        let scope: String
        let subject: String
    }

    private struct Draft: Encodable {
        let scope: String
        let host: String?
        let gateway: String?
        let name: String?
        let expiresAt: Instant?
    }

    private static func make(_ draft: Draft, on server: ServerOptions, idempotencyKey: String?) async throws {
        let answer = try await server.client().post(
            "/v1/keys", draft, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
        if server.json { return try Output.json(answer) }
        let made: Made = try APIClient.decode(answer)
        Output.line(made.key)
        Output.error("Keep the key: it is not shown again. It is listed as \(made.id) and belongs to \(made.subject).")
        if made.scope == "gateway" { Output.error("Start the gateway with --set gateway.id=\(made.subject)") }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it once (operator's key needed; hosts make keys of their own).",
            discussion: """
                  guichet key create --scope gateway --data ./box-office > gateway.key
                  guichet key create --scope moderator --host HOST --name "Zoe's phone" --expires +30d
                  guichet key create --scope auditor --name "Yearly audit" --expires 2027-03-31T00:00:00Z
                What a scope may do:
                  operator   everything          finance    nights, reports, payees
                  host       its own rooms       auditor    reads everything, writes nothing
                  moderator  the stage of a host's rooms
                  gateway    what gateways need of the ledger
                """)

        @Option(help: "operator, host, moderator, finance, auditor or gateway.") var scope: String
        @Option(help: "Whose: for keys of a host or moderator.") var host: String?
        @Option(help: "Which gateway; a new one without.") var gateway: String?
        @Option(help: "What to call it in lists, for example where it is used.") var name: String?
        @Option(help: "When it ends: 2027-01-01T00:00:00Z, or a distance such as +90d. Never without.")
        var expires: String?
        @Option(help: "Idempotency key: give the same one to repeat a command whose answer was lost.")
        var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let end = try expires.map { try WallTime.read($0, WallTime.now()) }
                try await KeyCommand.make(
                    Draft(scope: scope, host: host, gateway: gateway, name: name, expiresAt: end), on: server,
                    idempotencyKey: idempotencyKey)
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Short for 'key create --scope …'.",
            discussion: "  guichet key add gateway --data ./box-office > gateway.key")

        @Argument(help: "gateway, finance, auditor or operator.") var scope: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try await KeyCommand.make(
                    Draft(scope: scope, host: nil, gateway: nil, name: nil, expiresAt: nil), on: server,
                    idempotencyKey: nil)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List keys: all of them for an operator or auditor, a host's own for a host.")

        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            struct Key: Decodable {
                let id: APIKeyID
                let scope, subject, createdBy: String
                let name: String?
                let expiresAt, revokedAt, lastUsedAt: Instant?
            }
            let keys: [Key]
            let next: String?
        }

        func run() async throws {
            try await reportingFailures {
                var path = "/v1/keys"
                var rows: [[String]] = []
                while true {
                    let answer = try await server.client().get(path)
                    if server.json { try Output.json(answer) }
                    let view: View = try APIClient.decode(answer)
                    for key in view.keys {
                        let state = key.revokedAt.map { "revoked \($0)" } ?? key.expiresAt.map { "until \($0)" }
                        rows.append([
                            key.id.text, key.scope, key.subject, key.name ?? "-", state ?? "good",
                            key.lastUsedAt?.description ?? "-",
                        ])
                    }
                    guard let next = view.next else { break }
                    path = "/v1/keys?cursor=\(next)"
                }
                if !server.json { Output.table(["key", "scope", "of", "name", "state", "last used"], rows) }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a key by its id or from a file, or every key of a host, wallet or gateway.",
            discussion: """
                  guichet key revoke --id key_01…
                  guichet key revoke --subject gateway_01…
                  guichet key revoke --file lost.key
                Keys do not belong on a command line, where other users of the machine can read them.
                """)

        @Option(help: "The key's id, as lists show it.") var id: String?
        @Option(help: "Whose keys: an id, or finance.") var subject: String?
        @Option(help: "A file with the key to revoke.") var file: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let key, id, subject: String?
        }

        private struct View: Decodable {
            let revoked: Int
        }

        func validate() throws {
            guard [id, subject, file].compactMap(\.self).count == 1 else {
                throw ValidationError("Name one of --id, --subject and --file.")
            }
        }

        func run() async throws {
            try await reportingFailures {
                let body = Body(key: try file.map { try ServerOptions.readKey($0) }, id: id, subject: subject)
                let answer = try await server.client().post(
                    "/v1/keys/revoke", body, idempotencyKey: IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.line("revoked  \(view.revoked)")
            }
        }
    }
}
