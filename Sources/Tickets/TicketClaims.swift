public import Values

/// What a ticket says. A pure function of a committed row: no clock and no randomness of its own, no personal data.
///
/// As JSON one canonical order of members: `iss aud sub jti room role nbf exp iat policy` and, only if the ticket is
/// bound to a key, `cnf` (RFC 7519 section 4.1, RFC 7800). Times are NumericDate in whole seconds.
public struct TicketClaims: Hashable, Sendable {
    /// `iss`: the ledger service that signed it.
    public let issuer: String
    /// `aud`: the gateways that may accept it.
    public let audience: String
    /// `sub`: who holds it.
    public let subject: Subject
    /// `jti`.
    public let ticket: TicketID
    public let room: RoomID
    public let role: Role
    /// `nbf`: valid from here on.
    public let notBefore: Instant
    /// `exp`: no longer valid from here on.
    public let expiresAt: Instant
    /// `iat`.
    public let issuedAt: Instant
    /// Name and version of the policy that the sale pinned, for example `guichet-2026/1`.
    public let policy: String
    /// `cnf`, member `jkt`: the RFC 7638 thumbprint of the key to which the ticket is bound (RFC 9449 section 6.1).
    public let confirmationThumbprint: String?

    /// Longest `iss`, `aud` and `policy` in bytes: long enough for a URL, short enough for ``TicketVerifier/maximumBytes``.
    public static let maximumTextBytes = 200

    /// Fractions of a second are cut off, since NumericDate here has none; a ticket never lives longer by it.
    /// - Returns: `nil` for an empty window, a time before 1970 or after 9999, or a text that is empty, too long
    ///   or has control characters.
    public init?(
        issuer: String, audience: String, subject: Subject, ticket: TicketID, room: RoomID, role: Role,
        notBefore: Instant, expiresAt: Instant, issuedAt: Instant, policy: String,
        confirmationThumbprint: String? = nil
    ) {
        let seconds = 0...Self.lastSecond
        guard notBefore.seconds < expiresAt.seconds, seconds.contains(notBefore.seconds),
            seconds.contains(expiresAt.seconds), seconds.contains(issuedAt.seconds),
            Self.isPlain(issuer), Self.isPlain(audience), Self.isPlain(policy),
            confirmationThumbprint.map(Self.isThumbprint) ?? true
        else { return nil }
        self.issuer = issuer
        self.audience = audience
        self.subject = subject
        self.ticket = ticket
        self.room = room
        self.role = role
        self.notBefore = Instant(seconds: notBefore.seconds)
        self.expiresAt = Instant(seconds: expiresAt.seconds)
        self.issuedAt = Instant(seconds: issuedAt.seconds)
        self.policy = policy
        self.confirmationThumbprint = confirmationThumbprint
    }

    /// 9999-12-31T23:59:59Z, the last second of RFC 3339.
    private static let lastSecond: Int64 = 253_402_300_799

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maximumTextBytes && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// 32 bytes in base64url.
    private static func isThumbprint(_ text: String) -> Bool { Base64URL.decode(text)?.count == 32 }
}
