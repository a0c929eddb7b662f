import BoxOffice
import Ledger
import Payouts
import Schemas
import Testing
import Values

/// A room of one evening in Paris, with sales made straight into the house.
private struct Evening {
    var house: HouseModel
    let start: Instant
    let host: HostID
    let room: Room
    /// The same host's room of the next evening.
    let tomorrow: Room

    init(policy name: String = "guichet-demo-2026", cohosts: [CohostShare] = []) throws {
        let policy = try #require(try PolicyBook(json: PolicyPresets.json)[name])
        let start = try #require(Instant("2026-01-02T19:00:00Z"))
        let host = HostID.derived(at: start, from: "host")
        func make(_ name: String, _ start: Instant) -> Room {
            let draft = RoomDraft(
                title: "Tides", language: "en", doorsOpenAt: start, startsAt: start,
                endsAt: start.advanced(bySeconds: 3_600), capacity: 1_000, cohosts: cohosts)
            return Room(
                id: .derived(at: start, from: name), host: host, draft: draft, policy: policy.id,
                state: .open(since: start))
        }
        self.start = start
        self.host = host
        room = make("room", start)
        tomorrow = make("tomorrow", start.advanced(bySeconds: 86_400))
        house = HouseModel(policy: policy)
        house.rooms = [room.id: room, tomorrow.id: tomorrow]
    }

    var day: LocalDay { house.policy.calendar.localDay(of: start) }
    func night(_ days: Int = 0) -> Instant { house.policy.calendar.cutoff(of: day.advanced(byDays: days)) }

    @discardableResult
    mutating func sell(
        _ name: String, _ gross: Int64 = 600, in other: Room? = nil, at instant: Instant? = nil
    ) throws -> OrderID {
        let room = other ?? self.room
        let at = instant ?? start
        let holder = HolderID.derived(at: start, from: name)
        let money = Money(gross, .eur)
        let topup = JournalEntry(
            house.stamp("topup \(name)", at: at), kind: .topup, legs: PostingRecipe.topup(of: holder, money))
        house.post(try #require(topup))
        let request = PurchaseRequest(
            order: .derived(at: start, from: name), ticket: .derived(at: start, from: name),
            entry: .derived(at: at, from: "sale \(name)"), holder: holder, room: room.id, priceSeen: money)
        let price = PriceVersion(room: room.id, version: 1, price: money, since: start)
        let onSale = RoomOnSale(room: room, prices: PriceList([PriceOffer(price)]), policy: house.policy)
        let sales = try decidePurchase(
            request, in: onSale, seats: SeatUse(taken: 0, lowestFree: 1), wallet: money,
            stamp: house.stamp("sale \(name)", at: at))
        let sale = try #require(sales.first)
        house.record(sale.order, try #require(sale.entry))
        return sale.order.id
    }

    mutating func giveBack(_ order: OrderID, _ amount: Int64? = nil, at instant: Instant) throws {
        let name = "refund \(house.refunds.count)"
        let request = RefundRequest(
            id: .derived(at: instant, from: name), amount: amount.map { Money($0, .eur) }, authority: .platform)
        try house.refund(request, of: order, at: instant)
    }
}

@Suite("The night")
struct NightTests {
    @Test("releases a delivered room and pays the host the same night")
    func pays() throws {
        var evening = try Evening()
        try evening.sell("a")
        try evening.sell("b")
        let decision = try evening.house.runNight(evening.day, at: evening.night())
        // 6.00 gross, 1.00 VAT, base 5.00, 97 %: 4.85 each.
        let item = try #require(decision.batch.items.first)
        #expect(item.gross == Money(970, .eur))
        #expect(item.net == Money(970, .eur))
        #expect(item.withheld == Money(0, .eur))
        #expect(decision.paid.count == 2)
        #expect(decision.batch.carried == [])
        #expect(decision.entries.map(\.kind) == [.release, .release, .payout])
        let balances = evening.house.balances
        #expect(balances.amount(in: .escrow(evening.room.id), in: .eur).isZero)
        #expect(balances.amount(in: .host(evening.host), in: .eur).isZero)
        #expect(balances.amount(in: .commission, in: .eur) == Money(30, .eur))
        #expect(balances.amount(in: .vat, in: .eur) == Money(200, .eur))
    }

    @Test("of a day that was run changes nothing when it is run again")
    func again() throws {
        var evening = try Evening()
        try evening.sell("a")
        let input = evening.house.nightInput(evening.day, at: evening.night())
        let decision = try NightlyRun.decide(input)
        // Before anything is stored: the same input gives the same values, ids and digest included.
        #expect(try NightlyRun.decide(input) == decision)
        var shuffled = input
        shuffled.candidates.reverse()
        shuffled.unpaid.reverse()
        #expect(try NightlyRun.decide(shuffled) == decision)
        // After it was stored: nothing is left to decide.
        try evening.house.runNight(evening.day, at: evening.night())
        let head = evening.house.head
        let next = try evening.house.runNight(evening.day, at: evening.night())
        #expect(next.entries == [] && next.accruals == [] && next.batch.carried == [])
        #expect(evening.house.head == head)
    }

    @Test("belongs to the cut: a sale behind it waits, a refund behind it has left the escrow")
    func cut() throws {
        var evening = try Evening()
        let first = try evening.sell("a")
        // The run is late: two facts of the next day are in the journal already.
        let late = evening.night().advanced(bySeconds: 600)
        try evening.giveBack(first, 300, at: late)
        try evening.sell("b", in: evening.tomorrow, at: late)
        let decision = try evening.house.runNight(evening.day, at: late.advanced(bySeconds: 60))
        #expect(decision.rating.splits.map(\.order) == [first])
        #expect(decision.rating.accruals == [])
        #expect(decision.batch.items.map(\.gross) == [Money(242, .eur)])
        // The refund is rated by the next night: capacity comes back, and no share is taken twice.
        let key = TierKey(host: evening.host, currency: .eur)
        #expect(evening.house.tierUse[key]?.used.first == 500)
        let next = try evening.house.runNight(evening.day.advanced(byDays: 1), at: evening.night(1))
        #expect(next.rating.accruals == [])
        #expect(evening.house.tierUse[key]?.used.first == 750)
        #expect(next.batch.items.map(\.gross) == [Money(485, .eur)])
    }

    @Test("keeps a room that is not over, or that was cancelled, in escrow")
    func undelivered() throws {
        var evening = try Evening()
        try evening.sell("a")
        let before = try evening.house.runNight(evening.day.advanced(byDays: -1), at: evening.night(-1))
        #expect(before.releases == [])
        evening.house.rooms[evening.room.id] = try evening.room.cancelled(at: evening.start)
        let decision = try evening.house.runNight(evening.day, at: evening.night())
        #expect(decision.releases == [])
        #expect(evening.house.balances.amount(in: .escrow(evening.room.id), in: .eur) == Money(500, .eur))
    }

    @Test("releases nothing of an order that was wholly given back")
    func whollyReversed() throws {
        var evening = try Evening()
        let order = try evening.sell("a")
        var input = evening.house.nightInput(evening.day, at: evening.night())
        input.candidates = input.candidates.map {
            ReleaseCandidate(order: $0.order, split: $0.split, reversed: $0.order.gross.minorUnits, room: $0.room)
        }
        #expect(input.candidates.map(\.order.id) == [order])
        #expect(try NightlyRun.decide(input).releases == [])
    }

    @Test("carries what it does not pay, each with its reason")
    func carried() throws {
        var evening = try Evening(policy: "guichet-default-2026")
        let order = try evening.sell("a", 1_200)
        let held = try evening.house.runNight(evening.day, at: evening.night())
        let share = Money(970, .eur)
        let available = evening.day.advanced(byDays: 7)
        #expect(
            held.batch.carried == [
                CarriedAmount(host: evening.host, amount: share, reason: .onHold(until: available))
            ])
        let below = try evening.house.runNight(available, at: evening.night(7))
        let minimum = CarryReason.belowMinimum(Money(5_000, .eur))
        #expect(below.batch.carried == [CarriedAmount(host: evening.host, amount: share, reason: minimum)])
        evening.house.blocked = [evening.host]
        let blocked = try evening.house.runNight(available.advanced(byDays: 1), at: evening.night(8))
        #expect(blocked.batch.carried == [CarriedAmount(host: evening.host, amount: share, reason: .blocked)])
        evening.house.blocked = []
        // The share is on its way to the host's bank, then the buyer is given the money back.
        var input = evening.house.nightInput(available.advanced(byDays: 1), at: evening.night(8))
        input.unpaid = [
            Accrual(
                id: .derived(at: evening.start, from: "x"), kind: .reversal, host: evening.host, amount: -share,
                availableOn: evening.day, accruedOn: evening.day, room: evening.room.id, order: order)
        ]
        let negative = try NightlyRun.decide(input)
        #expect(negative.batch.carried == [CarriedAmount(host: evening.host, amount: -share, reason: .negative)])
        #expect(CarryReason.onHold(until: available).code == "on_hold")
        #expect(CarryReason.onHold(until: available).detail == available.description)
        #expect(minimum.detail == "50.00 EUR")
    }

    @Test("pays nothing on a day without a batch")
    func batchDays() throws {
        let text = String(decoding: PolicyPresets.json, as: UTF8.self).replacing("\"daily\"", with: "\"weekdays\"")
        let weekdays = try #require(try PolicyBook(json: Array(text.utf8))["guichet-demo-2026"])
        var evening = try Evening()
        try evening.sell("a")
        // 2 January 2026 is a Friday.
        var input = evening.house.nightInput(evening.day.advanced(byDays: 1), at: evening.night(1))
        input.policy = weekdays
        let decision = try NightlyRun.decide(input)
        #expect(decision.batch.items == [])
        #expect(decision.batch.carried.map(\.reason) == [.notABatchDay])
    }

    @Test("takes a refund after the release from the share where it is")
    func reversal() throws {
        var evening = try Evening(policy: "guichet-default-2026")
        let order = try evening.sell("a", 6_000)
        try evening.house.runNight(evening.day, at: evening.night())
        let available = evening.day.advanced(byDays: 7)
        try evening.giveBack(order, 3_000, at: evening.night().advanced(bySeconds: 60))
        let pending = try evening.house.runNight(evening.day.advanced(byDays: 1), at: evening.night(1))
        #expect(pending.rating.accruals.map(\.amount) == [Money(-2_425, .eur)])
        #expect(pending.rating.accruals.map(\.availableOn) == [available])
        // After the hold the rest counts at once.
        try evening.giveBack(order, at: evening.night(8))
        let late = try evening.house.runNight(evening.day.advanced(byDays: 9), at: evening.night(9))
        #expect(late.rating.accruals.map(\.amount) == [Money(-2_425, .eur)])
        #expect(late.rating.accruals.map(\.availableOn) == [evening.day.advanced(byDays: 9)])
        #expect(evening.house.balances.amount(in: .host(evening.host), in: .eur).isZero)
    }

    @Test("keeps back tax, rounded half up, and the entry says so")
    func withholding() throws {
        var evening = try Evening()
        try evening.sell("a", 606)
        evening.house.withholding[evening.host] = BasisPoints(1_000)
        let item = try #require(try evening.house.runNight(evening.day, at: evening.night()).batch.items.first)
        // 606 with 101 VAT: base 505, share 490 (489.85), a tenth is 49.
        #expect(item.gross == Money(490, .eur) && item.withheld == Money(49, .eur) && item.net == Money(441, .eur))
        #expect(
            item.entry.legs == [
                Leg(debit: .host(evening.host), credit: .bank, amount: Money(441, .eur)),
                Leg(debit: .host(evening.host), credit: .withholding, amount: Money(49, .eur)),
            ])
        evening.house.withholding[evening.host] = .whole
        try evening.sell("b")
        let all = try #require(try evening.house.runNight(evening.day, at: evening.night()).batch.items.first)
        #expect(all.net.isZero && all.entry.legs.count == 1)
    }

    @Test("has a digest that changes with every figure in it")
    func digest() throws {
        var evening = try Evening()
        try evening.sell("a")
        let input = evening.house.nightInput(evening.day, at: evening.night())
        let digest = try NightlyRun.decide(input).batch.digest
        var digests: Set<SHA256Digest> = [digest]
        func differs(_ change: (inout NightInput) -> Void) throws -> Bool {
            var changed = input
            change(&changed)
            return digests.insert(try NightlyRun.decide(changed).batch.digest).inserted
        }
        #expect(try differs { $0.cut += 1 })
        #expect(try differs { $0.day = $0.day.advanced(byDays: 1) })
        #expect(try differs { $0.withholding[evening.host] = BasisPoints(2_000) })
        #expect(try differs { $0.blocked = [evening.host] })
        // The clock of the run is not in it.
        var later = input
        later.postedAt = input.postedAt.advanced(bySeconds: 3_600)
        #expect(try NightlyRun.decide(later).batch.digest == digest)
    }

    @Test("stores nothing when what was fetched does not fit together")
    func faults() throws {
        var evening = try Evening()
        let order = try evening.sell("a")
        try evening.giveBack(order, at: evening.start)
        let input = evening.house.nightInput(evening.day, at: evening.night())
        var changed = input
        changed.facts.reverse()
        #expect(throws: NightFault.outOfSequence(2)) { try NightlyRun.decide(changed) }
        changed = input
        changed.cut = 2
        #expect(throws: NightFault.outOfSequence(3)) { try NightlyRun.decide(changed) }
        changed = input
        changed.facts.removeFirst()
        #expect(throws: NightFault.unratedOrder(order)) { try NightlyRun.decide(changed) }
        changed = input
        changed.policies = PolicyBook([])
        #expect(throws: NightFault.noTiers(order)) { try NightlyRun.decide(changed) }
        changed = input
        changed.unpaid = (0..<2).map { number in
            Accrual(
                id: .derived(at: evening.start, from: "\(number)"), kind: .share, host: evening.host,
                amount: Money(Money.limit, .eur), availableOn: evening.day, accruedOn: evening.day,
                room: evening.room.id, order: order)
        }
        #expect(throws: NightFault.beyondLimit(evening.host)) { try NightlyRun.decide(changed) }
    }
}
