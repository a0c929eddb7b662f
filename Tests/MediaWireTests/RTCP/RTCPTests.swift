import MediaWire
import Simulation
import Testing

@Suite("RTCP")
struct RTCPTests {
    static let block = RTCPReportBlock(
        ssrc: 0x0102_0304, fractionLost: 25, cumulativeLost: -3, extendedHighestSequenceNumber: 0x0001_FFFE, jitter: 77,
        lastSenderReport: 0xAABB_CCDD, delaySinceLastSenderReport: 65_536)
    static let status = RTCPSenderStatus(
        ntpTime: NTPTimestamp(unixMicroseconds: 1_500_000), rtpTimestamp: 48_000, packetCount: 50, octetCount: 5_000)

    /// A compound of everything that we write.
    static func compound(capacity: Int = 1_500) -> [UInt8]? {
        written(capacity: capacity) { buffer in
            var writer = RTCPWriter(buffer)
            writer.appendSenderReport(ssrc: 1, status)
            writer.appendReportBlock(block)
            writer.appendReceiverReport(ssrc: 2)
            writer.appendReportBlock(block)
            writer.appendReportBlock(block)
            Array("room@example".utf8).withUnsafeBytes { writer.appendSourceDescription(ssrc: 1, cname: $0) }
            writer.appendGenericNACK(senderSSRC: 1, mediaSSRC: 9)
            for number in [65_530, 65_531, 10, 10, 11, 100] as [UInt16] { writer.append(lost: number) }
            writer.appendGoodbye(ssrc: 1)
            return writer.finish()
        }
    }

    @Test("a compound is written and read back")
    func roundTrip() throws {
        let datagram = try #require(Self.compound())
        try datagram.withUnsafeBytes { bytes in
            #expect(PacketKind.isRTCP(bytes))
            let compound = try #require(RTCPCompound(bytes))
            #expect(compound.beginsWithReport)
            var kinds = 0
            for packet in compound {
                switch packet {
                case .senderReport(let report):
                    #expect(report.ssrc == 1 && report.status == Self.status)
                    #expect(Array(report.blocks) == [Self.block])
                    kinds |= 1
                case .receiverReport(let report):
                    #expect(report.ssrc == 2 && Array(report.blocks) == [Self.block, Self.block])
                    kinds |= 2
                case .sourceDescription(let description):
                    #expect(description.cname(of: 1) == "room@example" && description.cname(of: 2) == nil)
                    kinds |= 4
                case .genericNACK(let nack):
                    #expect(nack.senderSSRC == 1 && nack.mediaSSRC == 9)
                    var numbers: [UInt16] = []
                    nack.forEachSequenceNumber { numbers.append($0) }
                    #expect(numbers == [65_530, 65_531, 10, 11, 100])
                    // 10 follows 65,530 by 16, so it shares the entry; 11 doesn't.
                    #expect(nack.entryCount == 3 && nack.entry(at: 3) == nil)
                    kinds |= 8
                case .goodbye(let goodbye):
                    #expect(goodbye.contains(1) && !goodbye.contains(2) && goodbye.reason == nil)
                    #expect(goodbye.source(at: 1) == nil)
                    kinds |= 16
                case .other: Issue.record("nothing else was written")
                }
            }
            #expect(kinds == 31)
        }
    }

    @Test("a receiver report by hand is read")
    func receiverReport() throws {
        // From the field layout of RFC 3550, section 6.4.2: loss 0x19/256, 24-bit loss -3.
        let dump = "81c90007 00000002 01020304 19fffffd 0001fffe 0000004d aabbccdd 00010000"
        try bytes(dump).withUnsafeBytes { bytes in
            guard case .receiverReport(let report) = try #require(RTCPCompound(bytes)).first(where: { _ in true })
            else {
                Issue.record("a receiver report")
                return
            }
            #expect(report.ssrc == 2 && report.blocks.first == Self.block)
        }
    }

    @Test("reduced-size datagrams and unknown packets are read")
    func reducedSize() throws {
        // Transport-wide feedback (205, format 15), then picture loss (206, format 1).
        try bytes("8fcd0003 00000001 00000002 deadbeef 81ce0002 00000001 00000002").withUnsafeBytes { bytes in
            let compound = try #require(RTCPCompound(bytes))
            #expect(!compound.beginsWithReport)
            let types = compound.map { packet -> UInt8 in
                if case .other(let type, _) = packet { type } else { 0 }
            }
            #expect(types == [205, 206])
        }
    }

    @Test("a goodbye tells its reason, and padding is left out")
    func goodbye() throws {
        try bytes("a2cb0005 00000001 00000002 05 68656c6c6f 0000 00000004").withUnsafeBytes { bytes in
            // Two sources, `hello`, filled up, and four bytes of padding; the length says six words.
            let compound = RTCPCompound(bytes)
            guard case .goodbye(let goodbye) = try #require(compound).first(where: { _ in true }) else {
                Issue.record("a goodbye")
                return
            }
            #expect(goodbye.sourceCount == 2 && goodbye.contains(2) && goodbye.reason == "hello")
        }
    }

    @Test(
        "a datagram that is malformed anywhere is refused as a whole",
        arguments: [
            "", "80c9", "80c90001 0000", "40c90001 00000001", "80c90002 00000001", "81c90001 00000001",
            // Report too short for its sender; second packet cut off; padding in a packet that isn't the last.
            "80c80001 00000001", "80c90001 00000001 80c9", "a0c90002 00000001 00000004 80c90001 00000001",
            // Padding of 0, of 3, and of more than the packet.
            "a0c90002 00000001 00000000", "a0c90002 00000001 00000003", "a0c90002 00000001 0000000c",
            // SDES item beyond the packet, chunk without end; BYE with too few sources and a reason too long; NACK
            // without an entry.
            "81ca0002 00000001 01050000", "81ca0002 00000001 01026161", "82cb0001 00000001",
            "81cb0002 00000001 04616161",
            "81cd0002 00000001 00000002",
        ])
    func malformed(dump: String) { bytes(dump).withUnsafeBytes { #expect(RTCPCompound($0) == nil) } }

    @Test("nothing is written beyond a buffer that is too small, nor what makes no sense")
    func refusedWriting() throws {
        let whole = try #require(Self.compound())
        for capacity in 0..<whole.count { #expect(Self.compound(capacity: capacity) == nil) }
        #expect(Self.compound(capacity: whole.count) == whole)
        func refuses(_ body: (inout RTCPWriter) -> Void) -> Bool {
            written { buffer in
                var writer = RTCPWriter(buffer)
                body(&writer)
                return writer.finish()
            } == nil
        }
        #expect(refuses { $0.appendReportBlock(Self.block) })
        #expect(refuses { $0.append(lost: 1) })
        #expect(
            refuses { writer in
                writer.appendGoodbye(ssrc: 1)
                writer.appendReportBlock(Self.block)
            })
        #expect(
            refuses { writer in
                writer.appendReceiverReport(ssrc: 1)
                for _ in 0..<32 { writer.appendReportBlock(Self.block) }
            })
        #expect(
            refuses { writer in
                [UInt8](repeating: 97, count: 256).withUnsafeBytes {
                    writer.appendSourceDescription(ssrc: 1, cname: $0)
                }
            })
    }

    @Test("any lost numbers in ascending order come back", arguments: [41, 42] as [UInt64])
    func nacks(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var number = UInt16.random(in: 0 ... .max, using: &generator)
            let lost = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                number &+= UInt16.random(in: 1...40, using: &generator)
                return number
            }
            let datagram = try #require(
                written { buffer in
                    var writer = RTCPWriter(buffer)
                    writer.appendGenericNACK(senderSSRC: 1, mediaSSRC: 2)
                    for number in lost { writer.append(lost: number) }
                    return writer.finish()
                })
            datagram.withUnsafeBytes { bytes in
                var found: [UInt16] = []
                for case .genericNACK(let nack)? in RTCPCompound(bytes).map(Array.init) ?? [] {
                    nack.forEachSequenceNumber { found.append($0) }
                }
                #expect(found == lost, "seed \(seed)")
            }
        }
    }

    @Test("CNAMEs of every length end with a zero on a multiple of four", arguments: [0, 1, 2, 3, 4, 5, 254, 255])
    func cnames(count: Int) throws {
        let name = [UInt8](repeating: 97, count: count)
        let datagram = try #require(
            written { buffer in
                var writer = RTCPWriter(buffer)
                name.withUnsafeBytes { writer.appendSourceDescription(ssrc: 5, cname: $0) }
                return writer.finish()
            })
        #expect(datagram.count % 4 == 0 && datagram.last == 0)
        datagram.withUnsafeBytes { bytes in
            for case .sourceDescription(let description)? in RTCPCompound(bytes).map(Array.init) ?? [] {
                #expect(description.cname(of: 5)?.utf8.count == count)
            }
        }
    }

    @Test("time stamps count seconds since 1900 in 32.32")
    func ntp() {
        #expect(NTPTimestamp(unixMicroseconds: 0).rawValue == 0x83AA_7E80_0000_0000)
        #expect(NTPTimestamp(unixMicroseconds: 1_500_000).rawValue == 0x83AA_7E81_8000_0000)
        #expect(NTPTimestamp(unixMicroseconds: -500_000).rawValue == 0x83AA_7E7F_8000_0000)
        #expect(NTPTimestamp(unixMicroseconds: 1_500_000).middle == 0x7E81_8000)
    }

    @Test("hostile input never traps", arguments: [51, 52] as [UInt64])
    func hostileInput(seed: UInt64) throws {
        let valid = [
            try #require(Self.compound()), bytes("a2cb0005 00000001 00000002 05 68656c6c6f 0000 00000004"),
            bytes("82ca0006 00000001 01026161 00000000 00000002 0101610002016200"),
        ]
        fuzz(seed: seed, rounds: 8_000, from: valid) { bytes in
            guard let compound = RTCPCompound(bytes) else { return }
            for packet in compound {
                switch packet {
                case .senderReport(let report): _ = report.blocks.map(\.jitter)
                case .receiverReport(let report): _ = report.blocks.map(\.cumulativeLost)
                case .sourceDescription(let description): _ = description.cname(of: 1)
                case .goodbye(let goodbye): _ = (goodbye.contains(1), goodbye.reason)
                case .genericNACK(let nack): nack.forEachSequenceNumber { _ = $0 }
                case .other: break
                }
            }
        }
    }
}
