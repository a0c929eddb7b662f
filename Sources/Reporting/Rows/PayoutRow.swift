public import Values

/// One payment of a batch, exactly a row of `payouts.csv`. Minor units; `net = gross − withheld`.
public struct PayoutRow: Hashable, Sendable {
    public var batchDay: LocalDay
    public var host: String
    public var currency: Currency
    public var gross: Int64
    public var withheld: Int64
    public var net: Int64
    /// The bank sent it back. Not in `payouts.csv`; in `result.json`.
    public var returned: Bool

    public init(
        batchDay: LocalDay, host: String, currency: Currency, gross: Int64, withheld: Int64, net: Int64,
        returned: Bool = false
    ) {
        self.batchDay = batchDay
        self.host = host
        self.currency = currency
        self.gross = gross
        self.withheld = withheld
        self.net = net
        self.returned = returned
    }
}

/// A payout batch: the business day it closes and the instant at which that day ended, exclusive.
public struct BatchRow: Hashable, Sendable {
    public var day: LocalDay
    public var cutoff: Instant
    /// SHA-256 over the batch's items, 64 hexadecimal digits; what approval binds to.
    public var digest: String

    public init(day: LocalDay, cutoff: Instant, digest: String) {
        self.day = day
        self.cutoff = cutoff
        self.digest = digest
    }
}
