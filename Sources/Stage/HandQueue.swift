public import Values

/// Raised hands in the order in which the gateway heard of them: one order, the same for everybody.
public struct HandQueue: Hashable, Sendable {
    public struct Hand: Hashable, Sendable {
        public let person: StagePerson
        public let raisedAt: Instant
    }

    /// The longest raised first; at most ``StageLimits/hands``.
    public private(set) var hands: [Hand] = []

    public init() {}

    public func contains(_ ticket: TicketID) -> Bool { hands.contains { $0.person.ticket == ticket } }

    /// Raises a hand behind all others; a raised one keeps its place.
    /// - Returns: whether it was down.
    public mutating func raise(_ person: StagePerson, at now: Instant) throws(StageRefusal) -> Bool {
        guard !contains(person.ticket) else { return false }
        guard hands.count < StageLimits.hands else { throw .handsFull(cap: StageLimits.hands) }
        hands.append(Hand(person: person, raisedAt: now))
        return true
    }

    /// - Returns: the hand that was up.
    @discardableResult
    public mutating func lower(_ ticket: TicketID) -> Hand? {
        guard let index = hands.firstIndex(where: { $0.person.ticket == ticket }) else { return nil }
        return hands.remove(at: index)
    }
}
