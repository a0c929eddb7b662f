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

    @Test func `a night whose batch is decided rates and releases nothing more`() async throws {
        let house = try await House()
        let service = house.service
        let host = try await service.createHost(name: "Ana", by: .operator).host.host
        let start = service.clock.now()
        let draft = RoomDraft(
            title: "T", language: "en", doorsOpenAt: start, startsAt: start, endsAt: start.advanced(bySeconds: 3_600),
            capacity: 2)
        let room = try await service.createRoom(draft, price: Money(500, .eur), by: .host(host)).room
        let holder = try await service.createWallet().holder
        let key = try #require(IdempotencyKey("t"))
        _ = try await service.topUp(holder, Money(500, .eur), key: key, by: .operator)
        _ = try await service.buy(room, at: Money(500, .eur), key: key, by: .wallet(holder))
        try house.time.set("2026-03-03T00:30:00Z")
        let night = NightRun(service: service, day: try #require(LocalDay("2026-03-02")), actor: "finance")
        #expect(try await night.cut(now: false))
        _ = try await night.rateStep()
        // As if its order had come back into escrow behind the releases, by a dispute that was won.
        try await night.digestStep()
        #expect(try await night.rateStep() == false)
        #expect(try await night.releaseStep(after: .init()) == nil)
        try await night.run(cutNow: false)
        let view = try await service.night(night.day, by: .finance)
        #expect(view.state == "done" && view.released == 0 && view.payouts.isEmpty)
        // The next night releases and pays it.
        try house.time.set("2026-03-04T00:30:00Z")
        let next = try await service.runNight(night.day.advanced(byDays: 1), by: .finance)
        #expect(next.released == 1 && next.payouts.count == 1)
        await service.database.close()
    }
}
