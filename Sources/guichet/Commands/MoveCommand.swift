import ArgumentParser
import Foundation
import Values

struct MoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Rooms at another time: move, show, answer, settle.",
        discussion: """
            A host moves a room with a notice. Every holder then keeps the ticket for the new time or gives it back for \
            the whole price, until a time that 'show' names; whoever does not answer gets the answer of the policy. Sales \
            go on at the new time.

              guichet move room ROOM --starts +2d --ends +2d1h --notice "The speaker is ill"
              guichet move answer TICKET keep
            """,
        subcommands: [MoveRoom.self, Show.self, Answer.self, Settle.self])

    struct MoveRoom: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "room", abstract: "Move a room that has not opened (the host's key).")
        @Argument(help: "The room.") var room: String
        @Option(help: "When it starts: RFC 3339, or a distance from now such as +2d.") var starts: String
        @Option(help: "When it ends.") var ends: String
        @Option(help: "When listeners may enter. Default: the start.") var doors: String?
        @Option(help: "What you say to the holders.") var notice: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let startsAt, endsAt: Instant
            let doorsOpenAt: Instant?
            let notice: String
        }

        func run() async throws {
            try await reportingFailures {
                let now = WallTime.now()
                let body = Body(
                    startsAt: try WallTime.read(starts, now), endsAt: try WallTime.read(ends, now),
                    doorsOpenAt: try doors.map { try WallTime.read($0, now) }, notice: notice)
                let answer = try await server.client().post(
                    "/v1/rooms/\(room)/moves", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                MoveOutput.show(try APIClient.decode(answer))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how a room has moved; with the host's or the platform's key also what was answered.")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        private struct List: Decodable {
            let moves: [Views.Move]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/rooms/\(room)/moves")
                if server.json { return try Output.json(answer) }
                let list: List = try APIClient.decode(answer)
                for move in list.moves { MoveOutput.show(move) }
            }
        }
    }

    struct Answer: AsyncParsableCommand {
        enum Word: String, ExpressibleByArgument, Encodable, CaseIterable {
            case keep, refund
        }

        static let configuration = CommandConfiguration(
            abstract: "Keep your ticket for the new time, or give it back for the whole price.")
        @Argument(help: "The ticket.") var ticket: String
        @Argument(help: "keep or refund.") var answer: Word
        @Option(help: "Your wallet file.") var wallet: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = server.client(key: try WalletFile(wallet).required().key)
                let answer = try await client.post(
                    "/v1/tickets/\(ticket)/answer", ["answer": answer],
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let done: Views.MoveAnswer = try APIClient.decode(answer)
                if let token = done.token {
                    Output.line(token)
                    Output.error("ticket \(done.ticket), \(done.notBefore) to \(done.expiresAt)")
                } else {
                    Output.line("refunded \(done.refunded?.description ?? "nothing")")
                }
            }
        }
    }

    struct Settle: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Answer for whoever has not, once the time is over (the host's key). A server does it by itself.")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        private struct Nothing: Encodable {}

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post("/v1/rooms/\(room)/moves/settle", Nothing())
                if server.json { return try Output.json(answer) }
                MoveOutput.show(try APIClient.decode(answer))
            }
        }
    }
}

private enum MoveOutput {
    static func show(_ move: Views.Move) {
        Output.line("move      \(move.move)")
        Output.line("from      \(move.from.startsAt) to \(move.from.endsAt)")
        Output.line("to        \(move.to.startsAt) to \(move.to.endsAt), doors \(move.to.doorsOpenAt)")
        Output.line("notice    \(move.notice)")
        Output.line("answers   until \(move.answerUntil), then \(move.defaultAnswer)")
        if let answers = move.answers {
            Output.line(
                "answered  \(answers.kept) kept, \(answers.refunded) refunded, \(answers.byDefault) of them by default, "
                    + "\(answers.open) open")
        }
    }
}

extension Views {
    struct Move: Decodable {
        struct Times: Decodable {
            let doorsOpenAt, startsAt, endsAt: Instant
        }
        struct Answers: Decodable {
            let kept, refunded, byDefault, open: Int
        }
        let move: Int
        let from, to: Times
        let notice, defaultAnswer: String
        let answerUntil: Instant
        let answers: Answers?
    }

    struct MoveAnswer: Decodable {
        let ticket: TicketID
        let notBefore, expiresAt: Instant
        let token: String?
        let refunded: Money?
    }
}
