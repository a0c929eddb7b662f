/// An IPv4 or IPv6 address and a UDP or TCP port; the address of a peer or of a candidate.
///
/// It also says by which of our own sockets the peer is reached (``via``): whoever talks to us over TCP, or by another
/// of our addresses, is another way to a peer, and gets its answers the way it came.
///
/// A plain value of 24 bytes: it is a dictionary key on the hot path. Scope ids are not kept, since link-local
/// addresses are no candidates of ours.
public struct SocketAddress: Hashable, Sendable {
    /// The numbers are those of STUN's address attributes (RFC 8489, section 14.1).
    public enum Family: UInt8, Hashable, Sendable {
        case ipv4 = 1
        case ipv6 = 2
    }

    public let family: Family
    /// By which of our sockets: 0 the first, or only one. Numbers from ``streams`` on are TCP.
    public let via: UInt8
    public let port: UInt16
    /// The first eight bytes of an IPv6 address as a number; 0 for IPv4.
    public let high: UInt64
    /// The last eight bytes of an IPv6 address, or the IPv4 address, as a number.
    public let low: UInt64

    public init(ipv4 address: UInt32, port: UInt16, via: UInt8 = 0) {
        self.via = via
        self.family = .ipv4
        self.port = port
        self.high = 0
        self.low = UInt64(address)
    }

    public init(ipv6High high: UInt64, low: UInt64, port: UInt16, via: UInt8 = 0) {
        self.via = via
        self.family = .ipv6
        self.port = port
        self.high = high
        self.low = low
    }

    /// Four or sixteen bytes in network order; `nil` for any other count.
    public init?(addressBytes bytes: UnsafeRawBufferPointer, port: UInt16) {
        switch bytes.count {
        case 4: self.init(ipv4: bytes.bigEndian32(at: 0), port: port)
        case 16: self.init(ipv6High: bytes.bigEndian64(at: 0), low: bytes.bigEndian64(at: 8), port: port)
        default: return nil
        }
    }

    /// The IPv4 address as a number, also of an IPv4-mapped IPv6 address (`::ffff:192.0.2.1`).
    public var ipv4: UInt32? {
        switch family {
        case .ipv4: return UInt32(truncatingIfNeeded: low)
        case .ipv6: return isMapped ? UInt32(truncatingIfNeeded: low) : nil
        }
    }

    /// The same address with an IPv4-mapped one turned into plain IPv4, so that a peer seen by a dual-stack socket
    /// has one name only.
    public var unmapped: SocketAddress {
        family == .ipv6 && isMapped ? SocketAddress(ipv4: UInt32(truncatingIfNeeded: low), port: port, via: via) : self
    }

    public func with(port: UInt16) -> SocketAddress {
        family == .ipv4
            ? SocketAddress(ipv4: UInt32(truncatingIfNeeded: low), port: port, via: via)
            : SocketAddress(ipv6High: high, low: low, port: port, via: via)
    }

    /// The first number of ``via`` that is a stream.
    public static let streams: UInt8 = 0x80

    /// Whether datagrams go to it framed over a TCP connection (RFC 4571).
    public var isStream: Bool { via >= Self.streams }

    public func with(via: UInt8) -> SocketAddress {
        family == .ipv4
            ? SocketAddress(ipv4: UInt32(truncatingIfNeeded: low), port: port, via: via)
            : SocketAddress(ipv6High: high, low: low, port: port, via: via)
    }

    /// 127.0.0.0/8 or `::1`.
    public var isLoopback: Bool {
        if let ipv4 { return ipv4 >> 24 == 127 }
        return high == 0 && low == 1
    }

    /// 0.0.0.0 or `::`.
    public var isUnspecified: Bool { unmapped.high == 0 && unmapped.low == 0 }

    /// How many bytes the address itself takes: 4 or 16.
    public var addressByteCount: Int { family == .ipv4 ? 4 : 16 }

    /// The address in network order.
    public var addressBytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: addressByteCount) { buffer, count in
            count = write(addressTo: UnsafeMutableRawBufferPointer(buffer)) ?? 0
        }
    }

    /// Writes the 4 or 16 bytes of the address in network order; `nil` when they do not fit.
    public func write(addressTo buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard buffer.count >= addressByteCount else { return nil }
        switch family {
        case .ipv4: buffer.store(bigEndian: UInt32(truncatingIfNeeded: low), at: 0)
        case .ipv6:
            buffer.store(bigEndian: high, at: 0)
            buffer.store(bigEndian: low, at: 8)
        }
        return addressByteCount
    }

    private var isMapped: Bool { high == 0 && low >> 32 == 0xFFFF }
}
