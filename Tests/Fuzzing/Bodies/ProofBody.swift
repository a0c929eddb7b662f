import Tickets
import Values

/// The proof of a holder's key. The input is tried as a proof, as claims and as a header that a key has signed, and as
/// what changes a proof that holds.
func checkProof(_ input: [UInt8]) throws(Violation) {
    guard let key = SigningKey(seed: [UInt8](repeating: 0x5A, count: 32)) else {
        throw Violation("any 32 bytes are an Ed25519 key")
    }
    let header = Array(
        #"{"typ":"dpop+jwt","alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"\#(Base64URL.encode(key.verifyingKey.bytes))"}}"#
            .utf8)
    try checkProofText(String(decoding: input, as: UTF8.self))
    let own = key.signed(header: header, payload: input)
    try checkProofText(own)
    // Whatever it says, the key that signed it is the one that stands in it.
    if let proof = try? HolderProof(own) {
        try require(proof.thumbprint == key.verifyingKey.id, "a proof is of the key that signed it")
    }
    let claims = #"{"htm":"POST","htu":"https://gate.example/","iat":1,"jti":"x"}"#
    try checkProofText(key.signed(header: input, payload: Array(claims.utf8)))
    let good = HolderProof.make(
        with: key, method: "POST", url: "https://gate.example/rooms/x/whep", ticket: "a.b.c", id: "once",
        at: Instant(seconds: 1_772_395_200))
    try checkExact(good, input) { (try? HolderProof($0)) != nil }
}

private func checkProofText(_ text: String) throws(Violation) {
    guard let proof = try? HolderProof(text) else { return }
    try require(text.utf8.count <= HolderProof.maximumBytes, "a proof is bounded")
    try require((1...128).contains(proof.id.utf8.count), "what is remembered of a proof is bounded")
    try require(Base64URL.decode(proof.thumbprint)?.count == 32, "a key has a thumbprint of 32 bytes")
    try require((try? HolderProof(text)) == proof, "a proof says the same each time")
    let there = ProofAddress(bases: [], authority: "gate.example", path: "/rooms/x/whep")
    let now = proof.issuedAt
    // It is good for one key, one method, one address, two minutes and one ticket; wrong in one of them it is refused.
    func fits(key: String?, method: String, address: ProofAddress, ticket: String?, at instant: Instant) -> Bool {
        (try? proof.check(key: key, method: method, address: address, ticket: ticket, at: instant)) != nil
    }
    guard fits(key: proof.thumbprint, method: proof.method, address: there, ticket: nil, at: now) else { return }
    let late = now.advanced(bySeconds: HolderProof.window + 1)
    let early = now.advanced(bySeconds: -HolderProof.window - 1)
    let elsewhere = ProofAddress(bases: [], authority: "gate.example", path: "/rooms/y/whep")
    try require(
        !fits(key: "other", method: proof.method, address: there, ticket: nil, at: now)
            && !fits(key: nil, method: proof.method + "X", address: there, ticket: nil, at: now)
            && !fits(key: nil, method: proof.method, address: elsewhere, ticket: nil, at: now)
            && !fits(key: nil, method: proof.method, address: there, ticket: "t", at: now)
            && !fits(key: nil, method: proof.method, address: there, ticket: nil, at: late)
            && !fits(key: nil, method: proof.method, address: there, ticket: nil, at: early),
        "a proof is good for one key, method, address, time and ticket")
}
