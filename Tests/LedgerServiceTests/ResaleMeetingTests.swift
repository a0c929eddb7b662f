import BoxOffice
import HTTPEdge
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Tickets that were put up meet overtime, and moves while a seat is lent.
@Suite struct ResaleMeetingTests {
    private func goOn(_ queue: Queue, hours: Int64) async throws {
        let end = try await queue.service.room(queue.room).endsAt
        _ = try await queue.service.announceOvertime(
            of: queue.room, until: end.advanced(bySeconds: hours * 3_600), at: Money(200, .eur),
            key: try queue.once(), by: .host(queue.host))
    }

    @Test func `a ticket that was used to its end is not resold in overtime`() async throws {
        let queue = try await Queue(capacity: 2, terms: "resale-95")
        let (early, late, buyer) = (try await queue.person(), try await queue.person(), try await queue.person())
        let first = try await queue.buy(by: early)[0]
        let second = try await queue.buy(by: late)[0]
        queue.house.time.advance(bySeconds: 86_400 + 1_800)
        try await queue.putUp(first, by: early)
        try await goOn(queue, hours: 1)
        // Longer or not: what was sold with it is over when its first time is.
        _ = try await queue.service.extend(
            first, at: Money(200, .eur), key: try queue.once(), by: .wallet(early))
        queue.house.time.advance(bySeconds: 1_800)
        #expect(try await queue.resale(first).state == "over")
        let tooLate = await queue.code { try await queue.putUp(second, by: late) }
        #expect(tooLate == "resale_closed")
        #expect(await queue.buying(by: buyer) == "sold_out")
        #expect(try await queue.balance(early) == 50_000 - 500 - 200)
        try await queue.close()
    }

    @Test func `a ticket whose seat is lent is not put up again, in a moved one's place either`() async throws {
        let queue = try await Queue(capacity: 1, terms: "resale")
        let (seller, buyer, third) = (try await queue.person(), try await queue.person(), try await queue.person())
        let ticket = try await queue.buy(by: seller)[0]
        try await queue.putUp(ticket, by: seller)
        let hold = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(buyer))
        let start = queue.service.clock.now().advanced(bySeconds: 3 * 86_400)
        let times = RoomTimes(doorsOpenAt: start, startsAt: start, endsAt: start.advanced(bySeconds: 3_600))
        _ = try await queue.service.moveRoom(
            queue.room, to: times, notice: "Ana is ill.", key: try queue.once(), by: .host(queue.host))
        let kept = try await queue.service.answerMove(ticket, .keep, key: try queue.once(), by: .wallet(seller))
        let again = await queue.code { try await queue.putUp(kept.ticket, by: seller) }
        #expect(again == "resale_lent")
        #expect(await queue.buying(by: third) == "sold_out")
        queue.house.time.advance(bySeconds: 3_600)
        #expect(try await queue.service.hold(hold.hold, by: .wallet(buyer)).state == "expired")
        try await queue.putUp(kept.ticket, by: seller)
        #expect(await queue.buying(by: third) == "done")
        try await queue.close()
    }

    @Test func `whoever finds only a lapsed hold on a lent seat may wait`() async throws {
        let queue = try await Queue(capacity: 1, terms: "resale")
        let (seller, buyer, third) = (try await queue.person(), try await queue.person(), try await queue.person())
        let ticket = try await queue.buy(by: seller)[0]
        try await queue.putUp(ticket, by: seller)
        queue.house.time.advance(bySeconds: 86_400 - 60)
        _ = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(buyer))
        // The hold is over, and so is the time in which the ticket could be resold.
        queue.house.time.advance(bySeconds: 1_200)
        #expect(await queue.buying(by: third) == "sold_out")
        #expect(try await queue.state(try await queue.join(by: third)) == "waiting")
        try await queue.close()
    }
}
