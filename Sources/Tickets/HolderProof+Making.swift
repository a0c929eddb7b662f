public import Values

extension HolderProof {
    /// Makes a proof for one request with an Ed25519 key, as our own clients do.
    /// - Parameters:
    ///   - url: the address of the request; query and fragment are left out.
    ///   - ticket: that goes with it.
    ///   - id: never the same twice.
    public static func make(
        with key: SigningKey, method: String, url: String, ticket: String?, id: String, at instant: Instant
    ) -> String {
        var jwk = JSONWriter()
        jwk.member("kty", "OKP")
        jwk.member("crv", "Ed25519")
        jwk.member("x", Base64URL.encode(key.verifyingKey.bytes))
        var header = JSONWriter()
        header.member("typ", type)
        header.member("alg", TicketHeader.algorithm)
        header.member("jwk", json: jwk.finished())
        var claims = JSONWriter()
        claims.member("htm", method)
        claims.member("htu", String(url.prefix { $0 != "?" && $0 != "#" }))
        claims.member("iat", instant.seconds)
        claims.member("jti", id)
        if let ticket { claims.member("ath", hash(of: ticket)) }
        var text: [UInt8] = []
        Base64URL.append(header.finished(), to: &text)
        text.append(UInt8(ascii: "."))
        Base64URL.append(claims.finished(), to: &text)
        let signature = key.sign(text)
        text.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
