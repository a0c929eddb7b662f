import ArgumentParser
import Foundation
import Values

struct CancellationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancellation", abstract: "Cancel a room by a plan: plan, show, recipients, approve, run.",
        discussion: """
            A plan does nothing yet. It says how many tickets and orders end, how much money goes back, what that posts \
            in sum, and what is not given back. Above the amount that the house's policy sets, a second person approves \
            it with a key of their own. Carrying it out names the plan's digest, so nobody does what they have not seen.

              guichet cancellation plan ROOM
              guichet cancellation approve CANCELLATION --digest DIGEST     (somebody else: operator or finance)
              guichet cancellation run CANCELLATION --digest DIGEST

            'run' can be repeated at any time: after a crash it goes on where it stopped.
            """,
        subcommands: [Plan.self, Show.self, Recipients.self, Approve.self, Run.self])

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what cancelling the room would do, without doing it.")
        @Argument(help: "The room.") var room: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try CancellationOutput.show(
                    try await server.client().post(
                        "/v1/rooms/\(room)/cancellations", CancellationOutput.Nothing(),
                        idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()), server)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a plan and how far it was carried out.")
        @Argument(help: "The plan, cancellation_…") var cancellation: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try CancellationOutput.show(
                    try await server.client().get("/v1/cancellations/\(cancellation)"), server)
            }
        }
    }

    struct Recipients: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List who gets what back, as it is now.")
        @Argument(help: "The plan, cancellation_…") var cancellation: String
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            struct Recipient: Decodable {
                let holder: HolderID
                let orders: Int
                let amount: Money
            }
            let recipients: [Recipient]
            let next: String?
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                var rows: [[String]] = []
                var cursor = ""
                while true {
                    let answer = try await client.get("/v1/cancellations/\(cancellation)/recipients\(cursor)")
                    if server.json { return try Output.json(answer) }
                    let page: Page = try APIClient.decode(answer)
                    rows += page.recipients.map { [$0.holder.text, String($0.orders), $0.amount.description] }
                    guard let next = page.next else { break }
                    cursor = "?cursor=\(next)"
                }
                Output.table(["HOLDER", "ORDERS", "AMOUNT"], rows)
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve a plan as the second person (operator or finance key).")
        @Argument(help: "The plan, cancellation_…") var cancellation: String
        @Option(help: "The plan's digest, as 'show' prints it.") var digest: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try CancellationOutput.show(
                    try await server.client().post(
                        "/v1/cancellations/\(cancellation)/approve",
                        CancellationOutput.Named(digest: digest, batches: nil),
                        idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()), server)
            }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Carry a plan out, or go on with it.",
            discussion: """
                The room is cancelled at once. Then money goes back and tickets end, 200 orders a batch; between batches \
                the progress is printed on standard error.
                """)
        @Argument(help: "The plan, cancellation_…") var cancellation: String
        @Option(help: "The plan's digest, as 'show' prints it.") var digest: String
        @Option(help: "Stop after so many batches. Default: go on to the end.") var batches: Int?
        @OptionGroup var server: ServerOptions

        /// Batches in one request: some seconds, so that no proxy gives up waiting.
        private static let batchesARequest = 20

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                var left = batches ?? .max
                while true {
                    let now = min(left, Self.batchesARequest)
                    let answer = try await client.post(
                        "/v1/cancellations/\(cancellation)/run",
                        CancellationOutput.Named(digest: digest, batches: now))
                    let view: Views.Cancellation = try APIClient.decode(answer)
                    left -= now
                    if view.state == "done" || left <= 0 { return try CancellationOutput.show(answer, server) }
                    Output.error("\(view.progress?.orders ?? 0) orders so far")
                }
            }
        }
    }
}

/// How commands of cancellations print, in one place.
private enum CancellationOutput {
    struct Nothing: Encodable {}

    struct Named: Encodable {
        let digest: String
        let batches: Int?
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let plan: Views.Cancellation = try APIClient.decode(answer)
        Output.line("plan      \(plan.cancellation)")
        Output.line("room      \(plan.room)")
        Output.line("state     \(plan.state)")
        Output.line("until     \(plan.expiresAt)")
        Output.line("digest    \(plan.digest)")
        let counts = plan.counts
        Output.line("ends      \(counts.tickets) tickets, \(counts.passes) passes, \(counts.holds) holds")
        for amount in plan.refunds { Output.line("back      \(amount)") }
        if !plan.refunds.isEmpty { Output.line("          to \(counts.holders) holders, \(counts.orders) orders") }
        for posting in plan.postings {
            Output.line("posting   \(posting.amount)  \(posting.debit) -> \(posting.credit)")
        }
        for item in plan.notGivenBack { Output.line("not back  \(item.amount)  \(item.reason) (\(item.count))") }
        if plan.needsSecond { Output.line("second    \(plan.approvedBy.map { "approved by \($0)" } ?? "needed")") }
        if let progress = plan.progress {
            let end = progress.endedAt.map { ", ended \($0)" } ?? ""
            Output.line("progress  \(progress.orders) orders in \(progress.batches) batches\(end)")
            for amount in progress.refunded { Output.line("refunded  \(amount)") }
        }
    }
}

extension Views {
    struct Cancellation: Decodable {
        struct Counts: Decodable {
            let orders, holders, tickets, passes, holds: Int
        }
        struct Kept: Decodable {
            let reason: String
            let count: Int
            let amount: Money
        }
        struct Progress: Decodable {
            let batches, orders: Int
            let endedAt: Instant?
            let refunded: [Money]
        }
        let cancellation: CancellationID
        let room: RoomID
        let state, digest: String
        let expiresAt: Instant
        let needsSecond: Bool
        let approvedBy: String?
        let counts: Counts
        let refunds: [Money]
        let postings: [Leg]
        let notGivenBack: [Kept]
        let progress: Progress?
    }
}
