import BoxOffice
import Ledger
import Schemas
import Simulation
import Testing
import Values

@Suite("A price list")
struct PriceListTests {
    private func list(_ fixture: Fixture, early: Int = 0, until: Int64 = -5_000) throws -> PriceList {
        let room = try fixture.room().id
        func version(
            _ number: Int, _ tier: String, _ price: Int64, kind: PriceKind = .fixed, until: Instant? = nil,
            places: Int? = nil
        ) -> PriceVersion {
            PriceVersion(
                room: room, version: number, tier: tier, kind: kind, price: Money(price, .eur), until: until,
                places: places, since: fixture.at(-90_000))
        }
        return PriceList([
            PriceOffer(version(1, "regular", 800)),
            PriceOffer(version(2, "early", 500, until: fixture.at(until), places: 2), taken: early),
            PriceOffer(version(3, "supporter", 1_000, kind: .floor(most: 5_000))),
            PriceOffer(version(4, "gone", 100, kind: .withdrawn)),
        ])
    }

    private func terms(
        _ fixture: Fixture, _ list: PriceList, tier: String? = nil, price: Money? = nil, count: Int = 1,
        voucher: VoucherClaim = .none, channel: String = "wallet", country: String? = nil, at seconds: Int64 = -6_000
    ) throws(PurchaseRefusal) -> TicketTerms {
        let room: Room
        do { room = try fixture.room() } catch { throw .roomUnknown }
        let wish = TicketWish(
            room: room.id, count: count, tier: tier, priceSeen: price, voucher: voucher, channel: channel,
            country: country.flatMap { CountryEvidence(country: $0, source: .declared) })
        return try decideTerms(
            wish, in: RoomOnSale(room: room, prices: list, policy: fixture.policy, taxes: taxes),
            at: fixture.at(seconds))
    }

    private var taxes: TaxTable { (try? TaxTable(json: TaxRates.json)) ?? .empty }

    @Test("shows the cheapest tier that is open, and the next one when its time or its places are gone")
    func phases() throws {
        let fixture = try Fixture()
        #expect(try terms(fixture, try list(fixture)).price == Money(500, .eur))
        #expect(try terms(fixture, try list(fixture), at: -5_000).price == Money(800, .eur))
        #expect(try terms(fixture, try list(fixture, early: 2)).price == Money(800, .eur))
        #expect(throws: PurchaseRefusal.tierFull(left: 1)) {
            try terms(fixture, try list(fixture, early: 1), tier: "early", count: 2)
        }
        #expect(throws: PurchaseRefusal.tierFull(left: 0)) {
            try terms(fixture, try list(fixture, early: 2), tier: "early")
        }
        #expect(throws: PurchaseRefusal.tierOver) { try terms(fixture, try list(fixture), tier: "early", at: -5_000) }
        #expect(throws: PurchaseRefusal.tierUnknown) { try terms(fixture, try list(fixture), tier: "gone") }
        #expect(throws: PurchaseRefusal.tierUnknown) { try terms(fixture, try list(fixture), tier: "other") }
        #expect(throws: PurchaseRefusal.count(most: 20)) { try terms(fixture, try list(fixture), count: 21) }
        let coming = PriceVersion(
            room: try fixture.room().id, version: 1, price: Money(500, .eur), from: fixture.at(-100),
            since: fixture.at(-90_000))
        #expect(throws: PurchaseRefusal.tierNotOpen(opensAt: fixture.at(-100))) {
            try terms(fixture, PriceList([PriceOffer(coming)]))
        }
    }

    @Test("takes what a buyer chooses between floor and most")
    func floor() throws {
        let fixture = try Fixture()
        let list = try list(fixture)
        let chosen = try terms(fixture, list, tier: "supporter", price: Money(1_500, .eur))
        #expect(chosen.gross == Money(1_500, .eur))
        #expect(chosen.extra == 500)
        #expect(chosen.isFloor)
        #expect(throws: PurchaseRefusal.belowFloor(least: Money(1_000, .eur))) {
            try terms(fixture, list, tier: "supporter", price: Money(999, .eur))
        }
        #expect(throws: PurchaseRefusal.aboveMost(most: Money(5_000, .eur))) {
            try terms(fixture, list, tier: "supporter", price: Money(5_001, .eur))
        }
        #expect(throws: PurchaseRefusal.priceChanged(now: Money(800, .eur))) {
            try terms(fixture, list, tier: "regular", price: Money(900, .eur))
        }
    }

    @Test("is set by a host within the rules, each broken one refused by name")
    func drafts() throws {
        let fixture = try Fixture()
        let room = try fixture.room()
        let list = try list(fixture)
        func set(_ draft: TierDraft, versions: Int = 4) throws(PriceRefusal) -> PriceVersion {
            try decideTier(
                draft, for: room, in: list, versions: versions, policy: fixture.policy, at: fixture.at(-6_000))
        }
        let euros = Money(900, .eur)
        let next = try set(TierDraft(tier: "late", price: euros, from: fixture.at(-100), places: 3))
        #expect(next.version == 5)
        // The same again is no new version.
        #expect(try set(TierDraft(tier: "regular", price: Money(800, .eur))).version == 1)
        #expect(try set(TierDraft(tier: "regular", price: Money(800, .eur), isWithdrawn: true)).kind == .withdrawn)
        #expect(throws: PriceRefusal.tierName) { try set(TierDraft(tier: "Late!", price: euros)) }
        #expect(throws: PriceRefusal.tierPlaces(capacity: 3)) {
            try set(TierDraft(tier: "late", price: euros, places: 4))
        }
        #expect(throws: PriceRefusal.tierDates) {
            try set(TierDraft(tier: "late", price: euros, from: fixture.at(0), until: fixture.at(0)))
        }
        #expect(throws: PriceRefusal.listCurrency(.eur)) { try set(TierDraft(tier: "late", price: Money(900, .usd))) }
        #expect(throws: PriceRefusal.outOfRange(least: Money(100, .eur), most: Money(99_900, .eur))) {
            try set(TierDraft(tier: "late", price: euros, most: Money(899, .eur)))
        }
        #expect(throws: PriceRefusal.listFull(tiers: 12)) {
            try set(TierDraft(tier: "late", price: euros), versions: 500)
        }
    }

    private func standing(
        _ benefit: VoucherBenefit, _ fixture: Fixture, uses: Int = 2, used: Int = 0, revoked: Bool = false,
        host: HostID? = nil
    ) throws -> VoucherClaim {
        .known(
            VoucherStanding(
                Voucher(
                    id: .derived(at: fixture.start, from: "v"), host: host ?? fixture.host, room: nil,
                    benefit: benefit, uses: uses, from: fixture.at(-7_000), until: fixture.at(-5_500), hint: "ABCD"),
                used: used, isRevoked: revoked))
    }

    @Test("lets vouchers take off a part, an amount, or all of it")
    func vouchers() throws {
        let fixture = try Fixture()
        let list = try list(fixture)
        let third = try terms(
            fixture, list, voucher: try standing(.percent(BasisPoints(3_333)), fixture))
        #expect(third.discount == 167)
        #expect(third.gross == Money(333, .eur))
        let amount = try terms(fixture, list, voucher: try standing(.amount(Money(600, .eur)), fixture))
        #expect(amount.gross == Money(0, .eur))
        let free = try terms(fixture, list, tier: "supporter", voucher: try standing(.free, fixture))
        #expect(free.gross == Money(0, .eur))
        #expect(free.vat == 0)
        #expect(PostingRecipe.sale(of: free, in: try fixture.room().id, from: .bank) == [])
        #expect(throws: PurchaseRefusal.voucherUnknown) { try terms(fixture, list, voucher: .unknown) }
        #expect(throws: PurchaseRefusal.voucherUnknown) {
            try terms(
                fixture, list,
                voucher: try standing(.free, fixture, host: .derived(at: fixture.start, from: "another")))
        }
        #expect(throws: PurchaseRefusal.voucherUsedUp(left: 1)) {
            try terms(fixture, list, count: 2, voucher: try standing(.free, fixture, used: 1))
        }
        #expect(throws: PurchaseRefusal.voucherOver) {
            try terms(fixture, list, voucher: try standing(.free, fixture, revoked: true))
        }
        #expect(throws: PurchaseRefusal.voucherOver) {
            try terms(fixture, list, voucher: try standing(.free, fixture), at: -5_500)
        }
        #expect(throws: PurchaseRefusal.voucherNotYet(from: fixture.at(-7_000))) {
            try terms(fixture, list, voucher: try standing(.free, fixture), at: -7_001)
        }
    }

    @Test("reads the codes that people type")
    func codes() {
        #expect(Voucher.normalised("ab-cd 12") == "ABCD12")
        #expect(Voucher.normalised("abc") == nil)
        #expect(Voucher.normalised("ab!cd") == nil)
        #expect(Voucher.normalised(String(repeating: "A", count: 33)) == nil)
        #expect(Voucher.normalised("") == nil)
    }

    @Test("gives each channel its fee and each country its tax, in accounts of their own")
    func taxesAndFees() throws {
        let fixture = try Fixture(policy: "guichet-eu-2026")
        let list = try list(fixture)
        func legs(_ country: String?, _ channel: String = "web", at seconds: Int64 = -6_000) throws -> [String: Int64] {
            let terms = try terms(fixture, list, tier: "regular", channel: channel, country: country, at: seconds)
            let legs = PostingRecipe.sale(of: terms, in: try fixture.room().id, from: .wallet(fixture.holder))
            #expect(legs.reduce(0) { $0 + $1.amount.minorUnits } == 800)
            return Dictionary(uniqueKeysWithValues: legs.map { ($0.credit.text, $0.amount.minorUnits) })
        }
        let escrow = Account.escrow(try fixture.room().id).text
        // 1.5 % and 0.25 of 8.00 is 0.37; 20 % inside 8.00 is 1.33.
        #expect(try legs("FR") == ["liabilities:vat:fr-2000": 133, "assets:psp:web": 37, escrow: 630])
        #expect(try legs(nil) == (try legs("FR")))
        #expect(try legs("DE") == ["liabilities:vat:de-1900": 128, "assets:psp:web": 37, escrow: 635])
        // Where no tax is known, none is owed.
        #expect(try legs("US") == ["assets:psp:web": 37, escrow: 763])
        #expect(try legs("FR", "wallet") == ["liabilities:vat:fr-2000": 133, escrow: 667])
        #expect(try legs("FR", "ios") == ["liabilities:vat:fr-2000": 133, "assets:psp:ios": 240, escrow: 427])
        #expect(throws: PurchaseRefusal.channelUnknown) { try terms(fixture, list, channel: "pigeon") }
    }

    @Test("knows what a rate was on a day")
    func dates() throws {
        let taxes = try TaxTable(json: TaxRates.json)
        #expect(taxes.countries.count == 28)
        let before = try #require(LocalDay("2024-08-31"))
        #expect(taxes.rate(in: "FI", on: before) == BasisPoints(2_400))
        #expect(taxes.rate(in: "FI", on: before.advanced(byDays: 1)) == BasisPoints(2_550))
        #expect(taxes.rate(in: "XX", on: before) == nil)
        #expect(throws: PolicyFault.self) {
            try TaxTable(json: Array(#"{"rates":[{"country":"fr","bp":1,"from":"2020-01-01"}]}"#.utf8))
        }
    }

    /// The terms of random wishes, checked against sums worked out another way.
    @Test("quotes the legs that a sale posts, whatever is bought")
    func quotesAreSales() throws {
        var generator = SeededGenerator(seed: 20_261_123)
        for _ in 0..<120 {
            let policies = ["guichet-eu-2026", "guichet-default-2026"]
            let fixture = try Fixture(policy: policies[Int.random(in: 0...1, using: &generator)])
            let price = Money(Int64.random(in: 100...99_900, using: &generator), .eur)
            let isFloor = Bool.random(using: &generator)
            let version = PriceVersion(
                room: try fixture.room().id, version: 7, kind: isFloor ? .floor(most: 99_900) : .fixed, price: price,
                since: fixture.at(-90_000))
            let chosen = isFloor ? Money(Int64.random(in: price.minorUnits...99_900, using: &generator), .eur) : price
            let benefits: [VoucherBenefit] = [
                .percent(BasisPoints(Int64.random(in: 1...10_000, using: &generator))),
                .amount(Money(Int64.random(in: 1...20_000, using: &generator), .eur)), .free,
            ]
            let voucher =
                Bool.random(using: &generator)
                ? VoucherClaim.none
                : try standing(benefits[Int.random(in: 0...2, using: &generator)], fixture, uses: 20)
            let count = Int.random(in: 1...3, using: &generator)
            let countries = ["FR", "DE", "US", "HU"]
            let isLocal = fixture.policy.taxHome == nil
            let wish = TicketWish(
                room: try fixture.room().id, count: count, priceSeen: chosen, voucher: voucher,
                channel: isLocal ? "wallet" : ["wallet", "web", "ios"][Int.random(in: 0...2, using: &generator)],
                country: CountryEvidence(
                    country: countries[Int.random(in: 0...3, using: &generator)], source: .declared))
            let sale = RoomOnSale(
                room: try fixture.room(), prices: PriceList([PriceOffer(version)]), policy: fixture.policy, taxes: taxes
            )
            let seats = SeatUse(taken: 0, lowestFree: 1)
            let quote = try decideQuote(wish, for: fixture.holder, in: sale, seats: seats, at: fixture.at(-6_000))
            let names = (0..<count).map { index in
                TicketNames(
                    order: .make(at: fixture.start, using: &generator),
                    ticket: .make(at: fixture.start, using: &generator),
                    entry: .derived(at: fixture.start, from: "\(index)"))
            }
            let request = PurchaseRequest(
                wish: wish, holder: fixture.holder, purchase: .make(at: fixture.start, using: &generator), names: names)
            let sales = try decidePurchase(
                request, in: sale, seats: seats, wallet: quote.total, stamp: fixture.stamp(-6_000))
            #expect(sales.count == count)
            for sold in sales {
                #expect(sold.entry?.legs ?? [] == quote.legs, "seed \(generator.seed)")
                #expect(sold.order.terms.digest == quote.terms.digest)
                #expect(sold.order.gross.minorUnits == sold.order.vat + sold.order.fee + sold.order.base)
            }
            #expect(Set(sales.map(\.ticket.seat)) == Set(1...count))
            // One cent less is refused, and nothing is sold in part.
            guard quote.total.isPositive else { continue }
            #expect(throws: PurchaseRefusal.insufficientFunds(missing: Money(1, .eur))) {
                try decidePurchase(
                    request, in: sale, seats: seats, wallet: quote.total - Money(1, .eur), stamp: fixture.stamp(-6_000))
            }
        }
    }
}
