/// A moment on a clock that only goes forward, in nanoseconds since an origin that the caller chooses.
///
/// The relay never reads a clock: whoever drives it passes these in, which is why an hour of a room is a
/// test of some milliseconds.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    public var nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The end of time: a deadline that never comes.
    public static let never = Self(nanoseconds: .max)

    /// This moment and some milliseconds; stays at `never` rather than wrapping.
    public func advanced(byMilliseconds milliseconds: UInt64) -> Self {
        let (product, tooLarge) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow) = nanoseconds.addingReportingOverflow(product)
        return tooLarge || overflow ? .never : Self(nanoseconds: sum)
    }

    /// Nanoseconds since an earlier moment, zero when that moment is not earlier.
    public func nanoseconds(since earlier: Self) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }
}
