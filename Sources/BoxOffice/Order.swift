public import Values

/// A ticket order as it was decided: what was paid, what is inside it, under which price and policy. Never changes.
///
/// One order a ticket. Tickets that were bought together are orders of one purchase.
public struct Order: Hashable, Sendable {
    public let id: OrderID
    /// What it was bought with; `nil` for an order that was bought alone and at once.
    public let purchase: PurchaseID?
    public let room: RoomID
    /// The room's owner, whose brackets the base is laid over.
    public let owner: HostID
    public let cohosts: [CohostShare]
    public let holder: HolderID
    public let ticket: TicketID
    public let terms: TicketTerms
    public let soldAt: Instant

    /// More than a room has here: lists from other systems have theirs.
    public static let maximumCohosts = 100

    public var priceVersion: Int { terms.priceVersion }
    public var gross: Money { terms.gross }
    /// Minor units inside the gross.
    public var vat: Int64 { terms.vat }
    /// Minor units that the store or provider kept.
    public var fee: Int64 { terms.fee }
    public var feeIsRefundable: Bool { terms.feeIsRefundable }
    /// ``SalePolicy/id``.
    public var policy: String { terms.policy }
    /// `B = gross − vat − fee`, in minor units.
    public var base: Int64 { gross.minorUnits - vat - fee }
    public var currency: Currency { gross.currency }
    /// Nothing was paid: no journal entry, nothing to divide, nothing to give back.
    public var isFree: Bool { gross.minorUnits == 0 }

    /// `nil` unless the co-hosts' parts are inside the whole.
    public init?(
        id: OrderID, purchase: PurchaseID? = nil, room: RoomID, owner: HostID, cohosts: [CohostShare] = [],
        holder: HolderID, ticket: TicketID, terms: TicketTerms, soldAt: Instant
    ) {
        guard cohosts.count <= Self.maximumCohosts,
            cohosts.allSatisfy({ (0...10_000).contains($0.share.value) }),
            cohosts.reduce(Int64(0), { $0 + $1.share.value }) <= 10_000
        else { return nil }
        self.id = id
        self.purchase = purchase
        self.room = room
        self.owner = owner
        self.cohosts = cohosts
        self.holder = holder
        self.ticket = ticket
        self.terms = terms
        self.soldAt = soldAt
    }

    /// An order at a plain price: without discount, and with VAT and fee in their common accounts.
    public init?(
        id: OrderID, room: RoomID, owner: HostID, cohosts: [CohostShare] = [], holder: HolderID, ticket: TicketID,
        priceVersion: Int, gross: Money, vat: Int64, fee: Int64, feeIsRefundable: Bool, policy: String, soldAt: Instant
    ) {
        guard gross.isPositive,
            let terms = TicketTerms(
                priceVersion: priceVersion, price: gross, gross: gross, vat: vat, fee: fee,
                feeIsRefundable: feeIsRefundable, policy: policy)
        else { return nil }
        self.init(
            id: id, room: room, owner: owner, cohosts: cohosts, holder: holder, ticket: ticket, terms: terms,
            soldAt: soldAt)
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
    /// Who gets what is given back: whoever holds the ticket now. That is who loses the seat; and a buyer who passed a
    /// ticket on for money is not paid twice when the room is cancelled.
    public let payee: HolderID

    /// - Parameter payee: `nil` for the buyer.
    public init(order: Order, reversed: Int64, settlement: Settlement, payee: HolderID? = nil) {
        precondition((0...order.gross.minorUnits).contains(reversed), "Reversals of an order stay within its gross.")
        self.order = order
        self.reversed = reversed
        self.settlement = settlement
        self.payee = payee ?? order.holder
    }

    /// The same with another payee.
    public func paying(_ payee: HolderID) -> OrderStanding {
        OrderStanding(order: order, reversed: reversed, settlement: settlement, payee: payee)
    }

    /// What can still be given back.
    public var remaining: Money { Money(order.gross.minorUnits - reversed, order.currency) }
}
