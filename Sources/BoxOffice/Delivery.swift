public import Values

/// What a room's terms say of time that was promised and not held: it is paid back by itself, before anything of the
/// room's money becomes the host's.
public struct DeliveryRule: Hashable, Sendable {
    /// From this share of the promised time on, the room counts as held.
    public let wholeFrom: BasisPoints

    public init(wholeFrom: BasisPoints) { self.wholeFrom = wholeFrom }
}

/// How much of a promised time somebody was heard on stage.
public struct Delivery: Hashable, Sendable {
    /// Whole seconds, more than none.
    public let promisedSeconds: Int64
    /// Whole seconds, at most the promised ones.
    public let deliveredSeconds: Int64

    public init(promisedSeconds: Int64, deliveredSeconds: Int64) {
        precondition(promisedSeconds > 0, "Something was promised.")
        self.promisedSeconds = promisedSeconds
        self.deliveredSeconds = min(max(0, deliveredSeconds), promisedSeconds)
    }

    /// Of the promised time, rounded down.
    public var share: BasisPoints { BasisPoints(deliveredSeconds * 10_000 / promisedSeconds) }

    public func isWhole(under rule: DeliveryRule) -> Bool { share >= rule.wholeFrom }

    /// What comes back of the price of an order, or of what is left of it: the share that was not held, `Q` of the payout
    /// rules; nothing if the room counts as held.
    public func due(of remaining: Money, under rule: DeliveryRule) -> Money {
        guard !isWhole(under: rule) else { return .zero(remaining.currency) }
        let missing = promisedSeconds - deliveredSeconds
        return Money(quotientHalfUp(remaining.minorUnits, missing, promisedSeconds), remaining.currency)
    }
}
