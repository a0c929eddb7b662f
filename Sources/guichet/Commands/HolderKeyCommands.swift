public import ArgumentParser
import Foundation
public import Values

/// A wish for holder keys on the command line.
extension HolderKeyPolicy: ExpressibleByArgument {}

struct RoomHolderKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holder-key", abstract: "Say whether listeners' tickets must be bound to a key of their holder.",
        discussion: """
            none       Whoever has a ticket has the seat. What rooms have by default.
            required   A ticket opens the room only once its holder has claimed it with a key that never leaves their
                       browser (or a key file), and each request proves that key anew: a copied ticket opens nothing.

            The first device that claims a ticket has it. To use it on another one, its holder passes it on to a wallet \
            there. Whoever is inside stays inside; passes for the stage are not asked for a key.
              guichet room holder-key ROOM required
            """)

    @Argument(help: "The room.") var room: String
    @Argument(help: "none or required.") var holderKey: HolderKeyPolicy
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await reportingFailures {
            try RoomOutput.show(
                try await server.client().put("/v1/rooms/\(room)/holder-key", ["holderKey": holderKey]), server)
        }
    }
}

struct ClaimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claim", abstract: "Bind a ticket of your wallet to a key, and print it as it is then.",
        discussion: """
            For rooms that ask for it ('guichet room show': key required). The key file is made on first use and is \
            readable by its owner only; it serves any number of tickets. The first key that claims a ticket has it.
              T=$(guichet ticket claim TICKET --holder-key my.pem)
              guichet listen --ticket "$T" --holder-key my.pem --out heard.opus
            """)

    @Argument(help: "The ticket's id, ticket_…") var ticket: String
    @Option(help: "The key file.") var holderKey: String
    @Option(help: "Your wallet file.") var wallet: String?
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await reportingFailures {
            let mine = try WalletFile(wallet).required()
            var client = server.client(key: mine.key)
            client.proof = try HolderKeyFile.readOrMake(holderKey).proof(with: nil)
            let answer = try await client.post(
                "/v1/tickets/\(ticket)/claim", [String: String](), idempotencyKey: IdempotencyKey.fresh())
            if server.json { return try Output.json(answer) }
            let view: Views.Ticket = try APIClient.decode(answer)
            if let token = view.token { Output.line(token) }
            Output.error("\(view.ticket) is bound to \(view.boundTo ?? "no key")")
        }
    }
}
