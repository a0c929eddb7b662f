import MediaWire
import Simulation
import Testing

@Suite("RTP headers")
struct RTPHeaderTests {
    /// Payload type 111, marker, two contributing sources, one-byte extension with level, padding byte and MID, four
    /// bytes of padding.
    static let oneByte = bytes(
        """
        b2ef1234 00010203 deadbeef 00000001 00000002 bede0002 10 85 00 41 30 31 00 00 cafebabe01 00000004
        """)
    /// Two-byte form with application bits 5: id 20 with an empty value, id 1 with two bytes, padding.
    static let twoByte = bytes("906f0001 00000000 00000007 10050002 1400 0102 0a0b 00 00 ff")

    @Test("are read with sources, one-byte elements and padding")
    func readsOneByteForm() throws {
        try Self.oneByte.withUnsafeBytes { bytes in
            let packet = try #require(RTPPacket(bytes))
            let header = packet.header
            #expect(header.marker && header.payloadType == 111 && header.sequenceNumber == 0x1234)
            #expect(header.timestamp == 0x0001_0203 && header.ssrc == 0xDEAD_BEEF)
            #expect(
                header.csrcCount == 2 && packet.csrc(at: 0) == 1 && packet.csrc(at: 1) == 2 && packet.csrc(at: 2) == nil
            )
            #expect(packet.csrc(at: -1) == nil)
            #expect(header.extensionForm == .oneByte && header.byteCount == 32)
            #expect(packet.audioLevel(id: 1) == AudioLevel(decibelsBelowFullScale: 5, hasVoice: true))
            #expect(packet.element(id: 4).map(Array.init) == Array("01".utf8))
            #expect(packet.element(id: 2) == nil && packet.element(id: 0) == nil && packet.element(id: 15) == nil)
            #expect(Array(packet.payload) == [0xCA, 0xFE, 0xBA, 0xBE, 0x01])
            #expect(PacketKind.classify(bytes) == .rtp && !PacketKind.isRTCP(bytes))
        }
    }

    @Test("are read with two-byte elements")
    func readsTwoByteForm() throws {
        try Self.twoByte.withUnsafeBytes { bytes in
            let packet = try #require(RTPPacket(bytes))
            #expect(packet.header.extensionForm == .twoByte(applicationBits: 5))
            #expect(packet.element(id: 20)?.count == 0)
            #expect(packet.element(id: 1).map(Array.init) == [0x0A, 0x0B])
            #expect(packet.audioLevel(id: 20) == nil)
            #expect(packet.audioLevel(id: 1) == AudioLevel(wire: 0x0A))
            #expect(Array(packet.payload) == [0xFF])
        }
    }

    @Test("stop reading at id 15, and skip padding elements")
    func stopElement() throws {
        // Id 15 of length 1, then what would be id 1.
        bytes("90000001 00000000 00000007 bede0001 f0 00 10 85").withUnsafeBytes {
            #expect(RTPPacket($0)?.audioLevel(id: 1) == nil)
        }
        // Id 0 with length field 1: two bytes skipped, then id 1.
        bytes("90000001 00000000 00000007 bede0002 01 aaaa 10 85 000000").withUnsafeBytes {
            #expect(RTPPacket($0)?.element(id: 0) == nil)
        }
        // An element that reaches out of the extension is not read.
        bytes("90000001 00000000 00000007 bede0001 1f 85 00 00 ffffffff ffffffff ffffffff ffffffff").withUnsafeBytes {
            #expect(RTPPacket($0) != nil && RTPPacket($0)?.element(id: 1) == nil)
        }
        bytes("90000001 00000000 00000007 10000001 00000001 ffffffff").withUnsafeBytes {
            #expect(RTPPacket($0)?.element(id: 1) == nil)
        }
        // Another convention is carried along unread.
        bytes("90000001 00000000 00000007 12340001 10850000 ff").withUnsafeBytes {
            #expect(RTPPacket($0)?.header.extensionForm == .other(profile: 0x1234))
            #expect(RTPPacket($0)?.element(id: 1) == nil)
            #expect(RTPPacket($0)?.payload.count == 1)
        }
    }

    @Test(
        "are refused when cut off, of another version or with impossible padding",
        arguments: [
            "", "80", "806f0001 00000000 000000", "406f0001 00000000 00000007", "c06f0001 00000000 00000007",
            // A source too few; no room for the extension's head; extension longer than the packet.
            "816f0001 00000000 00000007", "906f0001 00000000 00000007 bede", "906f0001 00000000 00000007 bede0001 1000",
            // Padding of 0, of more than the payload, and without any byte.
            "a06f0001 00000000 00000007 00", "a06f0001 00000000 00000007 ff02 03 04 06", "a06f0001 00000000 00000007",
        ])
    func refused(dump: String) { bytes(dump).withUnsafeBytes { #expect(RTPPacket($0) == nil) } }

    @Test("may be read while the payload is sealed, whatever its last byte says")
    func sealedPayload() throws {
        bytes("a06f0001 00000000 00000007 ffffff").withUnsafeBytes {
            #expect(RTPHeader($0)?.byteCount == 12)
            #expect(RTPHeader($0)?.hasPadding == true)
            #expect(RTPPacket($0) == nil)
        }
        // Padding may be the whole payload.
        bytes("a06f0001 00000000 00000007 000003").withUnsafeBytes { #expect(RTPPacket($0)?.payloadRange == 12..<12) }
    }

    @Test("survive writing and reading", arguments: [21, 22, 23] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let isShort = Bool.random(using: &generator)
            let csrcs = (0..<Int.random(in: 0...15, using: &generator)).map { UInt32($0) &* 0x0101_0101 }
            let ids = Array(1...(isShort ? 14 : 255)).map(UInt8.init).shuffled(using: &generator)
            let elements = ids.prefix(Int.random(in: 0...5, using: &generator)).map { id in
                (id, (0..<Int.random(in: isShort ? 1...16 : 0...40, using: &generator)).map { UInt8($0) })
            }
            let level = AudioLevel(wire: .random(in: 0...255, using: &generator))
            let fields = (
                marker: Bool.random(using: &generator), type: UInt8.random(in: 0...127, using: &generator),
                sequence: UInt16.random(in: 0 ... .max, using: &generator),
                time: UInt32.random(in: 0 ... .max, using: &generator),
                ssrc: UInt32.random(in: 0 ... .max, using: &generator)
            )
            let header = written { buffer in
                var writer = RTPHeaderWriter(
                    buffer, marker: fields.marker, payloadType: fields.type, sequenceNumber: fields.sequence,
                    timestamp: fields.time, ssrc: fields.ssrc, form: isShort ? .oneByte : .twoByte)
                for csrc in csrcs { writer.append(csrc: csrc) }
                for (id, value) in elements { value.withUnsafeBytes { writer.append(elementID: id, $0) } }
                if let id = ids.last { writer.append(audioLevel: level, id: id) }
                return writer.finish()
            }
            let packet = try #require(header, "seed \(seed)") + [1, 2, 3]
            try packet.withUnsafeBytes { bytes in
                let read = try #require(RTPPacket(bytes), "seed \(seed)")
                #expect(read.header.marker == fields.marker && read.header.payloadType == fields.type)
                #expect(read.header.sequenceNumber == fields.sequence && read.header.timestamp == fields.time)
                #expect(read.header.ssrc == fields.ssrc && read.header.csrcCount == csrcs.count)
                #expect((0..<csrcs.count).map { read.csrc(at: $0) } == csrcs)
                for (id, value) in elements { #expect(read.element(id: id).map(Array.init) == value, "seed \(seed)") }
                #expect(ids.last.flatMap { read.audioLevel(id: $0) } == level)
                #expect(Array(read.payload) == [1, 2, 3])
            }
        }
    }

    @Test("are not written when something doesn't fit or comes too late")
    func refusedWriting() throws {
        func header(
            capacity: Int = 100, form: RTPExtensionForm = .oneByte, _ body: (inout RTPHeaderWriter) -> Void
        ) -> Int? {
            written(capacity: capacity) { buffer in
                var writer = RTPHeaderWriter(
                    buffer, marker: false, payloadType: 111, sequenceNumber: 1, timestamp: 2, ssrc: 3, form: form)
                body(&writer)
                return writer.finish()
            }?.count
        }
        let level = AudioLevel(decibelsBelowFullScale: 200, hasVoice: false)
        #expect(level.decibelsBelowFullScale == 127)
        #expect(header { _ in } == 12)
        #expect(header { $0.append(audioLevel: level, id: 1) } == 20)
        for capacity in 0..<20 { #expect(header(capacity: capacity) { $0.append(audioLevel: level, id: 1) } == nil) }
        #expect(header { $0.append(audioLevel: level, id: 0) } == nil)
        #expect(header { $0.append(audioLevel: level, id: 15) } == nil)
        #expect(header(form: .twoByte) { $0.append(audioLevel: level, id: 15) } == 20)
        #expect(header(form: .other(profile: 1)) { $0.append(audioLevel: level, id: 1) } == nil)
        #expect(header { for source in 0..<16 { $0.append(csrc: UInt32(source)) } } == nil)
        #expect(
            header {
                $0.append(audioLevel: level, id: 1)
                $0.append(csrc: 1)
            } == nil)
    }

    @Test("survive random bytes and mutations", arguments: [31, 32] as [UInt64])
    func hostileInput(seed: UInt64) {
        fuzz(seed: seed, rounds: 8_000, from: [Self.oneByte, Self.twoByte]) { bytes in
            guard let header = RTPHeader(bytes) else { return }
            for id in UInt8(0)...20 { _ = header.elementRange(id: id, in: bytes).map { bytes[$0].count } }
            for index in 0..<16 { _ = header.csrc(at: index, in: bytes) }
            _ = RTPPacket(bytes)?.payload.reduce(0, ^)
        }
    }
}

@Suite("Demultiplexing by the first byte (RFC 7983)")
struct PacketKindTests {
    @Test("covers all 256 values")
    func ranges() {
        for byte in UInt8.min...UInt8.max {
            let expected: PacketKind =
                byte <= 3 ? .stun : (20...63).contains(byte) ? .dtls : (128...191).contains(byte) ? .rtp : .unknown
            #expect(PacketKind.classify(firstByte: byte) == expected)
        }
        [UInt8]().withUnsafeBytes { #expect(PacketKind.classify($0) == .unknown && !PacketKind.isRTCP($0)) }
        // Sender report, and Opus with the marker bit set.
        bytes("80c8").withUnsafeBytes { #expect(PacketKind.isRTCP($0)) }
        bytes("80ef").withUnsafeBytes { #expect(!PacketKind.isRTCP($0)) }
    }
}
