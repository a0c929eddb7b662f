import BoxOffice
import Ledger
import Testing
import Values

@Suite("Buying a ticket")
struct PurchaseTests {
    @Test("makes order, ticket and journal entry in one decision")
    func sale() throws {
        let fixture = try Fixture()
        let sale = try fixture.buy(seats: SeatUse(taken: 2, lowestFree: 2))
        let room = try fixture.room()
        #expect(sale.order.gross == Money(500, .eur))
        #expect(sale.order.vat == 83)
        #expect(sale.order.fee == 0)
        #expect(sale.order.base == 417)
        #expect(sale.order.priceVersion == 1)
        #expect(sale.order.policy == "guichet-default-2026/1")
        #expect(
            sale.ticket
                == TicketFacts(
                    id: try fixture.request().names[0].ticket, order: sale.order.id, holder: fixture.holder,
                    room: room.id,
                    seat: 2,
                    issuedAt: fixture.at(-3_600), notBefore: room.doorsOpenAt, notAfter: room.endsAt,
                    policy: "guichet-default-2026/1"))
        let wallet = Account.wallet(fixture.holder)
        #expect(
            try #require(sale.entry).legs == [
                Leg(debit: wallet, credit: .vat, amount: Money(83, .eur)),
                Leg(debit: wallet, credit: .escrow(room.id), amount: Money(417, .eur)),
            ])
        #expect(sale.entry?.kind == .sale)
    }

    @Test("lets a late buyer in until the last microsecond of the room")
    func late() throws {
        let fixture = try Fixture()
        let open = try fixture.room(.open(since: fixture.start))
        #expect(try fixture.buy(room: open, at: 3_599).ticket.notAfter == fixture.at(3_600))
        #expect(throws: PurchaseRefusal.roomClosed) { try fixture.buy(room: open, at: 3_600) }
    }

    @Test("is refused in the documented order, each for its own reason")
    func ladder() throws {
        var fixture = try Fixture()
        fixture.draft.saleOpensAt = fixture.at(-3_000)
        // Everything is wrong at once; from step to step one thing is put right.
        let seen = try fixture.request(Money(450, .usd))
        let full = SeatUse(taken: 3, lowestFree: 4)
        let poor = Money(499, .eur)
        let stamp = fixture.stamp(-3_600)
        #expect(throws: PurchaseRefusal.roomUnknown) {
            try decidePurchase(
                seen, in: fixture.onSale(nil, nil), seats: full, wallet: poor, stamp: stamp)
        }
        #expect(throws: PurchaseRefusal.roomUnknown) {
            try decidePurchase(
                seen, in: fixture.onSale(try fixture.room(), nil), seats: full, wallet: poor, stamp: stamp)
        }
        #expect(throws: PurchaseRefusal.roomCancelled) {
            try fixture.buy(seen, room: try fixture.room(.cancelled(at: fixture.start)), seats: full, wallet: poor)
        }
        #expect(throws: PurchaseRefusal.roomClosed) {
            try fixture.buy(seen, room: try fixture.room(.closed(at: fixture.start)), seats: full, wallet: poor)
        }
        #expect(throws: PurchaseRefusal.saleNotOpen(opensAt: fixture.at(-3_000))) {
            try fixture.buy(seen, seats: full, wallet: poor)
        }
        #expect(throws: PurchaseRefusal.currencyMismatch(price: .eur)) {
            try fixture.buy(seen, seats: full, wallet: poor, at: -3_000)
        }
        let changed = try fixture.request(Money(450, .eur))
        #expect(throws: PurchaseRefusal.priceChanged(now: Money(500, .eur))) {
            try fixture.buy(changed, seats: full, wallet: poor, at: -3_000)
        }
        #expect(throws: PurchaseRefusal.soldOut(capacity: 3)) {
            try fixture.buy(seats: full, wallet: poor, at: -3_000)
        }
        #expect(throws: PurchaseRefusal.currencyMismatch(price: .eur)) {
            try fixture.buy(wallet: Money(99_999, .usd), at: -3_000)
        }
        #expect(throws: PurchaseRefusal.insufficientFunds(missing: Money(1, .eur))) {
            try fixture.buy(wallet: poor, at: -3_000)
        }
        _ = try fixture.buy(at: -3_000)
    }

    @Test("pays the store its fee out of the price")
    func fee() throws {
        let fixture = try Fixture(policy: "twitter-ticketed-2021")
        let price = PriceVersion(
            room: try fixture.room().id, version: 1, price: Money(1_000, .usd), since: fixture.at(-9))
        let sale = try fixture.buy(
            try fixture.request(Money(1_000, .usd)), price: price, wallet: Money(1_000, .usd))
        let wallet = Account.wallet(fixture.holder)
        #expect(
            try #require(sale.entry).legs == [
                Leg(debit: wallet, credit: .provider, amount: Money(300, .usd)),
                Leg(debit: wallet, credit: .escrow(sale.order.room), amount: Money(700, .usd)),
            ])
    }
}

@Suite("Topping up a wallet")
struct TopupTests {
    @Test("moves money from the provider into the wallet, within the policy's range")
    func topup() throws {
        let fixture = try Fixture()
        func refusal(_ amount: Money, wallet: Int64 = 0) -> TopupRefusal? {
            do {
                _ = try decideTopup(
                    of: fixture.holder, amount, wallet: Money(wallet, amount.currency), policy: fixture.policy,
                    stamp: fixture.stamp(0))
                return nil
            } catch { return error }
        }
        let range = TopupRefusal.outOfRange(least: Money(100, .eur), most: Money(1_000_000, .eur))
        #expect(refusal(Money(500, .jpy)) == .currencyNotSold(.jpy))
        #expect(refusal(Money(99, .eur)) == range)
        #expect(refusal(Money(-100, .eur)) == range)
        #expect(refusal(Money(1_000_001, .eur)) == range)
        #expect(refusal(Money(100, .eur), wallet: Money.limit - 99) == .walletFull)
        let entry = try decideTopup(
            of: fixture.holder, Money(100, .eur), wallet: .zero(.eur), policy: fixture.policy, stamp: fixture.stamp(0))
        #expect(
            entry.legs == [Leg(debit: .provider, credit: .wallet(fixture.holder), amount: Money(100, .eur))])
    }
}
