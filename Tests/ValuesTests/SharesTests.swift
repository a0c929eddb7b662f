import Simulation
import Testing
import Values

@Suite("Rounding and shares")
struct SharesTests {
    @Test("Q is the rules' own formula, half up, without overflow")
    func quotient() {
        #expect(quotientHalfUp(1_000, 2_000, 12_000) == 167)
        #expect(quotientHalfUp(1, 1, 2) == 1)
        #expect(quotientHalfUp(0, 5, 7) == 0)
        #expect(quotientHalfUp(Money.limit, Money.limit, Money.limit) == Money.limit)
        var generator = SeededGenerator(seed: 10_000)
        for _ in 0..<3_000 {
            let c = Int64.random(in: 1...Money.limit, using: &generator)
            let a = Int64.random(in: 0...c, using: &generator)
            let b = Int64.random(in: 0...Money.limit, using: &generator)
            let q = Int128(quotientHalfUp(a, b, c))
            let (wide, divisor) = (Int128(a) * Int128(b), Int128(c))
            // q is the nearest integer to ab/c, and the upper one of two.
            #expect(2 * wide >= (2 * q - 1) * divisor && 2 * wide < (2 * q + 1) * divisor, "seed \(generator.seed)")
        }
    }

    @Test("largest remainder gives parts that sum exactly and lie within one unit of their quota")
    func largestRemainders() {
        var generator = SeededGenerator(seed: 97)
        for _ in 0..<1_000 {
            let total = Int64.random(in: 0...1_000_000, using: &generator)
            let count = Int.random(in: 1...9, using: &generator)
            var weights = (0..<count).map {
                (key: "host_\($0)", weight: Int64.random(in: 0...5_000, using: &generator))
            }
            weights[0].weight += 1
            let sum = weights.reduce(Int64(0)) { $0 + $1.weight }
            let parts = largestRemainder(total, by: weights)
            #expect(parts.reduce(0, +) == total, "seed \(generator.seed)")
            for (part, entry) in zip(parts, weights) {
                let floor = total * entry.weight / sum
                #expect(part == floor || part == floor + 1, "seed \(generator.seed)")
                if entry.weight == 0 { #expect(part == 0, "seed \(generator.seed)") }
            }
            // The order in which weights are given does not matter.
            let order = weights.indices.shuffled(using: &generator)
            let shuffled = largestRemainder(total, by: order.map { weights[$0] })
            #expect(order.indices.allSatisfy { shuffled[$0] == parts[order[$0]] }, "seed \(generator.seed)")
        }
    }

    @Test("ties go to the smaller key in byte order")
    func ties() {
        #expect(largestRemainder(1, by: [("b", 1), ("a", 1)]) == [0, 1])
        #expect(largestRemainder(2, by: [("é", 1), ("z", 1), ("a", 1)]) == [0, 1, 1])
        #expect(largestRemainder(779, by: [("ana", 5_000), ("bea", 3_000), ("cyd", 2_000)]) == [389, 234, 156])
    }
}
