import BoxOffice
import Simulation
import Testing
import Values

@Suite struct DeliveryTests {
    private let rule = DeliveryRule(wholeFrom: BasisPoints(9_500))

    @Test(
        arguments: [
            (0, 500), (1_800, 250), (3_419, 25), (3_420, 0), (3_600, 0), (9_999, 0), (-5, 500),
        ] as [(Int64, Int64)])
    func `what was not held comes back, unless nearly all was`(held: Int64, back: Int64) {
        let delivery = Delivery(promisedSeconds: 3_600, deliveredSeconds: held)
        #expect(delivery.due(of: Money(500, .eur), under: rule) == Money(back, .eur))
        #expect(delivery.isWhole(under: rule) == (back == 0))
    }

    @Test func `more held never gives more back, and nothing gives back more than there is`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let promised = Int64.random(in: 1...100_000, using: &generator)
            let held = Int64.random(in: 0...promised, using: &generator)
            let rule = DeliveryRule(wholeFrom: BasisPoints(.random(in: 1...10_000, using: &generator)))
            let money = Money(.random(in: 0...1_000_000_000, using: &generator), .eur)
            let due = Delivery(promisedSeconds: promised, deliveredSeconds: held).due(of: money, under: rule)
            let more = Delivery(promisedSeconds: promised, deliveredSeconds: min(promised, held + 1))
            #expect((0...money.minorUnits).contains(due.minorUnits))
            #expect(more.due(of: money, under: rule).minorUnits <= due.minorUnits)
        }
    }
}
