internal import Foundation
public import Values

/// Which addresses events may be sent to. Whoever registers an endpoint chooses where this server connects to, so the
/// networks that only this server can reach are closed, unless the operator opens them.
public struct WebhookPolicy: Sendable, Hashable {
    /// Networks besides the public internet; to these, events may go without TLS as well.
    public var allowed: [IPRange]

    public init(allowed: [IPRange] = []) { self.allowed = allowed }

    /// Asked for the address that a connection is made to, not for a name: a name may mean another address by then.
    public func permits(_ address: IPAddress, isEncrypted: Bool) -> Bool {
        let meant = address.carried ?? address
        if allowed.contains(where: { $0.contains(address) || $0.contains(meant) }) { return true }
        return isEncrypted && address.isPublic
    }
}

/// An address of an endpoint that has the right form: `https://host[:port]/path`, or `http://` where the operator has
/// opened a network.
public struct WebhookURL: Sendable, Hashable {
    public let text: String
    public let host: String
    public let isEncrypted: Bool

    /// - Throws: ``WebhookRefusal/url`` for another form; ``WebhookRefusal/address`` where the host is an address that
    ///   no connection may be made to.
    public init(_ text: String, policy: WebhookPolicy) throws(WebhookRefusal) {
        // 500 characters: as much as the longest address that a person would write.
        guard (1...500).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            var parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http" && !policy.allowed.isEmpty, let written = parts.encodedHost,
            parts.user == nil, parts.password == nil, parts.fragment == nil,
            parts.port.map({ (1...65_535).contains($0) }) ?? true
        else { throw .url }
        let isLiteral = written.hasPrefix("[") && written.hasSuffix("]")
        let host = (isLiteral ? String(written.dropFirst().dropLast()) : written).lowercased()
        // Nothing that one reader of the address would unescape and another would not: who judges the host and who
        // connects to it have to mean the same one.
        let isName = host.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
        }
        guard !host.isEmpty, isLiteral ? IPAddress(host)?.bytes.count == 16 : isName else { throw .url }
        if !isLiteral { parts.encodedHost = host }
        parts.scheme = scheme
        guard let address = parts.string else { throw .url }
        self.text = address
        self.host = host
        isEncrypted = scheme == "https"
        if let address = IPAddress(host), !policy.permits(address, isEncrypted: isEncrypted) { throw .address }
    }
}
