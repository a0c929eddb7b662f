import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("Pace")
struct PaceTests {
    private static let millisecond: UInt64 = 1_000_000

    /// Runs a governor for some time at a share of a core, in thousandths, with a reading every 50 ms.
    private struct Thread {
        var governor = PaceGovernor()
        var now = MonotonicInstant(nanoseconds: 1_000)
        var cpu: UInt64 = 7
        var steps: [Pace] = []

        mutating func work(perMille: UInt64, milliseconds: UInt64) {
            for _ in 0..<milliseconds / 50 {
                now = now.advanced(byMilliseconds: 50)
                cpu += 50 * PaceTests.millisecond * perMille / 1_000
                if let pace = governor.note(cpuNanoseconds: cpu, at: now) { steps.append(pace) }
            }
        }
    }

    @Test("A busy thread climbs a step a window up to the slowest pace that it may have, and no further")
    func climbs() {
        var thread = Thread()
        thread.work(perMille: 499, milliseconds: 10_000)
        #expect(thread.steps.isEmpty)
        thread.work(perMille: 501, milliseconds: 10_000)
        #expect(thread.steps == [.tick5, .tick10, .tick20, .merged])
        thread = Thread()
        thread.governor = PaceGovernor(PaceRange(quickest: .atOnce, slowest: .tick20))
        thread.work(perMille: 1_000, milliseconds: 10_000)
        #expect(thread.steps == [.tick5, .tick10, .tick20])
    }

    @Test("Whoever says that less is busy gets less that is calm, too")
    func busyPercent() {
        var thread = Thread()
        var range = PaceRange.auto
        range.busyPercent = 10
        thread.governor = PaceGovernor(range)
        thread.work(perMille: 99, milliseconds: 10_000)
        #expect(thread.steps.isEmpty)
        thread.work(perMille: 101, milliseconds: 400)
        #expect(thread.steps == [.tick5])
        thread.work(perMille: 41, milliseconds: 20_000)
        #expect(thread.steps == [.tick5])
        thread.work(perMille: 39, milliseconds: 6_000)
        #expect(thread.steps == [.tick5, .atOnce])
    }

    @Test("One that always merges neither climbs nor descends")
    func fixed() {
        var thread = Thread()
        thread.governor = PaceGovernor(PaceRange(quickest: .merged, slowest: .merged))
        thread.work(perMille: 1_000, milliseconds: 10_000)
        thread.work(perMille: 0, milliseconds: 60_000)
        #expect(thread.steps.isEmpty && thread.governor.pace == .merged)
    }

    @Test("Five calm seconds are one step down; half calm ones are none")
    func descends() {
        var thread = Thread()
        thread.governor = PaceGovernor(PaceRange(quickest: .atOnce, slowest: .tick20))
        thread.work(perMille: 900, milliseconds: 2_000)
        thread.work(perMille: 300, milliseconds: 60_000)
        #expect(thread.governor.pace == .tick20)
        thread.work(perMille: 100, milliseconds: 4_700)
        #expect(thread.governor.pace == .tick20)
        thread.work(perMille: 300, milliseconds: 500)
        thread.work(perMille: 100, milliseconds: 4_700)
        #expect(thread.governor.pace == .tick20)
        thread.work(perMille: 100, milliseconds: 600)
        #expect(thread.governor.pace == .tick10)
        thread.work(perMille: 0, milliseconds: 4_000)
        #expect(thread.governor.pace == .tick10)
        thread.work(perMille: 0, milliseconds: 60_000)
        #expect(thread.steps == [.tick5, .tick10, .tick20, .tick10, .tick5, .atOnce])
    }

    @Test("A load that costs twice as much at once as with a tick makes it change once and not flap")
    func hysteresis() {
        var thread = Thread()
        for _ in 0..<2_400 {
            // 0.55 of a core at once, down to 0.28 with 20 ms.
            let share: [UInt64] = [550, 450, 380, 280]
            thread.work(perMille: share[thread.governor.pace.rawValue], milliseconds: 50)
        }
        #expect(thread.steps == [.tick5])
    }

    @Test("A thread that slept for long is judged by the whole time that went by")
    func sleeps() {
        var governor = PaceGovernor()
        var now = MonotonicInstant(nanoseconds: 0)
        #expect(governor.note(cpuNanoseconds: 0, at: now) == nil)
        now = now.advanced(byMilliseconds: 10_000)
        #expect(governor.note(cpuNanoseconds: 300 * Self.millisecond, at: now) == nil)
        #expect(governor.pace == .atOnce)
        #expect(governor.nextReading == now.advanced(byMilliseconds: 250))
    }

    @Test(
        "A range is a pace, two of them in order, or auto",
        arguments: [
            ("auto", "at-once..merged"), ("at-once", "at-once"), ("20ms", "20ms"), ("at-once..20ms", "at-once..20ms"),
            ("merged..merged", "merged"), ("20ms..5ms", nil), ("", nil), ("..merged", nil), ("at-once.merged", nil),
            ("at-once...merged", nil), ("5ms..10ms..20ms", nil), ("30ms", nil), ("AUTO", nil),
        ])
    func rangesAsOperatorsWriteThem(text: String, range: String?) {
        #expect(PaceRange(text)?.description == range)
    }

    @Test("A due moment is within the tick and later than three quarters of it")
    func due() {
        var generator = SeededGenerator(seed: 4)
        for pace in Pace.allCases where pace != .atOnce {
            for _ in 0..<1_000 {
                let now = MonotonicInstant(nanoseconds: UInt64.random(in: 0...1 << 50, using: &generator))
                let wait = pace.due(after: now).nanoseconds(since: now)
                #expect(wait <= pace.tickMilliseconds * Self.millisecond)
                #expect(wait > pace.tickMilliseconds * Self.millisecond * 3 / 4 - 1)
            }
        }
    }
}
