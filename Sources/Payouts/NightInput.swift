public import BoxOffice
public import Values

/// A fact that the night rates, with the sequence of its journal entry.
public enum RatingFact: Hashable, Sendable {
    case sale(sequence: Int64, Order)
    case refund(sequence: Int64, Refund)

    public var sequence: Int64 {
        switch self {
        case .sale(let sequence, _), .refund(let sequence, _): sequence
        }
    }
}

/// An order that an earlier night has rated.
public struct RatedOrder: Hashable, Sendable {
    public let order: Order
    public let split: OrderSplit

    public init(order: Order, split: OrderSplit) {
        self.order = order
        self.split = split
    }
}

/// An order whose money is in escrow, with its room as both are now.
public struct ReleaseCandidate: Hashable, Sendable {
    public let order: Order
    /// The split of an earlier night; `nil` if this night is to rate the order.
    public let split: OrderSplit?
    /// γ now. A refund between cut and run has left the escrow already, so it counts.
    public let reversed: Int64
    public let room: Room
    /// Days that the risk classes of its hosts add to the hold: the most of any that has a share, since what is taken back
    /// is taken from all of them.
    public let extraHoldDays: Int

    public init(order: Order, split: OrderSplit?, reversed: Int64, room: Room, extraHoldDays: Int = 0) {
        self.extraHoldDays = extraHoldDays
        self.order = order
        self.split = split
        self.reversed = reversed
        self.room = room
    }
}

/// All that a night needs to know: only what is new or still undecided, so that its cost does not grow with history.
public struct NightInput: Sendable {
    /// The business day that is closed.
    public var day: LocalDay
    /// The journal's last sequence that was posted before the cut-off of `day`. It alone decides what belongs to the
    /// night.
    public var cut: Int64
    /// When the entries of the night are posted.
    public var postedAt: Instant
    /// Sales and refunds behind the cut of the night before, up to this one, in sequence order.
    public var facts: [RatingFact]
    /// Bracket use, before these facts, of the owners in them.
    public var tierUse: [TierKey: TierUse]
    /// The earlier-rated orders to which refunds in `facts` belong.
    public var rated: [OrderID: RatedOrder]
    /// Orders in escrow that are not wholly given back, of rooms that are over; the night checks each again.
    public var candidates: [ReleaseCandidate]
    /// Accruals that no batch has paid, available or not.
    public var unpaid: [Accrual]
    /// Hosts to whom nothing is paid for now.
    public var blocked: Set<HostID>
    /// Tax kept back from payouts, per host (R7); a host who is not here has none.
    public var withholding: [HostID: BasisPoints]
    /// Escrow is released when its share becomes available and not before: for lists of facts in which a room may be
    /// moved after it ended, so that R5 counts from the end that holds then.
    public var releasesWhenAvailable = false
    /// The policy of the house: its calendar, batch days and minimum payouts hold for the night.
    public var policy: SalePolicy
    /// Where the policies pinned by orders are found.
    public var policies: PolicyBook

    public init(
        day: LocalDay, cut: Int64, postedAt: Instant, facts: [RatingFact] = [], tierUse: [TierKey: TierUse] = [:],
        rated: [OrderID: RatedOrder] = [:], candidates: [ReleaseCandidate] = [], unpaid: [Accrual] = [],
        blocked: Set<HostID> = [], withholding: [HostID: BasisPoints] = [:], policy: SalePolicy, policies: PolicyBook
    ) {
        self.day = day
        self.cut = cut
        self.postedAt = postedAt
        self.facts = facts
        self.tierUse = tierUse
        self.rated = rated
        self.candidates = candidates
        self.unpaid = unpaid
        self.blocked = blocked
        self.withholding = withholding
        self.policy = policy
        self.policies = policies
    }
}

/// Why a night cannot be decided: what was fetched does not fit together. Nothing of the night is stored then.
public enum NightFault: Error, Hashable, Sendable {
    /// Facts must rise in sequence and end at the cut.
    case outOfSequence(Int64)
    /// A refund belongs to an order that is neither new nor among the rated ones.
    case unratedOrder(OrderID)
    /// The policy that an order pins is not known, or has no brackets for its currency.
    case noTiers(OrderID)
    /// A sum of a host is beyond ``Money/limit``: no such amount is paid without a person looking.
    case beyondLimit(HostID)
}
