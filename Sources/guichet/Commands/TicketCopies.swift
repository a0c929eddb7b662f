import ArgumentParser
import Foundation
import Tickets

extension TicketCommand {
    struct QR: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "qr", abstract: "Show a ticket as a QR code that opens the room on another device.",
            discussion: """
                  guichet ticket qr ticket_01…              in this terminal
                  guichet ticket qr ticket_01… --svg t.svg  as a picture
                Whoever has the picture has the seat.
                """)
        @Argument(help: "The ticket's id, ticket_…; with --text, what to encode.") var ticket: String
        @Flag(help: "Encode the given text itself, without asking a server.") var text = false
        @Option(help: "Write an SVG file in place of drawing in the terminal.") var svg: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                var link = ticket
                if !text {
                    let mine = try WalletFile(wallet).required()
                    let view: Views.Ticket = try APIClient.decode(
                        try await server.client(key: mine.key).get("/v1/tickets/\(ticket)"))
                    guard let token = view.token else {
                        throw CommandFailure(.usage, "That ticket is not of your wallet.")
                    }
                    link = "\(server.address)/r/\(view.room)#ticket=\(token)"
                }
                guard let code = QRCode(Array(link.utf8)) else {
                    throw CommandFailure(.usage, "A QR code holds at most \(QRCode.maximumBytes) bytes.")
                }
                guard let svg else { return Output.line(code.terminalText) }
                try OutputFile.write(Data(code.svg.utf8), to: svg)
            }
        }
    }

    struct Calendar: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a ticket as a calendar entry.",
            discussion: "  guichet ticket calendar ticket_01… > talk.ics")
        @Argument(help: "The ticket's id, ticket_…") var ticket: String
        @Option(help: "Your wallet file.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let mine = try WalletFile(wallet).required()
                let answer = try await server.client(key: mine.key).get("/v1/tickets/\(ticket)/calendar.ics")
                Output.bytes(answer)
            }
        }
    }
}
