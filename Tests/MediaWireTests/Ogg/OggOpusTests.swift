import Foundation
import MediaWire
import Simulation
import Testing

@Suite struct OggOpusTests {
    @Test(arguments: [
        ([UInt8](arrayLiteral: 0b00000_000), 480), ([0b00011_000], 2_880), ([0b01100_000], 480), ([0b01111_001], 1_920),
        ([0b10000_000], 120), ([0b11111_000], 960), ([0b11111_011, 3], 2_880), ([0b00011_011, 2], 5_760),
    ])
    func `the first byte tells how long a packet plays`(packet: [UInt8], samples: Int) {
        #expect(OpusPacket.sampleCount(packet) == samples)
    }

    @Test(arguments: [[], [0b11111_011], [0b11111_011, 0], [0b00011_011, 3], [0b11111_011, 63]] as [[UInt8]])
    func `a packet against the rules has no duration`(packet: [UInt8]) {
        #expect(OpusPacket.sampleCount(packet) == nil)
    }

    @Test func `any packets that are written are read back, over page borders too`() throws {
        for seed in UInt64(1)...12 {
            var chance = SeededGenerator(seed: seed)
            let packets = (0..<Int.random(in: 1...60, using: &chance)).map { _ in
                // 20 ms CELT, sometimes so long that lacing needs a 255 followed by 0 or a page of its own.
                let count = [1, 80, 254, 255, 256, 509, 510, 1_275, 9_000].randomElement(using: &chance) ?? 1
                return [0b11111_000] + Array(repeating: UInt8.random(in: 0...255, using: &chance), count: count - 1)
            }
            var writer = OggOpusWriter(head: OpusHead(channels: 2), serialNumber: 7, vendor: "test")
            var file: [UInt8] = []
            for packet in packets { file += try Self.pages(writer.append(packet)) }
            file += writer.finish()
            let read = try OggOpusFile(file)
            #expect(read.packets.map(\.bytes) == packets, "seed \(seed)")
            #expect(read.playedSampleCount == packets.count * 960 - 312, "seed \(seed)")
        }
    }

    @Test func `a gap is filled with packets that ask for concealment`() throws {
        var writer = OggOpusWriter(head: OpusHead(channels: 1, preSkip: 0), serialNumber: 7, vendor: "test")
        var file = try Self.pages(writer.append([0b01111_000, 1]))
        // 1 s and 3.75 ms: frames of the last packet's 20 ms, one of 2.5 ms, and 1.25 ms that wait for the next gap.
        file += writer.skip(samples: 48_180)
        file += try Self.pages(writer.append([0b01111_000, 2]))
        file += writer.skip(samples: 60)
        file += writer.skip(samples: -5)
        file += writer.finish()
        let read = try OggOpusFile(file)
        #expect(read.packets.count == 1 + 50 + 1 + 1 + 1)
        #expect(read.packets[1...50].allSatisfy { $0.bytes == [0b01111_000] })
        #expect(read.playedSampleCount == 2 * 960 + 48_180 + 60)
    }

    @Test func `a stream cut out of a live one begins where it was cut`() throws {
        var writer = OggOpusWriter(head: OpusHead(channels: 1, preSkip: 0), serialNumber: 7, vendor: "test")
        var file: [UInt8] = []
        for index in 0..<100 { file += try Self.pages(writer.append([0b11111_000, UInt8(index)])) }
        file += writer.finish()
        #expect(try OggOpusFile(file).playedSampleCount == 96_000)
        #expect(try OggOpusFile(OggPages.shiftingGranules(of: file, by: 1_000_000)).playedSampleCount == 96_000)
    }

    @Test func `packets over several pages are joined, and pages out of order refused`() throws {
        let packet = [0b11111_000] + (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var writer = OggOpusWriter(head: OpusHead(channels: 1), serialNumber: 7, vendor: "t")
        let header = writer.skip(samples: 0)
        // 255 full segments on the first page, none ends there; the rest on the second.
        let cut = 255 * 255
        let rest = packet.count - cut
        let first = OggPages.page(
            flags: 0, granule: -1, sequence: 2, lacing: Array(repeating: 255, count: 255), body: Array(packet[..<cut]))
        let lacing = Array(repeating: UInt8(255), count: rest / 255) + [UInt8(rest % 255)]
        let second = OggPages.page(flags: 5, granule: 960, sequence: 3, lacing: lacing, body: Array(packet[cut...]))
        let read = try OggOpusFile(header + first + second)
        #expect(read.packets.map(\.bytes) == [packet])
        #expect(throws: OggOpusFault.damagedPage(at: header.count)) { try OggOpusFile(header + second + first) }
        #expect(throws: OggOpusFault.noSound) { try OggOpusFile(header + first) }
    }

    @Test func `an empty recording is still a file`() throws {
        var writer = OggOpusWriter(head: OpusHead(channels: 1), serialNumber: 7, vendor: "test")
        let file = writer.finish()
        #expect(throws: OggOpusFault.noSound) { try OggOpusFile(file) }
    }

    @Test func `a packet that is none is not written`() {
        var writer = OggOpusWriter(head: OpusHead(channels: 1), serialNumber: 7, vendor: "test")
        #expect(writer.append([]) == nil)
        #expect(writer.append([0b11111_011, 0]) == nil)
    }

    @Test func `damaged files are refused or read, never trap`() throws {
        var writer = OggOpusWriter(head: OpusHead(channels: 1), serialNumber: 7, vendor: "test")
        var file: [UInt8] = []
        for index in 0..<120 { file += try Self.pages(writer.append([0b11111_000, UInt8(index)])) }
        file += writer.finish()
        #expect(throws: OggOpusFault.notOggOpus) { try OggOpusFile([]) }
        #expect(throws: OggOpusFault.notOggOpus) { try OggOpusFile(Array("RIFF....WAVE".utf8)) }
        #expect(throws: OggOpusFault.self) { try OggOpusFile(Array(file.dropLast(5))) }
        var chance = SeededGenerator(seed: 99)
        for _ in 0..<2_000 {
            var bytes = file
            bytes[Int.random(in: 0..<bytes.count, using: &chance)] ^= UInt8.random(in: 1...255, using: &chance)
            // Every byte of a page is under its checksum, so no single change can pass.
            #expect(throws: OggOpusFault.self) { try OggOpusFile(bytes) }
        }
    }

    @Test func `pages that lie under a right checksum never trap`() throws {
        var writer = OggOpusWriter(head: OpusHead(channels: 2), serialNumber: 7, vendor: "test")
        var file: [UInt8] = []
        for index in 0..<60 { file += try Self.pages(writer.append([0b11111_000, UInt8(index)])) }
        file += writer.finish()
        var chance = SeededGenerator(seed: 0x0665)
        var readable = 0
        for _ in 0..<1_000 {
            let lie = OggPages.resealing(mutation(of: file, using: &chance))
            if let read = try? OggOpusFile(lie) {
                readable += 1
                #expect(read.playedSampleCount >= 0 && read.packets.allSatisfy { $0.sampleCount <= 5_760 })
            }
        }
        // Changes inside packets are no lies of Ogg; so some stay readable, and the bodies were reached.
        #expect(readable > 50)
    }

    @Test func `opusenc's file is read, and what we write satisfies opusinfo`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "guichet-ogg-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sound = folder.appending(path: "tone.wav")
        try Self.wave(seconds: 2).write(to: sound)
        let encoded = folder.appending(path: "tone.opus")
        try Self.run("opusenc", "--quiet", sound.path, encoded.path)
        let read = try OggOpusFile(Array(try Data(contentsOf: encoded)))
        #expect(read.head.channels == 1)
        #expect(read.playedSampleCount == 2 * 48_000)
        #expect(read.packets.allSatisfy { $0.sampleCount == 960 })

        var writer = OggOpusWriter(head: read.head, serialNumber: 42, vendor: "guichet")
        var copy: [UInt8] = []
        for packet in read.packets { copy += try Self.pages(writer.append(packet.bytes)) }
        // One second is lost in the middle, and the whole sound follows once more.
        copy += writer.skip(samples: 48_000)
        for packet in read.packets { copy += try Self.pages(writer.append(packet.bytes)) }
        copy += writer.finish()
        let written = folder.appending(path: "copy.opus")
        try Data(copy).write(to: written)
        let report = try Self.run("opusinfo", written.path)
        #expect(report.contains("Packet duration:   20.0ms (max)"))
        #expect(!report.contains("WARNING") && !report.contains("ERROR"), "\(report)")
        let decoded = folder.appending(path: "copy.wav")
        try Self.run("opusdec", "--quiet", written.path, decoded.path)
        // 16-bit mono behind a header of 44 bytes: the gap was played too.
        let samples = (try Data(contentsOf: decoded).count - 44) / 2
        #expect(samples == read.packets.count * 960 * 2 + 48_000 - Int(read.head.preSkip))
    }

    private static func pages(_ answer: [UInt8]?) throws -> [UInt8] { try #require(answer) }

    /// A 440 Hz tone as 16-bit mono WAVE at 48 kHz.
    private static func wave(seconds: Int) -> Data {
        let count = 48_000 * seconds
        func little(_ value: some FixedWidthInteger) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
        var data = Data("RIFF".utf8) + little(UInt32(36 + count * 2)) + Data("WAVEfmt ".utf8)
        data +=
            little(UInt32(16)) + little(UInt16(1)) + little(UInt16(1)) + little(UInt32(48_000)) + little(UInt32(96_000))
        data += little(UInt16(2)) + little(UInt16(16)) + Data("data".utf8) + little(UInt32(count * 2))
        for index in 0..<count { data += little(Int16(12_000 * sin(Double(index) * 2 * .pi * 440 / 48_000))) }
        return data
    }

    @discardableResult
    private static func run(_ command: String...) throws -> String {
        let answer = try ChildCommand("/usr/bin/env", command, takesErrors: true).run()
        #expect(answer.status == 0, "\(command): \(answer.text)")
        return answer.text
    }
}
