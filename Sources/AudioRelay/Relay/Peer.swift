internal import MediaWire

/// A peer as the relay keeps it. What packets touch lies elsewhere: of those that come in, in its ``PeerMedia``; of those
/// that go out, in its room's `SlotClass`.
///
///     admitted ──check passed──▶ checked ──handshake, fingerprint equal──▶ connected ──any ClosingReason──▶ gone
///
/// Which of them it is follows from `addresses` and `srtp`.
struct Peer {
    let id: PeerID
    let room: Int
    var negotiated: NegotiatedPeer
    let participant: UInt32
    /// Where a listener is among the classes of its room.
    let slotClass: Int
    let mayPublish: Bool
    let isHost: Bool
    var key: STUNKey
    /// New credentials of which no pair is nominated yet.
    var restarting: ICERestart?
    var expiresAt: MonotonicInstant
    /// Until when the handshake may last.
    let connectBy: MonotonicInstant
    /// Without an authenticated check until then, consent is over (RFC 7675).
    var consentUntil = MonotonicInstant.never
    /// Addresses that passed a check, at most `maximumAddresses`, oldest first.
    var addresses: [SocketAddress] = []
    /// Where the DTLS of the handshake came from last, for clients that start it before they nominate.
    var handshakeAddress: SocketAddress?
    /// `nil` while a step of the handshake is out (``HandshakeStep``).
    var dtls: DTLSEndpoint?
    /// What came for it meanwhile.
    var waitingDTLS: [[UInt8]] = []
    var srtp: SRTPSession?
    var nextReport = MonotonicInstant.never
    var nextSnapshot = MonotonicInstant.never

    /// A browser has a few interfaces and families, and TCP beside UDP for each; more addresses are somebody playing.
    static let maximumAddresses = 16

    var isConnected: Bool { srtp != nil }

    /// The earliest moment at which this peer needs attention.
    var deadline: MonotonicInstant {
        var earliest = min(expiresAt, consentUntil, dtls?.deadline ?? .never)
        if !isConnected { earliest = min(earliest, connectBy) }
        return min(earliest, nextReport, nextSnapshot)
    }
}
