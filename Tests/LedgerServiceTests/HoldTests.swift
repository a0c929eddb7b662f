import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Simulation
import Stage
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct HoldTests {
    @Test func `a held seat is nobody else's until its time is over`() async throws {
        let sale = try await SaleRoom(capacity: 2)
        let (first, second) = (try await sale.buyer(), try await sale.buyer())
        let held = try await sale.hold(2, by: first)
        #expect(held.state == "held")
        #expect(held.seats == [1, 2])
        #expect(held.total == Money(1_000, .eur))
        #expect(try await sale.seatsLeft() == 0)
        let buy: @Sendable () async throws -> Void = {
            _ = try await sale.service.buy(sale.order(), key: try sale.once("buy"), by: .wallet(second))
        }
        #expect(await sale.code(buy) == "sold_out")
        sale.house.time.advance(bySeconds: 599)
        #expect(await sale.code(buy) == "sold_out")
        sale.house.time.advance(bySeconds: 1)
        #expect(try await sale.seatsLeft() == 2)
        #expect(await sale.code(buy) == "done")
        let pay: @Sendable () async throws -> Void = {
            _ = try await sale.service.payHold(held.hold, key: try sale.once("pay"), by: .wallet(first))
        }
        #expect(await sale.code(pay) == "hold_expired")
        #expect(try await sale.balance(first) == Money(10_000, .eur))
        let states = try await sale.service.database.read { try $0.holdStates(of: held.hold).map(\.state) }
        #expect(states == [.held, .expired])
        await sale.close()
    }

    @Test func `a hold is paid from the wallet, once, at the price that was held`() async throws {
        let sale = try await SaleRoom(capacity: 3)
        let buyer = try await sale.buyer()
        let held = try await sale.hold(2, by: buyer)
        _ = try await sale.service.setPrice(Money(900, .eur), of: sale.room, by: .host(sale.host))
        let paid = try await sale.service.payHold(held.hold, key: try sale.once("pay"), by: .wallet(buyer))
        let again = try await sale.service.payHold(held.hold, key: try sale.once("pay"), by: .wallet(buyer))
        #expect(paid == again)
        #expect(paid.state == "ticketed")
        #expect(paid.tickets?.map(\.seat) == [1, 2])
        #expect(try await sale.balance(buyer) == Money(9_000, .eur))
        #expect(try await sale.seatsLeft() == 1)
        let other = await sale.code {
            _ = try await sale.service.payHold(held.hold, key: try sale.once("again"), by: .wallet(buyer))
        }
        #expect(other == "hold_paid")
        // Each ticket is an order of its own: one of them is given back, the other stays.
        let ticket = try #require(paid.tickets?.first?.ticket)
        _ = try await sale.service.refund(ticket, key: try sale.once("r"), by: .wallet(buyer))
        #expect(try await sale.balance(buyer) == Money(9_500, .eur))
        #expect(try await sale.seatsLeft() == 2)
        await sale.close()
    }

    @Test func `a cancelled hold gives its seats back, and a stranger does not see it`() async throws {
        let sale = try await SaleRoom(capacity: 1)
        let (buyer, stranger) = (try await sale.buyer(), try await sale.buyer())
        let held = try await sale.hold(1, by: buyer)
        let look = await sale.code { _ = try await sale.service.hold(held.hold, by: .wallet(stranger)) }
        #expect(look == "hold_unknown")
        let cancelled = try await sale.service.cancelHold(held.hold, key: try sale.once("c"), by: .wallet(buyer))
        #expect(cancelled.state == "cancelled")
        #expect(cancelled.seats == [])
        #expect(try await sale.seatsLeft() == 1)
        #expect(try await sale.hold(1, by: stranger).seats == [1])
        await sale.close()
    }

    @Test func `money of a provider makes tickets once, however often it is reported`() async throws {
        let sale = try await SaleRoom(capacity: 2)
        let buyer = try await sale.buyer(0)
        let held = try await sale.hold(2, by: buyer)
        for key in ["a", "b"] {
            let view = try await sale.service.receive(
                sale.money(1_000, "pi_1"), for: held.hold, key: try sale.once(key), by: .operator)
            #expect(view.state == "ticketed")
            #expect(view.payments.map(\.outcome) == ["tickets"])
        }
        let conflict = await sale.code {
            _ = try await sale.service.receive(
                sale.money(999, "pi_1"), for: held.hold, key: try sale.once("c"), by: .operator)
        }
        #expect(conflict == "payment_conflict")
        let mine = try await sale.service.hold(held.hold, by: .wallet(buyer))
        #expect(mine.tickets?.count == 2)
        #expect(try await sale.balance(buyer) == Money(0, .eur))
        let kinds = try await sale.service.database.read { transaction in
            try transaction.entries(after: 0, through: .max, limit: 10).map(\.entry.kind)
        }
        #expect(kinds == [.topup, .sale, .sale])
        // A second payment for the same tickets is kept apart.
        let twice = try await sale.service.receive(
            sale.money(1_000, "pi_2"), for: held.hold, key: try sale.once("d"), by: .operator)
        #expect(twice.payments.map(\.reason) == [nil, "paid_twice"])
        #expect(try await sale.suspense() == Money(1_000, .eur))
        await sale.close()
    }

    @Test func `late money finds other seats, or waits and goes back`() async throws {
        let sale = try await SaleRoom(capacity: 2)
        let (late, quick) = (try await sale.buyer(0), try await sale.buyer())
        let first = try await sale.hold(1, by: late, "first")
        let second = try await sale.hold(1, by: late, "second")
        sale.house.time.advance(bySeconds: 600)
        _ = try await sale.service.buy(sale.order(), key: try sale.once("q"), by: .wallet(quick))
        // One seat is left for two late payments.
        let lucky = try await sale.service.receive(
            sale.money(500, "pi_1"), for: first.hold, key: try sale.once("1"), by: .operator)
        #expect(lucky.state == "ticketed")
        let unlucky = try await sale.service.receive(
            sale.money(500, "pi_2"), for: second.hold, key: try sale.once("2"), by: .operator)
        #expect(unlucky.state == "suspended")
        #expect(unlucky.payments.map(\.reason) == ["no_seat"])
        #expect(try await sale.suspense() == Money(500, .eur))
        #expect(try await sale.balance(late) == Money(0, .eur))
        for key in ["r", "s"] {
            let back = try await sale.service.refundHold(second.hold, key: try sale.once(key), by: .operator)
            #expect(back.state == "refunded")
        }
        #expect(try await sale.suspense() == Money(0, .eur))
        #expect(try await sale.balance(late) == Money(500, .eur))
        let states = try await sale.service.database.read { transaction in
            (
                try transaction.holdStates(of: first.hold).map(\.state),
                try transaction.holdStates(of: second.hold).map(\.state)
            )
        }
        #expect(states.0 == [.held, .expired, .paid, .ticketed])
        #expect(states.1 == [.held, .expired, .suspended, .refunded])
        await sale.close()
    }
}
