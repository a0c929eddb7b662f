public import Values

/// What one room sold on one business day in one currency. Amounts in minor units, never negative.
public struct SalesRow: Hashable, Sendable {
    /// The business day on which the tickets were sold.
    public var day: LocalDay
    public var room: String
    public var title: String
    public var host: String
    public var currency: Currency
    public var tickets: Int64
    /// What buyers paid; `gross = vat + fee + base`.
    public var gross: Int64
    public var vat: Int64
    /// What the store or the payment provider kept.
    public var fee: Int64
    /// What is shared between host and platform.
    public var base: Int64
    /// Of these tickets, how many were given back until the night's cut, whenever that happened.
    public var refundedTickets: Int64
    /// Of `gross`, what went back to buyers until the night's cut.
    public var refunded: Int64

    public init(
        day: LocalDay, room: String, title: String, host: String, currency: Currency, tickets: Int64,
        gross: Int64, vat: Int64, fee: Int64, base: Int64, refundedTickets: Int64, refunded: Int64
    ) {
        self.day = day
        self.room = room
        self.title = title
        self.host = host
        self.currency = currency
        self.tickets = tickets
        self.gross = gross
        self.vat = vat
        self.fee = fee
        self.base = base
        self.refundedTickets = refundedTickets
        self.refunded = refunded
    }
}
