internal import MediaWire

/// What a receiver knows of one stream, for its reports (RFC 3550, sections 6.4.1 and A.3 to A.8).
struct ReceptionStatistics {
    private var firstIndex: UInt64?
    private var highest: UInt64 = 0
    private(set) var received: UInt64 = 0
    private var expectedBefore: UInt64 = 0
    private var receivedBefore: UInt64 = 0
    private var lastTransit: Int32?
    /// Jitter times 16, in units of 1/48,000 s, as A.8 keeps it.
    private var scaledJitter: UInt32 = 0
    private var lastReport: (middle: UInt32, at: MonotonicInstant)?

    mutating func count(index: UInt64, timestamp: UInt32, at now: MonotonicInstant) {
        if firstIndex == nil { firstIndex = index }
        highest = max(highest, index)
        received += 1
        let arrival = UInt32(truncatingIfNeeded: now.nanoseconds / 1_000 * 48 / 1_000)
        let transit = Int32(bitPattern: arrival &- timestamp)
        if let lastTransit {
            let distance = (transit &- lastTransit).magnitude
            scaledJitter = scaledJitter &+ distance &- ((scaledJitter &+ 8) >> 4)
        }
        lastTransit = transit
    }

    mutating func noteSenderReport(_ time: NTPTimestamp, at now: MonotonicInstant) { lastReport = (time.middle, now) }

    /// Packets that the sender numbered and we never saw; duplicates count against it.
    var lost: Int64 { firstIndex.map { Int64(highest - $0 + 1) - Int64(received) } ?? 0 }

    /// Interarrival jitter in units of 1/48,000 s.
    var jitter: UInt32 { scaledJitter >> 4 }

    /// The block about this stream; moves the interval on.
    mutating func reportBlock(ssrc: UInt32, at now: MonotonicInstant) -> RTCPReportBlock? {
        guard let firstIndex else { return nil }
        let expected = highest - firstIndex + 1
        let expectedNow = expected - expectedBefore
        let receivedNow = received - receivedBefore
        (expectedBefore, receivedBefore) = (expected, received)
        let lostNow = Int64(expectedNow) - Int64(receivedNow)
        let fraction = expectedNow == 0 || lostNow <= 0 ? 0 : UInt8(clamping: lostNow * 256 / Int64(expectedNow))
        let delay = lastReport.map { now.nanoseconds(since: $0.at) / 1_000_000 * 65_536 / 1_000 } ?? 0
        return RTCPReportBlock(
            ssrc: ssrc, fractionLost: fraction, cumulativeLost: Int32(clamping: lost),
            extendedHighestSequenceNumber: UInt32(truncatingIfNeeded: highest), jitter: jitter,
            lastSenderReport: lastReport?.middle ?? 0, delaySinceLastSenderReport: UInt32(clamping: delay))
    }
}
