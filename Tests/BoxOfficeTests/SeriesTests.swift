import BoxOffice
import Ledger
import Schemas
import Simulation
import Testing
import Values

@Suite("Series and passes")
struct SeriesTests {
    private func refusal<Value>(_ body: () throws -> Value) -> SeriesRefusal? {
        do { _ = try body() } catch { return error as? SeriesRefusal }
        return nil
    }

    @Test("a pass is one order of each room, and the parts add up to its price")
    func recipe() throws {
        let winter = try Winter()
        let sale = try winter.buy(winter.onSale())
        // 18.00 over 5, 7 and 10 of 22: 4.0909, 5.7272, 8.1818.
        #expect(sale.terms.parts.map(\.share.minorUnits) == [409, 573, 818])
        #expect(sale.sales.map(\.order.gross.minorUnits).reduce(0, +) == 1_800)
        #expect(sale.sales.map(\.order.room) == winter.ids)
        #expect(Set(sale.sales.map(\.order.purchase)) == [sale.pass.id.purchase])
        #expect(sale.sales.allSatisfy { $0.order.terms.isFloor && $0.order.terms.price.isZero })
        #expect(sale.sales.allSatisfy { $0.order.priceVersion == 9 && $0.order.terms.voucher == nil })
        #expect(sale.sales.map(\.ticket.seat) == [1, 1, 1])
        // What the quote shows is what the sale posts.
        for (part, sold) in zip(sale.terms.parts, sale.sales) {
            let entry = try #require(sold.entry)
            #expect(
                entry.legs == PostingRecipe.sale(of: part.terms, in: part.room, from: .wallet(winter.fixture.holder)))
        }
    }

    @Test("rooms that cost nothing get nothing, a floor counts as its least, and all may be free")
    func free() throws {
        var winter = try Winter(prices: [0, 700, 1_000])
        winter.rooms[1] = try winter.room(1, 700, kind: .floor(most: 5_000))
        let sale = try winter.buy(winter.onSale(price: 1_000))
        #expect(sale.terms.parts.map(\.share.minorUnits) == [0, 412, 588])
        #expect(sale.sales[0].entry == nil && sale.sales[0].order.isFree)
        let nothing = try Winter(prices: [0, 0, 0])
        #expect(try nothing.buy(nothing.onSale(price: 0)).sales.allSatisfy { $0.entry == nil })
        #expect(refusal { try nothing.buy(nothing.onSale(price: 1)) } == .dearer(rooms: Money(0, .eur)))
    }

    @Test("are refused when they are made, in the documented order")
    func making() throws {
        let winter = try Winter()
        let f = winter.fixture
        let rooms = winter.rooms
        let one = Array(rooms.prefix(1))
        #expect(refusal { try winter.make(" ", rooms: one) } == .title)
        #expect(refusal { try winter.make(rooms: one) } == .rooms)
        #expect(refusal { try winter.make(rooms: rooms + one) } == .rooms)
        let many = try (0..<51).map { try winter.room($0, 500) }
        #expect(refusal { try winter.make(rooms: many) } == .rooms)
        let unknown = RoomOnSale(room: nil, prices: PriceList([]), policy: f.policy)
        let ids = winter.ids
        #expect(
            refusal { try winter.make(rooms: [unknown] + rooms.dropFirst(), ids: ids) } == .roomUnknown(ids[0]))
        let foreign = try winter.room(1, 500, host: .derived(at: f.start, from: "another"))
        #expect(refusal { try winter.make(rooms: [rooms[0], foreign]) } == .roomUnknown(ids[1]))
        let cancelled = try winter.room(1, 500, state: .cancelled(at: f.at(-90_000)))
        #expect(refusal { try winter.make(rooms: [rooms[0], cancelled]) } == .roomOver(ids[1]))
        #expect(refusal { try winter.make(at: 3_600) } == .roomOver(ids[0]))
        let dollars = try winter.room(1, 500, currency: .usd)
        #expect(refusal { try winter.make(rooms: [rooms[0], dollars]) } == .currency(ids[1]))
        let withdrawn = try winter.room(1, 500, kind: .withdrawn)
        #expect(refusal { try winter.make(rooms: [rooms[0], withdrawn]) } == .currency(ids[1]))
        let range = try #require(f.policy.priceRange[.eur])
        let least = Money(range.lowerBound, .eur)
        let most = Money(3 * range.upperBound, .eur)
        #expect(
            refusal { try winter.make(price: range.lowerBound - 1, passes: 9) } == .price(least: least, most: most))
        #expect(refusal { try winter.make(price: most.minorUnits + 1) } == .price(least: least, most: most))
        #expect(refusal { try winter.make(passes: 0, until: -90_000) } == .passes(least: 1, most: 3))
        #expect(refusal { try winter.make(passes: 4) } == .passes(least: 1, most: 3))
        #expect(refusal { try winter.make(until: -80_000) } == .saleEnd)
        #expect(refusal { try winter.make(until: 3_601) } == .saleEnd)
        #expect(try winter.make(until: 3_600).offer.version == 1)
        #expect(try winter.make(" Winter ").series.title == "Winter")
    }

    @Test("another offer is the next version, and the same one none")
    func offers() throws {
        let winter = try Winter()
        func offer(_ draft: SeriesOfferDraft, _ sale: SeriesOnSale, at seconds: Int64 = -70_000) throws -> SeriesOffer {
            try decideSeriesOffer(draft, for: sale, at: winter.fixture.at(seconds))
        }
        let sale = try winter.onSale(sold: 2)
        let same = SeriesOfferDraft(price: Money(1_800, .eur), passes: 2)
        #expect(try offer(same, sale) == sale.offer)
        var next = same
        next.price = Money(1_500, .eur)
        #expect(try offer(next, sale).version == 2)
        next.isWithdrawn = true
        #expect(try offer(next, sale).isWithdrawn)
        next.passes = 1
        #expect(refusal { try offer(next, sale) } == .passes(least: 2, most: 3))
        next.price = Money(1_500, .usd)
        #expect(refusal { try offer(next, sale) } == .otherCurrency(.eur))
        #expect(refusal { try offer(next, sale, at: 3_600) } == .over(endedAt: winter.fixture.at(3_600)))
        #expect(refusal { try offer(next, SeriesOnSale(series: nil, offer: nil, rooms: [])) } == .unknown)
        let full = SeriesOnSale(
            series: sale.series,
            offer: sale.offer.map {
                SeriesOffer(
                    series: $0.series, version: Series.maximumVersions, price: $0.price, passes: 2, since: $0.since)
            }, rooms: sale.rooms)
        #expect(refusal { try offer(next, full) } == .limit)
    }

    @Test("are not sold, in the documented order, each for its own reason")
    func ladder() throws {
        let winter = try Winter()
        let f = winter.fixture
        let ids = winter.ids
        var rooms = winter.rooms
        let poor = Money(0, .eur)
        let full = [
            SeatUse(taken: 3, lowestFree: 4), SeatUse(taken: 0, lowestFree: 1), SeatUse(taken: 0, lowestFree: 1),
        ]
        #expect(refusal { try winter.buy(SeriesOnSale(series: nil, offer: nil, rooms: [])) } == .unknown)
        rooms[2] = try winter.room(2, 1_000, state: .cancelled(at: f.at(-7_000)))
        #expect(refusal { try winter.buy(winter.onSale(rooms, isWithdrawn: true)) } == .withdrawn)
        #expect(refusal { try winter.buy(winter.onSale(rooms, until: -9_000)) } == .roomCancelled(ids[2]))
        #expect(refusal { try winter.buy(winter.onSale(until: -9_000)) } == .over(endedAt: f.at(-9_000)))
        #expect(refusal { try winter.buy(winter.onSale(), at: 3_600) } == .over(endedAt: f.at(3_600)))
        rooms = winter.rooms
        rooms[1] = try winter.room(1, 700, state: .closed(at: f.at(-4_000)))
        #expect(refusal { try winter.buy(winter.onSale(rooms)) } == .over(endedAt: f.at(-4_000)))
        rooms[1] = try winter.room(1, 700, currency: .usd, opensAt: f.at(-3_599))
        #expect(
            refusal { try winter.buy(winter.onSale(rooms)) } == .roomNotOpen(ids[1], opensAt: f.at(-3_599)))
        rooms[1] = try winter.room(1, 700, currency: .usd)
        #expect(refusal { try winter.buy(winter.onSale(rooms, price: 9_000)) } == .currency(ids[1]))
        #expect(refusal { try winter.buy(winter.onSale(price: 2_201, sold: 2)) } == .dearer(rooms: Money(2_200, .eur)))
        #expect(refusal { try winter.buy(winter.onSale(sold: 2), seats: full, wallet: poor) } == .soldOut(passes: 2))
        #expect(refusal { try winter.buy(winter.onSale(), seats: full, wallet: poor) } == .roomFull(ids[0]))
        var spoken = full
        spoken[0] = SeatUse(taken: 1, lowestFree: 2).spokenFor(of: 3)
        #expect(refusal { try winter.buy(winter.onSale(), seats: spoken) } == .roomFull(ids[0]))
        #expect(
            refusal { try winter.buy(winter.onSale(), wallet: poor) } == .insufficientFunds(missing: Money(1_800, .eur))
        )
        #expect(try winter.buy(winter.onSale(price: 2_200)).terms.parts.map(\.share.minorUnits) == [500, 700, 1_000])
        #expect(
            refusal {
                try decidePassQuote(in: winter.onSale(), for: nil, seats: full, at: f.at(-3_600))
            } == .roomFull(ids[0]))
    }

    @Test("the parts are those of a naive division, whatever the prices")
    func division() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<400 {
            let count = Int.random(in: 2...8, using: &generator)
            let prices = (0..<count).map { _ in Int64.random(in: 0...900, using: &generator) }
            let together = prices.reduce(0, +)
            let price = Int64.random(in: 0...together, using: &generator)
            let winter = try Winter(prices: prices)
            let terms = try decidePassTerms(
                in: winter.onSale(price: price), for: nil, at: winter.fixture.at(-3_600))
            let shares = terms.parts.map(\.share.minorUnits)
            #expect(shares.reduce(0, +) == price)
            #expect(zip(shares, prices).allSatisfy { $0 <= $1 }, "\(prices) \(price) \(shares)")
            // Naive: one unit after the other to whoever is furthest behind their quota's floor, then the fractions.
            var naive = prices.map { together == 0 ? 0 : price * $0 / together }
            let order = prices.indices.sorted { left, right in
                let (a, b) = (price * prices[left] % max(1, together), price * prices[right] % max(1, together))
                return a != b ? a > b : winter.ids[left].text < winter.ids[right].text
            }
            for index in order.prefix(Int(price - naive.reduce(0, +))) { naive[index] += 1 }
            #expect(shares == naive)
        }
    }

    @Test("a digest pins every part, and none other has it")
    func digest() throws {
        let winter = try Winter()
        let at = winter.fixture.at(-3_600)
        let first = try decidePassTerms(in: winter.onSale(), for: nil, at: at)
        #expect(try decidePassTerms(in: winter.onSale(), for: nil, at: at).digest == first.digest)
        var rooms = winter.rooms
        rooms[0] = try winter.room(0, 501)
        #expect(try decidePassTerms(in: winter.onSale(rooms), for: nil, at: at).digest != first.digest)
        #expect(try decidePassTerms(in: winter.onSale(price: 1_801), for: nil, at: at).digest != first.digest)
    }

    @Test("are given back by each ticket's own terms, all of it or nothing")
    func refunds() throws {
        let winter = try Winter()
        let at = winter.fixture.start
        func part(_ name: String, _ outcome: PassRefundPart.Outcome) throws -> PassRefundPart {
            PassRefundPart(
                room: try #require(winter.ids.first), order: .derived(at: at, from: name),
                ticket: .derived(at: at, from: name), outcome: outcome)
        }
        let parts = try [
            part("a", .refunded(Money(409, .eur))), part("b", .ended), part("c", .passedOn),
            part("d", .kept(because: "refund_closed")), part("e", .refunded(Money(0, .eur))),
        ]
        let refund = PassRefund(parts: parts, in: .eur)
        #expect(refund.total == Money(409, .eur))
        #expect(try decidePassRefund(refund, seen: nil).map(\.order) == [parts[0].order, parts[4].order])
        #expect(try decidePassRefund(refund, seen: Money(409, .eur)).count == 2)
        #expect(
            refusal { try decidePassRefund(refund, seen: Money(408, .eur)) } == .refundChanged(now: Money(409, .eur)))
        let none = PassRefund(parts: Array(parts[1...3]), in: .eur)
        #expect(refusal { try decidePassRefund(none, seen: Money(0, .eur)) } == .nothingToRefund)
    }

    @Test("have plain words in both languages, and every fact finds its place")
    func words() throws {
        let money = Money(100, .eur)
        let at = Instant(seconds: 0)
        let room = RoomID.derived(at: at, from: "room")
        let all: [SeriesRefusal] = [
            .unknown, .passUnknown, .title, .rooms, .roomUnknown(room), .roomOver(room), .currency(room),
            .otherCurrency(.eur), .price(least: money, most: money), .passes(least: 1, most: 2), .saleEnd, .limit,
            .withdrawn, .over(endedAt: at), .roomCancelled(room), .roomNotOpen(room, opensAt: at),
            .dearer(rooms: money), .soldOut(passes: 2), .roomFull(room), .insufficientFunds(missing: money),
            .nothingToRefund, .refundChanged(now: money),
        ]
        for refusal in all {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
            for language in ["en", "fr"] {
                let words = text.words(in: language, facts: refusal.facts)
                let raw = try #require(text.words[language])
                #expect(!(words.title + words.detail + words.next).contains("{"), "\(refusal.code) in \(language)")
                for fact in refusal.facts.keys {
                    #expect((raw.title + raw.detail + raw.next).contains("{\(fact)}"), "\(refusal.code): \(fact)")
                }
            }
        }
        #expect(RefusalTexts.all["series_pass_unknown"]?.status == 404)
    }
}
