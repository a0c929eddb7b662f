public import Values

/// Why acts of a gateway are not taken.
public enum ActRefusal: Refusal, Hashable, CaseIterable {
    /// They name another gateway than the key.
    case gateway
    /// They do not follow the last one that was taken.
    case gap
    /// Another act of the same number was taken before.
    case conflict

    public var code: String {
        switch self {
        case .gateway: "act_gateway"
        case .gap: "act_gap"
        case .conflict: "act_conflict"
        }
    }
}
