import Testing

@testable import AudioRelay

func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).map { offset in
        let start = digits.index(digits.startIndex, offsetBy: offset)
        // The vectors of this file are hexadecimal, so every pair is a number.
        return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)!
    }
}

@Suite("SRTP")
struct SRTPTests {
    @Test("The key derivation gives the session keys of RFC 3711, appendix B.3")
    func keyDerivation() throws {
        let master = SRTPMasterKey(
            key: bytes("E1F97A0D3E018BE0D64FA32C06DE4139"), salt: bytes("0EC675AD498AFEEBB6960B3AABE6"))
        #expect(try master.derive(.rtpEncryption, bytes: 16) == bytes("C61E7A93744F39EE10734AFE3FF7A087"))
        #expect(try master.derive(.rtpSalt, bytes: 14) == bytes("30CBBC08863D8C85D49DB34A9AE1"))
        #expect(
            try master.derive(.rtpAuthentication, bytes: 20) == bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"))
    }

    @Test("GCM protects the packet of RFC 7714, section 16.1.1, to the same bytes")
    func gcmVector() throws {
        let transform = try SRTPTransform(
            profile: .aeadAES128GCM,
            keys: SRTPSessionKeys(
                key: bytes("000102030405060708090a0b0c0d0e0f"), salt: bytes("517569642070726f2071756f"),
                authentication: []),
            sealing: true)
        defer { transform.destroy() }
        let header = bytes("8040f17b8041f8d35501a0b2")
        let payload = bytes(
            "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573")
        let expected = bytes(
            """
            8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
            899d7f27beb16a9152cf765ee4390cce
            """)
        var packet = header + [UInt8](repeating: 0, count: payload.count + 16)
        let count = packet.withUnsafeMutableBufferPointer { packet in
            transform.sealRTP(
                packet.baseAddress!, headerBytes: 12, payload: payload, payloadBytes: payload.count, ssrc: 0x5501_a0b2,
                index: 0xf17b)
        }
        #expect(count == expected.count)
        #expect(packet == expected)
    }

    @Test("GCM protects the compound packet of RFC 7714, section 17.1, to the same bytes")
    func gcmRTCPVector() throws {
        let transform = try SRTPTransform(
            profile: .aeadAES128GCM,
            keys: SRTPSessionKeys(
                key: bytes("000102030405060708090a0b0c0d0e0f"), salt: bytes("517569642070726f2071756f"),
                authentication: []),
            sealing: true)
        defer { transform.destroy() }
        let plain = bytes(
            """
            81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef
            """)
        let expected = bytes(
            """
            81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b
            c84aa45896cf4d2fc5abf87245d9eade800005d4
            """)
        var packet = plain + [UInt8](repeating: 0, count: 20)
        let count = packet.withUnsafeMutableBufferPointer { packet in
            transform.sealRTCP(packet.baseAddress!, bytes: plain.count, ssrc: 0x4d61_7273, index: 0x5d4)
        }
        #expect(count == expected.count)
        #expect(packet == expected)
    }

    @Test("What one end seals the other opens, and one flipped bit anywhere is refused", arguments: [1, 7])
    func roundTrip(profileNumber: UInt16) throws {
        let profile = try #require(SRTPProfile(rawValue: profileNumber))
        let exported = (0..<2 * (16 + profile.masterSaltBytes)).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let material = SRTPKeyingMaterial(profile: profile, exported: exported)
        // Shared on purpose: each use loads the keys of its own end.
        let ciphers = ControlCiphers()
        let client = try SRTPSession(material, role: .client, sharing: ciphers)
        let server = try SRTPSession(material, role: .server, sharing: ciphers)
        let payload: [UInt8] = Array(0..<99)
        var sealed = bytes("806fffff00000001cafebabe") + [UInt8](repeating: 0, count: 99 + 16)
        let length = sealed.withUnsafeMutableBufferPointer {
            client.sealRTP.sealRTP(
                $0.baseAddress!, headerBytes: 12, payload: payload, payloadBytes: 99, ssrc: 0xcafe_babe, index: 0xffff)
        }
        #expect(length == 12 + 99 + profile.tagBytes)
        sealed.removeSubrange(length...)
        for position in 0..<length {
            var damaged = sealed
            damaged[position] ^= 0x10
            var output = [UInt8](repeating: 0, count: 200)
            let opened = try #require(server.openRTP).openRTP(
                damaged, bytes: length, headerBytes: 12, ssrc: 0xcafe_babe, index: 0xffff, into: &output)
            #expect(opened == nil, "byte \(position)")
        }
        var output = [UInt8](repeating: 0, count: 200)
        let opened = try #require(server.openRTP).openRTP(
            sealed, bytes: length, headerBytes: 12, ssrc: 0xcafe_babe, index: 0xffff, into: &output)
        #expect(opened == 99)
        #expect(Array(output.prefix(99)) == payload)

        var report = bytes("80c90001cafebabe") + payload.prefix(40) + [UInt8](repeating: 0, count: 20)
        let plain = Array(report.prefix(48))
        let reportLength = report.withUnsafeMutableBufferPointer {
            client.protectRTCP($0.baseAddress!, bytes: 48, ssrc: 0xcafe_babe)
        }
        guard case .opened(48, 1) = server.unprotectRTCP(report, bytes: reportLength, into: &output) else {
            Issue.record("the report did not open")
            return
        }
        #expect(Array(output.prefix(48)) == plain)
        guard case .replayed = server.unprotectRTCP(report, bytes: reportLength, into: &output) else {
            Issue.record("a replayed report was taken")
            return
        }
    }

    @Test("The window takes each index once, tolerates disorder and forgets what is 1,024 behind")
    func replayWindow() {
        var window = ReplayWindow(first: 5_000)
        #expect(!window.admits(5_000))
        #expect(window.admits(4_999))
        window.accept(4_999)
        #expect(!window.admits(4_999))
        window.accept(5_100)
        #expect(window.admits(5_050))
        #expect(!window.admits(4_999))
        #expect(window.admits(5_100 - 1_023))
        #expect(!window.admits(5_100 - 1_024))
        window.accept(9_000)
        #expect(window.admits(8_500))
    }

    @Test("The rollover count follows the sequence number over its edge and back")
    func rollover() {
        #expect(extendedIndex(of: 1, near: 0xFFFE) == 0x1_0001)
        #expect(extendedIndex(of: 0xFFFF, near: 0x1_0002) == 0xFFFF)
        #expect(extendedIndex(of: 0xFFFF, near: 2) == 0xFFFF)
        #expect(extendedIndex(of: 100, near: 0x5_0050) == 0x5_0064)
    }
}
