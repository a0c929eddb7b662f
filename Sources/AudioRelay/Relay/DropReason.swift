/// Why a datagram was dropped. Hostile datagrams never throw: they are counted here and forgotten.
public enum DropReason: Int, CaseIterable, Sendable {
    /// Not STUN, DTLS, RTP or RTCP, or too short to be anything.
    case unknownKind
    case malformedSTUN
    /// A STUN request for a ufrag that is not alive.
    case unknownFragment
    /// A STUN message without valid integrity.
    case stunIntegrity
    /// DTLS or media from an address that passed no check.
    case unknownAddress
    /// An authenticated check from an address that another live peer uses.
    case addressTaken
    /// Media before the handshake was over.
    case noKeys
    case malformedRTP
    case malformedRTCP
    /// Media from a peer that has no right to send it.
    case notPublisher
    /// A payload type that was not negotiated.
    case payloadType
    /// Another SSRC than the first authenticated one.
    case unpinnedSSRC
    case replayed
    case unauthentic
    case oversized
    case muted
    /// Not among the loudest: no slot.
    case notSelected
    /// Older than what the slot began with.
    case late
    /// More retransmissions asked for than a listener gets.
    case retransmissionBudget
    /// Something the ring no longer holds was asked for.
    case retransmissionGone
    /// OpenSSL would not seal it, or the outbox was full.
    case notSent
    /// A voice for another shard that is late: its ring is full, or it has waited there for half a second.
    case notHandedOver
    /// More of a handshake than waits while a step of it is being taken.
    case handshakeBusy
}

/// How many datagrams were dropped, by reason.
public struct DropCounters: Sendable {
    private var counts = InlineArray<23, UInt64>(repeating: 0)

    public subscript(reason: DropReason) -> UInt64 { counts[reason.rawValue] }

    /// All of them.
    public var total: UInt64 { DropReason.allCases.reduce(0) { $0 + self[$1] } }

    mutating func count(_ reason: DropReason) { counts[reason.rawValue] &+= 1 }
}
