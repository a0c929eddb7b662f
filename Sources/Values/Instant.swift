/// A moment in UTC, in whole microseconds since 1970-01-01T00:00:00Z. In text and JSON: RFC 3339.
///
/// Rules take instants as arguments; only edges read a clock.
public struct Instant: Hashable, Sendable, Comparable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Whole seconds since 1970, rounded down, as JWT's NumericDate has it.
    public var seconds: Int64 { microseconds.flooredQuotient(1_000_000) }
    public var milliseconds: Int64 { microseconds.flooredQuotient(1_000) }

    public static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.microseconds < rhs.microseconds }

    public func advanced(bySeconds seconds: Int64) -> Instant {
        Instant(microseconds: microseconds + seconds * 1_000_000)
    }

    public func advanced(byMicroseconds count: Int64) -> Instant { Instant(microseconds: microseconds + count) }

    /// The distance to a later instant in microseconds; negative if `other` is earlier.
    public func microseconds(until other: Instant) -> Int64 { other.microseconds - microseconds }
}

extension Int64 {
    /// Division rounded towards negative infinity, so that times before 1970 fall on the right day.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return (self % divisor != 0 && (self < 0) != (divisor < 0)) ? quotient - 1 : quotient
    }
}
