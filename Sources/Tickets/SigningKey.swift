internal import COpenSSL

/// A private Ed25519 key. Only the ledger service has one; it is never printed.
public struct SigningKey: Sendable, CustomStringConvertible {
    /// What gateways and the public need.
    public let verifyingKey: VerifyingKey
    private let engine: Ed25519

    /// The key of a 32-byte secret (RFC 8032 section 5.1.5); `nil` for another length.
    public init?(seed: [UInt8]) {
        guard let engine = Ed25519(seed: seed) else { return nil }
        self.init(engine)
    }

    /// A key in PEM as `openssl genpkey -algorithm ed25519` writes it; `nil` for anything else, encrypted keys included.
    public init?(pem: [UInt8]) {
        guard let engine = Ed25519(pem: pem) else { return nil }
        self.init(engine)
    }

    private init(_ engine: Ed25519) {
        self.engine = engine
        let publicBytes = engine.publicBytes
        guard let verifyingKey = VerifyingKey(bytes: publicBytes) else {
            preconditionFailure("The public half of an Ed25519 key is one.")
        }
        self.verifyingKey = verifyingKey
    }

    /// A new key from OpenSSL's generator. Its name does not begin with a dash: a shell's user would have to tell it from
    /// an option, and one thumbprint in 64 begins so.
    public static func generate() -> SigningKey {
        while true {
            let key = drawn()
            if !key.id.hasPrefix("-") { return key }
        }
    }

    private static func drawn() -> SigningKey {
        var seed = [UInt8](repeating: 0, count: Ed25519.keyBytes)
        defer { OPENSSL_cleanse(&seed, seed.count) }
        let filled = RAND_priv_bytes(&seed, Int32(seed.count))
        guard filled == 1, let key = SigningKey(seed: seed) else {
            preconditionFailure("OpenSSL has no randomness: no key can be made.")
        }
        return key
    }

    /// The name of the key, as in ``VerifyingKey/id``.
    public var id: String { verifyingKey.id }

    /// PKCS#8 in PEM, for ``KeyFile``.
    var pem: [UInt8] {
        guard let pem = engine.pem else { preconditionFailure("OpenSSL writes every private Ed25519 key.") }
        return pem
    }

    /// The 64-byte signature over `message`; the same message gives the same signature (RFC 8032).
    public func sign(_ message: [UInt8]) -> [UInt8] { engine.sign(message) }

    /// The name only.
    public var description: String { "SigningKey(\(id))" }
}
