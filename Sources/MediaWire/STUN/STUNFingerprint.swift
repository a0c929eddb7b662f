/// FINGERPRINT (RFC 8489, section 14.7): CRC-32 of ISO/IEC 3309 (that of Ethernet and gzip), xored with `STUN`.
enum STUNFingerprint {
    static func value(of bytes: UnsafeRawBufferPointer) -> UInt32 { crc32(bytes) ^ 0x5354_554E }

    /// Eight bytes a step by eight tables (Kounavis and Berry, "slicing by 8"): every check and every answer of every
    /// peer passes here.
    private static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var remainder: UInt32 = .max
            var offset = 0
            while offset + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let mixed = word ^ UInt64(remainder)
                var next: UInt32 = 0
                for place in 0..<8 {
                    next ^= tables[(7 - place) << 8 | Int(UInt8(truncatingIfNeeded: mixed >> UInt64(8 * place)))]
                }
                remainder = next
                offset += 8
            }
            while offset < bytes.count {
                remainder = tables[Int(UInt8(truncatingIfNeeded: remainder) ^ bytes[offset])] ^ remainder >> 8
                offset += 1
            }
            return ~remainder
        }
    }

    /// Eight tables of 256: the remainders of a byte under the reflected polynomial, then of the same byte followed by
    /// one to seven zero bytes.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { (byte: UInt32) in
            (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
        }
        for index in 256..<2_048 {
            let previous = tables[index - 256]
            tables.append(previous >> 8 ^ tables[Int(previous & 0xFF)])
        }
        return tables
    }()
}
