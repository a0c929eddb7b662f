public import Values

/// Checks tickets offline: public keys, who may have issued them, for whom, and the time.
///
/// The checks run in this order, and the first that fails is the refusal:
/// 1. size, 2. three parts of strict base64url, 3. header (critical header, algorithm, type, other members, key),
/// 4. signature, 5. claims (malformed, duplicate member, unknown role), 6. issuer, 7. audience, 8. window (`nbf`, then
/// `exp`), 9. room, 10. role, 11. revoked.
///
/// Nothing of the claims is read before the signature holds, so a forger learns nothing about them. There is no leeway
/// for clocks: the window is half-open, and a ticket that ended a second ago has ended.
///
/// When it ends is the issuer's to change, by a word that came after the token: whoever heard it gives it as `end`. It
/// moves the end of a ticket that is authentic, and nothing else of it.
public struct TicketVerifier: Sendable {
    public var keyRing: KeyRing
    public let issuer: String
    public let audience: String

    /// A ticket with the longest texts has about 1,600 bytes, a common one 600. Also what a header line should carry.
    public static let maximumBytes = 2_048

    public init(keyRing: KeyRing, issuer: String, audience: String) {
        self.keyRing = keyRing
        self.issuer = issuer
        self.audience = audience
    }

    /// The claims of a ticket that is valid `at` this moment.
    /// - Parameters:
    ///   - room: the room whose door this is; `nil` where any will do.
    ///   - roles: the roles that may do what is asked; `nil` where any will do.
    ///   - isRevoked: asked last, about a ticket that is valid otherwise.
    ///   - end: when a ticket ends, exclusive: its own `exp`, unless something later is known of it.
    public func verify(
        _ token: String, at instant: Instant, room: RoomID? = nil, roles: Set<Role>? = nil,
        isRevoked: (TicketID) -> Bool = { _ in false }, end: (TicketClaims) -> Instant = { $0.expiresAt }
    ) throws(TicketRefusal) -> TicketClaims {
        let claims = try authenticate(token)
        guard claims.issuer == issuer else { throw .issuer }
        guard claims.audience == audience else { throw .audience }
        guard instant >= claims.notBefore else { throw .notYetValid(from: claims.notBefore) }
        let end = end(claims)
        guard instant < end else { throw .expired(at: end) }
        if let room, room != claims.room { throw .room(claims.room) }
        if let roles, !roles.contains(claims.role) { throw .role }
        if isRevoked(claims.ticket) { throw .revoked }
        return claims
    }

    /// Steps 1 to 5: who signed it and what it says, whenever and wherever it is valid.
    public func authenticate(_ token: String) throws(TicketRefusal) -> TicketClaims {
        var token = token
        let result = token.withUTF8 { bytes in
            Result<TicketClaims, TicketRefusal>(catching: { () throws(TicketRefusal) in try authenticate(bytes) })
        }
        return try result.get()
    }

    private func authenticate(_ token: UnsafeBufferPointer<UInt8>) throws(TicketRefusal) -> TicketClaims {
        guard token.count <= Self.maximumBytes else { throw .tooLarge }
        let dot = UInt8(ascii: ".")
        guard let first = token.firstIndex(of: dot), let last = token.lastIndex(of: dot), first != last,
            !token[(first + 1)..<last].contains(dot)
        else { throw .malformed }
        let header = UnsafeBufferPointer(rebasing: token[..<first])
        let payload = UnsafeBufferPointer(rebasing: token[(first + 1)..<last])
        let signature = UnsafeBufferPointer(rebasing: token[(last + 1)...])
        guard !header.isEmpty, !payload.isEmpty else { throw .malformed }
        let signed = UnsafeBufferPointer(rebasing: token[..<last])
        // One buffer on the stack takes the three decoded parts; three quarters of the text are enough for all.
        return try withStackBuffer(byteCount: token.count) { buffer throws(TicketRefusal) in
            let decodedHeader = try Self.decode(header, into: buffer)
            let rest = UnsafeMutableBufferPointer(rebasing: buffer[decodedHeader.count...])
            let decodedPayload = try Self.decode(payload, into: rest)
            let tail = UnsafeMutableBufferPointer(rebasing: rest[decodedPayload.count...])
            let decodedSignature = try Self.decode(signature, into: tail)
            let key = try key(of: header, decoded: decodedHeader)
            guard key.engine.isValid(signature: decodedSignature, over: signed) else { throw .signature }
            return try TicketClaims(json: decodedPayload)
        }
    }

    /// Headers of tickets made here are known byte for byte; only others are parsed.
    private func key(
        of header: UnsafeBufferPointer<UInt8>, decoded: UnsafeBufferPointer<UInt8>
    ) throws(TicketRefusal) -> VerifyingKey {
        for key in keyRing.keys where key.encodedHeader.elementsEqual(header) { return key }
        return try TicketHeader.key(namedBy: decoded, in: keyRing)
    }

    private static func decode(
        _ text: UnsafeBufferPointer<UInt8>, into buffer: UnsafeMutableBufferPointer<UInt8>
    ) throws(TicketRefusal) -> UnsafeBufferPointer<UInt8> {
        guard let count = Base64URL.decode(text, into: buffer) else { throw .malformed }
        return UnsafeBufferPointer(rebasing: buffer[..<count])
    }
}

/// Scratch memory without the allocator. The standard function has no typed throws, so the outcome goes around it.
private func withStackBuffer<T>(
    byteCount: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) throws(TicketRefusal) -> T
) throws(TicketRefusal) -> T {
    let result = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { buffer in
        Result<T, TicketRefusal>(catching: { () throws(TicketRefusal) in try body(buffer) })
    }
    return try result.get()
}
