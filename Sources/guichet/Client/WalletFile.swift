import Foundation
import Values

/// The buyer's wallet on this machine: the holder's id and key in a file that only its owner can read.
struct WalletFile {
    let path: String

    /// `--wallet`, else GUICHET_WALLET, else `~/.config/guichet/wallet.json`.
    init(_ option: String?) {
        let environment = ProcessInfo.processInfo.environment
        path = option ?? environment["GUICHET_WALLET"] ?? NSString("~/.config/guichet/wallet.json").expandingTildeInPath
    }

    func read() throws -> Views.NewWallet? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path),
            let wallet = try? JSONDecoder().decode(Views.NewWallet.self, from: data)
        else { throw CommandFailure(.file, "The wallet file \(path) can't be read.") }
        return wallet
    }

    /// The wallet of the file, or a new one from the server that is then kept in the file.
    func readOrMake(_ server: ServerOptions) async throws -> Views.NewWallet {
        if let wallet = try read() { return wallet }
        let answer = try await server.client(key: nil).post("/v1/wallets", [String: String]())
        let wallet: Views.NewWallet = try APIClient.decode(answer)
        try write(wallet)
        return wallet
    }

    func required() throws -> Views.NewWallet {
        guard let wallet = try read() else {
            throw CommandFailure(.file, "There is no wallet at \(path). 'guichet wallet topup' makes one.")
        }
        return wallet
    }

    private func write(_ wallet: Views.NewWallet) throws {
        let manager = FileManager.default
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try? manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Money is behind it: half of one would be a wallet that nobody can open.
        do { try OutputFile.write(try encoder.encode(wallet), to: path, mode: 0o600) } catch {
            throw CommandFailure(.file, "The wallet can't be written to \(path).")
        }
    }
}
