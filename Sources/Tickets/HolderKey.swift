internal import COpenSSL
internal import Values

/// The public key of a ticket's holder: P-256 for ES256, as browsers have it (RFC 7518 section 6.2), or Ed25519 for EdDSA
/// (RFC 8037).
struct HolderKey {
    enum Kind: Equatable {
        case p256(x: [UInt8], y: [UInt8])
        case ed25519(VerifyingKey)
    }

    let kind: Kind

    /// RFC 7638: SHA-256 over the required members in the order of their names, in base64url.
    var thumbprint: String {
        switch kind {
        case .p256(let x, let y):
            let members =
                #"{"crv":"P-256","kty":"EC","x":"\#(Base64URL.encode(x))","y":"\#(Base64URL.encode(y))"}"#
            return Base64URL.encode(SHA256Digest(of: members).bytes)
        case .ed25519(let key): return key.id
        }
    }

    /// Reads `jwk` of a proof's header. Members beside the required ones are passed over (RFC 7517 section 4), private
    /// ones are not.
    init(jwk: JSONValue, algorithm: String) throws(ProofRefusal) {
        guard case .object(let members) = jwk else { throw .malformed }
        // `d` of EC and OKP, `k` of a symmetric key, and the primes of RSA (RFC 7518 section 6).
        let secrets: Set = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"]
        guard !members.contains(where: { secrets.contains($0.name) }) else { throw .privateKey }
        func bytes(_ name: String) -> [UInt8]? {
            jwk[name]?.text.flatMap { Base64URL.decode($0) }.flatMap { $0.count == 32 ? $0 : nil }
        }
        switch (algorithm, jwk["kty"]?.text, jwk["crv"]?.text) {
        case ("ES256", "EC", "P-256"):
            guard let x = bytes("x"), let y = bytes("y") else { throw .key }
            kind = .p256(x: x, y: y)
        case ("EdDSA", "OKP", "Ed25519"):
            guard let key = bytes("x").flatMap({ VerifyingKey(bytes: $0) }) else { throw .key }
            kind = .ed25519(key)
        default: throw .key
        }
    }

    /// Whether `signature` is this key's over `message`.
    /// - Throws: ``ProofRefusal/key`` for coordinates that are no point on the curve.
    func isValid(signature: [UInt8], over message: [UInt8]) throws(ProofRefusal) -> Bool {
        switch kind {
        case .ed25519(let key): return key.isValid(signature: signature, over: message)
        case .p256(let x, let y): return try Self.isValid(signature, over: message, x, y)
        }
    }

    /// SubjectPublicKeyInfo of an uncompressed P-256 point (RFC 5480), before its two coordinates.
    private static let spkiPrefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ]

    /// ES256 (RFC 7518 section 3.4): R and S of 32 bytes each. A verification costs about 60 µs of one core, and one for
    /// each request of a bound ticket is far from the packets.
    private static func isValid(
        _ signature: [UInt8], over message: [UInt8], _ x: [UInt8], _ y: [UInt8]
    ) throws(ProofRefusal) -> Bool {
        let encoded = spkiPrefix + x + y
        let key = encoded.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return d2i_PUBKEY(nil, &cursor, bytes.count)
        }
        // OpenSSL checks that the point is on the curve.
        guard let key else {
            ERR_clear_error()
            throw .key
        }
        defer { EVP_PKEY_free(key) }
        guard signature.count == 64, let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        let der = derSignature(signature)
        let valid =
            EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestVerify(context, der, der.count, message, message.count) == 1
        // The queue of errors belongs to the thread: a forged proof must not confuse somebody else's TLS on it.
        if !valid { ERR_clear_error() }
        return valid
    }

    /// `SEQUENCE { INTEGER r, INTEGER s }` in DER (RFC 3279 section 2.2.3), as OpenSSL wants it.
    private static func derSignature(_ signature: [UInt8]) -> [UInt8] {
        func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
            var trimmed = Array(bytes.drop { $0 == 0 })
            if trimmed.first.map({ $0 >= 0x80 }) ?? true { trimmed.insert(0, at: 0) }
            return [0x02, UInt8(trimmed.count)] + trimmed
        }
        let content = integer(signature[..<32]) + integer(signature[32...])
        return [0x30, UInt8(content.count)] + content
    }
}
