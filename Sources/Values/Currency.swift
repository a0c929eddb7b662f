/// A currency of ISO 4217: three capitals and the exponent of its minor unit.
///
/// Only listed currencies exist, because an unknown exponent would make every printed amount a guess.
public struct Currency: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// ISO 4217 alphabetic code, for example `EUR`.
    public let code: String
    /// Decimal places of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    public let exponent: Int

    private init(_ code: String, _ exponent: Int) {
        self.code = code
        self.exponent = exponent
    }

    /// The currency with this code, or `nil` where the code is not in the table.
    public init?(_ code: String) {
        guard let known = Self.table[code] else { return nil }
        self = known
    }

    public static let eur = Currency("EUR", 2)
    public static let usd = Currency("USD", 2)
    public static let gbp = Currency("GBP", 2)
    public static let chf = Currency("CHF", 2)
    public static let jpy = Currency("JPY", 0)

    /// ISO 4217 amendment 176; funds codes and metals are left out.
    private static let table: [String: Currency] = {
        let two = [
            "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "COP", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF",
            "IDR", "ILS", "INR", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PLN", "RON", "SAR", "SEK",
            "SGD", "THB", "TRY", "TWD", "UAH", "USD", "ZAR",
        ]
        let zero = ["CLP", "ISK", "JPY", "KRW", "VND", "XAF", "XOF", "XPF"]
        let three = ["BHD", "JOD", "KWD", "OMR", "TND"]
        let all = two.map { Currency($0, 2) } + zero.map { Currency($0, 0) } + three.map { Currency($0, 3) }
        return Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
    }()

    public var description: String { code }

    public static func < (lhs: Currency, rhs: Currency) -> Bool { lhs.code < rhs.code }
}

extension Currency: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let code = try container.decode(String.self)
        guard let currency = Currency(code) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Not a currency code of ISO 4217 known here.")
        }
        self = currency
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}
