import ArgumentParser
import Foundation

/// Flags that every server command takes; any other setting goes by `--set key=value`.
struct SettingsOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "A JSON file with settings, for example {\"http\": {\"port\": 8080}}.")
    var file: String?

    @Option(name: .customLong("data"), help: "Folder of the database, the keys and the reports (data.directory).")
    var dataDirectory: String?

    @Option(help: "The ledger's database: an SQLite file or a PostgreSQL address (database).")
    var database: String?

    @Option(help: "Address that HTTP listens on (http.host). Loopback unless you say otherwise.")
    var host: String?

    @Option(help: "TCP port of HTTP (http.port).")
    var port: Int?

    @Option(help: "UDP port of the audio relay (media.port); 0 takes any free one.")
    var mediaPort: Int?

    @Option(help: "Run each night by itself at this time of the local day, for example 03:30 (night.at).")
    var nightly: String?

    @Option(help: "Folder with report definitions of the house (reports.folder).")
    var reports: String?

    @Flag(help: "Let wallets top themselves up with test money (payments.sandbox).")
    var sandbox = false

    @Option(
        name: .customLong("set"), help: "Any setting, as key=value; may be repeated. 'guichet config show' lists them.")
    var assignments: [String] = []

    func reader() async throws -> SettingsReader {
        var flags: [String: String] = [:]
        for assignment in assignments {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw CommandFailure(.configuration, "--set takes key=value, not '\(assignment)'.")
            }
            flags[String(parts[0])] = String(parts[1])
        }
        flags[Setting.dataDirectory.key] = dataDirectory ?? flags[Setting.dataDirectory.key]
        flags[Setting.database.key] = database ?? flags[Setting.database.key]
        flags[Setting.httpHost.key] = host ?? flags[Setting.httpHost.key]
        flags[Setting.httpPort.key] = port.map(String.init) ?? flags[Setting.httpPort.key]
        flags[Setting.mediaPort.key] = mediaPort.map(String.init) ?? flags[Setting.mediaPort.key]
        flags[Setting.nightAt.key] = nightly ?? flags[Setting.nightAt.key]
        flags[Setting.reportsFolder.key] = reports ?? flags[Setting.reportsFolder.key]
        if sandbox { flags[Setting.paymentsSandbox.key] = "true" }
        let environment = ProcessInfo.processInfo.environment
        return try await SettingsReader(
            flags: flags, environment: environment, filePath: file ?? environment["GUICHET_CONFIG"])
    }

    func settings() async throws -> ServerSettings { try ServerSettings(try await reader()) }
}
