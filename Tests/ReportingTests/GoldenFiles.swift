import Foundation
import Reporting
import Simulation
import Testing

/// Golden files lie beside the tests. `GUICHET_RECORD=1 swift test --filter ReportingTests` writes them anew; the
/// difference is then read like any other change.
enum GoldenFiles {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    static let isRecording = ProcessInfo.processInfo.environment["GUICHET_RECORD"] == "1"

    static func expect(_ file: ReportFile, in name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let url = folder.appendingPathComponent(name).appendingPathComponent(file.name)
        if isRecording {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.bytes).write(to: url)
            return
        }
        let golden = try Data(contentsOf: url)
        guard golden != Data(file.bytes) else { return }
        let (expected, found) = (String(decoding: golden, as: UTF8.self), String(decoding: file.bytes, as: UTF8.self))
        let lines = zip(
            expected.split(separator: "\n", omittingEmptySubsequences: false),
            found.split(separator: "\n", omittingEmptySubsequences: false))
        let first = lines.enumerated().first { $0.element.0 != $0.element.1 }
        Issue.record(
            """
            \(file.name) differs from its golden file at line \((first?.offset ?? 0) + 1):
            expected: \(first.map { String($0.element.0) } ?? "another length")
            found:    \(first.map { String($0.element.1) } ?? "another length")
            """, sourceLocation: sourceLocation)
    }
}

/// Runs a program on files in a folder of its own and says what it printed.
struct Tool {
    let path: String

    struct Outcome {
        let status: Int32
        let output: String
    }

    /// The files are written to a new folder, in which the program runs; both streams are returned.
    func run(_ arguments: [String], files: [ReportFile]) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guichet-reporting-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in files { try Data(file.bytes).write(to: folder.appendingPathComponent(file.name)) }
        let environment = ["LANG=C.UTF-8", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=\(folder.path)"]
        let answer = try ChildCommand(
            path, arguments, environment: environment, in: folder.path, takesErrors: true
        ).run()
        return Outcome(status: answer.status, output: answer.text)
    }

    static let hledger = Tool(path: "/usr/bin/hledger")
    static let xmllint = Tool(path: "/usr/bin/xmllint")

    /// The Python that has beancount; tests that need it fail where it is missing.
    static var python: Tool? {
        ProcessInfo.processInfo.environment["GUICHET_PYTHON"].map { Tool(path: $0) }
    }
}
