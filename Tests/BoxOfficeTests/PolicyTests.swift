import BoxOffice
import Schemas
import Testing
import Values

@Suite("Policy presets")
struct PolicyTests {
    let book: PolicyBook

    init() throws { book = try PolicyBook(json: PolicyPresets.json) }

    @Test("the default is what the house promises")
    func house() throws {
        let policy = try #require(book["guichet-default-2026"])
        #expect(policy.id == "guichet-default-2026/1")
        #expect(book["guichet-default-2026/1"] == policy)
        #expect(policy.calendar.zone == "Europe/Paris")
        #expect(policy.holdDays == 7)
        #expect(policy.vat(in: Money(1_000, .eur)) == Money(167, .eur))
        #expect(policy.vat(in: Money(1_000, .usd)) == Money(0, .usd))
        #expect(policy.fee(of: Money(1_000, .eur), through: "wallet")?.amount == Money(0, .eur))
        for currency in [Currency.eur, .usd, .gbp] {
            #expect(policy.priceRange[currency] == 100...99_900)
            #expect(policy.minimumPayout(in: currency) == 5_000)
            #expect(
                policy.tiers[currency] == [
                    Tier(upTo: 5_000_000, rate: BasisPoints(9_700)), Tier(upTo: nil, rate: BasisPoints(8_000)),
                ])
        }
        #expect(policy.minimumPayout(in: .jpy) == 1)
    }

    @Test("the demo pays the same night, from the first cent")
    func demo() throws {
        let policy = try #require(book["guichet-demo-2026"])
        #expect(policy.holdDays == 0)
        #expect(policy.minimumPayout(in: .eur) == 1)
    }

    @Test("ticketed rooms of 2021 give 6.79 of 10.00")
    func ticketed() throws {
        let policy = try #require(book["twitter-ticketed-2021"])
        let price = Money(1_000, .usd)
        let fee = try #require(policy.fee(of: price, through: SalePolicy.walletChannel)).amount
        let base = price - policy.vat(in: price) - fee
        #expect(base == Money(700, .usd))
        let first = try #require(policy.tiers[.usd]?.first)
        #expect(base.minorUnits * first.rate.value / 10_000 == 679)
        let announced = try #require(book["twitter-announced-2021"])
        #expect(announced.tiers[.usd] == [Tier(upTo: nil, rate: BasisPoints(8_000))])
    }

    @Test("batch days are what the calendar says")
    func batchDays() throws {
        let policy = try #require(try preset(["\"batch_days\": \"daily\"": "\"batch_days\": \"weekdays\""]))
        let saturday = try #require(LocalDay("2026-11-21"))
        #expect(!policy.isBatchDay(saturday))
        #expect(policy.isBatchDay(saturday.advanced(byDays: 2)))
        let holiday = try #require(try preset(["\"holidays\": []": "\"holidays\": [\"2026-12-25\"]"]))
        #expect(!holiday.isBatchDay(try #require(LocalDay("2026-12-25"))))
    }

    @Test(
        "a preset that breaks its own rules is refused",
        arguments: [
            ["Europe/Paris": "Mars/Olympus"], ["24:00": "24:30"], ["24:00": "9:00"],
            ["\"version\": 1": "\"version\": 0"],
            ["\"bp\": 9700": "\"bp\": 10001"], ["\"up_to\": 5000000": "\"up_to\": 0"],
            ["\"up_to\": null": "\"up_to\": 6000000"], ["\"EUR\": 2000": "\"EUR\": 9000"],
            ["\"wallet\": 0": "\"store\": 0"], ["\"wallet\": 0": "\"wallet\": 9000"], ["\"GBP\"": "\"ZZZ\""],
            ["\"hold_days\": 7": "\"hold_days\": -1"], ["\"max\": 99900": "\"max\": 99"],
            ["\"room_ends\"": "\"whenever\""], ["{": "["],
        ])
    func refused(_ change: [String: String]) {
        #expect(throws: PolicyFault.self) { try preset(change) }
    }

    /// The first preset of the real file with some text changed.
    private func preset(_ changes: [String: String]) throws -> SalePolicy? {
        var text = String(decoding: PolicyPresets.json, as: UTF8.self)
        for (old, new) in changes { text = text.replacing(old, with: new) }
        return try PolicyBook(json: Array(text.utf8))["guichet-default-2026"]
    }
}
