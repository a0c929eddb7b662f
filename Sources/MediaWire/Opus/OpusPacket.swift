/// What an Opus packet says about itself in its first byte (RFC 6716, section 3.1), without decoding it.
public enum OpusPacket {
    /// The clock of Opus in RTP and in Ogg, whatever the sound's own rate (RFC 7587, section 4.1).
    public static let clockRate = 48_000
    /// 120 ms, the longest that a packet may hold (RFC 6716, section 3.2.5, R5).
    public static let maximumSampleCount = 5_760
    /// 1275 bytes a frame (R2), 48 frames of 2.5 ms, and the lengths between them.
    public static let maximumByteCount = 61_298

    /// Samples at 48 kHz that the packet plays; `nil` for one that breaks the format's rules (empty, more than
    /// 120 ms, a frame count of 0).
    public static func sampleCount(_ packet: some Collection<UInt8>) -> Int? {
        guard let toc = packet.first else { return nil }
        let perFrame = samplesPerFrame(configuration: toc >> 3)
        let frames: Int
        switch toc & 3 {
        case 0: frames = 1
        case 1, 2: frames = 2
        default:
            guard let count = packet.dropFirst().first else { return nil }
            frames = Int(count & 0x3F)
        }
        let total = perFrame * frames
        return frames > 0 && total <= maximumSampleCount ? total : nil
    }

    /// Table 2 of RFC 6716: SILK has 10 to 60 ms, hybrid 10 and 20 ms, CELT 2.5 to 20 ms.
    static func samplesPerFrame(configuration: UInt8) -> Int {
        switch configuration {
        case 0..<12: [480, 960, 1_920, 2_880][Int(configuration & 3)]
        case 12..<16: [480, 960][Int(configuration & 1)]
        default: [120, 240, 480, 960][Int(configuration & 3)]
        }
    }
}

/// The identification header of an Ogg Opus stream (RFC 7845, section 5.1), mapping family 0.
public struct OpusHead: Hashable, Sendable {
    public var channels: UInt8
    /// Samples at 48 kHz to drop at the start.
    public var preSkip: UInt16
    /// The rate of the sound before encoding, in Hz; informative.
    public var inputSampleRate: UInt32
    /// Q7.8 decibels.
    public var outputGain: Int16

    public init(channels: UInt8, preSkip: UInt16 = 312, inputSampleRate: UInt32 = 48_000, outputGain: Int16 = 0) {
        self.channels = channels
        self.preSkip = preSkip
        self.inputSampleRate = inputSampleRate
        self.outputGain = outputGain
    }

    /// `nil` unless it is version 0.x with one or two channels in mapping family 0, the one that RTP carries.
    init?(_ packet: some Collection<UInt8>) {
        let bytes = Array(packet.prefix(19))
        guard bytes.count == 19, bytes.starts(with: "OpusHead".utf8), bytes[8] < 16, (1...2).contains(bytes[9]),
            bytes[18] == 0
        else { return nil }
        channels = bytes[9]
        preSkip = UInt16(bytes[10]) | UInt16(bytes[11]) << 8
        inputSampleRate = (0..<4).reduce(0) { $0 | UInt32(bytes[12 + $1]) << (8 * UInt32($1)) }
        outputGain = Int16(bitPattern: UInt16(bytes[16]) | UInt16(bytes[17]) << 8)
    }

    var bytes: [UInt8] {
        var bytes = Array("OpusHead".utf8) + [1, channels]
        bytes.appendLittleEndian(preSkip)
        bytes.appendLittleEndian(inputSampleRate)
        bytes.appendLittleEndian(UInt16(bitPattern: outputGain))
        bytes.append(0)
        return bytes
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
