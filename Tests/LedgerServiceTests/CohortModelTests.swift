import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Payouts
import Simulation
import Store
import Testing
import Values

@testable import LedgerService

/// What a cohort must be, by naive bookkeeping: everything is added up again from the first fact each time.
private struct CohortModel {
    struct Place {
        let host: HostID
        let from, to: LocalDay
        /// Months that counted when it was given.
        let counted: (LocalMonth) -> Bool
        var ended: (last: LocalDay, counted: (LocalMonth) -> Bool)?
        var isComplete = false

        var isHeld: Bool { ended == nil && !isComplete }
    }

    let stipend: Int64
    let cap: Int
    var paidIn: Int64 = 0
    var given: Int64 = 0
    var places: [Place] = []
    /// A month that did not close before this one never does.
    var closedThrough: LocalMonth?

    private func thursdays(_ month: LocalMonth) -> [LocalDay] {
        (0..<31).map { month.firstDay.advanced(byDays: $0) }
            .filter { $0 <= month.lastDay && ($0.daysSince1970 % 7 + 7) % 7 == 0 }
    }

    /// The most of a month for days, week by week and day by day.
    private func most(_ month: LocalMonth, _ from: LocalDay, _ to: LocalDay) -> Int64 {
        let all = thursdays(month)
        let whole = all.filter { thursday in
            (-3...3).allSatisfy { from <= thursday.advanced(byDays: $0) && thursday.advanced(byDays: $0) <= to }
        }
        return (2 * stipend * Int64(whole.count) + Int64(all.count)) / (2 * Int64(all.count))
    }

    private func months(_ place: Place) -> Set<LocalMonth> {
        var found: Set<LocalMonth> = []
        var day = place.from.advanced(byDays: -7)
        while day <= place.to.advanced(byDays: 7) {
            if (day.daysSince1970 % 7 + 7) % 7 == 0, day.advanced(byDays: 3) >= place.from,
                day.advanced(byDays: -3) <= place.to
            {
                found.insert(LocalMonth(of: day))
            }
            day = day.advanced(byDays: 1)
        }
        return found
    }

    func reserved(_ place: Place) -> Int64 {
        months(place).filter { month in closedThrough.map { $0 < month } ?? true && place.counted(month) }.reduce(0) {
            sum, month in
            let first = most(month, place.from, place.to)
            guard let ended = place.ended, ended.counted(month) else { return sum + first }
            return sum + min(first, most(month, place.from, ended.last))
        }
    }

    var committed: Int64 { places.reduce(0) { $0 + reserved($1) } }
    var held: Int { places.count(where: \.isHeld) }

    mutating func close(_ month: LocalMonth) {
        for place in places where place.counted(month) {
            var last = place.to
            if let ended = place.ended, ended.counted(month) { last = min(last, ended.last) }
            if last >= place.from { given += most(month, place.from, last) }
        }
        closedThrough = month
        for index in places.indices where places[index].isHeld && months(places[index]).allSatisfy({ $0 <= month }) {
            places[index].isComplete = true
        }
    }
}

@Suite struct CohortModelTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `whatever is decided in whatever order, cap and account hold, and the books are the model's`(
        seed: UInt64
    ) async throws {
        let house = try await House()
        let service = house.service
        var generator = SeededGenerator(seed: seed)
        let json = """
            {"name":"spark","kind":"stipend","currency":"EUR","stipend":9999,"mode":"prorata","rooms_per_week":0,\
            "min_room_minutes":0,"min_room_listeners":0,"close_lag_days":5,"cohort":{"places":3}}
            """
        let terms = try JSONDecoder().decode(FundProgram.self, from: Data(json.utf8))
        func once() throws -> IdempotencyKey { try #require(IdempotencyKey(UUID().uuidString)) }
        _ = try await service.setFund(terms, key: once(), by: .finance)
        var hosts: [HostID] = []
        for number in 0..<6 { hosts.append(try await service.createHost(name: "H\(number)", by: .operator).host.host) }
        var model = CohortModel(stipend: 9_999, cap: 3)
        let calendar = service.settings.housePolicy.calendar
        var day = try #require(LocalDay("2026-03-02"))
        var lastNight: LocalDay?
        var accepted = 0
        for step in 0..<90 {
            let now = service.clock.now()
            let counted: (LocalMonth) -> Bool = { now < calendar.cutoff(of: terms.closingDay(of: $0)) }
            let host = try #require(hosts.randomElement(using: &generator))
            do {
                switch Int.random(in: 0..<8, using: &generator) {
                case 0:
                    let amount = Int64.random(in: -20_000...40_000, using: &generator)
                    _ = try await service.endow(
                        "spark", by: Money(amount, .eur), because: "x", key: once(), by: .finance)
                    model.paidIn += amount
                case 1:
                    _ = try await service.apply(
                        to: "spark", CohortDeclaration(age: true, followers: nil), note: "", key: once(),
                        by: .host(host))
                case 2, 3, 4:
                    let from = day.advanced(byDays: Int.random(in: -20...40, using: &generator))
                    let to = from.advanced(byDays: Int.random(in: 0...100, using: &generator))
                    if Bool.random(using: &generator) {
                        _ = try await service.enroll(
                            host, in: "spark", from: from, to: to, key: once(), by: .finance)
                    } else {
                        _ = try await service.decide(
                            CohortDecision(host: host, kind: .accept, from: from, to: to, reason: "x"), in: "spark",
                            key: once(), by: .finance)
                    }
                    accepted += 1
                    model.places.append(CohortModel.Place(host: host, from: from, to: to, counted: counted))
                case 5:
                    _ = try await service.decide(
                        CohortDecision(host: host, kind: .decline, reason: "x"), in: "spark", key: once(),
                        by: .finance)
                case 6:
                    let last = day.advanced(byDays: Int.random(in: -10...30, using: &generator))
                    _ = try await service.decide(
                        CohortDecision(host: host, kind: .end, to: last, reason: "x"), in: "spark", key: once(),
                        by: .finance)
                    let index = try #require(model.places.firstIndex { $0.host == host && $0.isHeld })
                    model.places[index].ended = (last, counted)
                default:
                    let next = day.advanced(byDays: Int.random(in: 3...20, using: &generator))
                    try house.time.set("\(next)T12:00:00Z")
                    let closing = next.advanced(byDays: -1)
                    _ = try await service.runNight(closing, by: .finance)
                    for month in terms.months(
                        closingAfter: lastNight ?? closing.advanced(byDays: -1), through: closing)
                    { model.close(month) }
                    (day, lastNight) = (next, closing)
                }
            } catch is CohortRefusal {
            } catch is FundRefusal {
            }
            let account = try await service.fund("spark", by: .finance).account
            let view = try #require(account)
            let message = "seed \(seed), step \(step)"
            #expect(view.places <= 3 && view.free.minorUnits >= 0, "\(message)")
            #expect(view.places == model.held, "\(message)")
            #expect(view.committed.minorUnits == model.committed, "\(message)")
            #expect(view.balance.minorUnits == model.paidIn - model.given, "\(message)")
        }
        #expect(accepted > 2, "seed \(seed)")
        let audit = try await service.audit(by: .auditor)
        #expect(audit.isClean, "seed \(seed): \(audit.lines.flatMap(\.findings))")
        await service.database.close()
    }
}
