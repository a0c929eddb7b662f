import ArgumentParser
import Foundation
import HTTPEdge
import Stage
import Tickets
import Values

extension TicketCommand {
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every check of a ticket and the rule behind it; exit 0 if all hold, 1 if not.",
            discussion: """
                Works without a server if the keys are in a file:
                  guichet ticket inspect TOKEN --jwks keys.json
                  guichet ticket inspect TOKEN --snapshot snapshot.jws --jwks keys.json
                Without --jwks the keys come from the server (/.well-known/jwks.json). A snapshot is what \
                /v1/gateway/snapshot.jws gives; it tells issuer, audience, revocations and ends that were moved, and how \
                old they are.
                """)
        @Argument(help: "The ticket itself (the long text), or - for standard input.") var token: String
        @Option(help: "The key set: a file, or an http address.") var jwks: String?
        @Option(help: "A signed snapshot: a file.") var snapshot: String?
        @Option(help: "The issuer it should have.") var issuer: String?
        @Option(help: "The audience it should have.") var audience: String?
        @Option(help: "The room it should open.") var room: String?
        @Option(help: "The moment to check for. Default: now.") var at: String?
        @OptionGroup var server: ServerOptions

        private struct Statement: Decodable {
            let issuedAt, staleAfter: Instant
            let snapshot: GatewaySnapshot
        }

        private struct Verdict: Encodable {
            let valid: Bool
            let code: String?
            let ticket, room, role: String?
            let checks: [TicketInspection.Check]
            let snapshotIssuedAt: Instant?
            let snapshotIsStale: Bool?
        }

        func run() async throws {
            try await reportingFailures {
                let now = try at.map { try WallTime.read($0, WallTime.now()) } ?? WallTime.now()
                let ring = try await keyRing()
                let statement = try snapshot.map { try read($0, with: ring) }
                var expected = TicketInspection.Expectation(
                    issuer: issuer ?? statement?.snapshot.issuer, audience: audience ?? statement?.snapshot.audience)
                if let room {
                    guard let id = RoomID(room) else { throw CommandFailure(.usage, "'\(room)' is no room's id.") }
                    expected.room = id
                }
                expected.revoked = statement.map { Set($0.snapshot.revoked.map(\.ticket)) }
                if let ends = statement?.snapshot.ends {
                    let byTicket = Dictionary(ends.map { ($0.ticket, $0) }, uniquingKeysWith: { first, _ in first })
                    expected.end = { byTicket[$0.ticket]?.end(signedAt: $0.issuedAt, tokenEnd: $0.expiresAt) }
                }
                let text = (token == "-" ? readLine() ?? "" : token).trimmingCharacters(in: .whitespacesAndNewlines)
                let inspection = TicketInspection(of: text, with: ring, expecting: expected, at: now)
                let isStale = statement.map { now >= $0.staleAfter }
                if server.json {
                    try Output.json(
                        Verdict(
                            valid: inspection.isValid, code: inspection.refusalCode,
                            ticket: inspection.claims?.ticket.text, room: inspection.claims?.room.text,
                            role: inspection.claims?.role.rawValue, checks: inspection.checks,
                            snapshotIssuedAt: statement?.issuedAt, snapshotIsStale: isStale))
                } else {
                    show(inspection)
                    if let statement {
                        Output.line(
                            "Revocations and moved ends are those of \(statement.issuedAt)\(isStale == true ? ", which is stale" : "")."
                        )
                    }
                }
                if !inspection.isValid { throw ExitCode.refused }
            }
        }

        private func show(_ inspection: TicketInspection) {
            let rows = inspection.checks.map { check in
                [check.outcome.rawValue, check.name, check.detail ?? "", check.rule]
            }
            Output.table(["", "check", "found", "rule"], rows)
            guard let code = inspection.refusalCode else { return Output.line("This ticket is good.") }
            let named = inspection.checks.first { $0.outcome == .failed }?.name ?? ""
            Output.line("A door refuses this ticket: \(code) (\(named)).")
        }

        private func keyRing() async throws -> KeyRing {
            let text: String
            if let jwks, !jwks.hasPrefix("http://"), !jwks.hasPrefix("https://") {
                guard let read = try? String(contentsOfFile: jwks, encoding: .utf8) else {
                    throw CommandFailure(.file, "No key set can be read from \(jwks).")
                }
                text = read
            } else {
                let client = jwks.map { APIClient(address: $0, key: nil) }
                let answer =
                    if let client { try await client.get("") } else {
                        try await server.client(key: nil).get("/.well-known/jwks.json")
                    }
                text = String(decoding: answer, as: UTF8.self)
            }
            do { return try KeyRing(jwks: text) } catch {
                throw CommandFailure(.usage, Problem(error, in: .en).detail)
            }
        }

        private func read(_ path: String, with ring: KeyRing) throws -> Statement {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw CommandFailure(.file, "No snapshot can be read from \(path).")
            }
            let failure = CommandFailure(.usage, "\(path) is not a snapshot that one of these keys signed.")
            // What a gateway takes as a snapshot, and a third more for the base64url around it.
            guard
                let payload = SignedStatement.open(
                    text.trimmingCharacters(in: .whitespacesAndNewlines), type: SignedStatement.snapshotType,
                    with: ring, limit: 96 << 20)
            else { throw failure }
            do { return try JSONDecoder().decode(Statement.self, from: Data(payload)) } catch { throw failure }
        }
    }
}
