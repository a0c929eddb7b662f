import AsyncHTTPClient
import AudioRelay
import Foundation
import MediaWire
import RoomClient

/// Runs one media session with an HTTP client of its own, Ctrl-C ending it in order.
enum AudioSession {
    static func run<Summary: Sendable>(
        _ body: @escaping @Sendable (HTTPClient) async throws -> Summary
    ) async throws -> Summary {
        let http = HTTPClient.forSessions()
        let work = Task { try await body(http) }
        signal(SIGINT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
        let sources = [SIGINT, SIGTERM].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { work.cancel() }
            source.resume()
            return source
        }
        let result = await work.result
        for source in sources { source.cancel() }
        try? await http.shutdown()
        switch result {
        case .success(let summary): return summary
        case .failure(let error): throw Self.inWords(error)
        }
    }

    private static func inWords(_ error: any Error) -> any Error {
        switch error {
        case is RefusedByServer, is CommandFailure: error
        case let fault as MediaFault: CommandFailure(.unavailable, fault.description)
        case let fault as JanusFault: CommandFailure(.unavailable, fault.description)
        case is CancellationError: CommandFailure(.unavailable, "It was stopped before it was done.")
        case SignallingFault.unusableURL: CommandFailure(.usage, "That is not an http or https address.")
        case is SignallingFault: CommandFailure(.unavailable, "The server does not answer as WHIP and WHEP say.")
        default: CommandFailure(.unavailable, "The server can't be reached.")
        }
    }
}

/// Reads Ogg Opus files for sending.
enum OpusFile {
    /// A gigabyte is ten hours at 200 kbit/s.
    private static let maximumBytes = 1 << 30

    static func read(_ path: String) throws -> OggOpusFile {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = attributes[.size] as? Int, size <= maximumBytes,
            let data = FileManager.default.contents(atPath: path)
        else { throw CommandFailure(.file, "\(path) can't be read.") }
        do { return try OggOpusFile(Array(data)) } catch {
            throw CommandFailure(.file, "\(path) is not an Ogg Opus file that can be sent (\(error)).")
        }
    }

    /// The packets of the first seconds; from the beginning again if it repeats.
    static func first(_ seconds: Double, of packets: [OggOpusFile.Packet], repeating: Bool) -> [OggOpusFile.Packet] {
        var chosen: [OggOpusFile.Packet] = []
        var left = Int(min(max(seconds, 0), 86_400) * 48_000)
        repeat {
            for packet in packets {
                guard left > 0 else { return chosen }
                chosen.append(packet)
                left -= packet.sampleCount
            }
        } while repeating && left > 0
        return chosen
    }
}

/// Writes what is heard to a file as it comes.
///
/// `@unchecked Sendable`: used by one listening session only, whose packets come one after the other.
final class Recorder: @unchecked Sendable {
    private let path: String
    private let handle: FileHandle
    /// A packet could not be written: what comes behind it would be no recording.
    private var isBroken = false
    private var recording = OpusRecording(serialNumber: UInt32.random(in: 1...(.max)))

    init(_ path: String) throws {
        self.path = path
        handle = try OutputFile.open(path)
    }

    func add(_ packet: HeardPacket) {
        let bytes = recording.append(packet)
        guard !bytes.isEmpty, !isBroken else { return }
        do { try handle.write(contentsOf: Data(bytes)) } catch { isBroken = true }
    }

    /// - Throws: ``CommandFailure`` where the file lacks anything.
    func finish() throws {
        guard !isBroken else { throw CommandFailure(.file, "\(path) can't be written.") }
        do {
            try handle.write(contentsOf: Data(recording.finish()))
            try handle.close()
        } catch {
            throw CommandFailure(.file, "\(path) can't be written.")
        }
    }
}
