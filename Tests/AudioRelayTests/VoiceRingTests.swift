import Foundation
import Simulation
import Testing

@testable import AudioRelay

@Suite("Ring between relays")
struct VoiceRingTests {
    private static func put(_ ring: VoiceRing, _ number: UInt64, bytes: Int, kind: VoiceRing.Record.Kind = .voice)
        -> Bool
    {
        var record = VoiceRing.Record()
        record.kind = kind
        record.index = number
        record.room = ~number
        let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bytes)
        return payload.withUnsafeBufferPointer { ring.put(record, $0) }
    }

    /// Takes the oldest record, whose bytes must be those of its number; `nil` when there is none.
    private static func take(_ ring: VoiceRing) -> (number: UInt64, isIntact: Bool)? {
        guard let (record, payload) = ring.next() else { return nil }
        let byte = UInt8(truncatingIfNeeded: record.index)
        let isIntact = record.room == ~record.index && payload.allSatisfy { $0 == byte }
        ring.drop(record)
        return (record.index, isIntact)
    }

    @Test("What goes in comes out in its order and to the byte, whatever the sizes", arguments: [1, 2, 3])
    func order(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let ring = VoiceRing(bytes: 1 << 16)
        var waiting: [UInt64] = []
        var next: UInt64 = 0
        var refused = 0
        for _ in 0..<20_000 {
            if Bool.random(using: &generator) || waiting.isEmpty {
                if Self.put(ring, next, bytes: Int.random(in: 0...1_200, using: &generator)) {
                    waiting.append(next)
                } else {
                    refused += 1
                }
                next += 1
            } else {
                let taken = Self.take(ring)
                #expect(taken?.number == waiting.removeFirst() && taken?.isIntact == true, "seed \(seed)")
            }
            #expect(ring.isEmpty == waiting.isEmpty)
        }
        #expect(refused < 10_000)
    }

    @Test("Voices leave room for word of silence")
    func reserve() {
        let ring = VoiceRing(bytes: 1 << 16)
        var number: UInt64 = 0
        while Self.put(ring, number, bytes: 160) { number += 1 }
        #expect(number > 200)
        for _ in 0..<200 {
            #expect(Self.put(ring, number, bytes: 0, kind: .silenced))
            number += 1
        }
        for expected in 0..<number { #expect(Self.take(ring)?.number == expected) }
        #expect(ring.isEmpty)
    }

    @Test("Two threads at full speed lose and break nothing that was taken in", .timeLimit(.minutes(1)))
    func twoThreads() async {
        let ring = VoiceRing(bytes: 1 << 16)
        let count: UInt64 = 200_000
        async let broken: Int = Task.detached {
            var broken = 0
            var expected: UInt64 = 0
            while expected < count {
                guard let taken = Self.take(ring) else {
                    await Task.yield()
                    continue
                }
                if taken.number != expected || !taken.isIntact { broken += 1 }
                expected += 1
            }
            return broken
        }.value
        for number in 0..<count {
            while !Self.put(ring, number, bytes: Int(number % 300)) { await Task.yield() }
        }
        #expect(await broken == 0)
        #expect(ring.isEmpty)
    }
}
