import ArgumentParser
import Foundation
import Values

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Play the whole story for real: price, sell, refuse, enter, hear, refund, pay.",
        discussion: """
            Starts a server of its own on an empty data folder, with test money, and goes through the story over real \
            HTTP and real WebRTC. With --stay it then keeps a room open with the talk playing, and prints links to open.
            """)

    @Option(name: .customLong("data"), help: "The data folder; must be empty or missing.") var dataDirectory: String
    @Option(help: "The host's talk as Ogg Opus (Scripts/make-talk makes one).") var talk: String
    @Option(help: "TCP port of HTTP.") var port = 8080
    @Option(help: "UDP port of the audio relay; 0 takes any free one.") var mediaPort = 0
    @Option(help: "Seconds of the talk that are played in the story.") var seconds = 12.0
    @Flag(help: "Stay up afterwards with an open room.") var stay = false

    func run() async throws {
        try await reportingFailures {
            let manager = FileManager.default
            if let present = try? manager.contentsOfDirectory(atPath: dataDirectory), !present.isEmpty {
                throw CommandFailure(.usage, "\(dataDirectory) is not empty; the demo wants a folder of its own.")
            }
            let file = try OpusFile.read(talk)
            let house = try await House(try await settings())
            let operatorKey = try ServerOptions.readKey(dataDirectory + "/operator.key")
            let address = "http://127.0.0.1:\(port)"
            let listening = AsyncStream.makeStream(of: Void.self)
            let server = Task {
                // Also when it never came to listening: a port in use must end the wait below.
                defer { listening.continuation.finish() }
                try await house.run { _ in listening.continuation.yield() }
            }
            var isListening = false
            for await _ in listening.stream {
                isListening = true
                break
            }
            guard isListening else { return try await server.value }
            let story = DemoStory(
                people: DemoClient(address: address, operatorKey: operatorKey), talk: file, seconds: seconds,
                reports: ReportFolder(path: dataDirectory + "/reports"))
            do {
                let day = try await story.play()
                if stay { try await LiveRoom(story: story, day: day).play() }
            } catch let broken as StoryBroken {
                throw CommandFailure(.refused, "The story broke: \(broken.description).")
            }
            // The server ends as it does on SIGTERM, receipts delivered and files closed.
            if !stay { kill(getpid(), SIGTERM) }
            try await server.value
        }
    }

    private func settings() async throws -> ServerSettings {
        let flags = [
            Setting.dataDirectory.key: dataDirectory, Setting.httpPort.key: String(port),
            Setting.mediaPort.key: String(mediaPort), Setting.paymentsSandbox.key: "true",
            Setting.policy.key: "guichet-demo-2026", Setting.logLevel.key: "warning",
        ]
        return try ServerSettings(try await SettingsReader(flags: flags, environment: [:], filePath: nil))
    }
}
