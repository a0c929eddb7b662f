import Foundation
import MediaWire
import Simulation
import Stage
import Testing
import Values

@testable import AudioRelay
@testable import RoomClient

/// The load generator: what it counts, and a whole test against a real gateway.
@Suite struct LoadGeneratorTests {
    private func read(_ packet: [UInt8]) -> LoadFrame? {
        packet.withUnsafeBytes { LoadFrame(UnsafeRawBufferPointer(rebasing: $0.dropFirst())) }
    }

    private func heard(_ payload: [UInt8]) -> HeardPacket {
        HeardPacket(slot: 0, index: 0, timestamp: 0, contributors: [], level: nil, payload: payload)
    }

    @Test func `a frame says whose it is, its number and its time, and a changed byte is noticed`() {
        let frame = LoadFrame(voice: 2, number: 70_001, sentAtNanoseconds: 123_456_789_012)
        let payload = frame.payload
        #expect(payload.count == LoadFrame.payloadBytes)
        #expect(OpusPacket.sampleCount(payload) == LoadFrame.sampleCount)
        #expect(read(payload) == frame)
        for place in [1, 50, 99] {
            var changed = payload
            changed[place] ^= 1
            #expect(read(changed) == nil)
        }
        let uncounted = LoadFrame(voice: 0, number: nil, sentAtNanoseconds: 1)
        #expect(read(uncounted.payload) == uncounted)
    }

    @Test func `losses, repetitions and disorder are counted frame by frame, merged or not`() {
        var tally = ListenerTally()
        var delays = DelayHistogram()
        func payload(_ number: UInt32?, voice: Int = 1) -> [UInt8] {
            LoadFrame(voice: voice, number: number, sentAtNanoseconds: 1_000_000).payload
        }
        for number: UInt32 in [0, 1, 3, 2, 2, 7] {
            tally.note(heard(payload(number)), atNanoseconds: 6_000_000, delays: &delays)
        }
        #expect((tally.frames, tally.duplicates, tally.reordered, tally.packets) == (5, 1, 1, 6))
        // Two frames in one packet, one of them heard before.
        let merged = [payload(7)[0] | 1] + payload(7).dropFirst() + payload(8).dropFirst()
        tally.note(heard(Array(merged)), atNanoseconds: 6_000_000, delays: &delays)
        #expect((tally.frames, tally.duplicates, tally.packets) == (6, 2, 7))
        // What is not counted, another voice's, and what is none of ours.
        tally.note(heard(payload(nil)), atNanoseconds: 6_000_000, delays: &delays)
        tally.note(heard(payload(0, voice: 2)), atNanoseconds: 6_000_000, delays: &delays)
        tally.note(heard([0xF8, 1, 2, 3]), atNanoseconds: 6_000_000, delays: &delays)
        #expect((tally.frames, tally.damaged, tally.packets) == (7, 1, 8))
        #expect(delays.count == 9 && delays.percentile(0.5) == 5_000)
    }

    @Test func `percentiles are right within a fiftieth`() throws {
        var random = SeededGenerator(seed: 7)
        var histogram = DelayHistogram()
        var all: [UInt64] = []
        for _ in 0..<10_000 {
            let value = UInt64.random(in: 0...1 << UInt64.random(in: 0...24, using: &random), using: &random)
            histogram.note(microseconds: value)
            all.append(value)
        }
        all.sort()
        for share in [0.01, 0.5, 0.9, 0.99, 1.0] {
            let exact = Double(all[Int((10_000 * share).rounded(.up)) - 1])
            let found = Double(try #require(histogram.percentile(share)))
            #expect(found >= exact && found <= exact * 1.02 + 1)
        }
        #expect(DelayHistogram().percentile(0.5) == nil)
    }

    @Test func `this process is found by its number, and no other is made up`() {
        let own = ServerProcess(id: getpid())
        #expect((own?.cpuSeconds() ?? -1) >= 0 && (own?.residentBytes() ?? 0) > 1 << 20)
        #expect(ServerProcess(id: Int32.max) == nil)
        #expect(ServerProcess(listeningOn: 1) == nil)
    }

    @Test(.timeLimit(.minutes(2)))
    func `voices and listeners of one process meet in a gateway, and every frame is accounted for`() async throws {
        try await TestHouse.open(capacity: 20) { house in
            var plan = LoadPlan()
            (plan.voices, plan.listeners, plan.joinsPerSecond) = (2, 8, 50)
            (plan.seconds, plan.warmUpSeconds) = (2, 0.5)
            let voices = [Role.host, .speaker].map { house.ticket($0).token }
            let listeners = (0..<plan.listeners).map { _ in house.ticket(.listener).token }
            // One more listener than there are good tickets.
            var tokens = listeners
            tokens[7] = "not.a.ticket"
            let test = LoadTest(
                plan, target: .room("\(house.origin)/rooms/\(house.room.room)", voices: voices, listeners: tokens),
                server: ServerProcess(id: getpid()), http: house.http)
            let report = try await test.run { _ in }
            #expect(report.joins.joined == 7)
            #expect(report.joins.failures.values.reduce(0, +) == 1)
            #expect(report.sound.framesSent > 100, "2 voices for 2 s are 200 frames")
            #expect(report.sound.framesExpected == report.sound.framesSent * 7)
            #expect(report.sound.framesHeard > report.sound.framesSent * 6, "the machine may be busy, but not deaf")
            #expect(report.sound.duplicates == 0 && report.sound.damaged == 0)
            #expect(report.sound.ended.isEmpty)
            #expect((report.delay?.p50Milliseconds ?? 0) > 0)
            #expect((report.server?.cpuSeconds ?? 0) > 0)
        }
    }
}
