import Simulation
import Testing

@testable import AudioRelay

@Suite struct DeadlineTableTests {
    @Test func `what is due is what a look at all moments finds, and the earliest is the earliest`() {
        var random = SeededGenerator(seed: 4_711)
        var table = DeadlineTable()
        var naive: [MonotonicInstant] = []
        var now: UInt64 = 0
        for _ in 0..<20_000 {
            switch random.next() % 8 {
            case 0 where naive.count < 300:
                table.append()
                naive.append(.never)
            case 1:
                now += random.next() % 50
                let due = naive.indices.filter { naive[$0].nanoseconds <= now }
                var found: [Int] = []
                var next = 0
                while let index = table.firstDue(from: next, by: MonotonicInstant(nanoseconds: now)) {
                    found.append(index)
                    next = index + 1
                }
                #expect(found == due)
                table.settle()
                #expect(table.earliest == naive.min() ?? .never)
            default:
                guard !naive.isEmpty else { continue }
                let index = Int(random.next() % UInt64(naive.count))
                let moment =
                    random.next() % 5 == 0
                    ? MonotonicInstant.never : MonotonicInstant(nanoseconds: now + random.next() % 1_000)
                table.set(moment, at: index)
                naive[index] = moment
                #expect(table.earliest <= naive.min() ?? .never)
                #expect(table[index] == moment)
            }
        }
        #expect(naive.count == 300)
    }
}
