public import Hummingbird
internal import NIOCore
internal import Synchronization
public import Values

/// Limits by network what costs a durable write and needs no key.
///
/// The address is the socket's, or whom a trusted proxy names (``TrustedProxies``), never what a client can write. Loopback
/// is not limited: there sit programs of this machine, and a proxy that is not trusted and has to limit by itself.
public final class NetworkLimiter: Sendable {
    // Protects the buckets; held for one look-up.
    private let limiter: Mutex<RateLimiter>
    private let rate: RateLimiter.Rate

    public init(_ rate: RateLimiter.Rate, capacity: Int = 20_000) {
        self.rate = rate
        limiter = Mutex(RateLimiter(rate, capacity: capacity))
    }

    /// Lets a request pass, or refuses with `too_many_requests`.
    public func check(_ context: some RequestContext, at now: Instant) throws(EdgeRefusal) {
        guard let known = context as? any RemoteAddressRequestContext,
            let network = known.remoteAddress?.limitedNetwork
        else { return }
        guard limiter.withLock({ $0.admit(network, at: now) }) else {
            throw .tooManyRequests(seconds: max(1, Int((1 / rate.perSecond).rounded(.up))))
        }
    }
}

extension SocketAddress {
    /// The IPv4 address, or the IPv6 /64 which is what one household gets, in hexadecimal; `nil` for loopback and for
    /// sockets without an address.
    var limitedNetwork: String? {
        switch self {
        // `sockaddr_in` has its address at byte 4, `sockaddr_in6` at byte 8 (POSIX layouts of Linux and Darwin).
        case .v4: Self.network(bytes(from: 4, count: 4))
        case .v6: Self.network(bytes(from: 8, count: 16))
        case .unixDomainSocket: nil
        }
    }

    private func bytes(from offset: Int, count: Int) -> [UInt8] {
        withSockAddr { pointer, size in
            Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer), count: size).dropFirst(offset).prefix(count))
        }
    }

    /// - Parameter bytes: four or sixteen, in network order.
    private static func network(_ bytes: [UInt8]) -> String? {
        // An IPv4 address that came over a dual-stack socket (RFC 4291 section 2.5.5.2).
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        let address = bytes.starts(with: mapped) ? Array(bytes.dropFirst(mapped.count)) : bytes
        let isLoopback =
            address.count == 4 ? address[0] == 127 : address.dropLast().allSatisfy { $0 == 0 } && address.last == 1
        return isLoopback ? nil : hexadecimal(address.prefix(8))
    }
}
