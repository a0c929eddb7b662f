public import Values

/// A ticket order as it was decided: what was paid, what is inside it, under which price and policy. Never changes.
public struct Order: Hashable, Sendable {
    public let id: OrderID
    public let room: RoomID
    /// The room's owner, whose brackets the base is laid over.
    public let owner: HostID
    public let cohosts: [CohostShare]
    public let holder: HolderID
    public let ticket: TicketID
    public let priceVersion: Int
    public let gross: Money
    /// Minor units inside the gross.
    public let vat: Int64
    /// Minor units that the store or provider kept.
    public let fee: Int64
    public let feeIsRefundable: Bool
    /// ``SalePolicy/id``.
    public let policy: String
    public let soldAt: Instant

    /// `B = gross − vat − fee`, in minor units.
    public var base: Int64 { gross.minorUnits - vat - fee }
    public var currency: Currency { gross.currency }

    /// `nil` unless the gross is positive and holds VAT and fee, and the co-hosts' parts are inside the whole.
    public init?(
        id: OrderID, room: RoomID, owner: HostID, cohosts: [CohostShare] = [], holder: HolderID, ticket: TicketID,
        priceVersion: Int, gross: Money, vat: Int64, fee: Int64, feeIsRefundable: Bool, policy: String, soldAt: Instant
    ) {
        guard (1...Money.limit).contains(gross.minorUnits), (0...gross.minorUnits).contains(vat),
            (0...(gross.minorUnits - vat)).contains(fee), cohosts.count <= Room.maximumCohosts,
            cohosts.allSatisfy({ (0...10_000).contains($0.share.value) }),
            cohosts.reduce(Int64(0), { $0 + $1.share.value }) <= 10_000
        else { return nil }
        self.id = id
        self.room = room
        self.owner = owner
        self.cohosts = cohosts
        self.holder = holder
        self.ticket = ticket
        self.priceVersion = priceVersion
        self.gross = gross
        self.vat = vat
        self.fee = fee
        self.feeIsRefundable = feeIsRefundable
        self.policy = policy
        self.soldAt = soldAt
    }
}

/// An amount of a host.
public struct HostAmount: Hashable, Sendable {
    public let host: HostID
    public let amount: Money

    public init(host: HostID, amount: Money) {
        self.host = host
        self.amount = amount
    }
}

/// How an order's base was divided (R1, R2): fixed when the order is rated, and never after.
public struct OrderSplit: Hashable, Sendable {
    public let order: OrderID
    /// The base laid over the owner's brackets, one part a bracket; minor units.
    public let parts: [Int64]
    /// What remains for the platform; minor units.
    public let platform: Int64
    /// The owner first, then the co-hosts in the room's order. Their sum is the host share.
    public let shares: [HostAmount]

    public init(order: OrderID, parts: [Int64], platform: Int64, shares: [HostAmount]) {
        self.order = order
        self.parts = parts
        self.platform = platform
        self.shares = shares
    }

    /// `S`, in minor units.
    public var hostShare: Int64 { shares.reduce(0) { $0 + $1.amount.minorUnits } }
}

/// How far an order has come: what was given back, and where the rest of its money is.
public struct OrderStanding: Hashable, Sendable {
    /// Where the money that was not given back is.
    public enum Settlement: Hashable, Sendable {
        /// In the room's escrow.
        case escrow
        /// With the hosts and the platform, by this split; the hosts' part is available from `availableOn` (R5).
        case released(OrderSplit, availableOn: LocalDay)
    }

    public let order: Order
    /// γ: the reversed part of the gross so far, minor units, 0…gross.
    public let reversed: Int64
    public let settlement: Settlement

    public init(order: Order, reversed: Int64, settlement: Settlement) {
        precondition((0...order.gross.minorUnits).contains(reversed), "Reversals of an order stay within its gross.")
        self.order = order
        self.reversed = reversed
        self.settlement = settlement
    }

    /// What can still be given back.
    public var remaining: Money { Money(order.gross.minorUnits - reversed, order.currency) }
}
