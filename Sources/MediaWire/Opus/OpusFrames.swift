/// The frames of an Opus packet (RFC 6716, section 3.2): where they lie, without decoding or copying them.
///
/// All frames of a packet have the configuration of its first byte (TOC) and lie behind each other. Reading refuses
/// what breaks rules R1 to R7 of section 3.4.
public struct OpusFrames: Sendable {
    /// 120 ms in frames of 2.5 ms (R5).
    public static let maximumCount = 48
    /// R2.
    public static let maximumFrameBytes = 1_275

    /// The first byte: configuration, stereo and frame count code.
    public let toc: UInt8
    public let count: Int
    /// Where the first frame begins in the packet.
    public let start: Int
    /// Bytes of all frames together; padding follows them.
    public let byteCount: Int
    /// Samples at 48 kHz of each.
    public let samplesPerFrame: Int
    private var lengths = InlineArray<48, UInt16>(repeating: 0)

    public init?(_ packet: UnsafeRawBufferPointer) {
        guard let toc = packet.first else { return nil }
        self.toc = toc
        samplesPerFrame = OpusPacket.samplesPerFrame(configuration: toc >> 3)
        var reader = Reader(packet: packet, position: 1, end: packet.count)
        var count = 1
        var listed = 0
        switch toc & 3 {
        case 0: break
        case 1: count = 2
        case 2:
            count = 2
            guard let first = reader.length() else { return nil }
            lengths[0] = UInt16(first)
            listed = 1
        default:
            guard let head = reader.byte() else { return nil }
            count = Int(head & 0x3F)
            guard count > 0, count * samplesPerFrame <= OpusPacket.maximumSampleCount else { return nil }
            if head & 0x40 != 0 { guard reader.skipPadding() else { return nil } }
            if head & 0x80 != 0 {
                for frame in 0..<count - 1 {
                    guard let length = reader.length() else { return nil }
                    lengths[frame] = UInt16(length)
                }
                listed = count - 1
            }
        }
        // What is not listed: the last frame has the rest, or all frames have the same part of it.
        var rest = reader.end - reader.position
        guard rest >= 0 else { return nil }
        byteCount = rest
        for frame in 0..<listed { rest -= Int(lengths[frame]) }
        let unlisted = count - listed
        guard rest >= 0, rest % unlisted == 0, rest / unlisted <= Self.maximumFrameBytes else { return nil }
        for frame in listed..<count { lengths[frame] = UInt16(rest / unlisted) }
        self.count = count
        start = reader.position
    }

    /// Bytes of the frame at `index`, which is below ``count``; 0 for one that was not sent (DTX).
    public func length(_ index: Int) -> Int { Int(lengths[index]) }

    private struct Reader {
        let packet: UnsafeRawBufferPointer
        var position: Int
        var end: Int

        mutating func byte() -> UInt8? {
            guard position < end else { return nil }
            defer { position += 1 }
            return packet[position]
        }

        /// Section 3.2.1: one byte up to 251, else two.
        mutating func length() -> Int? {
            guard let first = byte() else { return nil }
            guard first >= 252 else { return Int(first) }
            return byte().map { Int($0) * 4 + Int(first) }
        }

        /// Section 3.2.5: 255 stands for 254 bytes and another length.
        mutating func skipPadding() -> Bool {
            var next: UInt8 = 255
            while next == 255 {
                guard let read = byte() else { return false }
                next = read
                end -= next == 255 ? 254 : Int(next)
            }
            return end >= position
        }
    }
}
