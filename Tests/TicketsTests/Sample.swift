import Simulation
import Testing
import Tickets
import Values

/// One key, one room, one ticket, made the same way for every test.
struct Sample {
    let key: SigningKey
    let claims: TicketClaims
    var signer: TicketSigner { TicketSigner(key: key) }
    var token: String { signer.sign(claims) }
    var verifier: TicketVerifier {
        TicketVerifier(keyRing: KeyRing([key.verifyingKey]), issuer: claims.issuer, audience: claims.audience)
    }
    var during: Instant { claims.notBefore.advanced(bySeconds: 60) }

    init(seed: UInt64 = 1, role: Role = .listener, confirmationThumbprint: String? = nil) throws {
        var generator = SeededGenerator(seed: seed)
        let start = try #require(Instant("2026-03-01T20:00:00Z"))
        key = try #require(SigningKey(seed: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }))
        claims = try #require(
            TicketClaims(
                issuer: "https://ledger.example", audience: "rooms.example",
                subject: .holder(.make(at: start, using: &generator)), ticket: .make(at: start, using: &generator),
                room: .make(at: start, using: &generator), role: role,
                notBefore: start, expiresAt: start.advanced(bySeconds: 3600),
                issuedAt: start.advanced(bySeconds: -86_400), policy: "guichet-2026/1",
                confirmationThumbprint: confirmationThumbprint))
    }
}
