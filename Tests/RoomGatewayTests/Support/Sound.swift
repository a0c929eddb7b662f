import AudioRelay
import Datagrams
import MediaWire
import RoomClient
import Synchronization

/// Twenty-millisecond Opus packets (TOC 31 << 3: fullband CELT, one frame), each with a payload of its own.
func packets(_ count: Int) -> [OggOpusFile.Packet] {
    (0..<count).map { number in
        let bytes = [0xF8, UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
        return OggOpusFile.Packet(
            bytes: bytes + (0..<60).map { UInt8(truncatingIfNeeded: number &* 7 &+ $0) }, sampleCount: 960)
    }
}

/// What one listener heard, readable while it listens.
final class Ear: Sendable {
    private let heard = Mutex<[(packet: HeardPacket, at: UInt64)]>([])
    let ended = Mutex<SessionEnd?>(nil)

    func add(_ packet: HeardPacket, _ at: UInt64) { heard.withLock { $0.append((packet, at)) } }
    var payloads: [[UInt8]] { heard.withLock { $0.map(\.packet.payload) } }
    var contributors: Set<UInt32> { heard.withLock { Set($0.flatMap(\.packet.contributors)) } }
    var count: Int { heard.withLock { $0.count } }
    func count(after nanoseconds: UInt64) -> Int { heard.withLock { $0.count { $0.at > nanoseconds } } }

    /// Waits until so many packets came, at most ten seconds.
    func hears(_ wanted: Int) async throws -> Bool {
        try await holds { self.count >= wanted }
    }

    func hasEnded() async throws -> Bool {
        try await holds { self.ended.withLock { $0 != nil } }
    }
}

/// Looks every ten milliseconds, ten seconds at most: a loaded machine gets its time, a quick one loses none.
func holds(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<1_000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

extension TestHouse {
    /// Starts listening; ends with the task.
    func listen(_ token: String, slots: Int = 1, into ear: Ear) -> Task<ListenSummary, any Error> {
        Task {
            let summary = try await WHEPListener(url: url("whep"), token: token, http: http)
                .listen(slots: slots) { ear.add($0, $1) }
            ear.ended.withLock { $0 = summary.end }
            return summary
        }
    }

    func publish(_ token: String, _ sound: [OggOpusFile.Packet], loops: Bool = true) -> Task<PublishSummary, any Error>
    {
        Task { try await WHIPPublisher(url: url("whip"), token: token, http: http).publish(sound, loops: loops) }
    }
}
