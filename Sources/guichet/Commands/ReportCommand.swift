import ArgumentParser
import Foundation
import Store

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Reports: of a night, and of any period.",
        discussion: """
            'report export --day D' writes all files of a night. 'report run NAME' makes one report for any month, \
            quarter, year or days; 'report list' names them.
            """,
        subcommands: [List.self, Run.self, Export.self])

    struct Files: Decodable {
        struct File: Decodable {
            let name, contentType: String
            let bytes: Int
        }
        let reports: [File]
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the reports that 'report run' makes; with --day, the files of a night.")
        @Option(help: "List the files of this business day's night, for example 2026-11-22.") var day: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                guard let day else { return try await definitions() }
                let answer = try await server.client().get("/v1/reports?day=\(day)")
                if server.json { return try Output.json(answer) }
                let list: Files = try APIClient.decode(answer)
                Output.table(
                    ["FILE", "BYTES", "TYPE"],
                    list.reports.map { [$0.name, String($0.bytes), $0.contentType] })
            }
        }

        private func definitions() async throws {
            let answer = try await server.client().get("/v1/reports/definitions")
            if server.json { return try Output.json(answer) }
            let list: Definitions = try APIClient.decode(answer)
            Output.table(
                ["NAME", "USUALLY FOR A", "WHAT"], list.definitions.map { [$0.name, $0.period, $0.title] })
        }
    }

    struct Definitions: Decodable {
        struct Definition: Decodable {
            let name, title, period: String
        }
        let definitions: [Definition]
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the files of a night into a folder: CSV, JSON, HTML, journals.",
            discussion: "The same night gives the same bytes every time; control.json has rows, sums and digests.")

        @Option(help: "The business day.") var day: String
        @Option(name: .customLong("out"), help: "The folder; made if missing.") var folder: String
        @Option(help: "Language of the HTML: en or fr.") var language = "en"
        @Argument(help: "Names of files. Default: all of them.") var names: [String] = []
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                var client = try server.client()
                client.language = language
                let list: Files = try APIClient.decode(try await client.get("/v1/reports?day=\(day)"))
                let known = Set(list.reports.map(\.name))
                for name in names where !known.contains(name) {
                    throw CommandFailure(
                        .usage, "The night of \(day) has no file '\(name)'. 'guichet report list' names them.")
                }
                let chosen = list.reports.map(\.name).filter { names.isEmpty || names.contains($0) }
                var written: [String] = []
                for name in chosen {
                    let bytes = try await client.get("/v1/reports/\(name)?day=\(day)")
                    written.append(try ReportFolder(path: folder).write(bytes, name))
                }
                if server.json { return try Output.json(written) }
                written.forEach(Output.line)
            }
        }
    }
}

/// Where exported reports go.
struct ReportFolder {
    let path: String

    /// Writes one file; its name comes from a server, so it must be a plain name.
    func write(_ bytes: Data, _ name: String) throws -> String {
        guard !name.contains("/"), !name.hasPrefix(".") else {
            throw CommandFailure(.unavailable, "The server named a file '\(name)', which is not a plain name.")
        }
        let target = path + "/" + name
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try WholeFile.write(bytes, to: target, .report)
        } catch {
            throw CommandFailure(.file, "\(target) can't be written.")
        }
        return target
    }
}
