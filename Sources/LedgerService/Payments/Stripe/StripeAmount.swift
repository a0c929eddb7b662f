internal import Values

/// How Stripe writes an amount: in the smallest unit of its currency, as we do, with two exceptions that its page on
/// currencies names. ISK has no decimals and is written as if it had two; currencies with three decimals are charged in
/// steps of ten, since cards know only two of them.
enum StripeAmount {
    /// - Throws: ``ProviderFault/refused(code:)`` for an amount that Stripe would not take.
    static func units(of money: Money) throws(ProviderFault) -> Int64 {
        switch money.currency.exponent {
        case 0 where money.currency.code == "ISK": return money.minorUnits * 100
        case 3 where !money.minorUnits.isMultiple(of: 10): throw .refused(code: "amount_not_multiple_of_ten")
        default: return money.minorUnits
        }
    }

    /// `nil` for what is no whole amount of ours, such as half a króna.
    static func money(_ units: Int64, _ currency: Currency) -> Money? {
        guard currency.code == "ISK" else { return Money(units, currency) }
        return units.isMultiple(of: 100) ? Money(units / 100, currency) : nil
    }
}
