import BoxOffice
import Ledger
import Simulation
import Testing
import Values

@Suite("Giving money back")
struct RefundTests {
    private func refund(
        _ fixture: Fixture, _ standing: OrderStanding?, room: Room? = nil, amount: Money? = nil,
        authority: RefundAuthority = .holder, at seconds: Int64 = 60
    ) throws -> RefundDecision {
        try decideRefund(
            RefundRequest(id: .derived(at: fixture.start, from: "refund"), amount: amount, authority: authority),
            standing: standing, room: try room ?? fixture.room(.open(since: fixture.start)),
            under: RefundConditions(RoomTerms(of: fixture.policy)),
            stamp: fixture.stamp(seconds, "refund"))
    }

    @Test("before the release mirrors the sale and revokes the ticket")
    func mirrored() throws {
        let fixture = try Fixture()
        let sale = try fixture.buy()
        let decision = try refund(fixture, OrderStanding(order: sale.order, reversed: 0, settlement: .escrow))
        #expect(decision.entry.legs == sale.entry?.legs.map(\.mirrored))
        #expect(decision.entry.kind == .refund)
        #expect(decision.endsTicket)
        #expect(decision.refund.amount == sale.order.gross)
        #expect(decision.refund.hostReversals == [])
        #expect(Balances(of: [try #require(sale.entry), decision.entry]).rows.allSatisfy { $0.amount.isZero })
    }

    @Test("in part leaves the ticket in force")
    func partial() throws {
        let fixture = try Fixture()
        let sale = try fixture.buy()
        let standing = OrderStanding(order: sale.order, reversed: 0, settlement: .escrow)
        let decision = try refund(fixture, standing, amount: Money(200, .eur), authority: .platform)
        #expect(!decision.settles)
        #expect(!decision.endsTicket)
        #expect(decision.refund.reversedAfter == 200)
        let rest = try refund(fixture, OrderStanding(order: sale.order, reversed: 200, settlement: .escrow))
        #expect(rest.refund.amount == Money(300, .eur))
        #expect(rest.endsTicket)
    }

    @Test("is refused in the documented order, each for its own reason")
    func ladder() throws {
        let fixture = try Fixture()
        let order = try fixture.buy().order
        let whole = OrderStanding(order: order, reversed: 500, settlement: .escrow)
        let part = OrderStanding(order: order, reversed: 200, settlement: .escrow)
        let tooMuch = Money(301, .eur)
        func staff(_ amount: Money, of standing: OrderStanding?) throws -> RefundDecision {
            try refund(fixture, standing, amount: amount, authority: .platform, at: 9_999)
        }
        #expect(throws: RefundRefusal.ticketUnknown) { try refund(fixture, nil, amount: tooMuch, at: 9_999) }
        #expect(throws: RefundRefusal.alreadyRefunded) { try refund(fixture, whole, amount: tooMuch, at: 9_999) }
        #expect(throws: RefundRefusal.refundClosed(endedAt: fixture.at(3_600))) {
            try refund(fixture, part, amount: tooMuch, at: 3_600)
        }
        for amount in [tooMuch, Money(0, .eur), Money(-1, .eur), Money(1, .usd)] {
            #expect(throws: RefundRefusal.exceedsOrder(remaining: Money(300, .eur))) { try staff(amount, of: part) }
            #expect(throws: RefundRefusal.offerChanged(now: Money(300, .eur))) {
                try refund(fixture, part, amount: amount)
            }
        }
        #expect(throws: RefundRefusal.ticketUnknown) { try staff(tooMuch, of: nil) }
        #expect(throws: RefundRefusal.alreadyRefunded) { try staff(tooMuch, of: whole) }
        _ = try refund(fixture, part, amount: Money(300, .eur))
        _ = try staff(Money(300, .eur), of: part)
    }

    @Test("ends for holders when the room is over or closed, not for a cancelled room, and never for the platform")
    func window() throws {
        let fixture = try Fixture()
        let standing = OrderStanding(order: try fixture.buy().order, reversed: 0, settlement: .escrow)
        let closed = try fixture.room(.closed(at: fixture.at(600)))
        #expect(throws: RefundRefusal.refundClosed(endedAt: fixture.at(600))) {
            try refund(fixture, standing, room: closed, at: 601)
        }
        _ = try refund(fixture, standing, room: closed, authority: .platform, at: 99_999)
        _ = try refund(fixture, standing, room: try fixture.room(.cancelled(at: fixture.start)), at: 99_999)
        _ = try refund(fixture, standing, at: 3_599)
    }

    @Test("in any steps, before and after the release, ends with every component exactly undone")
    func anySteps() throws {
        var generator = SeededGenerator(seed: 333)
        let fixture = try Fixture()
        for round in 0..<400 {
            let order = try randomOrder(fixture, &generator)
            let split = randomSplit(of: order, &generator)
            let gross = order.gross.minorUnits
            var entries = [
                try #require(JournalEntry(fixture.stamp(0, "sale"), kind: .sale, legs: PostingRecipe.sale(order)))
            ]
            var reversed: Int64 = 0
            var released = false
            let day = LocalDay(daysSince1970: 20_000)
            while reversed < gross {
                if !released, Bool.random(using: &generator) {
                    let recipe = PostingRecipe.release(order, reversed: reversed, split: split)
                    if let entry = JournalEntry(fixture.stamp(1, "release"), kind: .release, legs: recipe.legs) {
                        entries.append(entry)
                    }
                    released = true
                    let escrow = Balances(of: entries).amount(in: .escrow(order.room), in: .eur)
                    #expect(escrow.isZero, "round \(round), seed \(generator.seed)")
                }
                let standing = OrderStanding(
                    order: order, reversed: reversed,
                    settlement: released ? .released(split, availableOn: day) : .escrow)
                let step = Int64.random(in: 1...(gross - reversed), using: &generator)
                let decision = try refund(fixture, standing, amount: Money(step, .eur), authority: .platform)
                entries.append(decision.entry)
                reversed += step
                let escrow = Balances(of: entries).amount(in: .escrow(order.room), in: .eur)
                #expect(escrow.minorUnits >= 0, "round \(round), seed \(generator.seed)")
            }
            // Only the fee that does not come back remains, and the platform bears it.
            let kept = order.feeIsRefundable ? 0 : order.fee
            let left = Balances(of: entries).rows.filter { !$0.amount.isZero }
            let expected = [
                Posting(account: .provider, amount: Money(-kept, .eur)),
                Posting(account: .commission, amount: Money(kept, .eur)),
            ].filter { !$0.amount.isZero }
            #expect(left == expected, "round \(round), seed \(generator.seed)")
        }
    }

    @Test("leaves the same balances whether the release came before or after it")
    func commutes() throws {
        var generator = SeededGenerator(seed: 1_000)
        let fixture = try Fixture()
        for round in 0..<400 {
            let order = try randomOrder(fixture, &generator)
            let split = randomSplit(of: order, &generator)
            let part = Int64.random(in: 1...order.gross.minorUnits, using: &generator)
            func balances(_ legs: [[Leg]]) -> [Posting] {
                let entries = legs.compactMap { JournalEntry(fixture.stamp(0), kind: .sale, legs: $0) }
                return Balances(of: entries).rows.filter { !$0.amount.isZero }
            }
            let day = LocalDay(daysSince1970: 20_000)
            let inEscrow = OrderStanding(order: order, reversed: 0, settlement: .escrow)
            let released = OrderStanding(
                order: order, reversed: 0, settlement: .released(split, availableOn: day))
            let refundFirst = balances([
                PostingRecipe.refund(inEscrow, to: part).legs,
                PostingRecipe.release(order, reversed: part, split: split).legs,
            ])
            let releaseFirst = balances([
                PostingRecipe.release(order, reversed: 0, split: split).legs,
                PostingRecipe.refund(released, to: part).legs,
            ])
            #expect(refundFirst == releaseFirst, "round \(round), seed \(generator.seed)")
        }
    }

    private func randomOrder(_ fixture: Fixture, _ generator: inout SeededGenerator) throws -> Order {
        // Small amounts, where rounding bites, and large ones.
        let gross = Int64.random(in: 1...(Bool.random(using: &generator) ? 9 : 100_000), using: &generator)
        let vat = Int64.random(in: 0...gross, using: &generator)
        let fee = Int64.random(in: 0...(gross - vat), using: &generator)
        let cohosts = (0..<Int.random(in: 0...2, using: &generator)).map {
            CohostShare(host: .derived(at: fixture.start, from: "cohost \($0)"), share: BasisPoints(3_000))
        }
        return try #require(
            Order(
                id: .make(at: fixture.start, using: &generator), room: try fixture.room().id, owner: fixture.host,
                cohosts: cohosts, holder: fixture.holder, ticket: .make(at: fixture.start, using: &generator),
                priceVersion: 1, gross: Money(gross, .eur), vat: vat, fee: fee,
                feeIsRefundable: Bool.random(using: &generator), policy: "p", soldAt: fixture.start))
    }

    /// Any split will do here, also one that gives everything to the hosts.
    private func randomSplit(of order: Order, _ generator: inout SeededGenerator) -> OrderSplit {
        var left = order.base
        let hosts = [order.owner] + order.cohosts.map(\.host)
        let shares = hosts.map { host in
            let part = Bool.random(using: &generator) ? left : Int64.random(in: 0...left, using: &generator)
            left -= part
            return HostAmount(host: host, amount: Money(part, .eur))
        }
        return OrderSplit(order: order.id, parts: [order.base], platform: left, shares: shares)
    }
}
