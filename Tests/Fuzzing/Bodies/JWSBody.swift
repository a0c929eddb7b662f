import Tickets
import Values

/// A door with one key. The input is tried as a token, as a payload and as a header that the key has signed (no mutation
/// would get past the signature otherwise), and as a set of keys.
final class JWSDoor: Sendable {
    /// The key of `Schemas/resources/ticket-vectors.json`, so that its tokens are seeds that open the door.
    static let shared = JWSDoor()

    private let key: SigningKey
    private let verifier: TicketVerifier
    /// A ticket that opens the door.
    private let good: String

    private static let claims = """
        {"iss":"https://ledger.example","aud":"rooms.example","sub":"holder_01kjh3b9m0e8tq6v4x2z7n5r1c",\
        "jti":"ticket_01kjh3b9m1f9vr7w5y3a8p6s2d","room":"room_01kjh3b9m2g0ws8x6z4b9q7t3e","role":"listener",\
        "nbf":1772395200,"exp":1772398800,"iat":1772308800,"policy":"guichet-2026/1"}
        """

    private init() {
        let seed: [UInt8] = [
            0x72, 0xD3, 0x05, 0x37, 0x46, 0x77, 0x8E, 0xFB, 0xD0, 0x7B, 0xDF, 0xA4, 0x6D, 0x74, 0x6D, 0xCD, 0x0D, 0x34,
            0x66, 0xA7, 0xD6, 0xC5, 0xC8, 0x12, 0x78, 0xEE, 0x33, 0x6F, 0x86, 0xC6, 0xA0, 0x83,
        ]
        guard let key = SigningKey(seed: seed) else { preconditionFailure("Any 32 bytes are an Ed25519 key.") }
        self.key = key
        verifier = TicketVerifier(
            keyRing: KeyRing([key.verifyingKey]), issuer: "https://ledger.example", audience: "rooms.example")
        good = key.signed(header: key.ticketHeader, payload: Array(Self.claims.utf8))
    }

    func check(_ input: [UInt8]) throws(Violation) {
        let text = String(decoding: input, as: UTF8.self)
        try checkToken(text)
        try checkToken(key.signed(header: key.ticketHeader, payload: input))
        try checkToken(key.signed(header: input, payload: Array(#"{"iss":"x"}"#.utf8)))
        try checkExact(good, input) { (try? verifier.authenticate($0)) != nil }
        if let ring = try? KeyRing(jwks: text) {
            let again = try? KeyRing(jwks: ring.jwks)
            try require(again == ring, "a set of keys says the same after writing and reading")
        }
        for part in text.split(separator: ".", maxSplits: 4) {
            guard let bytes = Base64URL.decode(part) else { continue }
            try require(Base64URL.encode(bytes) == part, "bytes have one spelling in base64url")
        }
    }

    private func checkToken(_ token: String) throws(Violation) {
        guard let claims = try? verifier.authenticate(token) else { return }
        let again = TicketSigner(key: key).sign(claims)
        try require((try? verifier.authenticate(again)) == claims, "claims are the same after signing and reading")
        try require(
            refusal(token, claims.expiresAt) != nil && refusal(token, claims.notBefore.advanced(bySeconds: -1)) != nil,
            "a ticket is good between its two moments only")
        guard claims.issuer == verifier.issuer, claims.audience == verifier.audience,
            claims.notBefore < claims.expiresAt
        else { return }
        try require(refusal(token, claims.notBefore) == nil, "a ticket is good from its first moment on")
    }

    private func refusal(_ token: String, _ instant: Instant) -> TicketRefusal? {
        do throws(TicketRefusal) {
            _ = try verifier.verify(token, at: instant)
            return nil
        } catch { return error }
    }
}

extension SigningKey {
    fileprivate var ticketHeader: [UInt8] { Array(#"{"alg":"EdDSA","typ":"ticket+jwt","kid":"\#(id)"}"#.utf8) }

    /// A JWS of any two parts.
    func signed(header: [UInt8], payload: [UInt8]) -> String {
        let body = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        return body + "." + Base64URL.encode(sign(Array(body.utf8)))
    }
}
