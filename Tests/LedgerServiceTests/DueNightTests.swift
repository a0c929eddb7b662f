import BoxOffice
import Foundation
import HTTPEdge
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct DueNightTests {
    private func days(_ texts: String...) throws -> [LocalDay] { try texts.map { try #require(LocalDay($0)) } }

    @Test func `a timer runs each night once, at its time, and catches up on what it missed`() async throws {
        // Days of the policy end at midnight in Paris.
        let house = try await House(at: "2026-03-02T12:00:00Z")
        let service = house.service
        let three = 3 * 60
        #expect(try await service.dueNights(atMinutes: three) == days("2026-03-01"))
        #expect(try await service.runDueNights(atMinutes: three) == days("2026-03-01"))
        #expect(try await service.dueNights(atMinutes: three) == [])
        // The day is over at 23:00 UTC, and its night comes at 3 o'clock.
        try house.time.set("2026-03-03T01:59:59Z")
        #expect(try await service.dueNights(atMinutes: three) == [])
        try house.time.set("2026-03-03T02:00:00Z")
        #expect(try await service.runDueNights(atMinutes: three) == days("2026-03-02"))
        // Three days without a server.
        try house.time.set("2026-03-06T02:00:00Z")
        #expect(try await service.runDueNights(atMinutes: three) == days("2026-03-03", "2026-03-04", "2026-03-05"))
        let batch = try await service.database.read { try $0.payoutBatch(of: try #require(LocalDay("2026-03-05"))) }
        #expect(batch?.creator == "timer")
        await service.database.close()
    }

    @Test func `an hour that clocks leave out comes at its end; an interrupted night comes first`() async throws {
        // On 29 March 2026 the clocks of Paris go from 2 to 3 o'clock.
        let house = try await House(at: "2026-03-29T00:30:00Z")
        let service = house.service
        #expect(try await service.dueNights(atMinutes: 150) == [])
        try house.time.set("2026-03-29T01:30:00Z")
        let day = try #require(LocalDay("2026-03-28"))
        #expect(try await service.dueNights(atMinutes: 150) == [day])
        let night = NightRun(service: service, day: day, actor: "operator")
        #expect(try await night.cut(now: false))
        try house.time.set("2026-03-30T01:30:00Z")
        #expect(try await service.runDueNights(atMinutes: 150) == [day, day.advanced(byDays: 1)])
        #expect(try await service.night(day, by: .finance).state == "done")
        await service.database.close()
    }
}
