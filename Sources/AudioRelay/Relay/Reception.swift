internal import MediaWire

/// What the receiver of one stream knows of it, for its reports (RFC 3550, section 6.4.1 and appendices A.3 and A.8):
/// the relay of a speaker, a client of its slots.
struct Reception {
    private var firstIndex: UInt64?
    private(set) var highestIndex: UInt64 = 0
    private var received: UInt64 = 0
    private var expectedBefore: UInt64 = 0
    private var receivedBefore: UInt64 = 0
    /// Jitter in 16ths of a sample.
    private var scaledJitter: UInt64 = 0
    private var transit: UInt32?
    private var lastSenderReport: UInt32 = 0
    private var senderReportAt = MonotonicInstant(nanoseconds: 0)

    var hasBegun: Bool { firstIndex != nil }
    var jitter: UInt32 { UInt32(clamping: scaledJitter / 16) }

    var lost: UInt64 {
        guard let firstIndex else { return 0 }
        let expected = highestIndex - firstIndex + 1
        return expected > received ? expected - received : 0
    }

    mutating func note(index: UInt64, timestamp: UInt32, at now: MonotonicInstant) {
        received += 1
        highestIndex = max(highestIndex, index)
        firstIndex = min(firstIndex ?? index, index)
        let arrival = UInt32(truncatingIfNeeded: now.nanoseconds / 1_000 * 48 / 1_000)
        let transit = arrival &- timestamp
        if let before = self.transit {
            let difference = UInt64(Int32(truncatingIfNeeded: transit &- before).magnitude)
            // A source that jumps in time is no jitter.
            if difference < 48_000 { scaledJitter = scaledJitter + difference - (scaledJitter + 8) / 16 }
        }
        self.transit = transit
    }

    mutating func note(senderReport middle: UInt32, at now: MonotonicInstant) {
        lastSenderReport = middle
        senderReportAt = now
    }

    /// The block for the interval since the last one.
    mutating func block(for ssrc: UInt32, at now: MonotonicInstant) -> RTCPReportBlock? {
        guard let firstIndex else { return nil }
        let expected = highestIndex - firstIndex + 1
        let expectedNow = expected - expectedBefore
        let receivedNow = received - receivedBefore
        (expectedBefore, receivedBefore) = (expected, received)
        let lostNow = expectedNow > receivedNow ? expectedNow - receivedNow : 0
        let delay = lastSenderReport == 0 ? 0 : now.nanoseconds(since: senderReportAt) / 1_000 * 65_536 / 1_000_000
        return RTCPReportBlock(
            ssrc: ssrc, fractionLost: expectedNow == 0 ? 0 : UInt8(clamping: lostNow * 256 / expectedNow),
            cumulativeLost: Int32(clamping: lost),
            extendedHighestSequenceNumber: UInt32(truncatingIfNeeded: highestIndex),
            jitter: jitter, lastSenderReport: lastSenderReport,
            delaySinceLastSenderReport: UInt32(truncatingIfNeeded: delay))
    }
}
