import Simulation
import Testing
import Values

@testable import Tickets

@Suite struct InspectionTests {
    private let key: SigningKey
    private let ring: KeyRing
    private let claims: TicketClaims
    private let now: Instant

    init() throws {
        key = try #require(SigningKey(seed: [UInt8](repeating: 5, count: 32)))
        ring = KeyRing([key.verifyingKey])
        now = Instant(seconds: 1_772_000_000)
        var generator = SeededGenerator(seed: 3)
        claims = try #require(
            TicketClaims(
                issuer: "https://a.test", audience: "https://b.test",
                subject: .holder(.make(at: now, using: &generator)), ticket: .make(at: now, using: &generator),
                room: .make(at: now, using: &generator), role: .listener, notBefore: now,
                expiresAt: now.advanced(bySeconds: 60), issuedAt: now, policy: "p/1"))
    }

    private var expectation: TicketInspection.Expectation {
        .init(issuer: "https://a.test", audience: "https://b.test", room: claims.room, roles: [.listener], revoked: [])
    }

    @Test func `a good ticket passes every check in the verifier's order, each with its rule`() {
        let inspection = TicketInspection(
            of: TicketSigner(key: key).sign(claims), with: ring, expecting: expectation, at: now)
        #expect(inspection.isValid && inspection.refusalCode == nil)
        #expect(inspection.claims == claims && inspection.keyName == key.id)
        #expect(inspection.checks.count == 17)
        #expect(inspection.checks.allSatisfy { $0.outcome == .passed && !$0.rule.isEmpty })
        #expect(inspection.checks.first?.name == "size" && inspection.checks.last?.name == "revocation")
    }

    @Test func `a failure does not hide what comes behind it`() throws {
        let stranger = TicketInspection(
            of: TicketSigner(key: key).sign(claims), with: KeyRing(), expecting: expectation,
            at: now.advanced(bySeconds: 60))
        #expect(stranger.refusalCode == "ticket_key_unknown")
        #expect(stranger.claims == claims)
        let outcomes = Dictionary(uniqueKeysWithValues: stranger.checks.map { ($0.name, $0.outcome) })
        #expect(outcomes["signature"] == .skipped && outcomes["expiry"] == .failed && outcomes["room"] == .passed)
        let nothing = TicketInspection(of: "x", with: ring, expecting: .init(), at: now)
        #expect(nothing.refusalCode == "ticket_malformed" && nothing.checks.count == 17)
    }

    @Test func `an end that was moved is the one that counts, and is said as such`() throws {
        let token = TicketSigner(key: key).sign(claims)
        let (old, new) = (claims.expiresAt, claims.expiresAt.advanced(bySeconds: 30))
        var expected = expectation
        expected.end = { _ in new }
        let longer = TicketInspection(of: token, with: ring, expecting: expected, at: old)
        let expiry = try #require(longer.checks.first { $0.name == "expiry" })
        #expect(longer.isValid && longer.checks.count == 17)
        #expect(expiry.detail == "\(new), moved from \(old)" && expiry.rule.contains("ledger"))
        #expect(TicketInspection(of: token, with: ring, expecting: expected, at: new).refusalCode == "ticket_expired")
        expected.end = { _ in now }
        #expect(TicketInspection(of: token, with: ring, expecting: expected, at: now).refusalCode == "ticket_expired")
        // Of this ticket nothing was said.
        expected.end = { _ in nil }
        let plain = TicketInspection(of: token, with: ring, expecting: expected, at: old)
        #expect(plain.refusalCode == "ticket_expired")
        #expect(plain.checks.first { $0.name == "expiry" }?.detail == old.description)
    }

    @Test func `what is first found wrong is what a door would say, for every change of a ticket`() {
        let signer = TicketSigner(key: key)
        let good = signer.sign(claims)
        let verifier = TicketVerifier(keyRing: ring, issuer: "https://a.test", audience: "https://b.test")
        var generator = SeededGenerator(seed: 17)
        let alphabet = Array("ABCxyz019-_.=")
        for round in 0..<400 {
            var characters = Array(good)
            for _ in 0...Int.random(in: 0...2, using: &generator) {
                let place = Int.random(in: 0..<characters.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: characters[place] = alphabet.randomElement(using: &generator) ?? "A"
                case 1: characters.remove(at: place)
                default: characters.insert(alphabet.randomElement(using: &generator) ?? "A", at: place)
                }
            }
            let token = String(characters)
            let at = now.advanced(bySeconds: Int64.random(in: -1...61, using: &generator))
            var refusal: String?
            do throws(TicketRefusal) {
                _ = try verifier.verify(token, at: at, room: claims.room, roles: [.listener])
            } catch {
                refusal = error.code
            }
            let inspection = TicketInspection(of: token, with: ring, expecting: expectation, at: at)
            #expect(inspection.refusalCode == refusal, "seed 17, round \(round)")
        }
    }
}

@Suite struct QRCodeTests {
    @Test func `a symbol has its finders, its timing and a size that follows from the length`() throws {
        for (count, size) in [(0, 21), (17, 21), (18, 25), (700, 89), (2_953, 177)] {
            let code = try #require(QRCode([UInt8](repeating: 65, count: count)))
            #expect(code.size == size, "\(count) bytes")
            for (x, y) in [(0, 0), (size - 7, 0), (0, size - 7)] {
                #expect(code[x, y] && code[x + 6, y + 6] && code[x + 3, y + 3] && !code[x + 1, y + 1])
            }
            for place in 8..<size - 8 { #expect(code[place, 6] == (place % 2 == 0)) }
            #expect(code[8, size - 8])
        }
        #expect(QRCode([UInt8](repeating: 65, count: 2_954)) == nil)
    }

    @Test func `the drawings show the modules and the quiet zone, nothing else`() throws {
        let code = try #require(QRCode(Array("guichet".utf8)))
        let lines = code.terminalText.split(separator: "\n")
        #expect(lines.count == 13 && lines.allSatisfy { $0.count == 25 })
        #expect(code.svg.hasPrefix("<svg xmlns=") && code.svg.contains(#"viewBox="0 0 29 29""#))
        // The first row begins with the top of a finder, behind the quiet zone.
        #expect(code.svg.contains(#"d="M4 4h7v1h-7z"#))
    }
}
