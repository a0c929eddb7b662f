import Foundation
import Payouts
import Schemas
import Simulation
import Testing
import Values

/// The rules of cohorts: where a host stands, what an account promises, what is asked and what a place reserves.
@Suite struct CohortRuleTests {
    private static let eur = Currency.eur

    private enum Event: CaseIterable { case apply, admit, decline, withdraw, end }

    /// The diagram at ``Candidate``.
    private static let table: [(state: Candidate.State, after: [Result<Candidate.State, CohortRefusal>])] = [
        (
            .outside,
            [
                .success(.applied), .success(.placed), .failure(.notApplied), .failure(.notApplied),
                .failure(.notPlaced),
            ]
        ),
        (
            .applied,
            [.failure(.applied), .success(.placed), .success(.outside), .success(.outside), .failure(.notPlaced)]
        ),
        (
            .placed,
            [.failure(.placed), .failure(.placed), .failure(.placed), .failure(.placed), .success(.outside)]
        ),
    ]

    private func move(_ candidate: inout Candidate, _ event: Event) throws(CohortRefusal) {
        switch event {
        case .apply: try candidate.apply()
        case .admit: try candidate.admit()
        case .decline: try candidate.decline()
        case .withdraw: try candidate.withdraw()
        case .end: try candidate.end()
        }
    }

    @Test func `every state answers every event as the diagram says`() {
        #expect(Self.table.map(\.state) == Candidate.State.allCases)
        for (state, after) in Self.table {
            for (event, expected) in zip(Event.allCases, after) {
                var candidate = Candidate(state)
                var outcome: Result<Candidate.State, CohortRefusal>
                do throws(CohortRefusal) {
                    try move(&candidate, event)
                    outcome = .success(candidate.state)
                } catch {
                    outcome = .failure(error)
                    #expect(candidate.state == state)
                }
                #expect(outcome == expected, "\(state), \(event)")
            }
        }
    }

    @Test func `an account promises no more than it has, and gives no more than was reserved`() throws {
        var account = CohortAccount()
        #expect(throws: CohortRefusal.endowment) { try account.endow(Money(0, .eur)) }
        #expect(throws: CohortRefusal.endowment) { try account.endow(Money(Money.limit + 1, .eur)) }
        #expect(throws: CohortRefusal.committed(free: Money(0, .eur))) { try account.endow(Money(-1, .eur)) }
        try account.endow(Money(1_000, .eur))
        let first = try account.admit(reserving: Money(600, .eur), cap: 2)
        #expect(throws: CohortRefusal.short(missing: Money(1, .eur))) {
            try account.admit(reserving: Money(401, .eur), cap: 2)
        }
        let second = try account.admit(reserving: Money(400, .eur), cap: 2)
        #expect(first == 1 && second == 2)
        #expect(throws: CohortRefusal.full(cap: 2)) { try account.admit(reserving: Money(0, .eur), cap: 2) }
        #expect(throws: CohortRefusal.committed(free: Money(0, .eur))) { try account.endow(Money(-1, .eur)) }
        account.end(releasing: 100)
        #expect((account.places, account.admissions, account.committed, account.free) == (1, 2, 900, 100))
        let before = account
        let wrong = [account.close(releasing: 500, giving: 501), account.close(releasing: 901, giving: 0)]
        #expect(!wrong.contains(true) && account == before)
        let right = account.close(releasing: 500, giving: 300)
        #expect(right)
        #expect((account.committed, account.balance, account.free) == (400, 700, 300))
        #expect(CohortAccount(places: 1, admissions: 0, committed: 0, balance: 0) == nil)
        #expect(CohortAccount(places: 0, admissions: 0, committed: 2, balance: 1) == nil)
    }

    private let asked = CohortCriteria(
        rooms: 3, days: 30, minRoomMinutes: 30, minRoomListeners: 2, minSeconds: 60, verifiedPayee: true, minAge: 18,
        minFollowers: 5_000)

    @Test func `each criterion says what there is and what is needed`() throws {
        let day = try #require(LocalDay("2026-03-02"))
        let rooms = [(1_800, 2), (1_799, 9), (7_200, 1), (7_200, 2)].map {
            StipendRoom(day: day, seconds: $0.0, listeners: $0.1)
        }
        let found = asked.check(
            rooms: rooms, hasPayee: false, declared: CohortDeclaration(age: true, followers: 4_999))
        #expect(found.map(\.criterion) == ["rooms", "payee", "age", "followers"])
        #expect(found.map(\.have) == [2, 0, 18, 4_999])
        #expect(found.map(\.need) == [3, 1, 18, 5_000])
        #expect(found.map(\.met) == [false, false, true, false])
        #expect(found.map(\.source) == [.measured, .measured, .declared, .declared])
        let confirmed = asked.check(
            rooms: rooms + rooms, hasPayee: true, declared: nil, confirmed: 5_000)
        #expect(confirmed.map(\.met) == [true, true, false, true])
        #expect(confirmed.last?.source == .confirmed)
        let nothing = CohortCriteria(
            rooms: 0, days: 30, minRoomMinutes: 0, minRoomListeners: 0, minSeconds: 0, verifiedPayee: false,
            minAge: 0, minFollowers: 0)
        #expect(nothing.check(rooms: [], hasPayee: false, declared: nil).isEmpty)
    }

    private func program(_ mode: StipendTerms.Mode, amount: Int64 = 10_000) -> (FundProgram, StipendTerms) {
        let terms = StipendTerms(
            amount: amount, mode: mode, roomsPerWeek: 1, minRoomMinutes: 0, minRoomListeners: 0, minSeconds: 60)
        let program = FundProgram(
            name: "p", version: 1, currency: .eur, closeLagDays: 2, holdDays: 0, firstMonth: nil,
            lastMonth: LocalMonth("2026-06"), scheme: .stipend(terms),
            cohort: CohortTerms(places: 2, months: 3, criteria: asked))
        return (program, terms)
    }

    @Test func `a place reserves what its whole weeks could give`() throws {
        func reserved(_ mode: StipendTerms.Mode, _ from: String, _ to: String) throws -> [String: Int64] {
            let (program, _) = program(mode)
            let days = try #require(LocalDay(from))...(try #require(LocalDay(to)))
            let found = try #require(FundVersions([program])).reservations(for: days) { $0 != LocalMonth("2026-05") }
            return Dictionary(uniqueKeysWithValues: found.map { ("\($0.month)", $0.amount) })
        }
        // March has four weeks, 2 to 29; April has five, 30 March to 3 May.
        #expect(try reserved(.prorata, "2026-03-02", "2026-03-29") == ["2026-03": 10_000])
        #expect(try reserved(.prorata, "2026-03-03", "2026-04-12") == ["2026-03": 7_500, "2026-04": 4_000])
        #expect(try reserved(.allOrNothing, "2026-03-03", "2026-05-03") == ["2026-04": 10_000])
        // A month that nothing counts for any more, and months that the fund is not for, reserve nothing.
        #expect(try reserved(.prorata, "2026-06-01", "2026-08-30") == ["2026-06": 10_000])
        #expect(try reserved(.prorata, "2026-05-04", "2026-05-31") == [:])
        let three = FundProgram.days(from: try #require(LocalMonth("2026-03")), months: 3)
        #expect("\(three.lowerBound) \(three.upperBound)" == "2026-03-02 2026-05-31")
        #expect(monthsTouched(by: three).all.map(\.description) == ["2026-03", "2026-04", "2026-05"])
    }

    @Test func `no month gives more than was reserved for it, whatever days and rooms there are`() throws {
        var generator = SeededGenerator(seed: 20_260_302)
        let first = try #require(LocalDay("2025-12-01"))
        for _ in 0..<2_000 {
            let (program, terms) = program(Bool.random(using: &generator) ? .prorata : .allOrNothing, amount: 9_999)
            let from = first.advanced(byDays: Int.random(in: 0..<60, using: &generator))
            let days = from...from.advanced(byDays: Int.random(in: 0..<120, using: &generator))
            let rooms = (0..<60).map { _ in
                StipendRoom(
                    day: first.advanced(byDays: Int.random(in: 0..<200, using: &generator)), seconds: 60, listeners: 1)
            }
            let reserved = try #require(FundVersions([program])).reservations(for: days) { _ in true }
            for month in monthsTouched(by: days).all where program.covers(month) {
                let given = decideStipend(for: month, under: terms, enrolments: [days], rooms: rooms).amount
                let most = reserved.first { $0.month == month }?.amount ?? 0
                #expect(given <= most, "seed \(generator.seed): \(days) \(month)")
            }
        }
    }

    @Test func `every refusal about cohorts has its words`() throws {
        let all: [CohortRefusal] = [
            .none, .applied, .notApplied, .placed, .notPlaced, .full(cap: 1), .short(missing: Money(1, .eur)),
            .notEligible(criterion: "rooms", have: 1, need: 2), .followers,
            .monthTaken(try #require(LocalMonth("2026-03"))), .noMonths, .promised, .endowment,
            .committed(free: Money(1, .eur)),
        ]
        for refusal in all {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
            for language in ["en", "fr"] {
                let words = text.words(in: language, facts: refusal.facts)
                #expect(!(words.title + words.detail + words.next).contains("{"), "\(refusal.code)")
            }
        }
    }

    @Test(arguments: [
        #"{"name":"p","kind":"stipend","currency":"EUR","stipend":1,"mode":"prorata","rooms_per_week":1,"min_room_minutes":1,"min_room_listeners":1,"cohort":{}}"#,
        #"{"name":"p","kind":"stipend","currency":"EUR","stipend":1,"mode":"prorata","rooms_per_week":1,"min_room_minutes":1,"min_room_listeners":1,"cohort":{"places":0}}"#,
        #"{"name":"P","kind":"stipend","currency":"EUR","stipend":1,"mode":"prorata","rooms_per_week":1,"min_room_minutes":1,"min_room_listeners":1,"cohort":{"places":1}}"#,
        #"{"name":"p","kind":"pot","currency":"EUR","amount":1,"cohort":{"places":1}}"#,
    ])
    func `a cohort out of bounds is refused`(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(FundProgram.self, from: Data(text.utf8)) }
    }
}
