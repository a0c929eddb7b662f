public import AudioRelay
internal import MediaWire

/// Packets of one slot as an Ogg Opus file: put back in order, gaps kept as gaps, nothing decoded.
public struct OpusRecording: Sendable {
    /// Packets held back for late ones: half a second of 20 ms.
    private static let reorderCount = 25
    /// A longer pause is written as this much: a file that claims a day of silence helps nobody.
    private static let maximumGapSamples = 3_600 * OpusPacket.clockRate
    /// A listener comes in the midst of a stream: a decoder needs 80 ms to find its way in (RFC 7845, section 4.2).
    private static let preSkip: UInt16 = 3_840

    private var writer: OggOpusWriter
    private var waiting: [HeardPacket] = []
    private var lastIndex: UInt64?
    private var nextTimestamp: UInt32?
    /// Packets written so far.
    public private(set) var packets = 0

    /// - Parameter serialNumber: tells this stream from others in a file.
    public init(channels: UInt8 = 2, serialNumber: UInt32) {
        writer = OggOpusWriter(
            head: OpusHead(channels: channels, preSkip: Self.preSkip), serialNumber: serialNumber, vendor: "guichet")
    }

    /// Takes a packet in the order of arrival; returns bytes for the file, often none.
    public mutating func append(_ packet: HeardPacket) -> [UInt8] {
        guard lastIndex.map({ packet.index > $0 }) ?? true, !waiting.contains(where: { $0.index == packet.index })
        else { return [] }
        let place = waiting.firstIndex { $0.index > packet.index } ?? waiting.endIndex
        waiting.insert(packet, at: place)
        var out: [UInt8] = []
        while let first = waiting.first, waiting.count > Self.reorderCount || first.index == lastIndex.map({ $0 + 1 }) {
            out += write(waiting.removeFirst())
        }
        return out
    }

    /// The rest and the end of the stream.
    public mutating func finish() -> [UInt8] {
        var out: [UInt8] = []
        for packet in waiting { out += write(packet) }
        waiting = []
        return out + writer.finish()
    }

    private mutating func write(_ packet: HeardPacket) -> [UInt8] {
        guard let samples = OpusPacket.sampleCount(packet.payload) else { return [] }
        var out: [UInt8] = []
        if let nextTimestamp {
            let gap = Int(Int32(bitPattern: packet.timestamp &- nextTimestamp))
            if gap > 0 { out += writer.skip(samples: min(gap, Self.maximumGapSamples)) }
        }
        guard let pages = writer.append(packet.payload) else { return out }
        lastIndex = packet.index
        nextTimestamp = packet.timestamp &+ UInt32(truncatingIfNeeded: samples)
        packets += 1
        return out + pages
    }
}
