import Foundation
import Testing
import Values

@testable import Tickets

@Suite struct KeyRingTests {
    @Test func `a ring survives the way through JWKS, in order and to the byte`() throws {
        let ring = KeyRing((0..<3).map { _ in SigningKey.generate().verifyingKey })
        let again = try KeyRing(jwks: ring.jwks)
        #expect(again == ring)
        #expect(again.jwks == ring.jwks)
        #expect(try KeyRing(jwks: #"{"keys":[]}"#) == KeyRing())
    }

    @Test func `rotation accepts both keys for a while, then only the new one`() throws {
        let old = try Sample(seed: 1)
        let new = SigningKey.generate()
        var verifier = old.verifier
        verifier.keyRing.insert(new.verifyingKey)
        let renewed = TicketSigner(key: new).sign(old.claims)
        #expect(try verifier.verify(old.token, at: old.during) == old.claims)
        #expect(try verifier.verify(renewed, at: old.during) == old.claims)
        verifier.keyRing.remove(id: old.key.id)
        #expect(throws: TicketRefusal.keyUnknown) { _ = try verifier.verify(old.token, at: old.during) }
        #expect(try verifier.verify(renewed, at: old.during) == old.claims)
    }

    /// Of 600 thumbprints some nine begin with a dash when nobody looks (1 - (63/64)^600: all but one run in 10,000).
    @Test func `no name of a new key reads as an option of a command`() {
        for _ in 0..<600 { #expect(!SigningKey.generate().id.hasPrefix("-")) }
    }

    @Test func `a key stands in the ring once`() {
        let key = SigningKey.generate().verifyingKey
        #expect(KeyRing([key, key]).keys == [key])
        #expect(KeyRing([key])[key.id] == key)
        #expect(KeyRing([key])["other"] == nil)
    }

    @Test func `keys for other purposes are passed over`() throws {
        let key = SigningKey.generate().verifyingKey
        let x = Base64URL.encode(key.bytes)
        for other in [
            #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, #"{"kty":"OKP","crv":"X25519","x":"\#(x)"}"#,
            #"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","use":"enc"}"#,
            #"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","alg":"ES256"}"#,
            #"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","key_ops":["sign"]}"#,
        ] {
            #expect(try KeyRing(jwks: #"{"keys":[\#(other)]}"#) == KeyRing(), "\(other)")
        }
        let plain = #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"\#(x)","key_ops":["verify"]}],"other":1}"#
        #expect(try KeyRing(jwks: plain) == KeyRing([key]))
    }

    @Test func `a set with a secret, a wrong name or a broken key is refused as a whole`() {
        let key = SigningKey.generate().verifyingKey
        let x = Base64URL.encode(key.bytes)
        func refusal(_ jwks: String) -> KeyRefusal? {
            do throws(KeyRefusal) {
                _ = try KeyRing(jwks: jwks)
                return nil
            } catch { return error }
        }
        #expect(refusal(#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"\#(x)","d":"\#(x)"}]}"#) == .setHoldsPrivateKey)
        #expect(refusal(#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#) == .setHoldsPrivateKey)
        #expect(refusal(#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"\#(x)","kid":"1"}]}"#) == .setKeyMisnamed)
        #expect(refusal(#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"\#(x)AA"}]}"#) == .setMalformed)
        #expect(refusal(#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"\#(x)="}]}"#) == .setMalformed)
        #expect(refusal(#"{"keys":[{"crv":"Ed25519"}]}"#) == .setMalformed)
        #expect(refusal(#"{"keys":{}}"#) == .setMalformed)
        #expect(refusal(#"{"keys":[],"keys":[]}"#) == .setMalformed)
        #expect(refusal("") == .setMalformed)
        let many = Array(repeating: #"{"kty":"RSA"}"#, count: 33).joined(separator: ",")
        #expect(refusal(#"{"keys":[\#(many)]}"#) == .setMalformed)
        #expect(refusal(String(repeating: " ", count: 65_536) + #"{"keys":[]}"#) == .setMalformed)
    }

    @Test func `a signing key never prints its secret`() throws {
        let key = SigningKey.generate()
        let printed = "\(key)" + String(reflecting: key) + String(describing: [key])
        #expect(printed.contains(key.id))
        let pem = String(decoding: key.pem, as: UTF8.self)
        let secret = try #require(pem.split(separator: "\n").dropFirst().first)
        #expect(!printed.contains(secret))
    }
}

@Suite struct KeyFileTests {
    /// A folder of its own for each test.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guichet-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func refusal(_ body: () throws(KeyRefusal) -> Void) -> KeyRefusal? {
        do throws(KeyRefusal) {
            try body()
            return nil
        } catch { return error }
    }

    @Test func `a key that was saved is the key that is loaded, and only its owner can read it`() throws {
        try withFolder { folder in
            let path = folder + "/signing.pem"
            let key = try KeyFile.loadOrGenerate(path)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try KeyFile.load(path).verifyingKey == key.verifyingKey)
            #expect(try KeyFile.loadOrGenerate(path).verifyingKey == key.verifyingKey)
            #expect(refusal { () throws(KeyRefusal) in try KeyFile.save(key, to: path) } == .fileNotWritten(path: path))
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666, 0o777])
    func `a file that others can read or write is refused`(mode: Int) throws {
        try withFolder { folder in
            let path = folder + "/signing.pem"
            try KeyFile.save(.generate(), to: path)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let expected = KeyRefusal.fileExposed(path: path, mode: String(mode, radix: 8))
            #expect(refusal { () throws(KeyRefusal) in _ = try KeyFile.load(path) } == expected)
            #expect(refusal { () throws(KeyRefusal) in try KeyFile.checkMode(path) } == expected)
        }
    }

    @Test func `a missing file, a folder and a file with something else are refused`() throws {
        try withFolder { folder in
            #expect(
                refusal { () throws(KeyRefusal) in _ = try KeyFile.load(folder + "/none") }
                    == .fileUnreadable(path: folder + "/none"))
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
            #expect(
                refusal { () throws(KeyRefusal) in _ = try KeyFile.load(folder) }
                    == .fileExposed(path: folder, mode: "700"))
            let encrypted = """
                -----BEGIN ENCRYPTED PRIVATE KEY-----
                MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgAAAAAAAAAAAICCAAw
                -----END ENCRYPTED PRIVATE KEY-----

                """
            let p256 = """
                -----BEGIN PRIVATE KEY-----
                MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
                OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
                1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
                -----END PRIVATE KEY-----

                """
            for (name, text) in [
                ("empty", ""), ("text", "not a key\n"), ("encrypted", encrypted), ("p256", p256),
                ("huge", String(repeating: "x", count: 20_000)),
            ] {
                let path = folder + "/" + name
                #expect(
                    FileManager.default.createFile(
                        atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
                #expect(
                    refusal { () throws(KeyRefusal) in _ = try KeyFile.load(path) } == .fileMalformed(path: path),
                    "\(name)")
            }
        }
    }
}
