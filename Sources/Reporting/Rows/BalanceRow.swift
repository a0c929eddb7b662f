public import Values

/// The balance of one account in one currency, exactly a row of `balances.csv`; debit positive, minor units.
public struct BalanceRow: Hashable, Sendable {
    public var account: String
    public var currency: Currency
    public var balance: Int64

    public init(account: String, currency: Currency, balance: Int64) {
        self.account = account
        self.currency = currency
        self.balance = balance
    }
}
