/// What has to be in order in the books before a batch leaves.
public enum PayoutGate: String, Hashable, Sendable, Codable, CaseIterable {
    /// Accounts through which money only passes are at zero, or hold what is open of what they are for.
    case clearing
    /// No money waits in suspense for longer than the house allows.
    case suspense
    /// An audit of the whole ledger that reached the batch is clean and not too old, the journal is whole since then, and
    /// the batch is what its digest says.
    case books
    /// Everything that providers told us was understood, and what they kept, gave back and paid is known by their word.
    case inbox
}

/// How a gate was found: it holds the batch unless nothing was found.
public struct GateFinding: Hashable, Sendable {
    public let gate: PayoutGate
    /// How many things are not in order; 0 lets the batch through.
    public let count: Int
    /// The first of them, or what was looked at; no names and no amounts of people.
    public let detail: String

    public init(_ gate: PayoutGate, count: Int, detail: String) {
        self.gate = gate
        self.count = count
        self.detail = detail
    }

    public var passed: Bool { count == 0 }
}
