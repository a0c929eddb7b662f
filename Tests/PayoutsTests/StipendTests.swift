import Payouts
import Testing
import Values

@Suite("Stipends")
struct StipendTests {
    private let january = LocalMonth("2026-01")

    private func terms(_ mode: StipendTerms.Mode) -> StipendTerms {
        StipendTerms(
            amount: 250_000, mode: mode, roomsPerWeek: 2, minRoomMinutes: 30, minRoomListeners: 3, minSeconds: 60)
    }

    private func day(_ text: String) throws -> LocalDay { try #require(LocalDay(text)) }

    /// Two rooms that count in the week of a Monday.
    private func rooms(_ mondays: [LocalDay]) -> [StipendRoom] {
        mondays.flatMap { monday in
            [1, 6].map { StipendRoom(day: monday.advanced(byDays: $0), seconds: 1_800, listeners: 3) }
        }
    }

    @Test("a month has the ISO weeks whose Thursday lies in it")
    func weeks() throws {
        let january = try #require(january)
        #expect(
            january.mondays.map(\.description) == [
                "2025-12-29", "2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26",
            ])
        let february = january.advanced(byMonths: 1)
        #expect(february.mondays.map(\.description) == ["2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23"])
        // Every week of ten years belongs to one month, and weeks follow each other.
        var all: [LocalDay] = []
        var month = january
        for _ in 0..<120 {
            #expect((4...5).contains(month.mondays.count))
            #expect(
                month.firstDay.civil.day == 1
                    && month.lastDay.advanced(byDays: 1) == month.advanced(byMonths: 1).firstDay)
            all += month.mondays
            month = month.advanced(byMonths: 1)
        }
        for (first, second) in zip(all, all.dropFirst()) { #expect(first.advanced(byDays: 7) == second) }
        #expect(LocalMonth("2026-13") == nil && LocalMonth("2026-1") == nil)
    }

    @Test("pay by the weeks that were met, or all or nothing")
    func modes() throws {
        let january = try #require(january)
        let whole = try day("2025-12-29")...day("2026-02-01")
        let four = rooms(Array(january.mondays.dropLast()))
        let part = decideStipend(for: january, under: terms(.prorata), enrolments: [whole], rooms: four)
        #expect((part.weeks, part.weeksEnrolled, part.weeksMet, part.amount) == (5, 5, 4, 200_000))
        #expect(decideStipend(for: january, under: terms(.allOrNothing), enrolments: [whole], rooms: four).amount == 0)
        let five = rooms(january.mondays)
        #expect(
            decideStipend(for: january, under: terms(.allOrNothing), enrolments: [whole], rooms: five).amount == 250_000
        )
        #expect(decideStipend(for: january, under: terms(.prorata), enrolments: [whole], rooms: five).amount == 250_000)
    }

    @Test("a week counts only if every day of it was enrolled, by one enrolment or several")
    func enrolled() throws {
        let january = try #require(january)
        let all = rooms(january.mondays)
        let late = decideStipend(
            for: january, under: terms(.prorata), enrolments: [try day("2025-12-30")...day("2026-02-01")], rooms: all)
        #expect((late.weeksEnrolled, late.weeksMet) == (4, 4))
        let joined = decideStipend(
            for: january, under: terms(.prorata),
            enrolments: [try day("2025-12-01")...day("2026-01-07"), try day("2026-01-08")...day("2026-01-11")],
            rooms: all)
        #expect(joined.weeksEnrolled == 2)
        #expect(decideStipend(for: january, under: terms(.prorata), enrolments: [], rooms: all).amount == 0)
    }

    @Test("a room that is too short or too empty does not count")
    func rooms() throws {
        let terms = terms(.prorata)
        let first = try day("2026-01-06")
        #expect(StipendRoom(day: first, seconds: 1_800, listeners: 3).counts(under: terms))
        #expect(!StipendRoom(day: first, seconds: 1_799, listeners: 3).counts(under: terms))
        #expect(!StipendRoom(day: first, seconds: 1_800, listeners: 2).counts(under: terms))
    }

    @Test("a month closes some days behind its last, once, whatever nights were left out")
    func closing() throws {
        let program = FundProgram(
            name: "p", version: 1, currency: .eur, closeLagDays: 2, holdDays: 0, firstMonth: LocalMonth("2026-01"),
            lastMonth: LocalMonth("2026-03"), scheme: .stipend(terms(.prorata)))
        func closed(_ from: String, _ to: String) throws -> [String] {
            program.months(closingAfter: try day(from), through: try day(to)).map(\.description)
        }
        #expect(try closed("2026-02-01", "2026-02-02") == ["2026-01"])
        #expect(try closed("2026-02-02", "2026-02-03") == [])
        #expect(try closed("2025-12-01", "2026-12-31") == ["2026-01", "2026-02", "2026-03"])
        #expect(try closed("2026-02-02", "2026-02-02") == [])
    }
}

@Suite("The progress of duties")
struct DutyProgressTests {
    private let terms = StipendTerms(
        amount: 10_000, mode: .prorata, roomsPerWeek: 1, minRoomMinutes: 30, minRoomListeners: 2, minSeconds: 60)

    private func room(
        _ day: String, seconds: Int64 = 1_800, listeners: Int = 2, cancelled: Bool = false, excluded: Bool = false,
        over: Bool = true
    ) throws -> DutyRoom {
        DutyRoom(
            room: .derived(at: Instant(seconds: 0), from: day),
            figures: StipendRoom(day: try #require(LocalDay(day)), seconds: seconds, listeners: listeners),
            isCancelled: cancelled, isExcluded: excluded, isOver: over)
    }

    @Test("each room that does not count says why")
    func reasons() throws {
        let day = "2026-03-03"
        #expect(try room(day).reason(under: terms) == nil)
        #expect(try room(day, cancelled: true, excluded: true).reason(under: terms) == .cancelled)
        #expect(try room(day, excluded: true, over: false).reason(under: terms) == .excluded)
        #expect(try room(day, seconds: 60, over: false).reason(under: terms) == .notOver)
        #expect(try room(day, seconds: 1_799, listeners: 0).reason(under: terms) == .tooShort)
        #expect(try room(day, listeners: 1).reason(under: terms) == .tooFewListeners)
    }

    @Test("weeks are met, not yet, missed or not the host's, and the month says what it earned and can still give")
    func weeks() throws {
        let march = try #require(LocalMonth("2026-03"))
        let days = try #require(LocalDay("2026-03-02"))...(try #require(LocalDay("2026-03-26")))
        let rooms = [try room("2026-03-03"), try room("2026-03-10", listeners: 1), try room("2026-03-20", over: false)]
        let progress = dutyProgress(
            of: march, under: terms, enrolments: [days], rooms: rooms, today: try #require(LocalDay("2026-03-18")))
        #expect(progress.weeks.map(\.state) == [.met, .missed, .notYet, .notEnrolled])
        #expect(progress.weeks.map(\.counted) == [1, 0, 0, 0])
        #expect((progress.earned, progress.possible) == (2_500, 5_000))
        // At the end the rule that closes the month says the same.
        let after = dutyProgress(
            of: march, under: terms, enrolments: [days], rooms: rooms, today: try #require(LocalDay("2026-04-02")))
        let closed = decideStipend(
            for: march, under: terms, enrolments: [days],
            rooms: rooms.filter { $0.reason(under: terms) == nil }.map(\.figures))
        #expect((after.earned, after.possible) == (closed.amount, closed.amount))
    }
}
