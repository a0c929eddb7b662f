import MediaWire
import Testing

@Suite("STUN against the vectors of RFC 5769")
struct STUNVectorTests {
    static let password = STUNKey(password: "VOkJxbRl1RmTxUk/WvJxBt")

    /// Section 2.1: a request with FINGERPRINT behind MESSAGE-INTEGRITY; its padding is blanks, which counts.
    static let request = bytes(
        """
        00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff
        80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249
        c1b571a2 80280004 e57a3bcf
        """)
    /// Section 2.2.
    static let ipv4Response = bytes(
        """
        0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
        00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96
        """)
    /// Section 2.3.
    static let ipv6Response = bytes(
        """
        01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa
        a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c
        """)
    /// Section 2.4: a long-term credential, without FINGERPRINT.
    static let longTermRequest = bytes(
        """
        00010060 2112a442 78ad3433 c6ad72c0 29da412e 00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000 0015001c
        662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341 0014000b 6578616d 706c652e 6f726700 00080014
        f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666
        """)

    @Test("2.1, the request")
    func readsRequest() throws {
        try Self.request.withUnsafeBytes { bytes in
            let message = try #require(STUNMessage(bytes))
            #expect(message.kind == .bindingRequest)
            #expect(message.transactionID == STUNTransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE))
            #expect(message.priority == 0x6E00_01FF)
            #expect(message.controlled == 0x932F_F9B1_5126_3B36)
            #expect(message.controlling == nil)
            #expect(message.username.map { String(decoding: $0, as: UTF8.self) } == "evtj:h6vY")
            #expect(message.receiverFragment.map { String(decoding: $0, as: UTF8.self) } == "evtj")
            #expect(message.senderFragment.map { String(decoding: $0, as: UTF8.self) } == "h6vY")
            #expect(message.software.map { String(decoding: $0, as: UTF8.self) } == "STUN test client")
            #expect(message.hasIntegrity && message.verifies(Self.password))
            #expect(message.hasFingerprint && message.hasValidFingerprint)
            #expect(!message.hasUseCandidate)
            #expect(message.unknownRequiredCount == 0)
            #expect(!message.verifies(STUNKey(password: "VOkJxbRl1RmTxUk/WvJxBu")))
        }
    }

    @Test(
        "2.2 and 2.3, the responses",
        arguments: [(ipv4Response, "192.0.2.1:32853"), (ipv6Response, "[2001:db8:1234:5678:11:2233:4455:6677]:32853")])
    func readsResponse(response: [UInt8], address: String) throws {
        try response.withUnsafeBytes { bytes in
            let message = try #require(STUNMessage(bytes))
            #expect(message.kind == .bindingSuccess)
            #expect(message.xorMappedAddress?.description == address)
            #expect(message.verifies(Self.password) && message.hasValidFingerprint)
        }
    }

    @Test("2.4, a key that is no text and no FINGERPRINT")
    func readsLongTermRequest() throws {
        // MD5 of `マトリックス:example.org:TheMatrIX`.
        let key = MediaWireTests.bytes("e8ca7ad59d5eb0518e312911d2dab2a9").withUnsafeBytes { STUNKey(password: $0) }
        try Self.longTermRequest.withUnsafeBytes { bytes in
            let message = try #require(STUNMessage(bytes))
            #expect(message.verifies(key))
            #expect(!message.hasFingerprint && !message.hasValidFingerprint)
        }
    }

    @Test("are written again byte for byte, but for the request's blank padding")
    func writesResponses() throws {
        for (response, address) in [
            (Self.ipv4Response, "192.0.2.1:32853"), (Self.ipv6Response, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
        ] {
            let address = try #require(SocketAddress(address))
            let copy = written { buffer in
                var writer = STUNWriter(
                    buffer, kind: .bindingSuccess,
                    transactionID: STUNTransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE))
                Array("test vector".utf8).withUnsafeBytes { writer.append(software: $0) }
                writer.append(xorMappedAddress: address)
                return writer.finish()
            }
            // Ours pads with zeros (RFC 8489 says so; RFC 5769 has a blank), which is byte 35.
            var expected = Array(response[..<(response.count - 32)])
            expected[35] = 0
            expected[2...3] = [0, UInt8(expected.count - 20)]
            #expect(copy == expected)
        }
    }
}
