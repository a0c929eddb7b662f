internal import Stage
internal import Synchronization
internal import Tickets
internal import Values

/// What the ledger has told: keys, revoked tickets, and when it was last heard. Read by every request.
final class DoorKnowledge: Sendable {
    private struct Heard {
        var verifier: TicketVerifier?
        var revoked: [TicketID: RevocationNotice] = [:]
        var ends: [TicketID: TicketEnd] = [:]
        var keys: [TicketID: String] = [:]
        var at: Instant?
    }

    /// Beside what a snapshot holds, as many again may be revoked until the next one.
    private static let maximumRevocations = 2 * WireLimits.revocations
    private static let maximumEnds = 2 * WireLimits.ticketEnds
    private static let maximumBindings = 2 * WireLimits.bindings

    private let heard = Mutex(Heard())
    private let issuer: String?
    private let audience: String?

    /// - Parameters:
    ///   - issuer: pinned by configuration; what the ledger says, if `nil`.
    ///   - audience: the same.
    init(issuer: String?, audience: String?) {
        self.issuer = issuer
        self.audience = audience
    }

    /// A ticket that is valid now, or why it is not. Revoked ones are told apart later, with the reason.
    ///
    /// Its end is the ledger's last word, in both directions: who has only the old token of a ticket that was made
    /// longer, as everybody on a stage has whose room goes on, stays its holder.
    func verify(
        _ token: String, room: RoomID, at now: Instant
    ) throws -> (claims: TicketClaims, revocation: RevocationNotice?) {
        guard let verifier = heard.withLock({ $0.verifier }) else { throw AdmissionRefusal.staleSnapshot }
        let claims = try verifier.verify(token, at: now, room: room, end: end(of:))
        return (claims, revocation(of: claims.ticket))
    }

    /// When a ticket ends: what the ledger said last, by its token or since then.
    func end(of claims: TicketClaims) -> Instant {
        heard.withLock { $0.ends[claims.ticket] }?.end(signedAt: claims.issuedAt, tokenEnd: claims.expiresAt)
            ?? claims.expiresAt
    }

    /// The thumbprint of the key to which a ticket is bound, by its token or since that was signed.
    func key(of claims: TicketClaims) -> String? {
        heard.withLock { $0.keys[claims.ticket] } ?? claims.confirmationThumbprint
    }

    func revocation(of ticket: TicketID) -> RevocationNotice? { heard.withLock { $0.revoked[ticket] } }
    var heardAt: Instant? { heard.withLock { $0.at } }

    /// Takes a snapshot in. A set of keys that cannot be read is a fault of the ledger, and the old ones stay.
    func replace(by snapshot: GatewaySnapshot, at now: Instant) throws(KeyRefusal) {
        let keyRing = try KeyRing(jwks: snapshot.jwks)
        let verifier = TicketVerifier(
            keyRing: keyRing, issuer: issuer ?? snapshot.issuer, audience: audience ?? snapshot.audience)
        let revoked = Dictionary(snapshot.revoked.map { ($0.ticket, $0) }, uniquingKeysWith: { first, _ in first })
        let ends = Dictionary(snapshot.ends.map { ($0.ticket, $0) }, uniquingKeysWith: { first, _ in first })
        let keys = Dictionary(
            snapshot.bindings.map { ($0.ticket, $0.thumbprint) }, uniquingKeysWith: { first, _ in first })
        heard.withLock { $0 = Heard(verifier: verifier, revoked: revoked, ends: ends, keys: keys, at: now) }
    }

    func replaceKeys(by jwks: String) throws(KeyRefusal) {
        let keyRing = try KeyRing(jwks: jwks)
        heard.withLock { $0.verifier?.keyRing = keyRing }
    }

    /// - Returns: `false` if there is no room for it; a new snapshot leaves out the tickets that have ended.
    func note(_ notice: RevocationNotice) -> Bool {
        heard.withLock { heard in
            guard heard.revoked.count < Self.maximumRevocations else { return false }
            heard.revoked[notice.ticket] = notice
            return true
        }
    }

    /// - Returns: `false` if there is no room for it; a new snapshot leaves out the tickets of rooms that are over.
    func note(_ end: TicketEnd) -> Bool {
        heard.withLock { heard in
            guard heard.ends[end.ticket] != nil || heard.ends.count < Self.maximumEnds else { return false }
            heard.ends[end.ticket] = end
            return true
        }
    }

    /// - Returns: `false` if there is no room for it; a new snapshot leaves out the tickets of rooms that are over.
    func note(_ binding: TicketBinding) -> Bool {
        heard.withLock { heard in
            guard heard.keys[binding.ticket] != nil || heard.keys.count < Self.maximumBindings else { return false }
            heard.keys[binding.ticket] = binding.thumbprint
            return true
        }
    }

    func noteHeard(at now: Instant) { heard.withLock { $0.at = now } }
}
