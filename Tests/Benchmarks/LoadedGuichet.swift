import Foundation

/// A `guichet serve` of its own that sends each packet at once, loaded by `guichet load`: two processes of the release
/// build over real sockets.
struct LoadedGuichet {
    private let binary: URL
    private let folder: TemporaryFolder
    private let server: ChildProcess
    /// Where it listens.
    let address: String

    /// Starts it and waits until it listens.
    init(_ binary: URL) throws {
        self.binary = binary
        folder = try TemporaryFolder()
        server = try ChildProcess(
            binary,
            [
                "serve", "--data", folder.path, "--port", "0", "--media-port", "0", "--set", "media.threads=1",
                "--sandbox", "--set", "policy=guichet-demo-2026", "--set", "limits.key=off", "--set", "log.level=error",
                "--set", "media.pace=at-once",
            ], log: folder.file("server.log"))
        address = try server.waitForAddress()
    }

    /// The release build beside the benchmark.
    static func binary() throws -> URL {
        let guichet = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("guichet")
        guard FileManager.default.isExecutableFile(atPath: guichet.path) else {
            throw BaselineMissing(
                text: "\(guichet.path) is not built; Scripts/bench builds it for --half-load")
        }
        return guichet
    }

    /// Loads it once.
    func load(_ arguments: [String]) throws -> HalfLoadFigures {
        try HalfLoadFigures(
            loading: binary, in: folder,
            ["--server", address, "--data", folder.path, "--server-pid", "\(server.processID)"] + arguments)
    }
}

/// What is read of a load report.
struct HalfLoadFigures: Decodable {
    struct Joins: Decodable {
        let asked, joined: Int
    }

    struct Sound: Decodable {
        let lostShare: Double?
        let ended: [String: Int]
    }

    struct Delay: Decodable {
        let p50Milliseconds, p99Milliseconds: Double
    }

    struct Server: Decodable {
        let cpuSeconds: Double
        let microsecondsPerPacket: Double?
    }

    let seconds: Double
    let joins: Joins
    let sound: Sound
    let delay: Delay?
    let server: Server?

    /// Runs `guichet load` and reads its report.
    ///
    /// - Throws: ``BaselineMissing`` where the load was none: somebody did not get in, or more than one per cent was lost.
    init(loading binary: URL, in folder: TemporaryFolder, _ arguments: [String]) throws {
        let report = folder.file("report.json")
        let load = try ChildProcess(
            binary, ["load", "--json", "--max-loss", "100"] + arguments, output: report, log: folder.file("load.log"))
        let code = load.wait()
        let words = (try? String(contentsOf: folder.file("load.log"), encoding: .utf8)) ?? ""
        // 2: some did not get in, or the like; the report says what.
        guard code == 0 || code == 2 else { throw BaselineMissing(text: "guichet load ended with \(code): \(words)") }
        self = try JSONDecoder().decode(HalfLoadFigures.self, from: try Data(contentsOf: report))
        guard joins.joined == joins.asked, server?.microsecondsPerPacket != nil else {
            throw BaselineMissing(text: "only \(joins.joined) of \(joins.asked) joined: \(words)")
        }
        // Where the load generator itself loses, its delays say nothing.
        guard sound.ended.isEmpty, (sound.lostShare ?? 1) < 0.01 else {
            throw BaselineMissing(
                text: String(
                    format: "a round lost %.2f %% or connections; try fewer --listeners: ",
                    100 * (sound.lostShare ?? 1)) + words)
        }
    }
}
