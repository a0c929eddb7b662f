import Testing
import Values

@testable import Tickets

/// The example of RFC 8037, appendix A.
@Suite struct RFC8037Tests {
    let seed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
    let publicKey = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    let thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

    @Test func `the secret gives the public key of A_2`() throws {
        let key = try #require(Base64URL.decode(seed).flatMap { SigningKey(seed: $0) })
        #expect(Base64URL.encode(key.verifyingKey.bytes) == publicKey)
    }

    @Test func `the name of a key is the thumbprint of A_3`() throws {
        let key = try #require(Base64URL.decode(publicKey).flatMap { VerifyingKey(bytes: $0) })
        #expect(key.id == thumbprint)
    }

    @Test func `signing gives the signature of A_4`() throws {
        let key = try #require(Base64URL.decode(seed).flatMap { SigningKey(seed: $0) })
        #expect(Base64URL.encode(key.sign(Array(signed.utf8))) == signature)
    }

    @Test func `the signature verifies as in A_5, and over nothing else`() throws {
        let key = try #require(Base64URL.decode(publicKey).flatMap { VerifyingKey(bytes: $0) })
        let bytes = try #require(Base64URL.decode(signature))
        #expect(key.isValid(signature: bytes, over: Array(signed.utf8)))
        #expect(!key.isValid(signature: bytes, over: Array((signed + "A").utf8)))
        #expect(!key.isValid(signature: bytes.dropLast(), over: Array(signed.utf8)))
    }

    @Test func `the example itself is no ticket`() throws {
        let ring = KeyRing([try #require(Base64URL.decode(publicKey).flatMap { VerifyingKey(bytes: $0) })])
        let verifier = TicketVerifier(keyRing: ring, issuer: "a", audience: "b")
        #expect(throws: TicketRefusal.type) {
            _ = try verifier.authenticate("\(signed).\(signature)")
        }
    }

    @Test func `keys of another length do not exist`() {
        #expect(VerifyingKey(bytes: []) == nil)
        #expect(VerifyingKey(bytes: Array(repeating: 1, count: 33)) == nil)
        #expect(SigningKey(seed: Array(repeating: 1, count: 31)) == nil)
    }
}
