/// The paces between which a relay may choose, as operators write them: `at-once..merged`, `at-once..20ms`, `merged`.
public struct PaceRange: Hashable, Sendable, CustomStringConvertible {
    public let quickest: Pace
    public let slowest: Pace
    /// The share of a core from which on a thread is busy and goes to a slower pace, 1 to 90. A thread that shares its
    /// core with other work takes less.
    public var busyPercent = 50

    /// All of them.
    public static let auto = Self(quickest: .atOnce, slowest: .merged)

    /// Both ends are in it.
    public init(quickest: Pace, slowest: Pace) {
        precondition(quickest <= slowest, "The quickest pace is no slower than the slowest.")
        self.quickest = quickest
        self.slowest = slowest
    }

    /// `auto`, one pace, or the quickest and the slowest with two dots between; `nil` for anything else.
    public init?(_ text: String) {
        if text == "auto" {
            self = .auto
            return
        }
        let ends = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        switch ends.count {
        case 1:
            guard let pace = Pace(name: ends[0]) else { return nil }
            self.init(quickest: pace, slowest: pace)
        case 3 where ends[1].isEmpty:
            guard let quickest = Pace(name: ends[0]), let slowest = Pace(name: ends[2]), quickest <= slowest else {
                return nil
            }
            self.init(quickest: quickest, slowest: slowest)
        default: return nil
        }
    }

    public var description: String {
        quickest == slowest ? quickest.name : "\(quickest.name)..\(slowest.name)"
    }
}

extension Pace {
    /// As operators write it.
    public var name: String {
        switch self {
        case .atOnce: "at-once"
        case .tick5: "5ms"
        case .tick10: "10ms"
        case .tick20: "20ms"
        case .merged: "merged"
        }
    }

    init?(name: String) {
        guard let pace = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = pace
    }
}
