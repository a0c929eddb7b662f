public import Ledger
public import Values

/// Where a buyer says to be, and how we know: what decides the tax of a sale, kept with the order.
public struct CountryEvidence: Hashable, Sendable {
    /// What the country follows from.
    public enum Source: String, Hashable, Sendable, Codable, CaseIterable {
        /// The buyer said so.
        case declared
        /// The country of the payment card or account, from the provider.
        case payment
        /// The country of the network, from the edge.
        case network
    }

    /// ISO 3166-1 alpha-2, `FR`.
    public let country: String
    public let source: Source

    /// `nil` unless the country is two capital letters.
    public init?(country: String, source: Source) {
        let letters = country.utf8
        guard letters.count == 2, letters.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            return nil
        }
        self.country = country
        self.source = source
    }
}

/// What one ticket costs and where each part of it goes: the same value in a quote, in a hold and in the order.
public struct TicketTerms: Hashable, Sendable {
    /// The version of the price list that was seen, and whether it is a floor.
    public let priceVersion: Int
    public let isFloor: Bool
    /// The price of that version.
    public let price: Money
    /// Minor units that the buyer adds to a floor.
    public let extra: Int64
    /// Minor units that a voucher takes off.
    public let discount: Int64
    /// What is paid: `price + extra − discount`.
    public let gross: Money
    /// Minor units inside the gross, and to whom they are owed.
    public let vat: Int64
    public let vatAccount: Account
    /// Minor units that the store or provider keeps, and in which account that shows.
    public let fee: Int64
    public let feeAccount: Account
    public let feeIsRefundable: Bool
    /// ``SalePolicy/id``.
    public let policy: String
    /// Through which door the sale comes: `wallet`, `web`, `ios`.
    public let channel: String
    public let country: CountryEvidence?
    public let voucher: VoucherID?

    public var currency: Currency { gross.currency }

    /// `nil` unless the gross is not negative, follows from price, extra and discount, and holds VAT and fee.
    public init?(
        priceVersion: Int, isFloor: Bool = false, price: Money, extra: Int64 = 0, discount: Int64 = 0, gross: Money,
        vat: Int64, vatAccount: Account = .vat, fee: Int64, feeAccount: Account = .provider, feeIsRefundable: Bool,
        policy: String, channel: String = SalePolicy.walletChannel, country: CountryEvidence? = nil,
        voucher: VoucherID? = nil
    ) {
        guard price.currency == gross.currency, (0...Money.limit).contains(price.minorUnits),
            (0...Money.limit).contains(extra), (0...(price.minorUnits + extra)).contains(discount),
            extra == 0 || isFloor, gross.minorUnits == price.minorUnits + extra - discount,
            (0...Money.limit).contains(gross.minorUnits), (0...gross.minorUnits).contains(vat),
            (0...(gross.minorUnits - vat)).contains(fee)
        else { return nil }
        self.priceVersion = priceVersion
        self.isFloor = isFloor
        self.price = price
        self.extra = extra
        self.discount = discount
        self.gross = gross
        self.vat = vat
        self.vatAccount = vatAccount
        self.fee = fee
        self.feeAccount = feeAccount
        self.feeIsRefundable = feeIsRefundable
        self.policy = policy
        self.channel = channel
        self.country = country
        self.voucher = voucher
    }
}
