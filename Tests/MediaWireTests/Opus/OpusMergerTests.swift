import Simulation
import Testing

@testable import MediaWire

@Suite("Frames of Opus packets")
struct OpusMergerTests {
    /// The frames of a packet as bytes, by the library's reading.
    static func frames(_ packet: [UInt8]) -> [[UInt8]]? {
        packet.withUnsafeBytes { bytes in
            guard let frames = OpusFrames(bytes) else { return nil }
            var offset = frames.start
            return (0..<frames.count).map { index in
                defer { offset += frames.length(index) }
                return Array(bytes[offset..<offset + frames.length(index)])
            }
        }
    }

    static func merge(_ packets: [[UInt8]], maximumSamples: Int = 2_880, capacity: Int = 1_200) -> [UInt8]? {
        var merger = OpusMerger(capacity: capacity)
        for packet in packets {
            guard packet.withUnsafeBytes({ merger.append($0, maximumSamples: maximumSamples) }) else { return nil }
        }
        return [UInt8](unsafeUninitializedCapacity: merger.maximumBytes) { buffer, count in
            count = merger.write(to: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    // Configuration 15 (hybrid, 20 ms), mono: 0x78, then the two bits of the code.

    @Test("the four forms of section 3.2 are read as they are drawn there")
    func forms() {
        #expect(Self.frames([0x78, 1, 2, 3]) == [[1, 2, 3]])
        #expect(Self.frames([0x79, 1, 2, 3, 4]) == [[1, 2], [3, 4]])
        #expect(Self.frames([0x7A, 1, 9, 8, 7]) == [[9], [8, 7]])
        // Constant rate, three frames.
        #expect(Self.frames([0x7B, 3, 1, 2, 3, 4, 5, 6]) == [[1, 2], [3, 4], [5, 6]])
        // Variable rate, three frames, lengths 1 and 0.
        #expect(Self.frames([0x7B, 0x83, 1, 0, 5, 6, 7]) == [[5], [], [6, 7]])
        // Padding of two bytes, and of 254 + 1.
        #expect(Self.frames([0x7B, 0x41, 2, 5, 0, 0]) == [[5]])
        #expect(Self.frames([0x7B, 0x41, 255, 1, 5] + [UInt8](repeating: 0, count: 255)) == [[5]])
        // A length of two bytes: 252 + 4 x 1 = 256.
        let long = [UInt8](repeating: 1, count: 256)
        #expect(Self.frames([0x7A, 252, 1] + long + [2]) == [long, [2]])
        #expect(Self.frames([0x78]) == [[]])
    }

    @Test("what breaks a rule of section 3.4 is refused")
    func rules() {
        #expect(Self.frames([]) == nil)  // R1
        #expect(Self.frames([0x78] + [UInt8](repeating: 0, count: 1_276)) == nil)  // R2
        #expect(Self.frames([0x79, 1, 2, 3]) == nil)  // R3
        #expect(Self.frames([0x7A]) == nil)  // R4
        #expect(Self.frames([0x7A, 3, 1, 2]) == nil)
        #expect(Self.frames([0x7A, 252]) == nil)
        #expect(Self.frames([0x7B]) == nil)  // R5
        #expect(Self.frames([0x7B, 0]) == nil)
        #expect(Self.frames([0x7B, 7, 1, 2, 3, 4, 5, 6, 7]) == nil)  // 140 ms
        #expect(Self.frames([0x7B, 2, 1, 2, 3]) == nil)  // R6
        #expect(Self.frames([0x7B, 0x41, 3, 5, 0]) == nil)
        #expect(Self.frames([0x7B, 0x41, 255]) == nil)
        #expect(Self.frames([0x7B, 0x82, 5, 1, 2]) == nil)  // R7
    }

    @Test("two and three packets become one in its shortest form")
    func shortest() {
        #expect(Self.merge([[0x78, 1, 2]]) == [0x78, 1, 2])
        #expect(Self.merge([[0x78, 1, 2], [0x78, 3, 4]]) == [0x79, 1, 2, 3, 4])
        #expect(Self.merge([[0x78, 1], [0x78, 3, 4]]) == [0x7A, 1, 1, 3, 4])
        #expect(Self.merge([[0x78, 1], [0x78, 3], [0x78, 5]]) == [0x7B, 3, 1, 3, 5])
        #expect(Self.merge([[0x78, 1], [0x78], [0x78, 5, 6]]) == [0x7B, 0x83, 1, 0, 1, 5, 6])
        // Padding is left out.
        #expect(Self.merge([[0x7B, 0x41, 2, 1, 0, 0], [0x78, 2]]) == [0x79, 1, 2])
        #expect(Self.merge([[0x78], [0x78], [0x78]]) == [0x7B, 3])
    }

    @Test("another configuration, too long a packet or too many bytes are not taken")
    func refusals() {
        #expect(Self.merge([[0x78, 1], [0x70, 2]]) == nil)
        #expect(Self.merge([[0x78, 1], [0x7C, 2]]) == nil)  // Stereo.
        #expect(Self.merge([[0x78, 1], [0x78, 2], [0x78, 3]], maximumSamples: 1_920) == nil)
        let long = [0x78] + [UInt8](repeating: 1, count: 700)
        #expect(Self.merge([long, long]) == nil)
        #expect(Self.merge([[0x79, 1]]) == nil)
    }

    @Test("whatever is merged has the same frames in the same order", arguments: 1...20)
    func property(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let configuration = UInt8.random(in: 0..<32, using: &generator) << 3 | (generator.next() & 1 == 0 ? 0 : 4)
            var packets: [[UInt8]] = []
            var expected: [[UInt8]] = []
            var merger = OpusMerger(capacity: 1_200)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let isSmall = generator.next() & 1 == 0
                let frame = (0..<Int.random(in: 0...(isSmall ? 3 : 300), using: &generator)).map { _ in
                    UInt8(truncatingIfNeeded: generator.next())
                }
                let packet = [configuration] + frame
                let before = merger.frameCount
                if packet.withUnsafeBytes({ merger.append($0, maximumSamples: 2_880) }) {
                    packets.append(packet)
                    expected.append(frame)
                } else {
                    #expect(merger.frameCount == before)
                }
            }
            guard let merged = Self.merge(packets) else {
                Issue.record("not merged, seed \(seed)")
                return
            }
            #expect(Self.frames(merged) == expected)
            let perFrame = OpusPacket.samplesPerFrame(configuration: configuration >> 3)
            #expect(OpusPacket.sampleCount(merged) == expected.count * perFrame)
            // And once more: a merged packet merges with another.
            if let twice = Self.merge([merged, merged], maximumSamples: 5_760, capacity: 4_000) {
                #expect(Self.frames(twice) == expected + expected)
            }
        }
    }

    @Test("random bytes are read or refused, never beyond their end", arguments: 1...5)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let packet = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8(truncatingIfNeeded: generator.next())
            }
            guard let frames = Self.frames(packet) else { continue }
            #expect(frames.reduce(0) { $0 + $1.count } < packet.count)
            #expect(OpusPacket.sampleCount(packet) != nil)
        }
    }
}
