import BoxOffice
import Payouts
import Schemas
import Simulation
import Testing
import Values

@Suite("Reserves")
struct ReserveTests {
    private let day = LocalDay(daysSince1970: 20_000)

    private func terms(_ reserve: Int64, days: Int) throws -> RiskTerms {
        try #require(RiskTerms(extraHoldDays: 0, reserve: BasisPoints(reserve), reserveDays: days))
    }

    private func standing(
        _ available: Int64, fresh: Int64 = 0, reversed: Int64 = 0, _ open: [OpenReserve] = []
    ) -> ReserveStanding {
        ReserveStanding(available: available, fresh: fresh, reversed: reversed, open: open)
    }

    @Test("hold back the class's part of what becomes available, half up, and of nothing else")
    func held() throws {
        let terms = try self.terms(1_000, days: 30)
        let until = day.advanced(byDays: 30)
        #expect(decideReserves(standing(105, fresh: 105), under: terms, on: day) == [.held(amount: 11, until: until)])
        #expect(decideReserves(standing(104, fresh: 104), under: terms, on: day) == [.held(amount: 10, until: until)])
        // What a fund gave, or what waits since another night, is not held back again.
        #expect(decideReserves(standing(500), under: terms, on: day) == [])
        #expect(decideReserves(standing(900, fresh: 100), under: terms, on: day) == [.held(amount: 10, until: until)])
        #expect(decideReserves(standing(4, fresh: 4), under: terms, on: day) == [])
        #expect(decideReserves(standing(100, fresh: 100), under: nil, on: day) == [])
        #expect(decideReserves(standing(100, fresh: 100), under: try self.terms(0, days: 0), on: day) == [])
    }

    @Test("pay for debts in their order, and hold back of the rest only")
    func netting() throws {
        let terms = try self.terms(5_000, days: 10)
        let first = OpenReserve(number: 2, left: 30, until: day.advanced(byDays: 1))
        let second = OpenReserve(number: 1, left: 40, until: day.advanced(byDays: 2))
        let due = OpenReserve(number: 3, left: 7, until: day)
        // Reversals first, from the one that ends first.
        #expect(
            decideReserves(standing(90, fresh: 120, reversed: 50, [second, due, first]), under: terms, on: day)
                == [
                    .released(due), .used(first, amount: 30), .used(second, amount: 20),
                    .held(amount: 60, until: day.advanced(byDays: 10)),
                ])
        // A balance below zero takes all that there is, and waits with the rest.
        #expect(
            decideReserves(standing(-100, fresh: 20, [first, second]), under: terms, on: day)
                == [.used(first, amount: 30), .used(second, amount: 40)])
        #expect(
            decideReserves(standing(-25, fresh: 20, [first]), under: terms, on: day) == [.used(first, amount: 25)])
        #expect(decideReserves(standing(-5), under: terms, on: day) == [])
        // New money paid the debt: only what is left of it is held back.
        #expect(
            decideReserves(standing(10, fresh: 100), under: terms, on: day)
                == [.held(amount: 5, until: day.advanced(byDays: 10))])
    }

    @Test("over many nights nothing is made or lost, and none is taken twice", arguments: UInt64(1)...20)
    func property(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var open: [OpenReserve] = []
        var carried: Int64 = 0
        var earned: Int64 = 0
        var paid: Int64 = 0
        var number: Int64 = 0
        for night in 0..<200 {
            let day = self.day.advanced(byDays: night)
            let fresh = Int64.random(in: 0...500, using: &generator)
            let reversed =
                Int.random(in: 0...3, using: &generator) == 0 ? Int64.random(in: 0...600, using: &generator) : 0
            earned += fresh - reversed
            let due = open.filter { $0.until <= day }.reduce(0) { $0 + $1.left }
            let available = carried + fresh - reversed + due
            let bp: Int64 = [0, 1, 999, 5_000, 10_000].randomElement(using: &generator) ?? 0
            let days = bp == 0 ? 0 : Int.random(in: 1...40, using: &generator)
            let terms = try self.terms(bp, days: days)
            let moves = decideReserves(
                standing(available, fresh: fresh, reversed: reversed, open), under: terms, on: day)
            var left = Dictionary(uniqueKeysWithValues: open.map { ($0.number, $0) })
            var after = available
            for move in moves {
                switch move {
                case .released(let reserve):
                    let removed = left.removeValue(forKey: reserve.number)
                    #expect(removed == reserve && reserve.until <= day, "seed \(seed)")
                case .used(let reserve, let amount):
                    #expect(left[reserve.number] == reserve && (1...reserve.left).contains(amount), "seed \(seed)")
                    after += amount
                    left[reserve.number] = nil
                    if amount < reserve.left {
                        left[reserve.number] = OpenReserve(
                            number: reserve.number, left: reserve.left - amount, until: reserve.until)
                    }
                case .held(let amount, let until):
                    number += 1
                    after -= amount
                    #expect(amount > 0 && until > day, "seed \(seed)")
                    left[number] = OpenReserve(number: number, left: amount, until: until)
                }
            }
            // A reserve makes no debt, and none waits while there is a debt.
            #expect(after >= 0 || left.values.allSatisfy { $0.until <= day }, "seed \(seed) night \(night)")
            open = left.values.sorted { $0.number < $1.number }
            paid += max(0, after)
            carried = min(0, after)
            #expect(open.reduce(0) { $0 + $1.left } + paid + carried == earned, "seed \(seed) night \(night)")
        }
    }

    @Test("classes are read with their bounds, and the newest version goes by the bare name")
    func book() throws {
        let book = try RiskClassBook(json: RiskClassPresets.json)
        #expect(book.classes.map(\.name) == ["elevated", "high", "new", "standard"])
        #expect(book["standard"]?.terms == RiskTerms(extraHoldDays: 0, reserve: BasisPoints(0), reserveDays: 0))
        func row(_ version: Int, _ extra: Int = 0, _ reserve: Int = 0, _ days: Int = 0) -> String {
            """
            {"name":"a","version":\(version),"meaning":"m","extra_hold_days":\(extra),"reserve_bp":\(reserve),\
            "reserve_days":\(days)}
            """
        }
        func read(_ rows: String...) throws(RiskClassFault) -> RiskClassBook {
            try RiskClassBook(json: Array("{\"classes\":[\(rows.joined(separator: ","))]}".utf8))
        }
        let versions = try read(row(2, 5), row(10, 6), row(1, 4))
        #expect(versions["a"]?.version == 10 && versions["a/2"]?.terms.extraHoldDays == 5 && versions["b"] == nil)
        for wrong in [row(0), row(1, -1), row(1, 366), row(1, 0, 10_001, 1), row(1, 0, 5, 0), row(1, 0, 0, 5), "{}"] {
            #expect(throws: RiskClassFault.self, "\(wrong)") { try read(wrong) }
        }
        #expect(throws: RiskClassFault.self) { try read(row(1), row(1)) }
    }
}
