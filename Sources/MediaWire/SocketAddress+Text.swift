extension SocketAddress: CustomStringConvertible {
    /// A literal address without brackets (`192.0.2.1`, `2001:db8::1`) and a port; names are not resolved.
    public init?(host: some StringProtocol, port: UInt16) {
        let text = Array(host.utf8)
        if let ipv4 = Self.ipv4(text[...]) {
            self.init(ipv4: ipv4, port: port)
        } else if let (high, low) = Self.ipv6(text[...]) {
            self.init(ipv6High: high, low: low, port: port)
        } else {
            return nil
        }
    }

    /// `192.0.2.1:5000` or `[2001:db8::1]:5000`.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"),
            let port = decimal(Array(text[text.index(after: colon)...].utf8)[...], atMost: 65_535)
        else { return nil }
        var host = text[..<colon]
        if host.first == "[" {
            guard host.last == "]" else { return nil }
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host, port: UInt16(port))
    }

    /// The address alone; IPv6 in the form of RFC 5952, without brackets.
    public var host: String {
        switch family {
        case .ipv4: return Self.dotted(UInt32(truncatingIfNeeded: low))
        case .ipv6: break
        }
        if let ipv4 { return "::ffff:" + Self.dotted(ipv4) }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> UInt64(48 - 16 * ($0 % 4))) }
        // The longest run of two or more zero groups is shortened, the first of equals (RFC 5952, section 4.2).
        var run = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(run.count, 1) { run = start..<end }
            start = max(end, start + 1)
        }
        func joined(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        return run.isEmpty
            ? joined(groups[...]) : joined(groups[..<run.lowerBound]) + "::" + joined(groups[run.upperBound...])
    }

    public var description: String {
        family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }

    private static func dotted(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 0xFF).\(address >> 8 & 0xFF).\(address & 0xFF)"
    }

    private static func ipv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            // A leading zero is octal to some readers and decimal to others: refused.
            guard let octet = decimal(part, atMost: 255), part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            address = address << 8 | UInt32(octet)
        }
        return address
    }

    private static func ipv6(_ text: ArraySlice<UInt8>) -> (UInt64, UInt64)? {
        // The longest form has 45 characters: eight groups, the last two written as IPv4.
        guard (2...45).contains(text.count) else { return nil }
        var gap: Int?
        var groups: [UInt16] = []
        var rest = text
        let colon = UInt8(ascii: ":")
        if rest.starts(with: [colon, colon]) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            guard groups.count < 8 else { return nil }
            let end = rest.firstIndex(of: colon) ?? rest.endIndex
            let part = rest[rest.startIndex..<end]
            if end == rest.endIndex, part.contains(UInt8(ascii: ".")) {
                guard let address = ipv4(part) else { return nil }
                groups += [UInt16(truncatingIfNeeded: address >> 16), UInt16(truncatingIfNeeded: address)]
                break
            }
            guard let group = hexadecimalGroup(part) else { return nil }
            groups.append(group)
            rest = rest[end...]
            guard !rest.isEmpty else { break }
            rest = rest.dropFirst()
            if rest.first == colon {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        let high = groups[0..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = groups[4..<8].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return (high, low)
    }

    private static func hexadecimalGroup(_ text: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(text.count) else { return nil }
        var value: UInt16 = 0
        for character in text {
            guard let digit = hexadecimalDigit(character) else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
