import ArgumentParser
import Foundation
import Payouts
import Values

extension FundCommand {
    struct Progress: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "How a host's duties go: each month and week, and why a room does not count.",
            discussion: """
                Counted when it is asked for, by the rule that closes the month. 'earned' is what a month would give \
                if it closed as it is; 'possible' the most that it can still give. Key of the host, of finance, of an \
                operator or an auditor.
                  guichet fund progress spark-2021 --host HOST
                """)
        @Argument(help: "The fund.") var fund: String
        @Option(help: "The host.") var host: String
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            struct Room: Decodable {
                let room: RoomID
                let day: LocalDay
                let minutes: Int64
                let listeners: Int
                let reason: String?
            }
            struct Week: Decodable {
                let from, to: LocalDay
                let state: String
                let counted, needed: Int
                let rooms: [Room]
            }
            struct Month: Decodable {
                let month: LocalMonth
                let closesOn: LocalDay
                let closed: Bool
                let earned, possible: Money
                let weeks: [Week]
            }
            let fund: String
            let roomsPerWeek, minRoomListeners: Int
            let minRoomMinutes: Int64
            let months: [Month]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/funds/\(fund)/progress/\(host)")
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.line(
                    "asked     \(view.roomsPerWeek) rooms a week of \(view.minRoomMinutes) minutes and "
                        + "\(view.minRoomListeners) listeners")
                for month in view.months {
                    Output.line(
                        month.closed
                            ? "month     \(month.month), closed: \(month.earned)"
                            : "month     \(month.month), closes on \(month.closesOn): \(month.earned) earned, "
                                + "\(month.possible) possible")
                    for week in month.weeks {
                        Output.line(
                            "  \(week.from) to \(week.to)  \(week.counted) of \(week.needed) rooms  "
                                + week.state.replacing("_", with: " "))
                        for room in week.rooms {
                            let why = room.reason.map { "does not count: \($0.replacing("_", with: " "))" } ?? "counts"
                            Output.line(
                                "    \(room.day)  \(room.room)  \(room.minutes) min, \(room.listeners) listeners  \(why)"
                            )
                        }
                    }
                }
            }
        }
    }

    struct Exclusions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a month of a fund leaves out, and why: own accounts, caps, too short, too few.",
            discussion: """
                By host, room and reason, counted from the facts that close the month. Listeners are counted and not \
                named; --json shows the digest by which whoever has the listening can run it again. A host sees its \
                own rows; finance, operators and auditors all of them.
                  guichet fund exclusions shorts-45 2026-03
                """)
        @Argument(help: "The fund.") var fund: String
        @Argument(help: "The month, such as 2026-03.") var month: String
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            struct Row: Decodable {
                let host: HostID
                let room: RoomID?
                let reason: String
                let why: String?
                let listeners: Int?
                let seconds: Int64?
            }
            let closed: Bool
            let version: Int
            let exclusions: [Row]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/funds/\(fund)/exclusions/\(month)")
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.line("month     \(month), \(view.closed ? "closed" : "open"), terms of version \(view.version)")
                Output.table(
                    ["HOST", "ROOM", "REASON", "LISTENERS", "SECONDS", "WHY"],
                    view.exclusions.map { row in
                        [
                            row.host.text, row.room?.text ?? "", row.reason.replacing("_", with: " "),
                            row.listeners.map(String.init) ?? "", row.seconds.map(String.init) ?? "", row.why ?? "",
                        ]
                    })
            }
        }
    }
}
