public import BoxOffice
public import Values

/// Whose brackets: an owner's, in one currency.
public struct TierKey: Hashable, Sendable, Comparable {
    public let host: HostID
    public let currency: Currency

    public init(host: HostID, currency: Currency) {
        self.host = host
        self.currency = currency
    }

    public static func < (lhs: TierKey, rhs: TierKey) -> Bool {
        (lhs.host.text, lhs.currency.code) < (rhs.host.text, rhs.currency.code)
    }
}

/// How much of each bracket an owner has used, in minor units of the base (R1, R4).
public struct TierUse: Hashable, Sendable {
    /// One figure a bracket, lowest first; brackets that were never met may be missing at the end.
    public private(set) var used: [Int64]

    public init(used: [Int64] = []) { self.used = used }

    /// Lays a base over the free capacity, lowest bracket first, and takes that capacity (R1).
    /// - Returns: the parts `b_i`, one a bracket; their sum is the base.
    public mutating func lay(_ base: Int64, over tiers: [Tier]) -> [Int64] {
        while used.count < tiers.count { used.append(0) }
        var left = base
        var lower: Int64 = 0
        var parts: [Int64] = []
        for (index, tier) in tiers.enumerated() {
            // Another version of the policy may have had wider brackets: then nothing is free here.
            let free = tier.upTo.map { max(0, $0 - lower - used[index]) } ?? left
            let part = min(left, free)
            used[index] += part
            left -= part
            lower = tier.upTo ?? lower
            parts.append(part)
        }
        return parts
    }

    /// Gives capacity back to the brackets that an order used: the difference of `Q(b_i·γ/gross)` (R4).
    public mutating func giveBack(_ parts: [Int64], from before: Int64, to after: Int64, of gross: Int64) {
        while used.count < parts.count { used.append(0) }
        for (index, part) in parts.enumerated() {
            used[index] -= quotientHalfUp(part, after, gross) - quotientHalfUp(part, before, gross)
        }
    }
}

/// Divides an order's base between hosts and platform (R1, R2), and takes the capacity that it uses.
///
/// One rounding for the whole order: `S = floor((Σ b_i·bp_i + 5000) / 10000)`. `S` is divided by largest remainder with
/// the split as weights; in ties the smaller host id has the unit.
public func rate(_ order: Order, over tiers: [Tier], use: inout TierUse) -> OrderSplit {
    let parts = use.lay(order.base, over: tiers)
    let weighted = zip(parts, tiers).reduce(Int128(0)) { $0 + Int128($1.0) * Int128($1.1.rate.value) }
    let share = Int64((weighted + 5_000) / 10_000)
    let ownersPart = 10_000 - order.cohosts.reduce(Int64(0)) { $0 + $1.share.value }
    let weights =
        [(key: order.owner.text, weight: ownersPart)]
        + order.cohosts.map { (key: $0.host.text, weight: $0.share.value) }
    let amounts = largestRemainder(share, by: weights)
    let hosts = [order.owner] + order.cohosts.map(\.host)
    return OrderSplit(
        order: order.id, parts: parts, platform: order.base - share,
        shares: zip(hosts, amounts).map { HostAmount(host: $0, amount: Money($1, order.currency)) })
}
