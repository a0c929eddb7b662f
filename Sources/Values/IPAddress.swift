internal import Foundation

/// An address of the internet protocol, 4 or 16 bytes in network order.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// - Parameter bytes: four or sixteen; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads the usual text forms (`192.0.2.1`, `2001:db8::1`). Forms that only some readers know, such as `127.1` or
    /// `0x7f000001`, are no addresses here.
    public init?(_ text: String) {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 {
                self.bytes = bytes
                return
            }
        }
        return nil
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The IPv4 address inside an IPv6 one that only carries it: mapped (RFC 4291 section 2.5.5.2), NAT64 (RFC 6052),
    /// 6to4 (RFC 3056). `nil` for any other.
    public var carried: IPAddress? {
        guard bytes.count == 16 else { return nil }
        if unmapped != self { return unmapped }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8)) {
            return IPAddress(Array(bytes[12...]))
        }
        if bytes.starts(with: [0x20, 0x02]) { return IPAddress(Array(bytes[2..<6])) }
        return nil
    }

    /// The IPv4 address that came over an IPv6 socket (RFC 4291 section 2.5.5.2); any other as it is.
    public var unmapped: IPAddress {
        guard bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]) else { return self }
        return IPAddress(Array(bytes.dropFirst(12))) ?? self
    }

    /// Whether anybody on the internet may have this address: not this machine, not a private network, not a
    /// link, not a group, nothing that is reserved (IANA's special-purpose registries, RFC 6890).
    public var isPublic: Bool {
        if bytes.count == 4 { return !Self.special4.contains { $0.contains(self) } }
        if let carried { return carried.isPublic }
        return Self.global6.contains(self) && !Self.special6.contains { $0.contains(self) }
    }

    private static let special4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].compactMap { IPRange($0) }
    /// What has been given out of IPv6 so far (RFC 4291 section 2.4).
    private static let global6 = IPRange(IPAddress.first6, bits: 3)
    private static let special6 = ["2001::/23", "2001:db8::/32", "3fff::/20"].compactMap { IPRange($0) }
    /// 2000::
    private static var first6: [UInt8] { [0x20] + [UInt8](repeating: 0, count: 15) }
}

/// Addresses that begin with the same bits, as `10.0.0.0/8`; an address alone is a range of one.
public struct IPRange: Hashable, Sendable {
    private let first: [UInt8]
    private let bits: Int

    fileprivate init(_ first: [UInt8], bits: Int) {
        self.first = first
        self.bits = bits
    }

    /// `nil` for a text that is no range, or names bits beyond its own.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let word = parts.first, parts.count <= 2, let address = IPAddress(String(word)) else { return nil }
        var bits = address.bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...bits).contains(given) else { return nil }
            bits = given
        }
        self.init(address.bytes, bits: bits)
        for index in address.bytes.indices where address.bytes[index] & ~mask(index) != 0 { return nil }
    }

    public func contains(_ address: IPAddress) -> Bool {
        address.bytes.count == first.count
            && first.indices.allSatisfy { address.bytes[$0] & mask($0) == first[$0] & mask($0) }
    }

    /// The bits of byte `index` that count.
    private func mask(_ index: Int) -> UInt8 {
        let left = bits - index * 8
        return left >= 8 ? 0xFF : left <= 0 ? 0 : ~(0xFF >> UInt8(left))
    }
}
