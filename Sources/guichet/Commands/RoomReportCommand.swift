import ArgumentParser
import Foundation
import Tickets
import Values

struct RoomReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "What was held of a room, and who heard what: signed, and checked here.",
        discussion: """
            The figures come from the receipts of gateways. All lines are fetched, their digest is compared with the one \
            in the signed statement, and the statement with the server's keys; what does not fit exits with 1. With --json the first thousand lines are printed. Rooms whose \
            terms are metered pay back by themselves what was not held ('guichet room terms').
            """)
    @Argument(help: "The room.") var room: String
    @OptionGroup var server: ServerOptions

    private struct Report: Decodable {
        struct Stretch: Decodable { let from, to: Instant }
        struct Line: Decodable {
            let ticket: String
            let entries, refusals, connectedSeconds, heardSeconds, lostPackets, jitterMicroseconds: Int64

            /// As the digest takes it.
            var text: String {
                "\(ticket)|\(entries)|\(refusals)|\(connectedSeconds)|\(heardSeconds)|\(lostPackets)|\(jitterMicroseconds)\n"
            }
        }
        struct Decision: Decodable {
            let night: LocalDay
            let deliveredSeconds, wholeFromBp: Int64
            let refundedOrders: Int
            let refunded: [Money]
        }
        let state: String
        let startsAt, endsAt: Instant
        let promisedSeconds, deliveredSeconds, listeners, heardSeconds: Int64
        let stage: [Stretch]
        let decision: Decision?
        let lines: [Line]
        let next: String?
        let statement: String
    }

    func run() async throws {
        try await reportingFailures {
            let client = try server.client()
            let first = try await client.get("/v1/rooms/\(room)/report")
            let report: Report = try APIClient.decode(first)
            var lines = report.lines
            var page = report
            while let next = page.next {
                page = try APIClient.decode(try await client.get("/v1/rooms/\(room)/report?after=\(next)"))
                lines += page.lines
            }
            try await check(report, lines)
            if server.json { return try Output.json(first) }
            show(report, lines)
        }
    }

    private func check(_ report: Report, _ lines: [Report.Line]) async throws {
        let keys = try await server.client(key: nil).get("/.well-known/jwks.json")
        guard let ring = try? KeyRing(jwks: String(decoding: keys, as: UTF8.self)),
            let statement = ring.roomReport(report.statement)
        else { throw CommandFailure(.refused, "No key of the server has signed this report.") }
        // Statements have whole seconds.
        guard statement.room.text == room, statement.state == report.state, statement.listeners == report.listeners,
            statement.startsAt.seconds == report.startsAt.seconds, statement.endsAt.seconds == report.endsAt.seconds,
            statement.promisedSeconds == report.promisedSeconds,
            statement.deliveredSeconds == report.deliveredSeconds, statement.heardSeconds == report.heardSeconds,
            statement.lines == SHA256Digest(of: lines.map(\.text).joined())
        else {
            throw CommandFailure(
                .refused, "The lines are not those that were signed. If the room goes on, ask again when it is over.")
        }
    }

    private func show(_ report: Report, _ lines: [Report.Line]) {
        func minutes(_ seconds: Int64) -> String {
            "\(seconds / 60) min \(String(format: "%02d", Int(seconds % 60))) s"
        }
        Output.line("State: \(report.state); from \(report.startsAt) to \(report.endsAt)")
        Output.line("Held: \(minutes(report.deliveredSeconds)) of \(minutes(report.promisedSeconds)) promised")
        for stretch in report.stage { Output.line("  on stage \(stretch.from) to \(stretch.to)") }
        Output.line("Heard: \(minutes(report.heardSeconds)) by \(report.listeners) tickets")
        if let decision = report.decision {
            let sums = decision.refunded.filter { $0.minorUnits > 0 }.map(\.description).joined(separator: ", ")
            Output.line(
                "Night of \(decision.night): "
                    + (decision.refundedOrders == 0
                        ? "nothing to pay back." : "\(sums) paid back on \(decision.refundedOrders) orders."))
        }
        Output.table(
            ["TICKET", "ENTRIES", "REFUSED", "IN THE ROOM", "HEARD", "LOST", "JITTER"],
            lines.map { line in
                [
                    line.ticket, "\(line.entries)", "\(line.refusals)", minutes(line.connectedSeconds),
                    minutes(line.heardSeconds), "\(line.lostPackets)",
                    String(format: "%.1f ms", Double(line.jitterMicroseconds) / 1_000),
                ]
            })
        Output.line("Signed by the server, and the lines are those that were signed.")
    }
}
