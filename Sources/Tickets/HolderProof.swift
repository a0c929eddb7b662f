public import Values

/// A proof that whoever sends a request has the key to which a ticket is bound: a JWS of the sender for this one request,
/// in the manner of DPoP (RFC 9449), in the header `DPoP`.
///
/// Header: exactly `typ` (`dpop+jwt`), `alg` (`ES256` or `EdDSA`) and `jwk`, the public key. Claims: `htm`, the method;
/// `htu`, the address without query and fragment; `iat`; `jti`, 1 to 128 visible ASCII characters; `ath`, the SHA-256 of the
/// ticket in base64url, where one comes with the request.
///
/// The checks run in this order, and the first that fails is the refusal: 1. there is one, of a bounded size, of three parts;
/// 2. header: type, algorithm, key without private members; 3. signature; 4. claims are well formed; 5. the key is the
/// ticket's; 6. method and address; 7. time; 8. ticket; and last, by whoever remembers them, 9. never seen before.
public struct HolderProof: Sendable, Hashable {
    /// RFC 7638 thumbprint of the key that made it.
    public let thumbprint: String
    public let method: String
    public let url: String
    /// `iat`, in whole seconds.
    public let issuedAt: Instant
    /// `jti`: never twice of one key.
    public let id: String
    /// `ath`.
    public let ticketHash: String?

    /// A proof of a browser has about 500 bytes.
    public static let maximumBytes = 2_048
    /// How far `iat` may be from the clock here, in seconds, either way: browsers' clocks are rarely right, and no proof
    /// works twice anyway.
    public static let window: Int64 = 60
    /// `typ`.
    static let type = "dpop+jwt"

    /// Reads a proof: steps 1 to 4.
    public init(_ text: String?) throws(ProofRefusal) {
        guard let text else { throw .missing }
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLarge }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        let key = try Self.key(of: try Self.object(header))
        let signed = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
        guard try key.isValid(signature: signature, over: signed) else { throw .signature }
        let claims = try Self.object(payload)
        guard let method = claims["htm"]?.text, let url = claims["htu"]?.text,
            let seconds = claims["iat"]?.integer, (0...253_402_300_799).contains(seconds),
            let id = claims["jti"]?.text, (1...128).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .malformed }
        if let hash = claims["ath"] {
            guard let text = hash.text else { throw .malformed }
            ticketHash = text
        } else {
            ticketHash = nil
        }
        thumbprint = key.thumbprint
        self.method = method
        self.url = url
        issuedAt = Instant(seconds: seconds)
        self.id = id
    }

    /// Steps 5 to 8.
    /// - Parameters:
    ///   - thumbprint: of the key to which the ticket is bound; `nil` where it is to be bound to this one.
    ///   - ticket: that came with the request; `nil` for none.
    public func check(
        key thumbprint: String?, method: String, address: ProofAddress, ticket: String?, at instant: Instant
    ) throws(ProofRefusal) {
        guard thumbprint == nil || thumbprint == self.thumbprint else { throw .otherKey }
        guard self.method == method, address.isMeant(by: url) else { throw .target }
        guard (-Self.window...Self.window).contains(issuedAt.seconds - instant.seconds) else { throw .stale }
        guard ticketHash == ticket.map(Self.hash(of:)) else { throw .ticket }
    }

    /// What stands in `ath` for a ticket.
    public static func hash(of ticket: String) -> String { Base64URL.encode(SHA256Digest(of: ticket).bytes) }

    private static func object(_ bytes: [UInt8]) throws(ProofRefusal) -> JSONValue {
        guard let value = bytes.withUnsafeBufferPointer({ try? StrictJSONReader.read($0) }), case .object = value
        else { throw .malformed }
        return value
    }

    private static func key(of header: JSONValue) throws(ProofRefusal) -> HolderKey {
        guard case .object(let members) = header else { throw .malformed }
        guard header["typ"] == .string(type) else { throw .type }
        guard let algorithm = header["alg"]?.text, algorithm == "ES256" || algorithm == "EdDSA" else {
            throw .algorithm
        }
        guard let jwk = header["jwk"], members.count == 3 else { throw .malformed }
        return try HolderKey(jwk: jwk, algorithm: algorithm)
    }
}

/// The address of a request as its sender may have written it.
public struct ProofAddress: Sendable, Hashable {
    private let fitting: [String]

    /// - Parameters:
    ///   - bases: under which people reach this server, such as `https://gate.example`.
    ///   - authority: the request's `Host`, where that is good enough: whoever stands in between could have chosen it.
    ///   - path: of the request, from `/` on.
    public init(bases: [String], authority: String?, path: String) {
        let known = bases.map { ($0.hasSuffix("/") ? String($0.dropLast()) : $0) + path }
        let said = authority.map { host in ["http", "https"].map { "\($0)://\(host)\(path)" } } ?? []
        fitting = (known + said).compactMap(Self.normal)
    }

    func isMeant(by url: String) -> Bool { Self.normal(url).map { fitting.contains($0) } ?? false }

    /// Scheme and host in lower case, without the port that the scheme has anyway (RFC 3986 section 6.2); `nil` for what is
    /// no web address without user, query and fragment.
    private static func normal(_ url: String) -> String? {
        guard let colon = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<colon.lowerBound].lowercased()
        let rest = url[colon.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var host = rest[..<slash].lowercased()
        let path = rest[slash...]
        guard scheme == "http" || scheme == "https", !host.isEmpty, !host.contains("@"),
            !path.contains("?"), !path.contains("#")
        else { return nil }
        let port = scheme == "http" ? ":80" : ":443"
        if host.hasSuffix(port) { host.removeLast(port.count) }
        return "\(scheme)://\(host)\(path.isEmpty ? "/" : path)"
    }
}
