import Schemas
import Testing
import Tickets
import Values

/// The examples of RFC 9449, and one broken rule after another.
@Suite("Proofs of holder keys")
struct HolderProofTests {
    /// RFC 9449, figure 2.
    private static let figure2 = """
        eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo\
        RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM\
        0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfr\
        g8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg
        """
    /// RFC 9449, figure 13, and the token of figure 12 that it names.
    private static let figure13 = """
        eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo\
        RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozV\
        l9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxO\
        CwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-\
        yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA
        """
    private static let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    private static let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

    private static let now = Instant(seconds: 1_562_262_616)
    private static let server = ProofAddress(bases: ["https://server.example.com"], authority: nil, path: "/token")

    private func refusal(_ text: String?) -> ProofRefusal? {
        do throws(ProofRefusal) {
            _ = try HolderProof(text)
            return nil
        } catch { return error }
    }

    private func refusal(
        _ proof: HolderProof, key: String? = thumbprint, method: String = "POST", address: ProofAddress = server,
        ticket: String? = nil, at instant: Instant = now
    ) -> ProofRefusal? {
        do throws(ProofRefusal) {
            try proof.check(key: key, method: method, address: address, ticket: ticket, at: instant)
            return nil
        } catch { return error }
    }

    @Test func `the examples of RFC 9449 hold`() throws {
        let proof = try HolderProof(Self.figure2)
        #expect(proof.thumbprint == Self.thumbprint && proof.method == "POST" && proof.id == "-BwC3ESc6acc2lTc")
        #expect(proof.ticketHash == nil && proof.issuedAt == Self.now)
        #expect(refusal(proof) == nil)
        #expect(refusal(proof, key: nil) == nil)
        let second = try HolderProof(Self.figure13)
        #expect(second.ticketHash == HolderProof.hash(of: Self.token))
        let resource = ProofAddress(
            bases: ["https://resource.example.org/"], authority: nil, path: "/protectedresource")
        #expect(refusal(second, method: "GET", address: resource, ticket: Self.token) == nil)
    }

    @Test func `another key, method, address, time or ticket is refused, in this order`() throws {
        let proof = try HolderProof(Self.figure2)
        let other = ProofAddress(bases: ["https://other.example.com"], authority: nil, path: "/token")
        let late = Self.now.advanced(bySeconds: 61)
        #expect(refusal(proof, key: "A", method: "GET", address: other, ticket: "t", at: late) == .otherKey)
        #expect(refusal(proof, method: "GET", address: other, ticket: "t", at: late) == .target)
        #expect(refusal(proof, address: other, ticket: "t", at: late) == .target)
        #expect(refusal(proof, ticket: "t", at: late) == .stale)
        #expect(refusal(proof, ticket: "t") == .ticket)
        #expect(refusal(try HolderProof(Self.figure13), key: nil, ticket: nil) == .target)
    }

    @Test func `a proof is good for sixty seconds before and behind its date, and not one more`() throws {
        let proof = try HolderProof(Self.figure2)
        for seconds: Int64 in [-60, -1, 0, 1, 60] {
            #expect(refusal(proof, at: Self.now.advanced(bySeconds: seconds)) == nil, "\(seconds)")
        }
        for seconds: Int64 in [-61, 61, 86_400] {
            #expect(refusal(proof, at: Self.now.advanced(bySeconds: seconds)) == .stale, "\(seconds)")
        }
    }

    @Test(
        "addresses are compared without what they have in common anyway",
        arguments: [
            ("https://server.example.com/token", true), ("HTTPS://Server.Example.COM:443/token", true),
            ("http://server.example.com/token", false), ("https://server.example.com:444/token", false),
            ("https://server.example.com/token/", false), ("https://server.example.com/Token", false),
            ("https://server.example.com/token?x=1", false), ("https://server.example.com/token#x", false),
            ("https://a@server.example.com/token", false), ("/token", false), ("", false), ("https:///token", false),
            ("ftp://server.example.com/token", false),
        ])
    func addresses(url: String, fits: Bool) throws {
        let key = SigningKey.generate()
        let text = proof(#"{"htm":"POST","htu":"\#(url)","iat":1562262616,"jti":"a"}"#, key: key)
        #expect(refusal(try HolderProof(text), key: key.id) == (fits ? nil : .target))
    }

    @Test func `without an address of its own a server takes the one that the request names`() throws {
        let key = SigningKey.generate()
        let address = ProofAddress(bases: [], authority: "127.0.0.1:8080", path: "/x")
        for url in ["http://127.0.0.1:8080/x", "https://127.0.0.1:8080/x?later"] {
            let text = HolderProof.make(with: key, method: "GET", url: url, ticket: "t", id: "1", at: Self.now)
            #expect(refusal(try HolderProof(text), key: key.id, method: "GET", address: address, ticket: "t") == nil)
        }
        let nowhere = ProofAddress(bases: [], authority: nil, path: "/x")
        let text = HolderProof.make(with: key, method: "GET", url: "http:///x", ticket: "t", id: "1", at: Self.now)
        #expect(
            refusal(try HolderProof(text), key: key.id, method: "GET", address: nowhere, ticket: "t") == .target)
    }

    // MARK: - Forgeries

    private static let claims = #"{"htm":"POST","htu":"https://server.example.com/token","iat":1562262616,"jti":"a"}"#

    private func proof(_ claims: String = claims, header: String? = nil, key: SigningKey = .generate()) -> String {
        let jwk = #"{"kty":"OKP","crv":"Ed25519","x":"\#(Base64URL.encode(key.verifyingKey.bytes))"}"#
        let header = header?.replacing("JWK", with: jwk) ?? #"{"typ":"dpop+jwt","alg":"EdDSA","jwk":\#(jwk)}"#
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        return signed + "." + Base64URL.encode(key.sign(Array(signed.utf8)))
    }

    @Test(
        "headers that are not exactly type, algorithm and public key are refused",
        arguments: [
            (#"{"typ":"ticket+jwt","alg":"EdDSA","jwk":JWK}"#, ProofRefusal.type),
            (#"{"alg":"EdDSA","jwk":JWK}"#, .type),
            (#"{"typ":"dpop+jwt","alg":"none","jwk":JWK}"#, .algorithm),
            (#"{"typ":"dpop+jwt","alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}"#, .algorithm),
            (#"{"typ":"dpop+jwt","jwk":JWK}"#, .algorithm),
            (#"{"typ":"dpop+jwt","alg":"EdDSA"}"#, .malformed),
            (#"{"typ":"dpop+jwt","alg":"EdDSA","jwk":JWK,"crit":["x"]}"#, .malformed),
            (#"{"typ":"dpop+jwt","alg":"EdDSA","jwk":JWK,"kid":"x"}"#, .malformed),
            (#"{"typ":"dpop+jwt","alg":"EdDSA","jwk":"x"}"#, .malformed),
            (#"{"typ":"dpop+jwt","typ":"dpop+jwt","alg":"EdDSA","jwk":JWK}"#, .malformed),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":JWK}"#, .key),
            (#"{"typ":"dpop+jwt","alg":"EdDSA","jwk":{"kty":"OKP","crv":"X25519","x":"AAAA"}}"#, .key),
            (#"{"typ":"dpop+jwt","alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"}}"#, .key),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-384","x":"AAAA","y":"AAAA"}}"#, .key),
            (
                #"{"typ":"dpop+jwt","alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"AAAA"}}"#,
                .privateKey
            ),
            (#"[]"#, .malformed), (#"{"typ":"dpop+jwt""#, .malformed),
        ])
    func headers(header: String, expected: ProofRefusal) {
        #expect(refusal(proof(header: header)) == expected)
    }

    @Test(
        "claims that are not of their kind are refused",
        arguments: [
            #"{"htu":"u","iat":1,"jti":"a"}"#, #"{"htm":"GET","iat":1,"jti":"a"}"#,
            #"{"htm":"GET","htu":"u","jti":"a"}"#,
            #"{"htm":"GET","htu":"u","iat":1}"#, #"{"htm":"GET","htu":"u","iat":1,"jti":""}"#,
            #"{"htm":"GET","htu":"u","iat":1,"jti":"a b"}"#, #"{"htm":"GET","htu":"u","iat":-1,"jti":"a"}"#,
            #"{"htm":"GET","htu":"u","iat":1.5,"jti":"a"}"#, #"{"htm":"GET","htu":"u","iat":"1","jti":"a"}"#,
            #"{"htm":"GET","htu":"u","iat":9007199254740991,"jti":"a"}"#, #"{"htm":1,"htu":"u","iat":1,"jti":"a"}"#,
            #"{"htm":"GET","htu":"u","iat":1,"jti":"a","ath":1}"#, "[]", "",
            #"{"htm":"GET","htu":"u","iat":1,"jti":"a","jti":"b"}"#,
        ])
    func claims(claims: String) {
        #expect(refusal(proof(claims)) == .malformed)
    }

    @Test func `what is missing, long, torn or signed by somebody else is refused`() throws {
        #expect(refusal(nil) == .missing)
        #expect(refusal("") == .malformed)
        #expect(refusal("a.b") == .malformed)
        #expect(refusal(String(repeating: "a", count: 2_049)) == .tooLarge)
        let good = proof()
        #expect(refusal(good) == nil)
        #expect(refusal(good + ".") == .malformed)
        #expect(refusal(String(good.dropLast())) != nil)
        let parts = good.split(separator: ".").map(String.init)
        let other = proof().split(separator: ".").map(String.init)
        #expect(refusal([parts[0], parts[1], other[2]].joined(separator: ".")) == .signature)
        #expect(refusal([other[0], parts[1], parts[2]].joined(separator: ".")) == .signature)
        // ES256: another message, a point that is not on the curve, a signature of another length.
        let known = Self.figure2.split(separator: ".").map(String.init)
        let second = Self.figure13.split(separator: ".").map(String.init)
        #expect(refusal([known[0], second[1], known[2]].joined(separator: ".")) == .signature)
        #expect(refusal([known[0], known[1], "AAAA"].joined(separator: ".")) == .signature)
        let zeros = Base64URL.encode([UInt8](repeating: 0, count: 64))
        #expect(refusal([known[0], known[1], zeros].joined(separator: ".")) == .signature)
        let x = Base64URL.encode([UInt8](repeating: 1, count: 32))
        let off = #"{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(x)"}}"#
        #expect(refusal([Base64URL.encode(Array(off.utf8)), known[1], known[2]].joined(separator: ".")) == .key)
    }

    @Test("every refusal has its words and a status", arguments: ProofRefusal.allCases)
    func words(refusal: ProofRefusal) throws {
        let text = try #require(RefusalTexts.all[refusal.code])
        #expect(text.status == (refusal == .tooMany ? 429 : 401))
        for language in ["en", "fr"] {
            let words = text.words(in: language, facts: refusal.facts)
            for line in [words.title, words.detail, words.next] { #expect(!line.isEmpty && !line.contains("{")) }
        }
    }
}
