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
}
