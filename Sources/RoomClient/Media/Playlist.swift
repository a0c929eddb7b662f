internal import MediaWire

/// Opus packets that go out in real time: each when the ones before it have played.
struct Playlist: Sendable {
    private let packets: [OggOpusFile.Packet]
    private let loops: Bool
    private var next = 0
    private var playedSamples: UInt64 = 0
    private var startedAt: UInt64?

    init(_ packets: [OggOpusFile.Packet], loops: Bool) {
        self.packets = packets
        self.loops = loops && !packets.isEmpty
    }

    mutating func start(at nanoseconds: UInt64) { if startedAt == nil { startedAt = nanoseconds } }

    var isFinished: Bool { next >= packets.count && !loops }

    /// When the next packet is due, in nanoseconds; `nil` before the start and after the end.
    var dueAt: UInt64? {
        guard let startedAt, !isFinished else { return nil }
        // 48 samples a millisecond; the product of an hour of sound stays far inside 64 bits.
        return startedAt + playedSamples * 1_000_000 / 48
    }

    /// The packet that is due by `nanoseconds`, once.
    mutating func take(by nanoseconds: UInt64) -> OggOpusFile.Packet? {
        guard let dueAt, dueAt <= nanoseconds else { return nil }
        if next >= packets.count { next = 0 }
        let packet = packets[next]
        next += 1
        playedSamples += UInt64(packet.sampleCount)
        return packet
    }
}
