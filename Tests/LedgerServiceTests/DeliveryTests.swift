import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

/// Rooms whose terms are metered: what was not held comes back by itself, in the night.
@Suite struct DeliveryTests {
    private struct Evening {
        let stall: Stall
        let buyers: [HolderID]
        let tickets: [TicketID]
        let gateway: GatewayID
        var chain: ReceiptChain

        init(_ stall: Stall, tickets count: Int) async throws {
            self.stall = stall
            gateway = .derived(at: stall.start, from: "stage")
            chain = ReceiptChain(gateway: gateway)
            var buyers: [HolderID] = []
            var tickets: [TicketID] = []
            for _ in 0..<count {
                let buyer = try await stall.buyer(500)
                let purchase = try await stall.buy(by: buyer)
                buyers.append(buyer)
                tickets.append(purchase.ticket)
            }
            (self.buyers, self.tickets) = (buyers, tickets)
        }

        func at(_ seconds: Int64) -> Instant { stall.start.advanced(bySeconds: seconds) }

        /// A gateway tells that the host was heard from and to seconds behind the start; without an end it is open.
        mutating func hostSpeaks(_ from: Int64, _ to: Int64?) async throws {
            let seat = Seat(
                admission: .derived(at: at(from), from: "host \(from)"),
                ticket: .derived(at: at(0), from: "host"), holder: .host(stall.host), role: .host,
                direction: .speaking, since: at(from))
            var receipts = [chain.append(.entered, of: seat, room: stall.room, at: at(from))]
            if let to {
                let media = MediaRecord(
                    stretches: [AttendanceInterval(from: at(from), to: at(to))], lost: 0, jitterMicroseconds: 0)
                receipts.append(
                    chain.append(
                        .left(reason: .left, secondsConnected: to - from, packets: 9, media: media), of: seat,
                        room: stall.room, at: at(to)))
            }
            _ = try await stall.service.accept(
                ReceiptBatch(gateway: gateway, receipts: receipts), by: .gateway(gateway))
        }

        /// The night of the first day whose end is behind the room's, or so many days later.
        func night(later days: Int = 0) async throws -> NightView {
            let calendar = stall.service.settings.housePolicy.calendar
            var day = calendar.businessDay(of: at(3_700))
            for _ in 0..<days { day = day.advanced(byDays: 1) }
            let end = calendar.cutoff(of: day).advanced(bySeconds: 60)
            let now = stall.service.clock.now()
            if now < end { stall.house.time.advance(bySeconds: now.microseconds(until: end) / 1_000_000) }
            return try await stall.service.runNight(day, by: .finance)
        }

        func balances() async throws -> [Int64] {
            var found: [Int64] = []
            for buyer in buyers { found.append(try await stall.balance(buyer).minorUnits) }
            return found
        }
    }

    @Test func `half of a room gives half of the price back, and the host is paid for the other half`() async throws {
        var evening = try await Evening(try await Stall(capacity: 5, terms: "metered"), tickets: 3)
        try await evening.hostSpeaks(-60, 600)
        try await evening.hostSpeaks(1_800, 3_000)
        // A gateway could still tell of more.
        #expect(try await evening.night().released == 0)
        let night = try await evening.night(later: 2)
        #expect(night.released == 3)
        #expect(try await evening.balances() == [250, 250, 250])
        let report = try await evening.stall.service.roomReport(of: evening.stall.room, by: .finance)
        #expect((report.promisedSeconds, report.deliveredSeconds, report.state) == (3_600, 1_800, "final"))
        #expect((report.decision?.refundedOrders, report.decision?.refunded) == (3, [Money(750, .eur)]))
        // Three halves of a base of 417, of which the host has 97 %.
        #expect(night.payouts.map(\.host) == [evening.stall.host])
        #expect((603...609).contains(night.payouts.first?.gross.minorUnits ?? 0), "\(night.payouts)")
        try await evening.stall.isClean()
        // Once: the next night gives nothing more.
        _ = try await evening.night(later: 3)
        #expect(try await evening.balances() == [250, 250, 250])
        try await evening.stall.isClean()
    }

    @Test func `nobody on stage gives everything back and ends the tickets`() async throws {
        let evening = try await Evening(try await Stall(capacity: 5, terms: "metered-final"), tickets: 2)
        let night = try await evening.night(later: 2)
        #expect(night.released == 0)
        #expect(try await evening.balances() == [500, 500])
        for ticket in evening.tickets {
            let row = try await evening.stall.service.database.read { try $0.ticket(ticket) }
            #expect(row?.revoked?.reason == "undelivered")
        }
        try await evening.stall.isClean()
    }

    @Test func `nearly all of it is all of it, and rooms without such terms are paid as they always were`() async throws
    {
        var held = try await Evening(try await Stall(capacity: 5, terms: "metered"), tickets: 1)
        try await held.hostSpeaks(60, 3_600)
        #expect(try await held.night().released == 1)
        #expect(try await held.balances() == [0])
        try await held.stall.isClean()
        let plain = try await Evening(try await Stall(capacity: 5, terms: "full-until-start"), tickets: 1)
        #expect(try await plain.night().released == 1)
        #expect(try await plain.balances() == [0])
    }

    @Test func `a night waits two days for a gateway that has not told, and then does not hold it against the host`()
        async throws
    {
        var evening = try await Evening(try await Stall(capacity: 5, terms: "metered"), tickets: 1)
        try await evening.hostSpeaks(0, nil)
        #expect(try await evening.night().released == 0)
        let open = try await evening.stall.service.roomReport(of: evening.stall.room, by: .auditor)
        #expect((open.state, open.decision) == ("open", nil))
        try await evening.stall.isClean()
        #expect(try await evening.night(later: 2).released == 1)
        #expect(try await evening.balances() == [0])
        try await evening.stall.isClean()
    }

    @Test func `a host sees the report of own rooms only, and the audit finds what was changed`() async throws {
        var evening = try await Evening(try await Stall(capacity: 5, terms: "metered"), tickets: 1)
        try await evening.hostSpeaks(0, 900)
        _ = try await evening.night(later: 2)
        let (stall, service) = (evening.stall, evening.stall.service)
        _ = try await service.roomReport(of: stall.room, by: .host(stall.host))
        let other = try await service.createHost(name: "Bo", by: .operator).host.host
        #expect(await stall.code { _ = try await service.roomReport(of: stall.room, by: .host(other)) } == "key_scope")
        #expect(await stall.code { _ = try await service.roomReport(of: stall.room, by: .anybody) } == "key_missing")
        guard !service.database.isShared else { return }
        for (sql, table) in [
            ("UPDATE deliveries SET delivered_s = delivered_s + 1", "deliveries"),
            ("UPDATE delivery_orders SET amount = amount + 1", "delivery_orders"),
            ("UPDATE room_receipts SET stage = 0", "receipts"), ("DELETE FROM room_receipts", "receipts"),
            ("DELETE FROM delivery_orders", "order_reversals"),
            ("UPDATE order_reversals SET reason = 'goodwill' WHERE reason = 'undelivered'", "delivery_orders"),
        ] as [(StaticString, String)] {
            #expect(try await stall.broken(after: sql).contains(table), "\(sql)")
        }
    }
}
