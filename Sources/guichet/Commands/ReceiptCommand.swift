import ArgumentParser
import Foundation

extension TicketCommand {
    struct Receipt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the receipt of an order: its journal entry and the proof that a signed head covers it.",
            discussion: """
                The proof is there from the night after the sale. Anybody can check it without this program:
                  guichet ticket receipt order_01… --out receipt.json
                  curl -O http://127.0.0.1:8080/.well-known/jwks.json
                  Scripts/verify-journal --receipt receipt.json --keys jwks.json
                """)

        @Argument(help: "The order.") var order: String
        @Option(help: "The file to write. Default: standard output.") var out: String?
        @Option(help: "Your wallet file.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let mine = try WalletFile(wallet).required()
                let answer = try await server.client(key: mine.key).get("/v1/orders/\(order)/receipt")
                guard let out else { return try Output.json(answer) }
                try OutputFile.write(answer, to: out)
                Output.line(out)
            }
        }
    }
}
