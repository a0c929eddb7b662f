public import Ledger
public import Values

/// What a provider tells of a dispute. Facts are only ever added; the set says where the dispute stands.
public enum DisputeFact: String, Hashable, Sendable, Codable, CaseIterable {
    /// The buyer's bank asks.
    case opened
    /// The provider has taken the money back from us.
    case withdrawn
    /// The provider has given it to us again.
    case reinstated
    case won
    case lost
}

/// Where the money of a dispute is.
public enum DisputePosition: String, Hashable, Sendable, CaseIterable {
    /// With us: the bank only asks, or the money was never taken.
    case inquiry
    /// Taken back by the provider, and claimed by us.
    case contested
    /// With us again.
    case returned
    /// Gone.
    case lost
}

/// The life of a dispute.
///
///     inquiry ──withdrawn──▶ contested ──reinstated──▶ returned
///                                └────────lost───────▶ lost
///
/// | facts told                     | position  |
/// | ------------------------------ | --------- |
/// | none, opened, won              | inquiry   |
/// | … and withdrawn                | contested |
/// | … and reinstated               | returned  |
/// | … and lost                     | lost      |
/// | lost with won or reinstated    | refused: no dispute ends twice |
///
/// The position follows from the set of facts and from nothing else, so their order, doubling and delay change nothing.
/// `won` alone moves no money: `reinstated` does.
public struct DisputeLife: Hashable, Sendable {
    public private(set) var facts: Set<DisputeFact>

    public init(_ facts: Set<DisputeFact> = []) { self.facts = facts }

    public var position: DisputePosition {
        if facts.contains(.lost) { return .lost }
        if facts.contains(.reinstated) { return .returned }
        return facts.contains(.withdrawn) ? .contested : .inquiry
    }

    /// What is to be booked, in this order.
    public enum Step: String, Hashable, Sendable, CaseIterable {
        /// The money leaves: orders give it back, the ticket ends.
        case take
        /// The money is here again: the orders have it, as if nothing had been.
        case giveBack = "give_back"
        /// It stays away, for good.
        case lose
    }

    public enum Outcome: Hashable, Sendable {
        case moved([Step], new: Set<DisputeFact>)
        case known
        case contradiction
    }

    /// The provider tells what it knows.
    public mutating func tell(_ told: Set<DisputeFact>) -> Outcome {
        let new = told.subtracting(facts)
        guard !new.isEmpty else { return .known }
        let all = facts.union(told)
        guard !(all.contains(.lost) && (all.contains(.won) || all.contains(.reinstated))) else {
            return .contradiction
        }
        let before = position
        facts = all
        return .moved(Self.steps(from: before, to: position), new: new)
    }

    static func steps(from before: DisputePosition, to after: DisputePosition) -> [Step] {
        switch (before, after) {
        case (.inquiry, .contested): [.take]
        case (.inquiry, .lost): [.take, .lose]
        case (.contested, .returned): [.giveBack]
        case (.contested, .lost): [.lose]
        // Taken and given before anybody here had heard of it: nothing moves.
        case (.inquiry, .returned): []
        case (.inquiry, .inquiry), (.contested, .contested), (.contested, .inquiry), (.returned, .inquiry),
            (.returned, .contested), (.returned, .returned), (.returned, .lost), (.lost, .inquiry), (.lost, .contested),
            (.lost, .returned), (.lost, .lost):
            []
        }
    }
}

/// Of whom a dispute takes its money.
public struct DisputeShares: Hashable, Sendable {
    /// What each order gives back, none of them zero.
    public let orders: [(order: OrderID, amount: Int64)]
    /// What the wallet gives of money that an order gave back to it before.
    public let wallet: Int64
    /// What nobody gives: the platform's loss, if it is one.
    public let platform: Int64

    public init(orders: [(order: OrderID, amount: Int64)], wallet: Int64, platform: Int64) {
        self.orders = orders
        self.wallet = wallet
        self.platform = platform
    }

    public static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.orders.map(\.order) == rhs.orders.map(\.order) && lhs.orders.map(\.amount) == rhs.orders.map(\.amount)
            && lhs.wallet == rhs.wallet && lhs.platform == rhs.platform
    }

    public func hash(into hasher: inout Hasher) {
        for (order, amount) in orders { hasher.combine(order); hasher.combine(amount) }
        hasher.combine(wallet)
        hasher.combine(platform)
    }

    /// What orders and wallet give together.
    public var covered: Int64 { orders.reduce(wallet) { $0 + $1.amount } }
}

/// Divides a disputed amount: first what the orders still have, in the order of their making; then what they gave to the
/// wallet before and is still there; the platform bears the rest.
/// - Parameters:
///   - wallet: what the wallet holds now, minor units.
///   - returned: what of the payment made no tickets and went to the wallet, minor units.
public func divideDispute(
    _ amount: Money, over orders: [OrderStanding], wallet: Int64, returned: Int64 = 0
) -> DisputeShares {
    var left = amount.minorUnits
    var parts: [(OrderID, Int64)] = []
    var givenBefore = returned
    for standing in orders where standing.order.currency == amount.currency {
        givenBefore += standing.reversed
        let part = min(left, standing.remaining.minorUnits)
        guard part > 0 else { continue }
        parts.append((standing.order.id, part))
        left -= part
    }
    let fromWallet = max(0, min(left, givenBefore, wallet))
    return DisputeShares(orders: parts, wallet: fromWallet, platform: left - fromWallet)
}

/// Divides a disputed amount of a payment that filled a wallet: first what the wallet still has, then what was bought from it
/// since, the last first; the platform bears the rest.
/// - Parameters:
///   - orders: what the payer bought from the wallet behind the payment and still holds, the newest first.
///   - wallet: what the wallet holds now, minor units.
public func divideDispute(_ amount: Money, ofTopup orders: [OrderStanding], wallet: Int64) -> DisputeShares {
    let fromWallet = max(0, min(amount.minorUnits, wallet))
    let bought = divideDispute(Money(amount.minorUnits - fromWallet, amount.currency), over: orders, wallet: 0)
    return DisputeShares(orders: bought.orders, wallet: fromWallet, platform: bought.platform)
}

/// Divides money of a repayment that failed among the disputes of its payment: coming back to the wallet it goes where each of
/// them would have found it, in the order in which they came. What is left is the payer's.
/// - Parameters:
///   - amount: what came back, minor units.
///   - losses: what nobody gave for each dispute so far, minor units.
/// - Returns: what each dispute gets, minor units.
public func divideRecovery(_ amount: Int64, over losses: [Int64]) -> [Int64] {
    var left = amount
    return losses.map { loss in
        let part = max(0, min(left, loss))
        left -= part
        return part
    }
}

/// A wallet that gives for a dispute, and how much of it, minor units.
public struct DisputeGiver: Hashable, Sendable {
    public let holder: HolderID
    public let amount: Int64

    public init(holder: HolderID, amount: Int64) {
        self.holder = holder
        self.amount = amount
    }
}

extension PostingRecipe {
    /// The provider has taken the money; we claim it, and owe it on to nobody until the claim is decided.
    public static func disputeTaken(_ amount: Money, from givers: [DisputeGiver]) -> [Leg] {
        var legs = [Leg(debit: .contested, credit: .provider, amount: amount)]
        for giver in givers {
            legs.append(
                Leg(
                    debit: .wallet(giver.holder), credit: .contestedClaims,
                    amount: Money(giver.amount, amount.currency)))
        }
        return legs.compactMap(\.self)
    }

    /// The mirror of the same.
    public static func disputeReturned(_ amount: Money, to givers: [DisputeGiver]) -> [Leg] {
        disputeTaken(amount, from: givers).map(\.mirrored)
    }

    /// Money that was on its way to the payer when it was disputed, and came back: it stands behind the claim, or makes the
    /// platform's loss good where the claim is lost already.
    public static func disputeRecovered(_ amount: Money, from holder: HolderID, isLost: Bool) -> [Leg] {
        let account: Account = isLost ? .disputeLosses : .contestedClaims
        return [Leg(debit: .wallet(holder), credit: account, amount: amount)].compactMap(\.self)
    }

    /// A part of a lost claim: what somebody gave is used up, or the platform pays.
    public static func disputeLost(_ amount: Money, covered: Bool) -> [Leg] {
        [Leg(debit: covered ? .contestedClaims : .disputeLosses, credit: .contested, amount: amount)].compactMap(\.self)
    }
}
