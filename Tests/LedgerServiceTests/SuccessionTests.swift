import BoxOffice
import HTTPEdge
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

/// What stands behind transfers, rescheduling and extension: one ticket in the place of another.
@Suite struct SuccessionTests {
    @Test func `the next ticket has the seat, the old one ends, gateways are told and the books stay clean`()
        async throws
    {
        let stall = try await Stall(capacity: 2)
        let (giver, taker) = (try await stall.buyer(), try await stall.buyer())
        let old = try await stall.buy(by: giver)
        let next = try await stall.pass(old.ticket, to: taker)
        #expect(next.seat == old.seat)
        #expect(next.order == old.order)
        let (rows, left, feed, last) = try await stall.service.database.read { transaction in
            (
                [try transaction.ticket(old.ticket), try transaction.ticket(next.ticket)],
                try transaction.seatUse(of: stall.room).taken, try transaction.feed(after: 0, limit: 99),
                try transaction.lastTicket(of: old.order)
            )
        }
        #expect(rows[0]?.revoked?.reason == "transferred")
        #expect(rows[1]?.revoked == nil)
        #expect(last?.ticket == next.ticket)
        #expect(left == 1)
        let told = try #require(feed.last { $0.kind == "revoked" })
        #expect(told.body.contains(old.ticket.text))
        #expect(told.body.contains("transferred"))
        let view = try await stall.service.ticket(old.ticket, by: .wallet(giver))
        #expect(view.state == .replaced)
        #expect(view.successor == nil, "who holds it now is nobody else's business")
        stall.house.time.advance(bySeconds: 7_200)
        #expect(try await stall.service.verify(next.token).valid)
        #expect(try await stall.service.verify(old.token).code == "ticket_revoked")
        try await stall.isClean()
        await stall.close()
    }

    @Test func `a refund goes to whoever holds the ticket now, and by the ticket in force only`() async throws {
        let stall = try await Stall(capacity: 1)
        let (giver, taker) = (try await stall.buyer(), try await stall.buyer())
        let old = try await stall.buy(by: giver)
        let next = try await stall.pass(old.ticket, to: taker)
        let refuse: @Sendable (TicketID, Caller) async -> String = { ticket, caller in
            await stall.code { _ = try await stall.service.refund(ticket, key: stall.once(), by: caller) }
        }
        #expect(await refuse(old.ticket, .wallet(giver)) == "ticket_replaced")
        #expect(await refuse(old.ticket, .operator) == "ticket_replaced")
        #expect(await refuse(next.ticket, .wallet(giver)) == "ticket_unknown")
        let refund = try await stall.service.refund(next.ticket, key: stall.once(), by: .wallet(taker))
        #expect(refund.ticket == next.ticket)
        #expect(refund.revoked)
        #expect(try await stall.balance(giver) == Money(9_500, .eur))
        #expect(try await stall.balance(taker) == Money(10_500, .eur))
        #expect(try await stall.seatsLeft() == 1)
        try await stall.isClean()
        await stall.close()
    }

    @Test func `a cancelled room pays those who hold its tickets, however often they were passed on`() async throws {
        let stall = try await Stall(capacity: 3)
        let people = [try await stall.buyer(), try await stall.buyer(), try await stall.buyer()]
        let first = try await stall.buy(by: people[0])
        let second = try await stall.pass(first.ticket, to: people[1])
        let third = try await stall.pass(second.ticket, to: people[2])
        #expect(await stall.code { _ = try await stall.pass(second.ticket, to: people[0]) } == "ticket_replaced")
        _ = try await stall.service.cancelRoom(stall.room, by: .host(stall.host))
        var balances: [Money] = []
        for person in people { balances.append(try await stall.balance(person)) }
        #expect(balances == [9_500, 10_000, 10_500].map { Money($0, .eur) })
        #expect(try await stall.service.ticket(third.ticket, by: .operator).state == .refunded)
        #expect(await stall.code { _ = try await stall.pass(third.ticket, to: people[0]) } == "ticket_ended")
        try await stall.isClean()
        await stall.close()
    }

    @Test func `new times are in the next ticket, which its own holder finds behind the old one`() async throws {
        let stall = try await Stall(capacity: 1)
        let buyer = try await stall.buyer()
        let old = try await stall.buy(by: buyer)
        let later = stall.service.clock.now().advanced(bySeconds: 20_000)
        let next = try await stall.service.tellingGateways { transaction in
            try stall.service.succeed(
                old.ticket, by: TicketChange(notAfter: later), because: .extended, actor: "operator",
                at: stall.service.clock.now(), in: transaction)
        }
        #expect(next.notAfter == later)
        #expect(try await stall.service.ticket(old.ticket, by: .wallet(buyer)).successor == next.ticket)
        try await stall.isClean()
        await stall.close()
    }
}
