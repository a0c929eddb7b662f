/// FINGERPRINT (RFC 8489, section 14.7): CRC-32 of ISO/IEC 3309 (that of Ethernet and gzip), xored with `STUN`.
enum STUNFingerprint {
    static func value(of bytes: UnsafeRawBufferPointer) -> UInt32 { crc32(bytes) ^ 0x5354_554E }

    private static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var remainder: UInt32 = .max
            for byte in bytes { remainder = table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8 }
            return ~remainder
        }
    }

    /// The remainders of one byte under the reflected polynomial.
    private static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
        (0..<8).reduce(byte) { remainder, _ in remainder & 1 == 1 ? 0xEDB8_8320 ^ remainder >> 1 : remainder >> 1 }
    }
}
