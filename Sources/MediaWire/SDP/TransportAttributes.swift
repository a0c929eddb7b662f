/// What a description says about ICE and DTLS (RFC 8839, RFC 8842), at session or at media level.
extension SessionDescription {
    /// An attribute of a media section, else of the session.
    public func value(of name: String, in section: MediaDescription) -> String? {
        section.attributes.value(of: name) ?? attributes.value(of: name)
    }

    /// `ice-ufrag`: 4 to 256 characters of ICE's alphabet; `nil` otherwise.
    public func iceUsernameFragment(_ section: MediaDescription) -> String? {
        value(of: "ice-ufrag", in: section).flatMap { Self.isICEText($0, 4...256) ? $0 : nil }
    }

    /// `ice-pwd`: 22 to 256 characters.
    public func icePassword(_ section: MediaDescription) -> String? {
        value(of: "ice-pwd", in: section).flatMap { Self.isICEText($0, 22...256) ? $0 : nil }
    }

    public var isICELite: Bool { attributes.contains("ice-lite") }

    /// The first `fingerprint` of SHA-256, the only digest that browsers use.
    public func fingerprint(_ section: MediaDescription) -> CertificateFingerprint? {
        let own = section.attributes.values(of: "fingerprint")
        let all = own.isEmpty ? attributes.values(of: "fingerprint") : own
        return all.lazy.compactMap { CertificateFingerprint(attribute: $0) }.first
    }

    public func setup(_ section: MediaDescription) -> DTLSSetup? {
        value(of: "setup", in: section).flatMap(DTLSSetup.init(rawValue:))
    }

    private static func isICEText(_ text: String, _ length: ClosedRange<Int>) -> Bool {
        length.contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
            }
    }
}

/// Who opens the DTLS handshake (RFC 5763, section 5).
public enum DTLSSetup: String, Hashable, Sendable {
    case active, passive, actpass, holdconn
}

/// The SHA-256 fingerprint of a certificate (RFC 8122): `sha-256 4A:AD:…`, 32 bytes.
public struct CertificateFingerprint: Hashable, Sendable {
    public let bytes: [UInt8]

    /// 32 bytes; `nil` for any other count.
    public init?(sha256 bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads an attribute's value; `nil` for other digests or another form.
    public init?(attribute: String) {
        let words = attribute.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "sha-256" else { return nil }
        var bytes: [UInt8] = []
        for pair in words[1].utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            let digits = pair.compactMap(hexadecimalDigit)
            guard pair.count == 2, digits.count == 2, bytes.count < 32 else { return nil }
            bytes.append(digits[0] << 4 | digits[1])
        }
        self.init(sha256: bytes)
    }

    /// The attribute's value, capitals as RFC 8122 shows them.
    public var attribute: String {
        let digits = Array("0123456789ABCDEF".utf8)
        let pairs = bytes.map { String(decoding: [digits[Int($0 >> 4)], digits[Int($0 & 15)]], as: UTF8.self) }
        return "sha-256 " + pairs.joined(separator: ":")
    }
}
