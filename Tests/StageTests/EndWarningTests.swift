import Simulation
import Stage
import Testing
import Values

@Suite struct EndWarningTests {
    private let start = Instant(seconds: 1_772_395_200)

    /// The warnings of a ticket that is looked at every quarter of a second.
    private func warnings(
        end: Int64, from: Int64 = 0, moves: [Int64: Int64] = [:]
    ) -> [(at: Double, level: Int64)] {
        var warnings = EndWarnings(end: start.advanced(bySeconds: end))
        var found: [(Double, Int64)] = []
        for quarter in (from * 4)..<4_000 {
            if quarter % 4 == 0, let moved = moves[quarter / 4] { warnings.move(to: start.advanced(bySeconds: moved)) }
            let now = start.advanced(byMicroseconds: quarter * 250_000)
            if let level = warnings.due(at: now) { found.append((Double(quarter) / 4, level)) }
        }
        return found
    }

    @Test func `a warning comes five minutes and one minute before the end, each once`() {
        let found = warnings(end: 600)
        #expect(found.map(\.at) == [300, 540] && found.map(\.level) == [300, 60])
    }

    @Test func `who comes late hears what holds, and after the end nothing`() {
        #expect(warnings(end: 600, from: 400).map(\.at) == [400, 540])
        let late = warnings(end: 600, from: 570)
        #expect(late.map(\.at) == [570] && late.map(\.level) == [60])
        #expect(warnings(end: 600, from: 600).isEmpty)
    }

    @Test func `an end that moves brings its own warnings, at their new times`() {
        // Bought after the first warning, and again after the second.
        let found = warnings(end: 400, moves: [200: 700, 650: 900])
        #expect(found.map(\.at) == [100, 400, 640, 650, 840], "\(found)")
        #expect(found.map(\.level) == [300, 300, 60, 300, 60])
        // The same end again is none, and one that comes nearer is one.
        #expect(warnings(end: 600, moves: [350: 600]).map(\.at) == [300, 540])
        #expect(warnings(end: 900, moves: [350: 380]).map(\.level) == [60])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `whatever moves, a warning is true when it is given, and the last minute has its own`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var end = Int64.random(in: 100...900, using: &generator)
        var warnings = EndWarnings(end: start.advanced(bySeconds: end))
        var given: Set<Int64> = []
        for second in 0..<1_000 as Range<Int64> {
            if Int.random(in: 0..<60, using: &generator) == 0 {
                let moved = second + Int64.random(in: -50...500, using: &generator)
                if moved != end { given = [] }
                end = moved
                warnings.move(to: start.advanced(bySeconds: end))
            }
            let level = warnings.due(at: start.advanced(bySeconds: second))
            let left = end - second
            if let level {
                #expect(left > 0 && left <= level && given.insert(level).inserted, "seed \(seed), second \(second)")
            }
            if left > 0, left <= 60 { #expect(given.contains(60), "seed \(seed), second \(second)") }
            if left > 60, left <= 300 { #expect(given.contains(300), "seed \(seed), second \(second)") }
            if left > 300 { #expect(given.isEmpty, "seed \(seed), second \(second)") }
        }
    }
}
