internal import Values

/// A public Ed25519 key (RFC 8032, RFC 8037) and its name.
public struct VerifyingKey: Sendable, Hashable {
    /// The 32 public bytes.
    public let bytes: [UInt8]
    /// `kid`: the RFC 7638 thumbprint, so a name never stands for two keys.
    public let id: String
    let engine: Ed25519
    /// The header of a ticket signed with this key, in base64url, as ``TicketSigner`` writes it.
    let encodedHeader: [UInt8]

    /// - Returns: `nil` unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard let engine = Ed25519(publicKey: bytes) else { return nil }
        self.init(bytes: bytes, engine: engine)
    }

    init(bytes: [UInt8], engine: Ed25519) {
        self.bytes = bytes
        self.engine = engine
        id = Self.thumbprint(of: bytes)
        var header = JSONWriter()
        header.member("alg", TicketHeader.algorithm)
        header.member("typ", TicketHeader.type)
        header.member("kid", id)
        var text: [UInt8] = []
        Base64URL.append(header.finished(), to: &text)
        encodedHeader = text
    }

    /// SHA-256 over the required members in the order of their names (RFC 7638 section 3, RFC 8037 section 2).
    private static func thumbprint(of bytes: [UInt8]) -> String {
        let members = #"{"crv":"Ed25519","kty":"OKP","x":"\#(Base64URL.encode(bytes))"}"#
        return Base64URL.encode(SHA256Digest(of: members).bytes)
    }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.bytes == rhs.bytes }
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    /// Whether `signature` is this key's over `message`.
    public func isValid(signature: [UInt8], over message: [UInt8]) -> Bool {
        signature.withUnsafeBufferPointer { signature in
            message.withUnsafeBufferPointer { engine.isValid(signature: signature, over: $0) }
        }
    }
}
