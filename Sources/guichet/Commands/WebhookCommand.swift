import ArgumentParser
import Foundation
import Values

struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook", abstract: "Tell other systems: endpoints that get every event, signed and in order.",
        discussion: """
            A host's key registers for that host's rooms and money, an operator's for everything. Deliveries follow \
            Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature), so its libraries verify them. Each \
            endpoint gets its events in order and at least once: an event that fails is tried again after 1 s, 5 s, \
            30 s, 2 min, 10 min, 30 min, then every hour; after three days without a success the endpoint is paused.
            """,
        subcommands: [
            Add.self, List.self, Show.self, Enable.self, Disable.self, Rotate.self, Replay.self, Test.self, Remove.self,
        ])

    struct View: Decodable {
        let webhook: WebhookID
        let host: HostID?
        let url: String
        let events: [String]
        let state: String
        let reason: String?
        let delivered: Int64
        let failures: Int64
        let failingSince: Instant?
        let secret: String?

        var progress: String {
            guard let failingSince else { return "through \(delivered)" }
            return "through \(delivered), \(failures) failures since \(failingSince)"
        }

        func print() {
            Output.line("\(webhook)  \(state)  \(url)")
            if let reason { Output.line("  \(reason)") }
            Output.line("  delivered \(progress)")
            if let secret { Output.line("  secret, shown this once: \(secret)") }
        }
    }

    /// One command of an endpoint.
    fileprivate static func send(
        _ verb: String, _ webhook: String, _ body: some Encodable, on server: ServerOptions
    ) async throws {
        try await reportingFailures {
            let answer = try await server.client().post(
                "/v1/webhooks/\(webhook)/\(verb)", body, idempotencyKey: IdempotencyKey.fresh())
            if server.json { return try Output.json(answer) }
            let view: View = try APIClient.decode(answer)
            view.print()
        }
    }

    fileprivate struct Nothing: Encodable {}

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register an endpoint; its secret goes to standard output, this once.",
            discussion: """
                  guichet webhook add https://example.org/hooks --event order.sold --event order.refunded
                Addresses of this machine and of private networks need the operator's setting webhooks.allow.
                """)

        @Argument(help: "Where to: an https address.") var url: String
        @Option(name: .customLong("event"), help: "An event to be told of; repeat it for more. Default: all.")
        var events: [String] = []
        @Option(help: "Register for this host (operator key).") var host: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let url: String
            let events: [String]
            let host: String?
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post(
                    "/v1/webhooks", Body(url: url, events: events, host: host),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                view.print()
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List endpoints: a host's own, or all of them.")
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            let webhooks: [View]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/webhooks")
                if server.json { return try Output.json(answer) }
                let page: Page = try APIClient.decode(answer)
                Output.table(
                    ["WEBHOOK", "STATE", "OF", "DELIVERED", "URL"],
                    page.webhooks.map { [$0.webhook.text, $0.state, $0.host?.text ?? "-", $0.progress, $0.url] })
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an endpoint and its last attempts.")
        @Argument(help: "The endpoint, webhook_…") var webhook: String
        @OptionGroup var server: ServerOptions

        private struct Log: Decodable {
            struct Attempt: Decodable {
                let sequence, attempt, tookMicroseconds: Int64
                let status: Int?
                let outcome: String
                let at: Instant
            }
            let attempts: [Attempt]
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                let answer = try await client.get("/v1/webhooks/\(webhook)")
                let log = try await client.get("/v1/webhooks/\(webhook)/attempts")
                if server.json {
                    try Output.json(answer)
                    return try Output.json(log)
                }
                let view: View = try APIClient.decode(answer)
                view.print()
                let attempts: Log = try APIClient.decode(log)
                Output.table(
                    ["EVENT", "ATTEMPT", "STATUS", "OUTCOME", "AT", "MS"],
                    attempts.attempts.map {
                        [
                            String($0.sequence), String($0.attempt), $0.status.map { String($0) } ?? "-", $0.outcome,
                            $0.at.description, String($0.tookMicroseconds / 1_000),
                        ]
                    })
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Turn deliveries on again; what waits goes out in its order.")
        @Argument(help: "The endpoint, webhook_…") var webhook: String
        @OptionGroup var server: ServerOptions
        func run() async throws { try await send("enable", webhook, Nothing(), on: server) }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Turn deliveries off; what happens meanwhile waits.")
        @Argument(help: "The endpoint, webhook_…") var webhook: String
        @OptionGroup var server: ServerOptions
        func run() async throws { try await send("disable", webhook, Nothing(), on: server) }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new secret; for a day deliveries are signed with both.")
        @Argument(help: "The endpoint, webhook_…") var webhook: String
        @OptionGroup var server: ServerOptions
        func run() async throws { try await send("rotate", webhook, Nothing(), on: server) }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send everything behind an event again, in order, under the ids that it had.")
        @Argument(help: "The endpoint, webhook_…") var webhook: String
        @Option(help: "The sequence of the last event that the receiver has; 0 for none.") var after: Int64
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let after: Int64
        }

        func run() async throws { try await send("replay", webhook, Body(after: after), on: server) }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send an event that is about nothing, behind whatever waits; 'show' tells how it went.")
        @Argument(help: "The endpoint, webhook_…") var webhook: String
        @OptionGroup var server: ServerOptions
        func run() async throws { try await send("test", webhook, Nothing(), on: server) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove an endpoint for good.")
        @Argument(help: "The endpoint, webhook_…") var webhook: String
        @OptionGroup var server: ServerOptions
        func run() async throws { try await send("remove", webhook, Nothing(), on: server) }
    }
}

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "What happened, in order: the events that webhooks get, for who polls.",
        discussion: "Each line is one event as JSON. Go on with --after and the last sequence that you have.")

    @Option(help: "The sequence of the last event that you have.") var after: Int64 = 0
    @Option(help: "At most so many, 500 or fewer.") var limit: Int?
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await reportingFailures {
            let limits = limit.map { "&limit=\($0)" } ?? ""
            let answer = try await server.client().get("/v1/events?after=\(after)\(limits)")
            if server.json { return try Output.json(answer) }
            let page = try JSONSerialization.jsonObject(with: answer) as? [String: Any]
            for event in page?["events"] as? [Any] ?? [] {
                let line = try JSONSerialization.data(
                    withJSONObject: event, options: [.sortedKeys, .withoutEscapingSlashes])
                Output.line(String(decoding: line, as: UTF8.self))
            }
        }
    }
}
