extension KeyRing {
    /// Reads a JWK Set (RFC 7517 section 5).
    ///
    /// Keys of another type, curve or use are passed over, as RFC 7517 asks. A `kid` may be missing, but may not be
    /// another than the thumbprint. A private member anywhere refuses the whole set: somebody published a secret.
    public init(jwks text: String) throws(KeyRefusal) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumBytes,
            let value = bytes.withUnsafeBufferPointer({ try? StrictJSONReader.read($0) }),
            case .array(let entries) = value["keys"], entries.count <= Self.maximumKeys
        else { throw .setMalformed }
        self.init()
        for entry in entries {
            guard case .object = entry, let type = entry["kty"]?.text else { throw .setMalformed }
            // `d` of OKP, EC and RSA, `k` of a symmetric key (RFC 7518 section 6, RFC 8037 section 2).
            guard entry["d"] == nil, entry["k"] == nil else { throw .setHoldsPrivateKey }
            guard type == "OKP", entry["crv"]?.text == "Ed25519", Self.isForSignatures(entry) else { continue }
            guard let key = entry["x"]?.text.flatMap({ Base64URL.decode($0) }).flatMap({ VerifyingKey(bytes: $0) })
            else { throw .setMalformed }
            if let name = entry["kid"] {
                guard name.text == key.id else { throw .setKeyMisnamed }
            }
            insert(key)
        }
    }

    /// `use`, `alg` and `key_ops` are optional; where they are, they must allow verifying EdDSA (RFC 7517 section 4).
    private static func isForSignatures(_ entry: JSONValue) -> Bool {
        if let use = entry["use"], use.text != "sig" { return false }
        if let algorithm = entry["alg"], algorithm.text != TicketHeader.algorithm { return false }
        if let operations = entry["key_ops"] {
            guard case .array(let names) = operations, names.contains(.string("verify")) else { return false }
        }
        return true
    }

    /// The ring as a JWK Set, keys in their order, members `kty crv x kid use alg`: the same ring gives the same bytes.
    public var jwks: String {
        let entries = keys.map { key in
            var writer = JSONWriter()
            writer.member("kty", "OKP")
            writer.member("crv", "Ed25519")
            writer.member("x", Base64URL.encode(key.bytes))
            writer.member("kid", key.id)
            writer.member("use", "sig")
            writer.member("alg", TicketHeader.algorithm)
            return String(decoding: writer.finished(), as: UTF8.self)
        }
        return #"{"keys":[\#(entries.joined(separator: ","))]}"#
    }
}
