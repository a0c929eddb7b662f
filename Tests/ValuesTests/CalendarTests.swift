import Foundation
import Simulation
import Testing
import Values

@Suite("Calendar days")
struct CalendarTests {
    @Test("agree with Foundation's Gregorian calendar for 600 years")
    func againstFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        var generator = SeededGenerator(seed: 1582)
        for _ in 0..<2_000 {
            let day = LocalDay(daysSince1970: Int.random(in: -98_000...130_000, using: &generator))
            let date = Date(timeIntervalSince1970: Double(day.daysSince1970) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
            #expect(parts.year == day.civil.year && parts.month == day.civil.month && parts.day == day.civil.day)
            // Foundation counts from Sunday = 1, ISO 8601 from Monday = 1.
            #expect(parts.weekday == day.weekday % 7 + 1, "seed \(generator.seed)")
            #expect(LocalDay(day.description) == day)
        }
    }

    @Test("exist only where the calendar has them")
    func leapDays() {
        #expect(LocalDay("2028-02-29") != nil)
        #expect(LocalDay("2000-02-29") != nil)
        for text in ["1900-02-29", "2026-02-29", "2026-04-31", "2026-00-01", "2026-01-00", "2026-1-1", "2026-01-01 "] {
            #expect(LocalDay(text) == nil)
        }
    }

    @Test("end at the cut-off of Paris on both days when the clocks change")
    func parisChanges() throws {
        let paris = try #require(BusinessCalendar(zone: "Europe/Paris"))
        func cutoff(_ day: String) throws -> String { paris.cutoff(of: try #require(LocalDay(day))).description }
        #expect(try cutoff("2026-03-28") == "2026-03-28T23:00:00Z")
        #expect(try cutoff("2026-03-29") == "2026-03-29T22:00:00Z")
        #expect(try cutoff("2026-10-24") == "2026-10-24T22:00:00Z")
        #expect(try cutoff("2026-10-25") == "2026-10-25T23:00:00Z")
        let evening = try #require(BusinessCalendar(zone: "Europe/Paris", cutoffMinutes: 18 * 60))
        let before = try #require(Instant("2026-03-29T15:59:59.999999Z"))
        let after = try #require(Instant("2026-03-29T16:00:00Z"))
        #expect(evening.businessDay(of: before).description == "2026-03-29")
        #expect(evening.businessDay(of: after).description == "2026-03-30")
        #expect(evening.localDay(of: after).description == "2026-03-29")
        for (text, day, minute) in [
            ("2026-03-29T00:59:59Z", "2026-03-29", 119), ("2026-03-29T01:00:00Z", "2026-03-29", 180),
            ("2026-03-02T23:30:00Z", "2026-03-03", 30), ("1969-12-31T22:59:00Z", "1969-12-31", 1_439),
        ] {
            let local = paris.localTime(of: try #require(Instant(text)))
            #expect(local.day.description == day && local.minute == minute, "\(text)")
        }
    }

    @Test("take every instant into exactly one business day, whatever zone and cut-off")
    func partition() throws {
        var generator = SeededGenerator(seed: 7_024)
        // Havana and Beirut change at midnight, Lord Howe by half an hour, Apia lost a day in 2011.
        for zone in [
            "Europe/Paris", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
        ] {
            let minutes = [1440, 1, 24 * 60 - 1, 150, 18 * 60].randomElement(using: &generator) ?? 1440
            let calendar = try #require(BusinessCalendar(zone: zone, cutoffMinutes: minutes))
            for _ in 0..<300 {
                let instant = Instant(seconds: Int64.random(in: 1_230_768_000...2_000_000_000, using: &generator))
                let day = calendar.businessDay(of: instant)
                #expect(instant < calendar.cutoff(of: day), "\(zone) \(instant), seed \(generator.seed)")
                #expect(
                    instant >= calendar.cutoff(of: day.advanced(byDays: -1)),
                    "\(zone) \(instant), seed \(generator.seed)")
            }
        }
    }

    @Test("need a known zone and a cut-off within the day")
    func refused() {
        #expect(BusinessCalendar(zone: "Mars/Olympus") == nil)
        #expect(BusinessCalendar(zone: "Europe/Paris", cutoffMinutes: 0) == nil)
        #expect(BusinessCalendar(zone: "Europe/Paris", cutoffMinutes: 1_441) == nil)
    }

    @Test("are the same whatever day was asked for before")
    func recentDay() throws {
        var generator = SeededGenerator(seed: 25)
        // Zones whose clocks change at midnight, at 0:01 (until 2011) and at two; cut-offs within the day and after it.
        for (zone, cutoff) in [("America/Sao_Paulo", 1440), ("America/St_Johns", 1440), ("Europe/Paris", 1020)] {
            let used = try #require(BusinessCalendar(zone: zone, cutoffMinutes: cutoff))
            for _ in 0..<200 {
                // Near one another, so that the remembered day is often the one or its neighbour.
                let around = Int64.random(in: 1_100_000_000...1_330_000_000, using: &generator)
                for _ in 0..<4 {
                    let instant = Instant(seconds: around + Int64.random(in: -90_000...90_000, using: &generator))
                    let fresh = try #require(BusinessCalendar(zone: zone, cutoffMinutes: cutoff))
                    #expect(used.businessDay(of: instant) == fresh.businessDay(of: instant), "seed \(generator.seed)")
                }
            }
            #expect(used == BusinessCalendar(zone: zone, cutoffMinutes: cutoff))
        }
    }
}
