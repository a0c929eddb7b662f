import BoxOffice
import Payouts
import Simulation
import Testing
import Values

@Suite("Brackets")
struct TierTests {
    let tiers = [
        Tier(upTo: 1_000, rate: BasisPoints(9_700)), Tier(upTo: 5_000, rate: BasisPoints(9_000)),
        Tier(upTo: nil, rate: BasisPoints(8_000)),
    ]

    @Test("are filled from the lowest free capacity on")
    func filled() {
        var use = TierUse()
        #expect(use.lay(600, over: tiers) == [600, 0, 0])
        #expect(use.lay(5_000, over: tiers) == [400, 4_000, 600])
        #expect(use.lay(10, over: tiers) == [0, 0, 10])
        use.giveBack([600, 0, 0], from: 0, to: 300, of: 600)
        #expect(use.used == [700, 4_000, 610])
        #expect(use.lay(400, over: tiers) == [300, 0, 100])
        #expect(use.lay(0, over: tiers) == [0, 0, 0])
    }

    @Test("that an older policy had filled wider have nothing free, and nothing is lost")
    func narrower() {
        var use = TierUse(used: [3_000])
        #expect(use.lay(500, over: tiers) == [0, 500, 0])
        #expect(use.used == [3_000, 500, 0])
    }

    @Test("are never overfilled nor below zero, whatever is sold and given back in any steps")
    func property() throws {
        struct Sold {
            let parts: [Int64]
            let gross: Int64
            var reversed: Int64
        }
        for seed in UInt64(1)...40 {
            var generator = SeededGenerator(seed: seed)
            var use = TierUse()
            var sold: [Sold] = []
            for _ in 0..<120 {
                if Bool.random(using: &generator) || sold.isEmpty {
                    let gross = Int64.random(in: 1...900, using: &generator)
                    let base = Int64.random(in: 0...gross, using: &generator)
                    let parts = use.lay(base, over: tiers)
                    #expect(parts.reduce(0, +) == base, "seed \(seed)")
                    sold.append(Sold(parts: parts, gross: gross, reversed: 0))
                } else {
                    let index = Int.random(in: sold.indices, using: &generator)
                    let before = sold[index].reversed
                    let after = Int64.random(in: before...sold[index].gross, using: &generator)
                    use.giveBack(sold[index].parts, from: before, to: after, of: sold[index].gross)
                    sold[index].reversed = after
                }
                #expect(use.used.allSatisfy { $0 >= 0 }, "seed \(seed)")
                #expect(use.used[0] <= 1_000 && use.used[1] <= 4_000, "seed \(seed)")
            }
            for order in sold { use.giveBack(order.parts, from: order.reversed, to: order.gross, of: order.gross) }
            #expect(use.used == [0, 0, 0], "seed \(seed)")
        }
    }

    @Test("a crossing sale is divided once, and the shares of all hosts sum to it")
    func shares() throws {
        var generator = SeededGenerator(seed: 1_004)
        let at = Instant(seconds: 0)
        for _ in 0..<1_000 {
            let gross = Int64.random(in: 1...20_000, using: &generator)
            let first = Int64.random(in: 0...10_000, using: &generator)
            let order = try #require(
                Order(
                    id: .make(at: at, using: &generator), room: .make(at: at, using: &generator),
                    owner: .make(at: at, using: &generator),
                    cohosts: [
                        CohostShare(host: .make(at: at, using: &generator), share: BasisPoints(first)),
                        CohostShare(host: .make(at: at, using: &generator), share: BasisPoints(10_000 - first)),
                    ], holder: .make(at: at, using: &generator), ticket: .make(at: at, using: &generator),
                    priceVersion: 1, gross: Money(gross, .eur), vat: 0, fee: 0, feeIsRefundable: false, policy: "p",
                    soldAt: at))
            var use = TierUse(used: [Int64.random(in: 0...1_000, using: &generator)])
            let split = rate(order, over: tiers, use: &use)
            let exact = zip(split.parts, tiers).reduce(Int64(0)) { $0 + $1.0 * $1.1.rate.value }
            #expect(split.hostShare == (exact + 5_000) / 10_000, "seed \(generator.seed)")
            #expect(split.hostShare + split.platform == gross, "seed \(generator.seed)")
            #expect(split.shares.map(\.host) == [order.owner] + order.cohosts.map(\.host))
            #expect(split.shares[0].amount.isZero, "the owner gave everything away")
        }
    }
}
