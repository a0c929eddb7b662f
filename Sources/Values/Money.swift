/// An amount in integer minor units of one currency: `Money(500, .eur)` is 5.00 EUR.
///
/// Amounts never exceed ``limit`` in size, so that sums of thousands of them stay far inside 64 bits.
/// In JSON: `{"amount": 500, "currency": "EUR"}`.
public struct Money: Hashable, Sendable, CustomStringConvertible {
    /// Minor units (cents of EUR, whole JPY); negative where the meaning of the field allows it.
    public let minorUnits: Int64
    public let currency: Currency

    /// 10^15 minor units: ten trillion EUR, a thousandth of what 64 bits hold. The schema has the same bound.
    public static let limit: Int64 = 1_000_000_000_000_000

    public init(_ minorUnits: Int64, _ currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    public static func zero(_ currency: Currency) -> Money { Money(0, currency) }

    public var isZero: Bool { minorUnits == 0 }
    public var isPositive: Bool { minorUnits > 0 }

    /// The decimal text with a point and the currency's exponent, without the code: `5.00`, `-0.05`, `500` (JPY).
    public var decimal: String {
        let exponent = currency.exponent
        let magnitude = String(minorUnits.magnitude)
        let sign = minorUnits < 0 ? "-" : ""
        guard exponent > 0 else { return sign + magnitude }
        let padded = String(repeating: "0", count: max(0, exponent + 1 - magnitude.count)) + magnitude
        let split = padded.index(padded.endIndex, offsetBy: -exponent)
        return sign + padded[..<split] + "." + padded[split...]
    }

    /// `5.00 EUR`.
    public var description: String { "\(decimal) \(currency.code)" }

    /// Reads `5.00 EUR`, `5 EUR` or `-0.05 EUR`; `nil` for more decimals than the currency has, a comma, or an
    /// amount beyond ``limit``.
    public init?(parsing text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, let currency = Currency(String(parts[1])) else { return nil }
        self.init(decimal: parts[0], currency)
    }

    /// Reads a decimal such as `5.00` in a known currency; `nil` as in ``init(parsing:)``.
    public init?(decimal text: some StringProtocol, _ currency: Currency) {
        let negative = text.hasPrefix("-")
        let digits = negative ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, digits.allSatisfy({ $0 == "." || ("0"..."9").contains($0) })
        else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard fraction.count <= currency.exponent, parts.count == 1 || !fraction.isEmpty else { return nil }
        let scaled = String(whole) + fraction + String(repeating: "0", count: currency.exponent - fraction.count)
        guard let magnitude = Int64(scaled), magnitude <= Self.limit else { return nil }
        self.init(negative ? -magnitude : magnitude, currency)
    }
}

extension Money {
    /// The sum. Both sides must be of one currency; an overflow is a bug of the caller, which has bounds.
    public static func + (lhs: Money, rhs: Money) -> Money {
        precondition(lhs.currency == rhs.currency, "Amounts of two currencies were added.")
        return Money(lhs.minorUnits + rhs.minorUnits, lhs.currency)
    }

    /// The difference, under the same rule as the sum.
    public static func - (lhs: Money, rhs: Money) -> Money {
        precondition(lhs.currency == rhs.currency, "Amounts of two currencies were subtracted.")
        return Money(lhs.minorUnits - rhs.minorUnits, lhs.currency)
    }

    public static prefix func - (value: Money) -> Money { Money(-value.minorUnits, value.currency) }
}

extension Money: Codable {
    private enum CodingKeys: String, CodingKey {
        case amount, currency
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let amount = try container.decode(Int64.self, forKey: .amount)
        guard amount.magnitude <= Self.limit.magnitude else {
            throw DecodingError.dataCorruptedError(
                forKey: .amount, in: container, debugDescription: "The amount is beyond 10^15 minor units.")
        }
        self.init(amount, try container.decode(Currency.self, forKey: .currency))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(minorUnits, forKey: .amount)
        try container.encode(currency, forKey: .currency)
    }
}
