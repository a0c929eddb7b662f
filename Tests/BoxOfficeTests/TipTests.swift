import BoxOffice
import Ledger
import Simulation
import Testing
import Values

@Suite("Tips")
struct TipTests {
    private func wish(_ fixture: Fixture, _ cents: Int64 = 1_000, _ message: String = "Merci !") throws -> TipWish {
        TipWish(
            order: .derived(at: fixture.start, from: "tip"), entry: .derived(at: fixture.start, from: "entry"),
            holder: fixture.holder, room: try fixture.room().id, amount: Money(cents, .eur), message: message)
    }

    private func tip(
        _ fixture: Fixture, _ wish: TipWish? = nil, room: Room?, isOn: Bool = true, hasTicket: Bool = true,
        tipped: Int64 = 0, wallet: Money = Money(50_000, .eur), at seconds: Int64 = 60
    ) throws -> Tip {
        let tips = RoomForTips(
            room: room, policy: fixture.policy, isOn: isOn, hasTicket: hasTicket, tipped: tipped, priceVersion: 7)
        return try decideTip(
            try wish ?? self.wish(fixture), in: tips, wallet: wallet, stamp: fixture.stamp(seconds))
    }

    private func open(_ fixture: Fixture) throws -> Room { try fixture.room(.open(since: fixture.start)) }

    @Test("lie in the room's escrow after VAT and fee, as an order of the room at a floor price")
    func recipe() throws {
        let fixture = try Fixture()
        let tip = try tip(fixture, room: open(fixture))
        // 10.00 with 20 % VAT inside.
        #expect(
            tip.entry.legs
                == [
                    Leg(debit: .wallet(fixture.holder), credit: .vat, amount: Money(167, .eur)),
                    Leg(debit: .wallet(fixture.holder), credit: .escrow(tip.order.room), amount: Money(833, .eur)),
                ].compactMap(\.self))
        #expect(tip.entry.kind == .tip)
        #expect(tip.order.terms.isFloor && tip.order.terms.extra == 950 && tip.order.priceVersion == 7)
        #expect(TipID(of: tip.order.id).order == tip.order.id)
        let least = try self.tip(fixture, wish(fixture, 50, ""), room: open(fixture))
        #expect(least.order.terms.extra == 0)
    }

    @Test("are refused in the documented order, each for its own reason")
    func ladder() throws {
        let fixture = try Fixture()
        let bad = try wish(fixture, 20_001, String(repeating: "x", count: 141))
        let poor = Money(0, .eur)
        func refusal(_ body: () throws -> Tip) -> TipRefusal? {
            do { _ = try body() } catch { return error as? TipRefusal }
            return nil
        }
        let open = try open(fixture)
        #expect(refusal { try tip(fixture, bad, room: nil) } == .roomUnknown)
        let cancelled = try fixture.room(.cancelled(at: fixture.start))
        #expect(refusal { try tip(fixture, bad, room: cancelled, isOn: false, at: 99_999) } == .roomCancelled)
        #expect(refusal { try tip(fixture, bad, room: fixture.room(), isOn: false, at: 99_999) } == .notOpen)
        #expect(
            refusal { try tip(fixture, bad, room: open, isOn: false, at: 7_200) } == .over(endedAt: fixture.at(7_200)))
        let closed = try fixture.room(.closed(at: fixture.at(600)))
        #expect(
            refusal { try tip(fixture, bad, room: closed, isOn: false, at: 4_200) } == .over(endedAt: fixture.at(4_200))
        )
        #expect(refusal { try tip(fixture, bad, room: open, isOn: false, hasTicket: false, wallet: poor) } == .off)
        let yen = TipWish(
            order: bad.order, entry: bad.entry, holder: bad.holder, room: bad.room, amount: Money(1, .jpy))
        #expect(refusal { try tip(fixture, yen, room: open, hasTicket: false) } == .currency(.jpy))
        #expect(refusal { try tip(fixture, bad, room: open, hasTicket: false, wallet: poor) } == .noTicket)
        #expect(refusal { try tip(fixture, bad, room: open, wallet: poor) } == .message(most: 140))
        #expect(refusal { try tip(fixture, wish(fixture, 500, "a\nb"), room: open) } == .message(most: 140))
        let range = TipRefusal.amount(least: Money(50, .eur), most: Money(20_000, .eur))
        #expect(refusal { try tip(fixture, wish(fixture, 20_001), room: open, wallet: poor) } == range)
        #expect(refusal { try tip(fixture, wish(fixture, 49), room: open) } == range)
        #expect(
            refusal { try tip(fixture, room: open, tipped: 49_100, wallet: poor) }
                == .mostPerRoom(left: Money(900, .eur)))
        #expect(
            refusal { try tip(fixture, room: open, wallet: Money(999, .eur)) }
                == .insufficientFunds(missing: Money(1, .eur)))
        #expect(refusal { try tip(fixture, room: open, tipped: 49_000) } == nil)
        #expect(refusal { try tip(fixture, room: closed, at: 4_199) } == nil)
    }

    @Test("of any amount give all of it to VAT, fee and escrow, and a refund takes all of it back")
    func whole() throws {
        var generator = SeededGenerator(seed: 77)
        let fixture = try Fixture()
        for round in 0..<300 {
            let cents = Int64.random(in: 50...20_000, using: &generator)
            let tip = try tip(fixture, wish(fixture, cents), room: open(fixture))
            #expect(tip.entry.legs.reduce(0) { $0 + $1.amount.minorUnits } == cents, "round \(round)")
            let back = PostingRecipe.refund(
                OrderStanding(order: tip.order, reversed: 0, settlement: .escrow), to: cents)
            #expect(back.legs == tip.entry.legs.map(\.mirrored), "round \(round)")
        }
    }

    @Test("refuse in plain words of both languages")
    func words() throws {
        let money = Money(1, .eur)
        let all: [TipRefusal] = [
            .unknown, .roomUnknown, .roomCancelled, .notOpen, .over(endedAt: Instant(seconds: 0)), .off,
            .currency(.jpy), .noTicket, .message(most: 1), .amount(least: money, most: money),
            .mostPerRoom(left: money), .insufficientFunds(missing: money), .alreadyRefunded,
        ]
        for refusal in all { try expectWords(refusal) }
    }
}
