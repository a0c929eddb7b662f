/// A 64-bit NTP time stamp: seconds since 1900 in 32.32 fixed point (RFC 3550, section 4), wrapping in 2036.
public struct NTPTimestamp: Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// From microseconds since 1970.
    public init(unixMicroseconds: Int64) {
        let (seconds, microseconds) = unixMicroseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let floored = microseconds < 0 ? (seconds - 1, microseconds + 1_000_000) : (seconds, microseconds)
        let fraction = UInt64(floored.1) << 32 / 1_000_000
        // 70 years with 17 leap days lie between 1900 and 1970.
        rawValue = UInt64(bitPattern: floored.0 &+ 2_208_988_800) << 32 | fraction
    }

    /// The middle 32 bits, 16.16 seconds, as the `LSR` field of report blocks carries them.
    public var middle: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }
}
