internal import CDatagrams
public import MediaWire

extension SocketAddress {
    var c: cdatagrams_address {
        cdatagrams_address(high: high, low: low, port: port, family: family == .ipv4 ? 4 : 6)
    }

    /// For a socket of both families: an IPv4 address as `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2).
    var mapped: cdatagrams_address {
        guard family == .ipv4 else { return c }
        return cdatagrams_address(high: 0, low: 0xFFFF << 32 | low, port: port, family: 6)
    }

    init?(_ address: cdatagrams_address) {
        switch address.family {
        case 4: self.init(ipv4: UInt32(truncatingIfNeeded: address.low), port: address.port)
        case 6: self.init(ipv6High: address.high, low: address.low, port: address.port)
        default: return nil
        }
    }

    /// 169.254.0.0/16 and fe80::/10: of no use beyond the cable, and IPv6 ones need a scope id.
    var isLinkLocal: Bool {
        if let ipv4 { return ipv4 >> 16 == 0xA9FE }
        return high >> 54 == 0x3FA
    }
}

/// The addresses of this machine's interfaces that are up, port 0, loopback last, link-local left out.
///
/// At most 32: more would not fit into an answer that a browser tries in reasonable time.
public func interfaceAddresses() -> [SocketAddress] {
    var found = [cdatagrams_address](repeating: cdatagrams_address(), count: 32)
    let count = cdatagrams_interfaces(&found, 32)
    return found.prefix(Int(max(count, 0))).compactMap { SocketAddress($0) }.filter { !$0.isLinkLocal }
}

/// CLOCK_MONOTONIC in nanoseconds: the clock of every deadline on a media thread.
public func monotonicNanoseconds() -> UInt64 { cdatagrams_monotonic() }

/// CLOCK_THREAD_CPUTIME_ID in nanoseconds: what the calling thread has used so far, its system calls included.
public func threadCPUNanoseconds() -> UInt64 { cdatagrams_thread_cpu() }
