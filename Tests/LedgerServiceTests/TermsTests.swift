import BoxOffice
import HTTPEdge
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

/// What a room promises its buyers, and that refunds give exactly that.
@Suite struct TermsTests {
    /// Half of the price: the room starts in two days, and the whole price came back until a week before.
    private func half() async throws -> Stall {
        try await Stall(capacity: 2, price: 999, terms: "steps-7d-1d", startsIn: 2 * 86_400)
    }

    @Test func `a refund gives exactly what the offer says, posting for posting, and the rest stays with the room`()
        async throws
    {
        let stall = try await half()
        let buyer = try await stall.buyer()
        let sold = try await stall.buy(by: buyer, price: 999)
        let view = try await stall.service.ticket(sold.ticket, by: .wallet(buyer))
        #expect(view.policy == "guichet-demo-2026/1+steps-7d-1d/1")
        let offer = try await stall.service.refundOffer(of: sold.ticket, by: .wallet(buyer))
        #expect((offer.shareBp, offer.amount, offer.kept) == (5_000, Money(500, .eur), Money(499, .eur)))
        #expect(offer.terms == "steps-7d-1d/1")
        #expect(offer.until == stall.start.advanced(bySeconds: -86_400))
        let other = await stall.code {
            _ = try await stall.service.refund(
                sold.ticket, amount: Money(400, .eur), key: stall.once(), by: .wallet(buyer))
        }
        #expect(other == "refund_changed")
        let refund = try await stall.service.refund(
            sold.ticket, amount: offer.amount, key: stall.once(), by: .wallet(buyer))
        #expect((refund.amount, refund.remaining, refund.revoked) == (offer.amount, offer.kept, true))
        let entry = try await stall.service.database.read { try $0.entries(after: 0, through: .max, limit: 99) }.last
        #expect(entry?.entry.legs.map { LegView($0) } == offer.postings)
        #expect(try await stall.balance(buyer) == Money(9_501, .eur))
        #expect(try await stall.seatsLeft() == 2)
        let again: @Sendable (Caller) async -> String = { caller in
            await stall.code { _ = try await stall.service.refundOffer(of: sold.ticket, by: caller) }
        }
        #expect(await again(.wallet(buyer)) == "already_refunded")
        // Staff may still give something of it.
        let rest = try await stall.service.refund(
            sold.ticket, amount: Money(99, .eur), key: stall.once(), by: .operator)
        #expect(rest.remaining == Money(400, .eur))
        // What stayed was the price of giving up a seat in a room that takes place: this one does not.
        let holdings = try await stall.service.database.read { try $0.holdings(of: stall.room) }
        #expect(holdings.refunds == [Money(400, .eur)] && holdings.counts.orders == 1 && holdings.counts.holders == 1)
        #expect(holdings.elsewhere.map(\.reason) == [.refundedBefore])
        _ = try await stall.service.cancelRoom(stall.room, by: .host(stall.host))
        #expect(try await stall.balance(buyer) == Money(10_000, .eur))
        let escrow = try await stall.service.database.read { try $0.amount(in: .escrow(stall.room), .eur) }
        #expect(escrow.isZero)
        try await stall.isClean()
        await stall.close()
    }

    @Test func `what stays is released and paid to the host by the rules of the night`() async throws {
        let stall = try await half()
        let buyer = try await stall.buyer()
        let sold = try await stall.buy(by: buyer, price: 999)
        _ = try await stall.service.refund(sold.ticket, key: stall.once(), by: .wallet(buyer))
        stall.house.time.advance(bySeconds: 3 * 86_400)
        let day = try #require(LocalDay("2026-03-04"))
        let night = try await stall.service.runNight(day, by: .operator)
        // 499 stay; of 167 VAT 84 went back, so 83 stay: 416, of which the host has 97 % of 832 less Q(807·500/999).
        #expect(night.payouts.map(\.gross) == [Money(403, .eur)])
        try await stall.isClean()
        await stall.close()
    }

    @Test func `time alone decides, to the second, and a cancelled room gives all back`() async throws {
        let stall = try await Stall(capacity: 4, terms: "full-until-start")
        let buyer = try await stall.buyer()
        let sold = [try await stall.buy(by: buyer), try await stall.buy(by: buyer)]
        stall.house.time.advance(bySeconds: 7_199)
        _ = try await stall.service.refund(sold[0].ticket, key: stall.once(), by: .wallet(buyer))
        stall.house.time.advance(bySeconds: 1)
        let late = await stall.code {
            _ = try await stall.service.refund(sold[1].ticket, key: stall.once(), by: .wallet(buyer))
        }
        #expect(late == "refund_closed")
        #expect(try await stall.service.refundOffer(of: sold[1].ticket, by: .host(stall.host)).shareBp == 10_000)
        _ = try await stall.service.cancelRoom(stall.room, by: .host(stall.host))
        #expect(try await stall.balance(buyer) == Money(10_000, .eur))
        try await stall.isClean()
        await stall.close()
    }

    @Test func `a first use ends the refund where the terms say so, whoever passed the ticket on`() async throws {
        let stall = try await Stall(capacity: 2, terms: "until-first-use")
        let (buyer, friend) = (try await stall.buyer(), try await stall.buyer())
        let sold = try await stall.buy(by: buyer)
        let other = try await stall.buy(by: buyer)
        try await stall.enter(sold.ticket, by: buyer)
        let passed = try await stall.pass(sold.ticket, to: friend)
        let code = await stall.code {
            _ = try await stall.service.refund(passed.ticket, key: stall.once(), by: .wallet(friend))
        }
        #expect(code == "refund_used")
        _ = try await stall.service.refund(other.ticket, key: stall.once(), by: .wallet(buyer))
        try await stall.isClean()
        await stall.close()
    }

    @Test func `terms are chosen once, and ones that nobody offers are refused`() async throws {
        let stall = try await Stall(capacity: 1, terms: "none")
        #expect(try await stall.service.room(stall.room).terms == "none/1")
        let buyer = try await stall.buyer()
        let sold = try await stall.buy(by: buyer)
        let code = await stall.code {
            _ = try await stall.service.refundOffer(of: sold.ticket, by: .wallet(buyer))
        }
        #expect(code == "refund_never")
        let unknown = await stall.code {
            let start = stall.start
            let draft = RoomDraft(
                title: "T", language: "fr", doorsOpenAt: start, startsAt: start,
                endsAt: start.advanced(bySeconds: 60), capacity: 1)
            _ = try await stall.service.createRoom(
                draft, price: Money(500, .eur), terms: "generous", by: .host(stall.host))
        }
        #expect(unknown == "terms_unknown")
        await #expect(throws: StoreFault.self) {
            try await stall.service.database.write { try $0.insertTerms("personal/1", of: stall.room) }
        }
        #expect(stall.service.termsOnOffer().contains { $0.terms == "none/1" && $0.refund.isEmpty })
        await stall.close()
    }

    @Test func `a free ticket is given back for nothing under the same terms`() async throws {
        let stall = try await Stall(capacity: 2, terms: "full-until-start")
        let buyer = try await stall.buyer(0)
        let voucher = try await stall.service.createVoucher(
            VoucherDraft(room: stall.room, benefit: .free, uses: 2, from: nil, until: nil, code: nil),
            key: stall.once(), by: .host(stall.host))
        var order = stall.order()
        order.voucher = voucher.code
        let first = try await stall.service.buy(order, key: stall.once(), by: .wallet(buyer))
        let second = try await stall.service.buy(order, key: stall.once(), by: .wallet(buyer))
        let offer = try await stall.service.refundOffer(of: first.ticket, by: .wallet(buyer))
        #expect((offer.amount, offer.postings) == (Money(0, .eur), []))
        #expect(try await stall.service.refund(first.ticket, key: stall.once(), by: .wallet(buyer)).revoked)
        stall.house.time.advance(bySeconds: 7_200)
        let late = await stall.code {
            _ = try await stall.service.refund(second.ticket, key: stall.once(), by: .wallet(buyer))
        }
        #expect(late == "refund_closed")
        try await stall.isClean()
        await stall.close()
    }
}
