/// Makes tickets. Signing is deterministic (RFC 8032): the same claims and key give the same bytes, so a retried
/// purchase gets the very ticket it got before.
public struct TicketSigner: Sendable {
    let key: SigningKey

    public init(key: SigningKey) { self.key = key }

    /// The public half, to be published before the first ticket goes out.
    public var verifyingKey: VerifyingKey { key.verifyingKey }

    /// The ticket as JWS in compact form (RFC 7515 section 7.1).
    public func sign(_ claims: TicketClaims) -> String {
        var token: [UInt8] = []
        token.reserveCapacity(768)
        token.append(contentsOf: key.verifyingKey.encodedHeader)
        token.append(UInt8(ascii: "."))
        Base64URL.append(claims.json, to: &token)
        let signature = key.sign(token)
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &token)
        return String(decoding: token, as: UTF8.self)
    }
}
