import ArgumentParser
import Foundation
import Values

extension HostCommand {
    struct Risk: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or set a host's risk class and reserves (finance or operator key needed).",
            discussion: """
                A class adds days to the hold of the policy and keeps a part of what becomes available in reserve for \
                some days. Reserves pay for refunds and disputes first, the one that ends first, first; what is left \
                is the host's again on its day. Without a class a host has no reserve.
                Without HOST the classes of the house are listed; with HOST alone, what was set and what is held.
                  guichet host risk
                  guichet host risk HOST
                  guichet host risk HOST --class new --reason "First room, nothing is known yet"
                  guichet host risk HOST --class standard --reason "Ten rooms without a dispute"
                A class holds from the first night on that has not begun, and keeps its figures when the house \
                publishes another version of it. What is in reserve already stays until its day.
                """)

        @Argument(help: "The host; without it the classes are listed.") var host: String?
        @Option(name: .customLong("class"), help: "The class to set: a name, or name/version.") var className: String?
        @Option(help: "Why; kept with the class and shown to the host.") var reason: String?
        @Option(help: "The name of this command, so that it is carried out once however often it is sent.")
        var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let `class`: String
            let reason: String
        }

        private struct Class: Decodable {
            let name, meaning: String
            let version, extraHoldDays, reserveDays: Int
            let reserveBp: Int64
        }

        private struct Classes: Decodable { let classes: [Class] }

        private struct Fact: Decodable {
            let `class`, reason: String
            let version, extraHoldDays, reserveDays: Int
            let reserveBp: Int64
            let from: LocalDay
        }

        private struct Reserves: Decodable {
            struct Reserve: Decodable {
                let left: Money
                let heldOn, until: LocalDay
            }
            let classes: [Fact]
            let held: [Money]
            let reserves: [Reserve]
        }

        func validate() throws {
            guard (className == nil) == (reason == nil) else {
                throw ValidationError("A class needs --class and --reason.")
            }
            guard className == nil || host != nil else { throw ValidationError("A class is set for a HOST.") }
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                guard let host else { return try list(try await client.get("/v1/risk-classes")) }
                let path = "/v1/hosts/\(host)/risk"
                guard let className, let reason else { return try show(try await client.get(path)) }
                let answer = try await client.post(
                    path, Body(class: className, reason: reason),
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let fact: Fact = try APIClient.decode(answer)
                Output.line("class    \(fact.class)/\(fact.version)")
                Output.line("from     \(fact.from)")
                Output.line("hold     \(fact.extraHoldDays) days more")
                Output.line("reserve  \(fact.reserveBp) bp for \(fact.reserveDays) days")
            }
        }

        private func list(_ answer: Data) throws {
            if server.json { return try Output.json(answer) }
            let classes: Classes = try APIClient.decode(answer)
            Output.table(
                ["CLASS", "HOLD", "RESERVE", "FOR", "MEANING"],
                classes.classes.map {
                    [
                        "\($0.name)/\($0.version)", "+\($0.extraHoldDays) days", "\($0.reserveBp) bp",
                        "\($0.reserveDays) days", $0.meaning,
                    ]
                })
        }

        private func show(_ answer: Data) throws {
            if server.json { return try Output.json(answer) }
            let all: Reserves = try APIClient.decode(answer)
            Output.table(
                ["FROM", "CLASS", "HOLD", "RESERVE", "FOR", "REASON"],
                all.classes.map {
                    [
                        "\($0.from)", "\($0.class)/\($0.version)", "+\($0.extraHoldDays) days", "\($0.reserveBp) bp",
                        "\($0.reserveDays) days", $0.reason,
                    ]
                })
            for money in all.held { Output.line("held  \(money)") }
            guard !all.reserves.isEmpty else { return }
            Output.table(
                ["HELD ON", "UNTIL", "LEFT"], all.reserves.map { ["\($0.heldOn)", "\($0.until)", "\($0.left)"] })
        }
    }
}
