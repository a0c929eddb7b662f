import Foundation
import Simulation
import Testing
import Values

@Suite("Money")
struct MoneyTests {
    @Test("is printed with the places of its currency")
    func printed() {
        #expect(Money(500, .eur).description == "5.00 EUR")
        #expect(Money(-5, .eur).description == "-0.05 EUR")
        #expect(Money(500, .jpy).description == "500 JPY")
        #expect(Currency("KWD").map { Money(1_234, $0).decimal } == "1.234")
        #expect(Currency("XXX") == nil && Currency("eur") == nil)
    }

    @Test("comes back from its own text")
    func roundTrip() {
        var generator = SeededGenerator(seed: 4217)
        let currencies = ["EUR", "JPY", "KWD"].compactMap { Currency($0) }
        for _ in 0..<1_000 {
            guard let currency = currencies.randomElement(using: &generator) else { continue }
            let money = Money(Int64.random(in: -Money.limit...Money.limit, using: &generator), currency)
            #expect(Money(parsing: money.description) == money, "seed \(generator.seed)")
        }
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "EUR", "5.00", "5,00 EUR", "5.001 EUR", "5. EUR", ".5 EUR", "+5 EUR", "5.0.0 EUR", "1e3 EUR", "5.0 JPY",
            "5.00 eur", "--5 EUR", "- 5 EUR", "5.00 EUR EUR", "10000000000001.00 EUR", "99999999999999999999 EUR",
            "٥ EUR", "1\u{FE0F}\u{20E3} EUR", "5.-1 EUR",
        ])
    func refused(_ text: String) {
        #expect(Money(parsing: text) == nil)
    }

    @Test("is an amount and a currency in JSON, within the limit")
    func json() throws {
        let decoder = JSONDecoder()
        func read(_ text: String) throws -> Money { try decoder.decode(Money.self, from: Data(text.utf8)) }
        #expect(try read(#"{"amount": 500, "currency": "EUR"}"#) == Money(500, .eur))
        for text in [
            #"{"amount": 5.5, "currency": "EUR"}"#, #"{"amount": "5", "currency": "EUR"}"#,
            #"{"amount": 5, "currency": "BTC"}"#, #"{"amount": 1000000000000001, "currency": "EUR"}"#,
            #"{"amount": -9223372036854775808, "currency": "EUR"}"#, #"{"amount": 5}"#,
        ] {
            #expect(throws: DecodingError.self) { try read(text) }
        }
    }
}
