import Foundation

/// A Janus of its own, configured for what is measured: the videoroom over HTTP on loopback, audio only.
struct JanusProcess {
    static let path = "/usr/bin/janus"

    let process: ChildProcess
    /// Of its HTTP interface.
    let address: String

    /// Writes the configuration into the folder, starts Janus and waits until it answers.
    init(in folder: TemporaryFolder, core: Int?) throws {
        // Its own HTTP server takes no port 0.
        let port = Int.random(in: 18_000..<19_000)
        let library = try Self.library()
        let others = { (kind: String, kept: String) in
            try FileManager.default.contentsOfDirectory(atPath: "\(library)/\(kind)")
                .filter { $0.hasSuffix(".so") && $0 != kept }.joined(separator: ",")
        }
        try folder.write(
            "janus.jcfg",
            """
            general: {
              configs_folder = "\(folder.path)"
              plugins_folder = "\(library)/plugins"
              transports_folder = "\(library)/transports"
              events_folder = "\(library)/events"
              loggers_folder = "\(library)/loggers"
              debug_level = 2
              event_loops = 2
            }
            media: { ipv6 = false }
            nat: { ice_lite = true }
            plugins: { disable = "\(try others("plugins", "libjanus_videoroom.so"))" }
            transports: { disable = "\(try others("transports", "libjanus_http.so"))" }
            loggers: { disable = "libjanus_jsonlog.so" }
            """)
        try folder.write(
            "janus.transport.http.jcfg",
            """
            general: {
              json = "compact"
              base_path = "/janus"
              http = true
              port = \(port)
              ip = "127.0.0.1"
              https = false
            }
            admin: { admin_http = false }
            """)
        try folder.write("janus.plugin.videoroom.jcfg", "general: { }")
        address = "http://127.0.0.1:\(port)/janus"
        process = try ChildProcess(
            URL(fileURLWithPath: Self.path), ["-F", folder.path, "-o"], core: core, log: folder.file("janus.log"))
        try process.waitUntilListening(on: UInt16(port))
    }

    private static func library() throws -> String {
        for triplet in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
            let path = "/usr/lib/\(triplet)/janus"
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        throw BaselineMissing(text: "Janus's plugins are not where Debian puts them")
    }
}

/// A folder that goes with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("guichet-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> URL { URL(fileURLWithPath: path).appendingPathComponent(name) }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: file(name)) }
}

/// A process that this one has started and ends.
final class ChildProcess {
    private let process = Process()
    private let log: URL

    var processID: Int32 { process.processIdentifier }

    /// - Parameters:
    ///   - core: the one it runs on; any, if `nil`.
    ///   - output: where standard output goes; into the log, if `nil`.
    init(_ executable: URL, _ arguments: [String], core: Int? = nil, output: URL? = nil, log: URL) throws {
        self.log = log
        process.executableURL = core == nil ? executable : URL(fileURLWithPath: "/usr/bin/taskset")
        process.arguments = (core.map { ["--cpu-list", "\($0)", executable.path] } ?? []) + arguments
        for url in [log, output].compactMap({ $0 }) { try Data().write(to: url) }
        let words = try FileHandle(forWritingTo: log)
        process.standardOutput = try output.map { try FileHandle(forWritingTo: $0) } ?? words
        process.standardError = words
        try process.run()
    }

    deinit { stop() }

    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        // Janus has been seen to survive SIGTERM while it starts.
        for _ in 0..<100 where process.isRunning { usleep(50_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    private var words: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// The address that `guichet serve` prints once it listens.
    func waitForAddress() throws -> String {
        for _ in 0..<600 {
            if let range = words.range(of: #"http://127\.0\.0\.1:[0-9]+"#, options: .regularExpression) {
                return String(words[range])
            }
            try pauseWhileItRuns()
        }
        throw BaselineMissing(text: "the server does not listen: \(words)")
    }

    /// Waits until something takes connections on this port of loopback.
    func waitUntilListening(on port: UInt16) throws {
        for _ in 0..<600 {
            if Self.isListening(on: port) { return }
            try pauseWhileItRuns()
        }
        throw BaselineMissing(text: "nothing listens on port \(port): \(words)")
    }

    private static func isListening(on port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func pauseWhileItRuns() throws {
        guard process.isRunning else { throw BaselineMissing(text: "the server did not start: \(words)") }
        usleep(50_000)
    }
}
