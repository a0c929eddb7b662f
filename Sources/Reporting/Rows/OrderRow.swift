public import Values

/// How one order was divided (rules R1 to R4), as `result.json` lists it. Minor units.
public struct OrderRow: Hashable, Sendable {
    public var order: String
    public var room: String
    public var owner: String
    public var currency: Currency
    public var gross: Int64
    public var vat: Int64
    public var fee: Int64
    public var feeRefundable: Bool
    public var base: Int64
    /// The base laid over the owner's brackets, lowest first (R1).
    public var parts: [Int64]
    public var hostShare: Int64
    public var platform: Int64
    /// The host share divided between owner and co-hosts (R2).
    public var shares: [String: Int64]
    /// Of `gross`, what was taken back so far.
    public var reversed: Int64
    /// Of `gross`, what gave capacity back to the brackets (R4).
    public var tierReversed: Int64
    /// The share is available.
    public var released: Bool

    public init(
        order: String, room: String, owner: String, currency: Currency, gross: Int64, vat: Int64, fee: Int64,
        feeRefundable: Bool, base: Int64, parts: [Int64], hostShare: Int64, platform: Int64,
        shares: [String: Int64], reversed: Int64, tierReversed: Int64, released: Bool
    ) {
        self.order = order
        self.room = room
        self.owner = owner
        self.currency = currency
        self.gross = gross
        self.vat = vat
        self.fee = fee
        self.feeRefundable = feeRefundable
        self.base = base
        self.parts = parts
        self.hostShare = hostShare
        self.platform = platform
        self.shares = shares
        self.reversed = reversed
        self.tierReversed = tierReversed
        self.released = released
    }
}
