import Foundation
import HTTPEdge
import Hummingbird
import LedgerService
import Logging
import NIOCore
import Values

/// The server that ``HTTPSalesBenchmark`` measures: this executable again, so that its CPU time is the server's alone.
enum SalesServer {
    /// What the server says on standard output once it listens.
    struct Invitation: Codable {
        let port: Int
        let room: String
        /// Keys of wallets with money.
        let keys: [String]
    }

    /// Serves the ledger's routes on loopback until standard input ends: when the benchmark is done, or gone.
    static func serve(in folder: URL, capacity: Int, buyers: Int) async throws {
        let house = try await SalesHouse.open(in: folder, "server", capacity: capacity, buyers: buyers)
        let router: Router<BasicRequestContext> = makeEdgeRouter()
        LedgerRoutes(house.service).add(to: router)
        let (room, keys) = (house.room.room.text, house.wallets.map(\.key))
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                let invitation = Invitation(port: channel.localAddress?.port ?? 0, room: room, keys: keys)
                guard let line = try? JSONEncoder().encode(invitation) else { return }
                FileHandle.standardOutput.write(line + Data("\n".utf8))
            },
            // As `guichet serve` logs by default.
            logger: Logger(label: "bench") { JSONLogHandler(label: $0, level: .notice) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask { await standardInputEnds() }
            try await group.next()
            group.cancelAll()
        }
        await house.close()
    }

    private static func standardInputEnds() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = FileHandle.standardInput.readDataToEndOfFile()
                continuation.resume()
            }
        }
    }
}

/// A running ``SalesServer``.
final class SalesServerProcess: Sendable {
    let invitation: SalesServer.Invitation
    let processID: Int32
    private let input: Pipe
    private let process: Process

    /// Starts the server and waits until it listens; what it logs goes to a file in `folder`.
    init(in folder: URL, capacity: Int = SalesHouse.capacity, buyers: Int = 1_000) throws {
        process = Process()
        input = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--serve-sales", folder.path, "--seats", "\(capacity)", "--buyers", "\(buyers)"]
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        let log = folder.appendingPathComponent("server.log")
        try Data().write(to: log)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        processID = process.processIdentifier
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                let reason = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
                throw BaselineMissing(text: "the server did not start: \(reason)")
            }
            line += more
        }
        invitation = try JSONDecoder().decode(SalesServer.Invitation.self, from: line)
    }

    /// User and system time of the server so far, in seconds (proc(5), fields 14 and 15 of `stat`).
    func cpuSeconds() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
        // The name of the process stands in brackets and may hold anything; what follows is numbers, from field 3 on.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw BaselineMissing(text: text)
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
