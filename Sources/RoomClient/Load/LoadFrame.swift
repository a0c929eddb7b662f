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

/// The frames of an Opus packet (RFC 6716, section 3.2), none of them decoded.
enum OpusFrames {
    /// Visits each frame in order.
    ///
    /// - Returns: whether the packet keeps to the format.
    static func visit(_ packet: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard let toc = packet.first else { return false }
        let rest = UnsafeRawBufferPointer(rebasing: packet.dropFirst())
        switch toc & 3 {
        case 0:
            body(rest)
            return true
        case 1: return equal(rest, count: 2, body)
        case 2:
            var place = 0
            guard let first = length(in: rest, at: &place), place + first <= rest.count else { return false }
            body(UnsafeRawBufferPointer(rebasing: rest[place..<place + first]))
            body(UnsafeRawBufferPointer(rebasing: rest[(place + first)...]))
            return true
        default: return many(rest, body)
        }
    }

    /// Code 3: a count, perhaps padding, perhaps lengths.
    private static func many(_ rest: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard let head = rest.first else { return false }
        let count = Int(head & 0x3F)
        var place = 1
        var padding = 0
        var more = head & 0x40 != 0
        while more {
            guard place < rest.count else { return false }
            // 255 says: 254 bytes, and another length follows.
            more = rest[place] == 255
            padding += min(Int(rest[place]), 254)
            place += 1
        }
        guard (1...48).contains(count), rest.count - padding >= place else { return false }
        let end = rest.count - padding
        guard head & 0x80 != 0 else {
            return equal(UnsafeRawBufferPointer(rebasing: rest[place..<end]), count: count, body)
        }
        var lengths: [Int] = []
        for _ in 1..<count {
            guard let one = length(in: rest, at: &place) else { return false }
            lengths.append(one)
        }
        let last = end - place - lengths.reduce(0, +)
        guard last >= 0 else { return false }
        for one in lengths + [last] {
            body(UnsafeRawBufferPointer(rebasing: rest[place..<place + one]))
            place += one
        }
        return true
    }

    private static func equal(
        _ bytes: UnsafeRawBufferPointer, count: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        guard bytes.count % count == 0 else { return false }
        let each = bytes.count / count
        for index in 0..<count {
            body(UnsafeRawBufferPointer(rebasing: bytes[index * each..<(index + 1) * each]))
        }
        return true
    }

    /// One or two bytes (RFC 6716, section 3.2.1).
    private static func length(in bytes: UnsafeRawBufferPointer, at place: inout Int) -> Int? {
        guard place < bytes.count else { return nil }
        let first = Int(bytes[place])
        place += 1
        guard first >= 252 else { return first }
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        return Int(bytes[place]) * 4 + first
    }
}
