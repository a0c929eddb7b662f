import Schemas
import Simulation
import Testing
import Values

@testable import Tickets

@Suite struct TicketRuleTests {
    @Test func `a signed ticket says what was signed`() throws {
        for role in Role.allCases {
            let sample = try Sample(
                role: role, confirmationThumbprint: role == .host ? String(repeating: "A", count: 43) : nil)
            #expect(
                try sample.verifier.verify(sample.token, at: sample.during, room: sample.claims.room, roles: [role])
                    == sample.claims)
        }
    }

    @Test func `signing twice gives the same bytes`() throws {
        #expect(try Sample().token == Sample().token)
        #expect(try Sample(seed: 1).token != Sample(seed: 2).token)
    }

    @Test func `the claims are written in one order without white space`() throws {
        let claims = try Sample().claims
        let expected =
            #"{"iss":"https://ledger.example","aud":"rooms.example","sub":"\#(claims.subject)","jti":"\#(claims.ticket)","#
            + #""room":"\#(claims.room)","role":"listener","nbf":1772395200,"exp":1772398800,"iat":1772308800,"#
            + #""policy":"guichet-2026/1"}"#
        #expect(String(decoding: claims.json, as: UTF8.self) == expected)
    }

    @Test func `the window is half-open and knows no leeway`() throws {
        let sample = try Sample()
        let (from, to) = (sample.claims.notBefore, sample.claims.expiresAt)
        #expect(throws: TicketRefusal.notYetValid(from: from)) {
            _ = try sample.verifier.verify(sample.token, at: from.advanced(byMicroseconds: -1))
        }
        #expect(try sample.verifier.verify(sample.token, at: from) == sample.claims)
        #expect(try sample.verifier.verify(sample.token, at: to.advanced(byMicroseconds: -1)) == sample.claims)
        #expect(throws: TicketRefusal.expired(at: to)) { _ = try sample.verifier.verify(sample.token, at: to) }
    }

    @Test func `what the issuer said later of an end holds, of an authentic ticket and in its place in the order`()
        throws
    {
        let sample = try Sample()
        let (old, new) = (sample.claims.expiresAt, sample.claims.expiresAt.advanced(bySeconds: 600))
        let token = sample.token
        var verifier = sample.verifier
        func refusal(at instant: Instant, room: RoomID? = nil, end: Instant) -> TicketRefusal? {
            do throws(TicketRefusal) {
                _ = try verifier.verify(token, at: instant, room: room, isRevoked: { _ in true }, end: { _ in end })
                return nil
            } catch {
                return error
            }
        }
        #expect(try sample.verifier.verify(token, at: old, end: { _ in new }) == sample.claims)
        #expect(refusal(at: new, end: new) == .expired(at: new))
        #expect(refusal(at: sample.during, end: sample.during) == .expired(at: sample.during))
        // All else is checked as ever.
        #expect(refusal(at: old, end: new) == .revoked)
        let other = try Sample(seed: 7).claims.room
        #expect(refusal(at: old, room: other, end: new) == .room(sample.claims.room))
        verifier = TicketVerifier(keyRing: verifier.keyRing, issuer: "x", audience: verifier.audience)
        #expect(refusal(at: old, end: new) == .issuer)
        verifier.keyRing = KeyRing()
        #expect(refusal(at: old, end: new) == .keyUnknown)
    }

    @Test func `a role that may not do what is asked is refused`() throws {
        let sample = try Sample(role: .listener)
        #expect(throws: TicketRefusal.role) {
            _ = try sample.verifier.verify(sample.token, at: sample.during, roles: [.host, .cohost, .speaker])
        }
    }

    @Test func `a revoked ticket is refused, and only that one`() throws {
        let sample = try Sample()
        #expect(throws: TicketRefusal.revoked) {
            _ = try sample.verifier.verify(sample.token, at: sample.during) { $0 == sample.claims.ticket }
        }
        #expect(
            try sample.verifier.verify(sample.token, at: sample.during) { $0 != sample.claims.ticket } == sample.claims)
    }

    @Test func `the first broken rule of the documented order is the refusal`() throws {
        let sample = try Sample()
        let other = try Sample(seed: 7)
        var verifier = TicketVerifier(keyRing: KeyRing(), issuer: "x", audience: "y")
        let late = sample.claims.expiresAt
        func refusal(_ token: String, at: Instant) -> TicketRefusal? {
            do throws(TicketRefusal) {
                _ = try verifier.verify(token, at: at, room: other.claims.room, roles: [.host]) { _ in true }
                return nil
            } catch {
                return error
            }
        }
        let token = sample.token
        // Everything is wrong; one after another is put right.
        #expect(refusal(String(repeating: "x", count: 2049), at: late) == .tooLarge)
        #expect(refusal(String(repeating: "x", count: 2048), at: late) == .malformed)
        #expect(refusal(token, at: late) == .keyUnknown)
        verifier.keyRing.insert(sample.key.verifyingKey)
        let flipped = token.last == "A" ? "Q" : "A"
        #expect(refusal(token.dropLast() + flipped, at: late) == .signature)
        #expect(refusal(token, at: late) == .issuer)
        verifier = TicketVerifier(keyRing: verifier.keyRing, issuer: sample.claims.issuer, audience: "y")
        #expect(refusal(token, at: late) == .audience)
        verifier = sample.verifier
        #expect(refusal(token, at: late) == .expired(at: late))
        #expect(refusal(token, at: Instant(seconds: 0)) == .notYetValid(from: sample.claims.notBefore))
        #expect(refusal(token, at: sample.during) == .room(sample.claims.room))
        #expect(throws: TicketRefusal.role) {
            _ = try verifier.verify(token, at: sample.during, room: sample.claims.room, roles: [.host]) { _ in true }
        }
    }

    @Test func `claims that could not be read again cannot be made`() throws {
        let good = try Sample().claims
        func make(
            issuer: String = "i", audience: String = "a", policy: String = "p", from: Int64 = 10, to: Int64 = 20,
            thumbprint: String? = nil
        ) -> TicketClaims? {
            TicketClaims(
                issuer: issuer, audience: audience, subject: good.subject, ticket: good.ticket, room: good.room,
                role: .host, notBefore: Instant(seconds: from), expiresAt: Instant(seconds: to),
                issuedAt: Instant(seconds: 0), policy: policy, confirmationThumbprint: thumbprint)
        }
        #expect(make() != nil)
        #expect(make(issuer: "") == nil)
        #expect(make(audience: String(repeating: "a", count: 201)) == nil)
        #expect(make(policy: "a\u{7F}") == nil)
        #expect(make(from: 20) == nil)
        #expect(make(from: -1) == nil)
        #expect(make(to: 253_402_300_800) == nil)
        #expect(make(thumbprint: "abc") == nil)
    }

    @Test func `the longest claims still fit a ticket and quotes survive`() throws {
        let good = try Sample()
        let long = String(repeating: "\"\\", count: 50) + String(repeating: "é", count: 50)
        let claims = try #require(
            TicketClaims(
                issuer: long, audience: long, subject: good.claims.subject, ticket: good.claims.ticket,
                room: good.claims.room, role: .listener, notBefore: good.claims.notBefore,
                expiresAt: good.claims.expiresAt, issuedAt: good.claims.issuedAt, policy: long,
                confirmationThumbprint: String(repeating: "A", count: 43)))
        let token = good.signer.sign(claims)
        #expect(token.utf8.count <= TicketVerifier.maximumBytes)
        let verifier = TicketVerifier(keyRing: good.verifier.keyRing, issuer: long, audience: long)
        #expect(try verifier.verify(token, at: good.during) == claims)
    }

    @Test func `every refusal has its own code and its words in both languages`() throws {
        let room = try Sample().claims.room
        let tickets: [any Refusal] = [
            TicketRefusal.tooLarge, TicketRefusal.malformed, TicketRefusal.duplicateMember, TicketRefusal.algorithm,
            TicketRefusal.type, TicketRefusal.criticalHeader, TicketRefusal.keyUnknown, TicketRefusal.signature,
            TicketRefusal.issuer, TicketRefusal.audience, TicketRefusal.role,
            TicketRefusal.notYetValid(from: Instant(seconds: 0)), TicketRefusal.expired(at: Instant(seconds: 0)),
            TicketRefusal.room(room), TicketRefusal.revoked,
        ]
        let keys: [any Refusal] = [
            KeyRefusal.fileUnreadable(path: "p"), KeyRefusal.fileExposed(path: "p", mode: "644"),
            KeyRefusal.fileMalformed(path: "p"), KeyRefusal.fileNotWritten(path: "p"), KeyRefusal.setMalformed,
            KeyRefusal.setHoldsPrivateKey, KeyRefusal.setKeyMisnamed,
        ]
        let refusals = tickets + keys
        #expect(Set(refusals.map(\.code)).count == refusals.count)
        for refusal in refusals {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
            for language in ["en", "fr"] {
                let words = text.words(in: language, facts: refusal.facts)
                for line in [words.title, words.detail, words.next] {
                    #expect(!line.isEmpty && !line.contains("{"), "\(refusal.code): \(line)")
                }
            }
        }
        for refusal in tickets {
            let expected = [403, 401][["ticket_room", "ticket_role"].contains(refusal.code) ? 0 : 1]
            #expect(RefusalTexts.all[refusal.code]?.status == expected, "\(refusal.code)")
        }
    }
}
