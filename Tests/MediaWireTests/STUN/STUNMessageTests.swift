import MediaWire
import Simulation
import Testing

@Suite("STUN messages")
struct STUNMessageTests {
    let key = STUNKey(password: "a password of twenty-two and more")

    /// A check as ICE sends it.
    func check(
        receiver: [UInt8] = Array("abcd".utf8), sender: [UInt8] = Array("efgh".utf8), fingerprint: Bool = true,
        capacity: Int = 1_500
    ) -> [UInt8]? {
        written(capacity: capacity) { buffer in
            var writer = STUNWriter(
                buffer, kind: .bindingRequest, transactionID: STUNTransactionID(high: 1, low: 2))
            receiver.withUnsafeBytes { receiver in
                sender.withUnsafeBytes { writer.append(receiverFragment: receiver, senderFragment: $0) }
            }
            writer.append(priority: 0x6E00_1EFF)
            writer.append(controlling: 0x0102_0304_0506_0708)
            writer.appendUseCandidate()
            writer.appendIntegrity(key)
            if fingerprint { writer.appendFingerprint() }
            return writer.finish()
        }
    }

    @Test("carry a check there and back, with and without FINGERPRINT", arguments: [true, false])
    func roundTrip(fingerprint: Bool) throws {
        try #require(check(fingerprint: fingerprint)).withUnsafeBytes { bytes in
            let message = try #require(STUNMessage(bytes))
            #expect(message.kind == .bindingRequest)
            #expect(message.priority == 0x6E00_1EFF)
            #expect(message.controlling == 0x0102_0304_0506_0708)
            #expect(message.hasUseCandidate)
            #expect(message.verifies(key))
            #expect(message.hasValidFingerprint == fingerprint)
            #expect(PacketKind.classify(bytes) == .stun)
        }
    }

    @Test("lose their integrity or fingerprint by any changed bit")
    func tampering() throws {
        let valid = try #require(check())
        for bit in 0..<valid.count * 8 {
            var changed = valid
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let isAccepted = changed.withUnsafeBytes { bytes in
                STUNMessage(bytes).map { $0.verifies(key) && $0.hasValidFingerprint } ?? false
            }
            #expect(!isAccepted, "bit \(bit)")
        }
    }

    @Test("verify with keys longer than a block of SHA-1, and with empty ones")
    func keyLengths() throws {
        for count in [0, 1, 63, 64, 65, 256] {
            let key = STUNKey(password: String(repeating: "k", count: count))
            let message = try #require(
                written { buffer in
                    var writer = STUNWriter(
                        buffer, kind: .bindingIndication, transactionID: STUNTransactionID(high: 0, low: 0))
                    writer.appendIntegrity(key)
                    return writer.finish()
                })
            message.withUnsafeBytes { #expect(STUNMessage($0)?.verifies(key) == true) }
        }
    }

    @Test("take USERNAMEs up to 513 bytes and no longer")
    func longUsernames() throws {
        let longest = try #require(
            check(receiver: Array(repeating: 97, count: 256), sender: Array(repeating: 98, count: 256)))
        longest.withUnsafeBytes { bytes in
            #expect(STUNMessage(bytes)?.username?.count == 513)
            #expect(STUNMessage(bytes)?.senderFragment?.count == 256)
        }
        #expect(check(receiver: Array(repeating: 97, count: 257), sender: Array(repeating: 98, count: 256)) == nil)
        // Made by hand, since the writer refuses.
        var tooLong = bytes("00010208 2112a442 00000000 00000000 00000000 00060202")
        tooLong += Array(repeating: 97, count: 514) + [0, 0]
        tooLong.withUnsafeBytes { #expect(STUNMessage($0) == nil) }
    }

    @Test("ignore what was added behind MESSAGE-INTEGRITY")
    func addedAttributes() throws {
        var message = try #require(check(fingerprint: false))
        // USERNAME `x`, PRIORITY 1 and an unknown required attribute.
        message += bytes("00060001 78000000 00240004 00000001 7fff0000")
        message[3] += 20
        message.withUnsafeBytes { bytes in
            let read = STUNMessage(bytes)
            #expect(read?.verifies(key) == true)
            #expect(read?.receiverFragment.map { String(decoding: $0, as: UTF8.self) } == "abcd")
            #expect(read?.priority == 0x6E00_1EFF)
            #expect(read?.unknownRequiredCount == 0)
        }
    }

    @Test("list unknown attributes that must be understood")
    func unknownAttributes() {
        bytes("00010010 2112a442 00000000 00000000 00000000 7ffe0000 fffe0000 00030004 00000000").withUnsafeBytes {
            bytes in
            let message = STUNMessage(bytes)
            #expect(message?.unknownRequiredCount == 2)
            #expect(message?.unknownRequiredAttributes == [0x7FFE, 0x0003])
        }
    }

    @Test("tell errors and addresses")
    func errors() throws {
        let message = try #require(
            written { buffer in
                var writer = STUNWriter(
                    buffer, kind: .bindingFailure, transactionID: STUNTransactionID(high: 9, low: 9))
                writer.append(errorCode: 487, reason: "Role Conflict")
                writer.append(unknownAttributes: [0x7FFE])
                return writer.finish()
            })
        message.withUnsafeBytes { #expect(STUNMessage($0)?.errorCode == 487) }
        bytes("01110008 2112a442 00000000 00000000 00000000 00090004 00000763").withUnsafeBytes {
            #expect(STUNMessage($0) != nil)
            #expect(STUNMessage($0)?.errorCode == nil)
        }
        // An IPv6 family with four bytes of address.
        bytes("0101000c 2112a442 00000000 00000000 00000000 00200008 0002a147 e112a643").withUnsafeBytes {
            #expect(STUNMessage($0)?.xorMappedAddress == nil)
        }
    }

    @Test(
        "are refused when malformed",
        arguments: [
            "", "00010000 2112a442 00000000 00000000 000000", "00010000 2112a443 00000000 00000000 00000000",
            "80010000 2112a442 00000000 00000000 00000000", "00010004 2112a442 00000000 00000000 00000000",
            "00010003 2112a442 00000000 00000000 00000000 000000",
            "00010004 2112a442 00000000 00000000 00000000 00060001",
            // FINGERPRINT that is not the last; MESSAGE-INTEGRITY, PRIORITY, ICE-CONTROLLING of wrong lengths.
            "00010010 2112a442 00000000 00000000 00000000 80280004 00000000 80220004 00000000",
            "00010008 2112a442 00000000 00000000 00000000 00080004 00000000",
            "00010008 2112a442 00000000 00000000 00000000 00240003 00000000",
            "00010008 2112a442 00000000 00000000 00000000 802a0004 00000000",
        ])
    func malformed(dump: String) { bytes(dump).withUnsafeBytes { #expect(STUNMessage($0) == nil) } }

    @Test("are never written beyond a buffer that is too small")
    func smallBuffers() throws {
        let whole = try #require(check())
        for capacity in 0..<whole.count { #expect(check(capacity: capacity) == nil) }
        #expect(check(capacity: whole.count) == whole)
    }

    @Test("keep method and class apart")
    func kinds() {
        for method in [0, 1, 0x00F, 0x080, 0x7FF, 0xFFF] as [UInt16] {
            for messageClass in [STUNClass.request, .indication, .success, .failure] {
                let kind = STUNKind(method: method, messageClass: messageClass)
                let message = written { buffer in
                    STUNWriter(buffer, kind: kind, transactionID: STUNTransactionID(high: 0, low: 0)).finish()
                }
                message?.withUnsafeBytes { #expect(STUNMessage($0)?.kind == kind) }
            }
        }
    }

    @Test("survive random bytes and mutations", arguments: [11, 12] as [UInt64])
    func hostileInput(seed: UInt64) throws {
        let valid = [
            STUNVectorTests.request, STUNVectorTests.ipv4Response, STUNVectorTests.ipv6Response,
            STUNVectorTests.longTermRequest, try #require(check()),
        ]
        fuzz(seed: seed, rounds: 8_000, from: valid) { bytes in
            guard let message = STUNMessage(bytes) else { return }
            _ = (
                message.verifies(key), message.hasValidFingerprint, message.username?.count,
                message.senderFragment?.count
            )
            _ = (
                message.priority, message.controlling, message.controlled, message.xorMappedAddress,
                message.mappedAddress
            )
            _ = (message.errorCode, message.software?.count, message.unknownRequiredAttributes)
        }
    }
}
