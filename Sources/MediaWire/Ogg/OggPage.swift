/// One page of an Ogg stream (RFC 3533, section 6): up to 255 lacing values and their bytes.
struct OggPage {
    static let headerByteCount = 27

    var continuesPacket = false
    var beginsStream = false
    var endsStream = false
    /// Samples that end on this page; -1 where no packet ends on it.
    var granulePosition: Int64 = 0
    var serialNumber: UInt32 = 0
    var sequenceNumber: UInt32 = 0
    var lacing: [UInt8] = []
    var body: [UInt8] = []

    init() {}

    /// Reads the page that starts at `offset`; `nil` if there is none, it is cut off, or its checksum is wrong.
    init?(_ bytes: [UInt8], at offset: Int) {
        guard offset + Self.headerByteCount <= bytes.count, bytes[offset...].starts(with: "OggS".utf8),
            bytes[offset + 4] == 0
        else { return nil }
        func littleEndian(_ at: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[offset + at + $1]) << (8 * UInt64($1)) }
        }
        let bodyStart = offset + Self.headerByteCount + Int(bytes[offset + 26])
        guard bodyStart <= bytes.count else { return nil }
        lacing = Array(bytes[offset + Self.headerByteCount..<bodyStart])
        let bodyEnd = bodyStart + lacing.reduce(0) { $0 + Int($1) }
        guard bodyEnd <= bytes.count else { return nil }
        body = Array(bytes[bodyStart..<bodyEnd])
        let flags = bytes[offset + 5]
        (continuesPacket, beginsStream, endsStream) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0)
        granulePosition = Int64(bitPattern: littleEndian(6, 8))
        serialNumber = UInt32(littleEndian(14, 4))
        sequenceNumber = UInt32(littleEndian(18, 4))
        var zeroed = Array(bytes[offset..<bodyEnd])
        zeroed.replaceSubrange(22..<26, with: [0, 0, 0, 0])
        guard OggChecksum.of(zeroed) == UInt32(littleEndian(22, 4)) else { return nil }
    }

    var byteCount: Int { Self.headerByteCount + lacing.count + body.count }

    var bytes: [UInt8] {
        var bytes = Array("OggS".utf8) + [0]
        bytes.append((continuesPacket ? 1 : 0) | (beginsStream ? 2 : 0) | (endsStream ? 4 : 0))
        bytes.appendLittleEndian(granulePosition)
        bytes.appendLittleEndian(serialNumber)
        bytes.appendLittleEndian(sequenceNumber)
        bytes.append(contentsOf: [0, 0, 0, 0])
        bytes.append(UInt8(lacing.count))
        bytes += lacing
        bytes += body
        let checksum = OggChecksum.of(bytes)
        for index in 0..<4 { bytes[22 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(index))) }
        return bytes
    }
}

/// Ogg's CRC-32: polynomial 0x04C11DB7, not reflected, starting at 0 (RFC 3533, section 6).
enum OggChecksum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { value, _ in
            value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1
        }
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        bytes.reduce(0) { $0 << 8 ^ table[Int(UInt8(truncatingIfNeeded: $0 >> 24) ^ $1)] }
    }
}
