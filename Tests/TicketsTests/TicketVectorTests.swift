import Foundation
import Schemas
import Testing
import Values

@testable import Tickets

/// `ticket-vectors.json`, which was made by another implementation.
@Suite struct TicketVectorTests {
    struct Vectors: Decodable {
        struct Claims: Decodable {
            struct Confirmation: Decodable { var jkt: String }
            var iss: String
            var aud: String
            var sub: Subject
            var jti: TicketID
            var room: RoomID
            var role: Role
            var nbf: Int64
            var exp: Int64
            var iat: Int64
            var policy: String
            var cnf: Confirmation?

            var claims: TicketClaims? {
                TicketClaims(
                    issuer: iss, audience: aud, subject: sub, ticket: jti, room: room, role: role,
                    notBefore: Instant(seconds: nbf), expiresAt: Instant(seconds: exp),
                    issuedAt: Instant(seconds: iat), policy: policy, confirmationThumbprint: cnf?.jkt)
            }
        }
        struct Bound: Decodable {
            var claims: Claims
            var token: String
        }
        struct Case: Decodable {
            var `case`: String
            var token: String
            var code: String?
        }
        var seed: String
        var at: Int64
        var issuer: String
        var audience: String
        var room: RoomID
        var claims: Claims
        var token: String
        var bound: Bound
        var accepted: [Case]
        var refused: [Case]
    }

    let vectors: Vectors
    let key: SigningKey
    let verifier: TicketVerifier

    init() throws {
        let data = Data(TicketSchemas.vectors)
        let vectors = try JSONDecoder().decode(Vectors.self, from: data)
        let digits = Array(vectors.seed)
        let seed = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
        key = try #require(SigningKey(seed: seed))
        let all = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let jwks = try JSONSerialization.data(withJSONObject: try #require(all["jwks"]))
        verifier = TicketVerifier(
            keyRing: try KeyRing(jwks: String(decoding: jwks, as: UTF8.self)), issuer: vectors.issuer,
            audience: vectors.audience)
        self.vectors = vectors
    }

    @Test func `our signer gives the very bytes of the other implementation`() throws {
        let signer = TicketSigner(key: key)
        #expect(signer.sign(try #require(vectors.claims.claims)) == vectors.token)
        #expect(signer.sign(try #require(vectors.bound.claims.claims)) == vectors.bound.token)
        #expect(verifier.keyRing == KeyRing([key.verifyingKey]))
    }

    @Test func `every good token is accepted and says the same`() throws {
        let at = Instant(seconds: vectors.at)
        for token in [vectors.token] + vectors.accepted.map(\.token) {
            #expect(try verifier.verify(token, at: at, room: vectors.room) == vectors.claims.claims)
        }
        let bound = try verifier.verify(vectors.bound.token, at: at)
        #expect(bound == vectors.bound.claims.claims)
        #expect(bound.confirmationThumbprint != nil)
    }

    @Test func `every bad token is refused with its code`() throws {
        #expect(vectors.refused.count > 70)
        for bad in vectors.refused {
            do throws(TicketRefusal) {
                _ = try verifier.verify(bad.token, at: Instant(seconds: vectors.at), room: vectors.room)
                Issue.record("accepted: \(bad.case)")
            } catch {
                #expect(error.code == bad.code, "\(bad.case)")
            }
        }
    }

    @Test func `the schema names the claims that tickets have, in their order`() throws {
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(TicketSchemas.claims)) as? [String: Any])
        let required = try #require(schema["required"] as? [String])
        let properties = try #require(schema["properties"] as? [String: Any])
        let claims = try #require(vectors.claims.claims)
        let written = claims.json.withUnsafeBufferPointer { try? StrictJSONReader.read($0) }
        guard case .object(let members) = written else {
            Issue.record("The claims are no object.")
            return
        }
        #expect(members.map(\.name) == required)
        #expect(Set(properties.keys) == Set(required + ["cnf"]))
    }
}
