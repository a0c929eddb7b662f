internal import MediaWire

/// A peer as the relay keeps it; the listener's part of the hot loop lies in its room's `SlotClass`.
///
///     admitted ──check passed──▶ checked ──handshake, fingerprint equal──▶ connected ──any ClosingReason──▶ gone
///
/// Which of them it is follows from `addresses` and `srtp`.
struct Peer {
    let id: PeerID
    let room: Int
    let negotiated: NegotiatedPeer
    let participant: UInt32
    let mayPublish: Bool
    let isHost: Bool
    let key: STUNKey
    var expiresAt: MonotonicInstant
    /// Until when the handshake may last.
    let connectBy: MonotonicInstant
    /// Without an authenticated check until then, consent is over (RFC 7675).
    var consentUntil = MonotonicInstant.never
    /// Addresses that passed a check, at most `maximumAddresses`, oldest first.
    var addresses: [SocketAddress] = []
    var nominated: SocketAddress?
    /// Where the DTLS of the handshake came from last, for clients that start it before they nominate.
    var handshakeAddress: SocketAddress?
    let dtls: DTLSEndpoint
    var srtp: SRTPSession?
    /// The pinned stream of a speaker.
    var stream: SRTPStream?
    var isMuted = false
    var voice = VoiceLevel()
    var reception = Reception()
    var flow = MediaFlow()
    var nextReport = MonotonicInstant.never
    var nextSnapshot = MonotonicInstant.never

    /// A browser has a few interfaces and families; more addresses are somebody playing.
    static let maximumAddresses = 8

    var isConnected: Bool { srtp != nil }
    var destination: SocketAddress? { nominated ?? handshakeAddress }

    /// The earliest moment at which this peer needs attention.
    var deadline: MonotonicInstant {
        var earliest = min(expiresAt, consentUntil, dtls.deadline)
        if !isConnected { earliest = min(earliest, connectBy) }
        return min(earliest, nextReport, nextSnapshot)
    }
}

/// What a receiver report says about a speaker's stream (RFC 3550, section 6.4.1 and appendices A.3 and A.8).
struct Reception {
    private var firstIndex: UInt64?
    private var highestIndex: UInt64 = 0
    private var received: UInt64 = 0
    private var expectedBefore: UInt64 = 0
    private var receivedBefore: UInt64 = 0
    /// Jitter in 16ths of a sample.
    private var scaledJitter: UInt64 = 0
    private var transit: UInt32?
    private var lastSenderReport: UInt32 = 0
    private var senderReportAt = MonotonicInstant(nanoseconds: 0)

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
            cumulativeLost: Int32(clamping: lost), extendedHighestSequenceNumber: UInt32(truncatingIfNeeded: highestIndex),
            jitter: jitter, lastSenderReport: lastSenderReport,
            delaySinceLastSenderReport: UInt32(truncatingIfNeeded: delay))
    }
}
