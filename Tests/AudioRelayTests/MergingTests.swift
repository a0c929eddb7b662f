import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("Merging frames")
struct MergingTests {
    /// One frame as it was said or heard.
    struct Frame: Equatable {
        let toc: UInt8
        let bytes: [UInt8]
        let timestamp: UInt32
    }

    /// The frames of what a guest heard of somebody, in the order of the slot's numbers.
    static func frames(_ packets: [HeardPacket], of participant: UInt32) -> [Frame] {
        packets.filter { $0.contributors == [participant] }.sorted { $0.index < $1.index }.flatMap { packet in
            packet.payload.withUnsafeBytes { bytes -> [Frame] in
                guard let frames = OpusFrames(bytes) else { return [] }
                var offset = frames.start
                return (0..<frames.count).map { index in
                    defer { offset += frames.length(index) }
                    return Frame(
                        toc: frames.toc & 0xFC, bytes: Array(bytes[offset..<offset + frames.length(index)]),
                        timestamp: packet.timestamp &+ UInt32(index * frames.samplesPerFrame))
                }
            }
        }
    }

    /// Somebody who talks in packets of 20 ms, with pauses and changes of configuration.
    private struct Talker {
        let guest: Guest
        let who: UInt8
        var said: [Frame] = []
        var clock: UInt32 = 0
        var configuration: UInt8 = 0x78

        mutating func talk(_ hall: Hall, number: Int, level: UInt8, using generator: inout SeededGenerator) {
            if Int.random(in: 0..<40, using: &generator) == 0 { configuration ^= 0x10 }
            let size = [0, 1, 20, 60, 100, 101, 160, 260].randomElement(using: &generator) ?? 0
            let bytes = [who, UInt8(number >> 8), UInt8(number & 0xFF)] + [UInt8](repeating: who, count: size)
            // After one of fifty comes a pause (DTX): the time goes on and the number does not jump.
            let pause = Int.random(in: 0..<50, using: &generator) == 0 ? 20 : 1
            let samples = 960 * pause
            said.append(Frame(toc: configuration, bytes: bytes, timestamp: clock))
            clock &+= UInt32(samples)
            _ = guest.peer.send(
                [configuration] + bytes, sampleCount: samples,
                level: AudioLevel(decibelsBelowFullScale: level, hasVoice: true), into: &hall.outbox)
            hall.flush(from: guest.address)
        }
    }

    /// Who and which is the first frame of a packet made of ``voice(_:_:)``s below 256.
    private static func first(_ packet: HeardPacket) -> Int {
        guard let frame = frames([packet], of: packet.contributors.first ?? 0).first else { return -1 }
        return Int(frame.bytes[0]) << 8 | Int(frame.bytes[2])
    }

    /// Same frames, and the same time between them.
    static func areSame(_ heard: [Frame], _ said: [Frame]) -> Bool {
        guard heard.count == said.count, let first = heard.first, let begin = said.first else { return false }
        return zip(heard, said).allSatisfy { heard, said in
            heard.toc == said.toc && heard.bytes == said.bytes
                && heard.timestamp &- first.timestamp == said.timestamp &- begin.timestamp
        }
    }

    @Test(
        "Switched on and off while people listen: every frame arrives once, in order, at its time, without a gap in numbers",
        arguments: 1...12)
    func switching(seed: UInt64) throws {
        let hall = try Hall(seed: seed &* 11)
        var generator = SeededGenerator(seed: seed)
        var talkers = try (0..<3).map {
            Talker(guest: try hall.admit(.publish, participant: UInt32(1 + $0)), who: UInt8($0))
        }
        let audience = try (0..<3).map { try hall.admit(.listen(slots: 3), participant: UInt32(100 + $0)) }
        let speaking = try hall.admit(.listen(slots: 3), participant: 200, speaks: true)
        let both = try hall.admit(.listen(slots: 3), participant: 1, speaks: true)
        hall.connectAll()
        for number in 0..<400 {
            if number % 23 == 3 {
                hall.change([.merged, .merged, .tick20, .atOnce].randomElement(using: &generator) ?? .merged)
            }
            for who in talkers.indices {
                talkers[who].talk(
                    hall, number: number, level: speechLevel(number, base: 25), using: &generator)
                hall.run(milliseconds: UInt64.random(in: 6...7, using: &generator))
            }
        }
        hall.run(milliseconds: 200)
        for listener in audience + [speaking] {
            for talker in talkers {
                let heard = Self.frames(listener.heard, of: UInt32(talker.who) + 1)
                let isSame = Self.areSame(heard, talker.said)
                #expect(isSame, "voice \(talker.who), seed \(seed)")
            }
            for slot in 0..<3 {
                let indices = listener.indices(slot: slot)
                let isWhole = indices == (0..<indices.count).map { indices[0] + UInt64($0) }
                #expect(isWhole, "slot \(slot), seed \(seed)")
            }
        }
        for who in 1..<3 {
            let isSame = Self.areSame(Self.frames(both.heard, of: UInt32(who) + 1), talkers[who].said)
            #expect(isSame, "who speaks too hears voice \(who), seed \(seed)")
        }
        #expect(Self.frames(both.heard, of: 1).isEmpty)
        #expect(hall.relay.drops.total == 0)
    }

    @Test("An audience gets packets of 60 ms, who speaks 40, who says maxptime 20 every packet; none waits longer")
    func lengths() throws {
        let hall = try Hall()
        let speakers = try (0..<3).map { try hall.admit(.publish, participant: UInt32(1 + $0)) }
        let audience = try hall.admit(.listen(slots: 3), participant: 9)
        let speaking = try hall.admit(.listen(slots: 3), participant: 10, speaks: true)
        func limited(_ milliseconds: Int) -> (String) -> String {
            { $0.replacing("a=rtcp-mux\r\n", with: "a=rtcp-mux\r\na=maxptime:\(milliseconds)\r\n") }
        }
        let strict = try hall.admit(.listen(slots: 3), participant: 11, changeOffer: limited(20))
        let middle = try hall.admit(.listen(slots: 3), participant: 12, changeOffer: limited(59))
        hall.connectAll()
        hall.change(.merged)
        hall.messages = 0
        var saidAt: [Int: MonotonicInstant] = [:]
        for number in 0..<60 {
            for (who, speaker) in speakers.enumerated() {
                saidAt[who << 8 | number] = hall.now
                hall.say(voice(UInt8(who), number), speaker, level: 30)
                hall.run(milliseconds: who == 2 ? 8 : 6)
            }
        }
        hall.run(milliseconds: 100)
        for (listener, samples) in [(audience, 2_880), (speaking, 1_920), (strict, 960), (middle, 1_920)] {
            let lengths = listener.heard.map { OpusPacket.sampleCount($0.payload) ?? 0 }
            #expect(lengths.reduce(0, +) == 180 * 960)
            // At the beginning the groups find each other.
            #expect(lengths.filter { $0 == samples }.count * samples >= 170 * 960)
            #expect(lengths.allSatisfy { $0 <= samples })
            for who in 0..<3 { #expect(Self.frames(listener.heard, of: UInt32(1 + who)).count == 60) }
            let latest = listener.heardAt.indices.map { position in
                listener.heardAt[position].nanoseconds(since: saidAt[Self.first(listener.heard[position])] ?? .never)
            }.max()
            // Its own length, and the link's 2 ms.
            #expect(latest.map { $0 <= UInt64(samples) / 48 * 1_000_000 + 2_000_000 } == true)
        }
        // 20 messages for the audience, 30 for each of two, 60 for the strict; reports are some more.
        #expect(hall.messages <= 20 + 2 * 30 + 60 + 30)
    }

    @Test(
        "Through loss, disorder and repetition no frame is heard twice, changed, or out of its order", arguments: 1...8)
    func badNetwork(seed: UInt64) throws {
        let hall = try Hall(
            .init(lostPerMille: 100, repeatedPerMille: 50, delayMilliseconds: 5...40), seed: seed &* 101)
        let speaker = try hall.admit(.publish, participant: 7)
        let listeners = try [1, 2, 3].map { try hall.admit(.listen(slots: $0), participant: 100 + UInt32($0)) }
        hall.connectAll(milliseconds: 12_000)
        hall.change(.merged)
        let said = (0..<500).map { voice(7, $0) }
        for (number, payload) in said.enumerated() {
            hall.say(payload, speaker, level: speechLevel(number, base: 25))
            hall.run(milliseconds: 20)
        }
        hall.run(milliseconds: 400)
        for listener in listeners {
            let frames = Self.frames(listener.heard, of: 7)
            let numbers = frames.map { Int($0.bytes[1]) << 8 | Int($0.bytes[2]) }
            let isOrdered = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
            #expect(isOrdered, "seed \(seed)")
            let isTimed = zip(frames, numbers).allSatisfy {
                $0.timestamp &- frames[0].timestamp == UInt32(truncatingIfNeeded: 960 * ($1 - numbers[0]))
            }
            #expect(isTimed, "seed \(seed)")
            #expect(frames.allSatisfy { $0.bytes.dropFirst(3).allSatisfy { $0 == 7 } })
            // A tenth is lost on the way in for good; what is lost on the way out comes again.
            #expect(numbers.count > 400)
        }
    }

    @Test(
        "Disorder on the way in costs nothing: a late packet finds the number that was left free for it",
        arguments: 1...6)
    func disorder(seed: UInt64) throws {
        let hall = try Hall(seed: seed)
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 1), participant: 8)
        hall.connectAll()
        hall.change(.merged)
        for number in 0..<300 {
            // Only the speaker's packets take the long way, sometimes.
            hall.link.conditions.delayMilliseconds = number % 7 == Int(seed) % 7 ? 70...70 : 1...1
            hall.say(voice(7, number), speaker, level: 30)
            hall.link.conditions.delayMilliseconds = 1...1
            hall.run(milliseconds: 20)
        }
        hall.run(milliseconds: 200)
        let numbers = Self.frames(listener.heard, of: 7).map { Int($0.bytes[1]) << 8 | Int($0.bytes[2]) }
        let isAll = numbers == Array(0..<300)
        #expect(isAll, "\(numbers.count), seed \(seed)")
        let indices = listener.indices(slot: 0).sorted()
        let isWhole = indices == (0..<indices.count).map { indices[0] + UInt64($0) }
        #expect(isWhole)
    }

    @Test("Numbers of a slot: what is merged takes none, what is late finds its own, what is too old none")
    func numbering() {
        var numbering = SlotNumbering(source: 100, index: 7)
        #expect(numbering.index(of: 99) == nil)
        #expect(numbering.index(of: 102) == 9)
        numbering.absorb(101)
        numbering.absorb(102)
        #expect(numbering.index(of: 100) == 7 && numbering.index(of: 103) == 8)
        // 103 does not come; 104 and 105 share a packet.
        #expect(numbering.index(of: 104) == 9)
        numbering.absorb(105)
        #expect(numbering.index(of: 106) == 10 && numbering.index(of: 103) == 8)
        for group in 0..<8 { numbering.absorb(UInt64(200 + 10 * group)) }
        #expect(numbering.index(of: 103) == nil)
    }
}
