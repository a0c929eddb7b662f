internal import Schemas
public import Payouts
public import Values

/// Why the risk class of a host is not set.
public enum RiskRefusal: Refusal, Hashable, CaseIterable {
    case classUnknown
    /// Not 1 to 200 printable characters.
    case reason

    public var code: String {
        switch self {
        case .classUnknown: "risk_class_unknown"
        case .reason: "risk_reason"
        }
    }
}

extension RiskClassBook {
    /// Those that ship with the product. They are part of the program: a broken one is a bug that the first test finds.
    public static let builtIn: RiskClassBook = {
        do { return try RiskClassBook(json: RiskClassPresets.json) } catch {
            preconditionFailure("A risk class of the product is broken: \(error)")
        }
    }()
}
