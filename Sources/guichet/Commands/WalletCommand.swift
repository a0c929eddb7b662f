import ArgumentParser
import Foundation
import Values

struct WalletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wallet", abstract: "Wallets: money put down before buying.",
        subcommands: [TopUp.self, Show.self])

    struct TopUp: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "topup",
            abstract: "Put money into your wallet; the first time makes the wallet.",
            discussion: """
                With --provider it prints the link to pay, and the money is in the wallet once the provider says that it \
                is there: passes, longer tickets and tips are paid from it. Without, it is test money where the server \
                runs with --sandbox; otherwise an operator confirms the money received, with the operator key \
                (GUICHET_KEY, --key-file or --data).
                """)

        @Argument(help: "The amount with its currency: \"20.00 EUR\".") var amount: String
        @Option(help: "Pay through this provider: stripe, manual or sandbox.") var provider: String?
        @Option(help: "Your wallet file. Default: GUICHET_WALLET, else ~/.config/guichet/wallet.json.")
        var wallet: String?
        @Option(help: "Idempotency key: give the same one to repeat a top-up whose answer was lost.")
        var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Checkout: Encodable {
            let provider: String
            let amount: Money
        }

        func run() async throws {
            try await reportingFailures {
                let money = try MoneyArgument.read(amount)
                let mine = try await WalletFile(wallet).readOrMake(server)
                if let provider {
                    return try PaymentOutput.show(
                        try await server.client(key: mine.key).post(
                            "/v1/wallets/\(mine.holder)/checkouts", Checkout(provider: provider, amount: money),
                            idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()), server)
                }
                let operatorClient = try server.client()
                let client = operatorClient.key == nil ? server.client(key: mine.key) : operatorClient
                let answer = try await client.post(
                    "/v1/wallets/\(mine.holder)/topups", ["amount": money],
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let topup: Views.Topup = try APIClient.decode(answer)
                Output.line("put in   \(topup.amount)")
                Output.line("balance  \(topup.balance)")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show your wallet's balance.")
        @Option(help: "Your wallet file.") var wallet: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let mine = try WalletFile(wallet).required()
                try WalletOutput.show(try await server.client(key: mine.key).get("/v1/wallets/\(mine.holder)"), server)
            }
        }
    }
}

enum WalletOutput {
    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let wallet: Views.Wallet = try APIClient.decode(answer)
        Output.line("holder   \(wallet.holder)")
        for balance in wallet.balances { Output.line("balance  \(balance)") }
    }
}
