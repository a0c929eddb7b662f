import Payouts
import Simulation
import Testing
import Values

@Suite("Pots")
struct PoolTests {
    private static let start = Instant(seconds: 0)

    private func heard(_ name: String, _ minutes: Int64, _ listeners: Int = 5) -> HostListening {
        HostListening(host: .derived(at: Self.start, from: name), minutes: minutes, listeners: listeners)
    }

    @Test("whoever reaches the cap leaves, and the rest is shared again")
    func capped() {
        let shares = sharePot(
            10_000, cap: 4_000, minUniqueListeners: 1, among: [heard("a", 70), heard("b", 20), heard("c", 10)])
        #expect(shares.map(\.amount) == [4_000, 4_000, 2_000])
        // Nobody can take the rest: it stays.
        #expect(sharePot(10_000, cap: 4_000, minUniqueListeners: 1, among: [heard("a", 1)]).map(\.amount) == [4_000])
        #expect(sharePot(10_000, cap: 0, minUniqueListeners: 1, among: [heard("a", 1)]).map(\.amount) == [0])
        #expect(sharePot(10_000, cap: 10_000, minUniqueListeners: 1, among: []).isEmpty)
    }

    @Test("hosts with too few listeners take no part, and silence gets nothing")
    func eligible() {
        let shares = sharePot(
            900, cap: 900, minUniqueListeners: 2, among: [heard("a", 50, 1), heard("b", 30, 2), heard("c", 0, 9)])
        #expect(shares.map(\.isEligible) == [false, true, true])
        #expect(shares.map(\.amount) == [0, 900, 0])
    }

    @Test("give each host what exact fractions say, at most the cap, and never more than there is")
    func property() {
        for seed in UInt64(1)...400 {
            var generator = SeededGenerator(seed: seed)
            let pot = Int64.random(in: 0...100_000, using: &generator)
            let terms = PotTerms(
                amount: pot, hostCap: BasisPoints(Int64.random(in: 0...10_000, using: &generator)),
                minUniqueListeners: Int.random(in: 0...3, using: &generator),
                listening: ListeningTerms(roomCapMinutes: nil, dayCapMinutes: nil, minSeconds: 60))
            let hosts = (0..<Int.random(in: 0...9, using: &generator)).map {
                heard("h\($0)", Int64.random(in: 0...50, using: &generator), Int.random(in: 0...4, using: &generator))
            }
            let shares = sharePot(pot, cap: terms.cap, minUniqueListeners: terms.minUniqueListeners, among: hosts)
            let sum = shares.reduce(0) { $0 + $1.amount }
            #expect(sum <= pot, "seed \(seed)")
            #expect(shares.allSatisfy { $0.amount <= terms.cap && ($0.isEligible || $0.amount == 0) }, "seed \(seed)")
            let open = shares.filter { $0.isEligible && $0.heard.minutes > 0 && $0.amount < terms.cap }
            // What is left is left only where everybody has the cap.
            #expect(sum == pot || open.isEmpty, "seed \(seed)")
            // Whoever did not reach the cap got the same for the same minutes, to the unit.
            for (first, second) in zip(open, open.dropFirst()) {
                let left = Int128(first.amount) * Int128(second.heard.minutes)
                let right = Int128(second.amount) * Int128(first.heard.minutes)
                #expect(
                    (left - right).magnitude <= UInt128(first.heard.minutes + second.heard.minutes), "seed \(seed)")
            }
            // Hearing more never gets less.
            for one in shares where one.isEligible {
                for other in shares where other.isEligible && other.heard.minutes > one.heard.minutes {
                    #expect(other.amount >= one.amount, "seed \(seed)")
                }
            }
        }
    }

    @Test("a rate card pays hours, caps hosts, and divides its budget when it is too small")
    func rateCard() {
        func terms(_ budget: Int64, cap: Int64? = nil) -> RateCardTerms {
            RateCardTerms(
                perHour: 100, budget: budget, hostCap: cap, minUniqueListeners: 1,
                listening: ListeningTerms(roomCapMinutes: nil, dayCapMinutes: nil, minSeconds: 60))
        }
        let hosts = [heard("a", 90), heard("b", 45), heard("c", 60, 0)]
        #expect(payByRate(terms(1_000), to: hosts).map(\.amount) == [150, 75, 0])
        #expect(payByRate(terms(1_000, cap: 100), to: hosts).map(\.amount) == [100, 75, 0])
        #expect(payByRate(terms(100), to: hosts).map(\.amount) == [67, 33, 0])
        #expect(payByRate(terms(0), to: hosts).map(\.amount) == [0, 0, 0])
    }

    @Test("a user-centric pot follows each listener's own minutes")
    func userCentric() throws {
        let rooms = ["a", "b"].map { name in
            FundRoom(
                id: .derived(at: Self.start, from: name), owner: heard(name, 0).host, cohosts: [], startsAt: Self.start,
                endsAt: Self.start.advanced(bySeconds: 60))
        }
        let byID = Dictionary(uniqueKeysWithValues: rooms.map { ($0.id, $0) })
        var sums = UserCentricSums()
        // One who hears much and one who hears little count the same.
        sums.add("lea", [rooms[0].id: 600], in: byID)
        sums.add("max", [rooms[1].id: 1], in: byID)
        sums.add("ned", [rooms[0].id: 1, rooms[1].id: 3], in: byID)
        let terms = PotTerms(
            amount: 1_200, hostCap: BasisPoints(10_000), minUniqueListeners: 1,
            listening: ListeningTerms(roomCapMinutes: nil, dayCapMinutes: nil, minSeconds: 60))
        let shares = Dictionary(uniqueKeysWithValues: sums.share(terms).map { ($0.heard.host, $0.amount) })
        #expect(shares[rooms[0].owner] == 500)
        #expect(shares[rooms[1].owner] == 700)
        let few = PotTerms(
            amount: 1_200, hostCap: BasisPoints(5_000), minUniqueListeners: 3, listening: terms.listening)
        #expect(sums.share(few).allSatisfy { $0.amount == 0 })
    }
}
