/// What has to be in order in the books before a batch leaves.
public enum PayoutGate: String, Hashable, Sendable, Codable, CaseIterable {
    /// The clearing account is at zero.
    case clearing
    /// No money waits in suspense for longer than the house allows.
    case suspense
    /// The journal is whole and the batch is what its digest says.
    case books
    /// Everything that providers told us was understood.
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
