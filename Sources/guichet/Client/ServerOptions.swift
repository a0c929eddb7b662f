import ArgumentParser
import Foundation

/// Where the server is and with which key the command speaks; shared by every client command.
struct ServerOptions: ParsableArguments {
    @Option(help: "The server's address. Default: GUICHET_URL, else http://127.0.0.1:8080.")
    var server: String?

    @Option(help: "A file that holds the API key. Default: GUICHET_KEY, else operator.key in the data folder.")
    var keyFile: String?

    @Option(name: .customLong("data"), help: "The server's data folder, if it is on this machine (for operator.key).")
    var dataFolder: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// The server's address without a trailing slash.
    var address: String {
        let given = server ?? ProcessInfo.processInfo.environment["GUICHET_URL"] ?? "http://127.0.0.1:8080"
        return given.hasSuffix("/") ? String(given.dropLast()) : given
    }

    /// A client with the key of the options or the environment; commands that need none get one without.
    func client() throws -> APIClient { APIClient(address: address, key: try key()) }

    /// A client with exactly this key, for commands of a wallet.
    func client(key: String?) -> APIClient { APIClient(address: address, key: key) }

    private func key() throws -> String? {
        let environment = ProcessInfo.processInfo.environment
        if let keyFile { return try Self.readKey(keyFile) }
        if let key = environment["GUICHET_KEY"], !key.isEmpty { return key }
        let folder = dataFolder ?? environment["GUICHET_DATA_DIRECTORY"]
        return try folder.map { try Self.readKey($0 + "/operator.key") }
    }

    static func readKey(_ path: String) throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(.file, "No key can be read from \(path).")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
