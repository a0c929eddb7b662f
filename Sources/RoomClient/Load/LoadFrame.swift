/// A 20 ms frame of Opus that says whose it is, the how-manieth, and when it was sent, so that whoever hears it can
/// count losses, repetitions, disorder and delay, also where a server puts several frames into one packet.
///
/// To a decoder it is a frame like any other: the range coder takes any bytes (RFC 6716, section 4.1).
struct LoadFrame: Hashable {
    /// One packet of a voice at 40 kbit/s, which is what the project's figures are given for.
    static let payloadBytes = 100
    static let sampleCount = 960
    static let nanoseconds: UInt64 = 20_000_000
    /// Configuration 31, mono, one frame: CELT, full band, 20 ms (RFC 6716, table 2).
    private static let tableOfContents: UInt8 = 31 << 3
    private static let mark: [UInt8] = Array("GLT1".utf8)
    private static let headBytes = 18

    /// Whose it is, from 0.
    var voice: Int
    /// Frames of the time that is measured are numbered from 0; the others, before and after, have no number.
    var number: UInt32?
    /// CLOCK_MONOTONIC.
    var sentAtNanoseconds: UInt64

    /// The Opus packet with this one frame.
    var payload: [UInt8] {
        var bytes = [Self.tableOfContents] + Self.mark + [UInt8(truncatingIfNeeded: voice), number == nil ? 0 : 1]
        let number = number ?? 0
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: sentAtNanoseconds >> UInt64(shift)))
        }
        while bytes.count < Self.payloadBytes { bytes.append(Self.filling(number, bytes.count - 1)) }
        return bytes
    }

    init(voice: Int, number: UInt32?, sentAtNanoseconds: UInt64) {
        self.voice = voice
        self.number = number
        self.sentAtNanoseconds = sentAtNanoseconds
    }

    /// Reads a frame without its table of contents; `nil` for one that is not ours, or that was changed on the way.
    init?(_ frame: UnsafeRawBufferPointer) {
        guard frame.count == Self.payloadBytes - 1, frame.prefix(4).elementsEqual(Self.mark), frame[5] <= 1 else {
            return nil
        }
        voice = Int(frame[4])
        let read = UInt32(bigEndian: frame.loadUnaligned(fromByteOffset: 6, as: UInt32.self))
        number = frame[5] == 1 ? read : nil
        sentAtNanoseconds = UInt64(bigEndian: frame.loadUnaligned(fromByteOffset: 10, as: UInt64.self))
        for index in Self.headBytes..<frame.count where frame[index] != Self.filling(read, index) { return nil }
    }

    private static func filling(_ number: UInt32, _ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: number &* 31 &+ UInt32(index))
    }
}
