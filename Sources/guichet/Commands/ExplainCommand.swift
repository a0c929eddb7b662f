import ArgumentParser
import Foundation
import Values

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show what became of an order, a ticket or a payout, posting by posting.",
        discussion: """
            A tree from the sale to the bank's line: sale, tickets, refunds and disputes, how it was divided and released, \
            what was paid of it, and how the payment ended; with the sums that have to come out.

              guichet explain order_01…     guichet explain ticket_01…     guichet explain payout_01…
              guichet explain batch_2026-11-22:host_01…:EUR    (an item that was not sent yet)

            Needs a key of finance, an auditor or an operator. Exit code 1 if a sum does not come out.
            """)

    @Argument(help: "order_…, ticket_…, payout_…, or batch_DAY:HOST:CURRENCY.") var subject: String
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await reportingFailures {
            let answer = try await server.client().get("/v1/explanations/\(subject)")
            let view: ExplanationView = try APIClient.decode(answer)
            if server.json {
                try Output.json(answer)
            } else {
                view.show()
            }
            guard view.addsUp else { throw CommandFailure(.refused, "Something does not add up: see the sums.") }
        }
    }
}

private struct ExplanationView: Decodable {
    struct Step: Decodable {
        let kind, id: String
        let note: String?
        let at: Instant?
        let day: LocalDay?
        let amount: Money?
        let entry: Int64?
        let postings: [Posting]?
        let steps: [Step]?
    }

    struct Posting: Decodable {
        let debit, credit: String
        let amount: Money
    }

    struct Sum: Decodable {
        let name: String
        let parts: [Money]
        let total: Money
        let holds: Bool
    }

    let tree: Step
    let sums: [Sum]
    let addsUp: Bool

    func show() {
        Output.line(Self.headline(tree))
        Self.show(below: tree, indent: "")
        Output.line("")
        for sum in sums {
            let parts = sum.parts.isEmpty ? "nothing" : sum.parts.map(\.description).joined(separator: " + ")
            Output.line("\(sum.holds ? "=" : "≠") \(sum.name): \(parts) = \(sum.total)")
        }
    }

    private static func headline(_ step: Step) -> String {
        let when = step.day?.description ?? step.at?.description
        let entry = step.entry.map { "entry \($0)" }
        return [step.kind, step.id, step.amount?.description, step.note, when, entry].compactMap(\.self)
            .joined(separator: "  ")
    }

    private static func show(below step: Step, indent: String) {
        let steps = step.steps ?? []
        let stem = steps.isEmpty ? "  " : "│ "
        for posting in step.postings ?? [] {
            Output.line("\(indent)\(stem)    \(posting.debit) → \(posting.credit)  \(posting.amount)")
        }
        for (index, next) in steps.enumerated() {
            let isLast = index == steps.count - 1
            Output.line("\(indent)\(isLast ? "└─" : "├─") \(headline(next))")
            show(below: next, indent: indent + (isLast ? "   " : "│  "))
        }
    }
}
