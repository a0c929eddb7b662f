public import Values

/// Every check of a ticket by itself, with the rule behind it: for people who ask why a ticket does not open a door.
///
/// The checks are those of ``TicketVerifier``, in its order, and the first that fails here is the refusal there; but
/// where it can this goes on behind a failure, so that a ticket of an unknown key still shows its claims. What stands
/// in a ticket whose signature does not hold proves nothing.
public struct TicketInspection: Sendable {
    public enum Outcome: String, Sendable, Hashable, Encodable {
        case passed, failed
        /// Could not be asked, since an earlier check failed or nothing was given to compare with.
        case skipped
    }

    public struct Check: Sendable, Hashable, Encodable {
        public let name: String
        /// The standard's section, or ours.
        public let rule: String
        public let outcome: Outcome
        /// The code of the refusal, if it failed.
        public let code: String?
        public let detail: String?
    }

    public private(set) var checks: [Check] = []
    /// What the ticket says, verified or not.
    public private(set) var claims: TicketClaims?
    /// The `kid` of the header, known or not.
    public private(set) var keyName: String?

    public var isValid: Bool { !checks.contains { $0.outcome == .failed } }
    /// The first failure: what a door would say.
    public var refusalCode: String? { checks.first { $0.outcome == .failed }?.code }

    /// What a ticket is compared with; what is `nil` is not asked.
    public struct Expectation: Sendable {
        public var issuer: String?
        public var audience: String?
        public var room: RoomID?
        public var roles: Set<Role>?
        /// Tickets that were taken back; `nil` where that is not known.
        public var revoked: Set<TicketID>?
        /// When a ticket ends by what the issuer said last; `nil` where nothing later than the token is known.
        public var end: (@Sendable (TicketClaims) -> Instant?)?

        public init(
            issuer: String? = nil, audience: String? = nil, room: RoomID? = nil, roles: Set<Role>? = nil,
            revoked: Set<TicketID>? = nil, end: (@Sendable (TicketClaims) -> Instant?)? = nil
        ) {
            self.issuer = issuer
            self.audience = audience
            self.room = room
            self.roles = roles
            self.revoked = revoked
            self.end = end
        }
    }

    public init(of token: String, with ring: KeyRing, expecting expected: Expectation, at now: Instant) {
        guard
            check(
                "size", "guichet: at most \(TicketVerifier.maximumBytes) bytes",
                token.utf8.count <= TicketVerifier.maximumBytes, .tooLarge, "\(token.utf8.count) bytes")
        else {
            skipRest(after: "size")
            return
        }
        let texts = token.split(separator: ".", omittingEmptySubsequences: false)
        let parts = texts.compactMap { Base64URL.decode($0) }
        guard
            check(
                "parts", "RFC 7515 §7.1 (three parts), §2 and RFC 4648 §5 (base64url without padding)",
                texts.count == 3 && parts.count == 3 && !parts[0].isEmpty && !parts[1].isEmpty, .malformed,
                "\(texts.count) parts")
        else {
            skipRest(after: "parts")
            return
        }
        let key = readHeader(parts[0], ring)
        if let key {
            let signed = Array("\(texts[0]).\(texts[1])".utf8)
            check(
                "signature", "RFC 7515 §5.2, RFC 8032 §5.1.7", key.isValid(signature: parts[2], over: signed),
                .signature, nil)
        } else {
            skip("signature", "RFC 7515 §5.2, RFC 8032 §5.1.7", "no key to check it with")
        }
        readClaims(parts[1])
        guard let claims else {
            skipRest(after: "claims")
            return
        }
        compare(claims, with: expected, at: now)
    }

    // MARK: - Steps

    private mutating func readHeader(_ bytes: [UInt8], _ ring: KeyRing) -> VerifyingKey? {
        let json = "RFC 7515 §4, RFC 8259 §4 (no member twice), RFC 7493 (I-JSON)"
        let header: JSONValue
        switch Self.parse(bytes) {
        case .success(let value): header = value
        case .failure(let refusal):
            fail("header", json, refusal, nil)
            for name in ["critical header", "algorithm", "type", "header members", "key"] { skip(name, json, nil) }
            return nil
        }
        guard case .object(let members) = header else {
            fail("header", json, .malformed, "no JSON object")
            for name in ["critical header", "algorithm", "type", "header members", "key"] { skip(name, json, nil) }
            return nil
        }
        pass("header", json, nil)
        check(
            "critical header", "RFC 7515 §4.1.11 (no extension is known here)", header["crit"] == nil, .criticalHeader,
            nil)
        check(
            "algorithm", "RFC 8725 §3.1, RFC 8037 §3.1 (EdDSA alone)", header["alg"] == .string(TicketHeader.algorithm),
            .algorithm, header["alg"]?.text)
        check(
            "type", "RFC 8725 §3.11 (explicit typing)", header["typ"] == .string(TicketHeader.type), .type,
            header["typ"]?.text)
        let others = members.map(\.name).filter { !["alg", "typ", "kid", "crit"].contains($0) }
        check(
            "header members", "guichet: alg, typ and kid, nothing else", others.isEmpty, .malformed,
            others.isEmpty ? nil : others.joined(separator: ", "))
        keyName = header["kid"]?.text
        let key = keyName.flatMap { ring[$0] }
        check("key", "RFC 7515 §4.1.4, RFC 7638 (thumbprint)", key != nil, .keyUnknown, keyName)
        return key
    }

    private mutating func readClaims(_ bytes: [UInt8]) {
        let rule = "RFC 7519 §4, guichet: ticket-claims.schema.json"
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result<TicketClaims, TicketRefusal>(catching: { () throws(TicketRefusal) in try TicketClaims(json: buffer) }
            )
        }
        switch result {
        case .success(let read):
            claims = read
            pass("claims", rule, "\(read.ticket), \(read.role.rawValue) of \(read.room)")
        case .failure(let refusal): fail("claims", rule, refusal, nil)
        }
    }

    private mutating func compare(_ claims: TicketClaims, with expected: Expectation, at now: Instant) {
        compare("issuer", "RFC 7519 §4.1.1", expected.issuer.map { $0 == claims.issuer }, .issuer, claims.issuer)
        compare(
            "audience", "RFC 7519 §4.1.3", expected.audience.map { $0 == claims.audience }, .audience, claims.audience)
        check(
            "not before", "RFC 7519 §4.1.5, no leeway", now >= claims.notBefore, .notYetValid(from: claims.notBefore),
            claims.notBefore.description)
        let end = expected.end?(claims) ?? claims.expiresAt
        if end == claims.expiresAt {
            check("expiry", "RFC 7519 §4.1.4, no leeway", now < end, .expired(at: end), end.description)
        } else {
            check(
                "expiry", "guichet: what the ledger said later of its end, before exp (RFC 7519 §4.1.4), no leeway",
                now < end, .expired(at: end), "\(end), moved from \(claims.expiresAt)")
        }
        compare(
            "room", "guichet: the door's own room", expected.room.map { $0 == claims.room }, .room(claims.room),
            claims.room.text)
        compare(
            "role", "guichet: a role that may do what is asked", expected.roles.map { $0.contains(claims.role) }, .role,
            claims.role.rawValue)
        compare(
            "revocation", "guichet: not among the tickets taken back",
            expected.revoked.map { !$0.contains(claims.ticket) }, .revoked, nil)
    }

    private static func parse(_ bytes: [UInt8]) -> Result<JSONValue, TicketRefusal> {
        bytes.withUnsafeBufferPointer { buffer in
            Result<JSONValue, TicketRefusal>(catching: { () throws(TicketRefusal) in try JSONValue(ticketPart: buffer) }
            )
        }
    }

    // MARK: - Notes

    /// In the verifier's order.
    private static let names = [
        "size", "parts", "header", "critical header", "algorithm", "type", "header members", "key", "signature",
        "claims",
        "issuer", "audience", "not before", "expiry", "room", "role", "revocation",
    ]

    @discardableResult
    private mutating func check(
        _ name: String, _ rule: String, _ holds: Bool, _ refusal: TicketRefusal, _ detail: String?
    ) -> Bool {
        if holds { pass(name, rule, detail) } else { fail(name, rule, refusal, detail) }
        return holds
    }

    private mutating func compare(
        _ name: String, _ rule: String, _ holds: Bool?, _ refusal: TicketRefusal, _ detail: String?
    ) {
        guard let holds else { return skip(name, rule, detail.map { "\($0), nothing to compare with" }) }
        check(name, rule, holds, refusal, detail)
    }

    private mutating func pass(_ name: String, _ rule: String, _ detail: String?) {
        checks.append(Check(name: name, rule: rule, outcome: .passed, code: nil, detail: detail))
    }

    private mutating func fail(_ name: String, _ rule: String, _ refusal: TicketRefusal, _ detail: String?) {
        checks.append(Check(name: name, rule: rule, outcome: .failed, code: refusal.code, detail: detail))
    }

    private mutating func skip(_ name: String, _ rule: String, _ detail: String?) {
        checks.append(Check(name: name, rule: rule, outcome: .skipped, code: nil, detail: detail))
    }

    private mutating func skipRest(after name: String) {
        guard let index = Self.names.firstIndex(of: name) else { return }
        for rest in Self.names[(index + 1)...] { skip(rest, "-", nil) }
    }
}
