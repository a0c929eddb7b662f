/// What arrives on one UDP port, told apart by the first byte (RFC 7983, section 7; RFC 9443 for the ranges).
public enum PacketKind: Hashable, Sendable {
    case stun
    case dtls
    /// RTP or RTCP, or their protected forms; `isRTCP` tells them apart.
    case rtp
    /// ZRTP, TURN channels, QUIC and everything unassigned: not ours.
    case unknown

    @inline(__always)
    public static func classify(firstByte: UInt8) -> PacketKind {
        switch firstByte {
        case 0...3: return .stun
        case 20...63: return .dtls
        case 128...191: return .rtp
        default: return .unknown
        }
    }

    /// The kind of a datagram; an empty one is `unknown`.
    @inline(__always)
    public static func classify(_ datagram: UnsafeRawBufferPointer) -> PacketKind {
        datagram.isEmpty ? .unknown : classify(firstByte: datagram[0])
    }

    /// Whether a datagram of kind `rtp` is RTCP: the packet types 192 to 223 (RFC 5761, section 4), which is why RTP
    /// payload types 64 to 95 are not used beside it.
    @inline(__always)
    public static func isRTCP(_ datagram: UnsafeRawBufferPointer) -> Bool {
        datagram.count >= 2 && (192...223).contains(datagram[1])
    }
}
