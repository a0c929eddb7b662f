/// A statement of the ledger service that is no ticket: JWS in compact form (RFC 7515) with a `typ` of its own, so that
/// no door takes it for a ticket and no ticket is taken for it.
///
/// Only headers that were written here are accepted, byte for byte: there is nothing in them to negotiate.
public enum SignedStatement {
    /// A statement with the longest texts has about 1,500 bytes.
    public static let maximumBytes = 4_096

    /// `typ` of a gateway's snapshot.
    public static let snapshotType = "guichet-snapshot"

    /// Reads a statement of this type that a key of the ring signed; `nil` for anything else.
    public static func open(
        _ token: String, type: String, with ring: KeyRing, limit: Int = SignedStatement.maximumBytes
    ) -> [UInt8]? {
        guard token.utf8.count <= limit else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
            let key = ring.keys.first(where: { header(type, $0) == Array(parts[0].utf8) }),
            key.isValid(
                signature: signature, over: Array(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count)))
        else { return nil }
        return payload
    }

    static func header(_ type: String, _ key: VerifyingKey) -> [UInt8] {
        var header = JSONWriter()
        header.member("alg", TicketHeader.algorithm)
        header.member("typ", type)
        header.member("kid", key.id)
        var text: [UInt8] = []
        Base64URL.append(header.finished(), to: &text)
        return text
    }
}

extension SigningKey {
    /// Signs a statement of a type, such as `quote+jwt`.
    public func sign(payload: [UInt8], type: String) -> String {
        precondition(type != TicketHeader.type, "Tickets are signed as tickets.")
        var token = SignedStatement.header(type, verifyingKey)
        token.append(UInt8(ascii: "."))
        Base64URL.append(payload, to: &token)
        let signature = sign(token)
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &token)
        return String(decoding: token, as: UTF8.self)
    }
}

extension TicketSigner {
    /// Signs another statement of the service with the key of its tickets.
    public func sign(payload: [UInt8], type: String) -> String { key.sign(payload: payload, type: type) }
}
