internal import Foundation
public import Values

/// What a risk class means for a host's money.
public struct RiskTerms: Hashable, Sendable {
    /// Days added to the hold of the policy (R5), 0 to 365.
    public let extraHoldDays: Int
    /// The part of what becomes available that is held back.
    public let reserve: BasisPoints
    /// For how many days it is held back, 0 to 540: longer than any buyer may dispute.
    public let reserveDays: Int

    /// `nil` for figures beyond their bounds, or a reserve without days.
    public init?(extraHoldDays: Int, reserve: BasisPoints, reserveDays: Int) {
        guard (0...365).contains(extraHoldDays), (0...10_000).contains(reserve.value), (0...540).contains(reserveDays),
            (reserve.value > 0) == (reserveDays > 0)
        else { return nil }
        self.extraHoldDays = extraHoldDays
        self.reserve = reserve
        self.reserveDays = reserveDays
    }
}

/// How far the house trusts a host with money that buyers may still ask back. Data, versioned: a host keeps the figures
/// of the version that was set for it.
public struct RiskClass: Hashable, Sendable {
    public let name: String
    public let version: Int
    public let meaning: String
    public let terms: RiskTerms

    /// `new/1`.
    public var id: String { "\(name)/\(version)" }
}

/// A list of risk classes that cannot be used: a fault of the installation, found at the start.
public struct RiskClassFault: Error, Hashable, Sendable {
    public let riskClass: String
    public let reason: String
}

/// The risk classes that this installation knows.
public struct RiskClassBook: Hashable, Sendable {
    /// By name and version.
    public let classes: [RiskClass]

    private struct File: Decodable {
        struct Class: Decodable {
            let name: String
            let version: Int
            let meaning: String
            let extra_hold_days: Int
            let reserve_bp: Int64
            let reserve_days: Int
        }
        let classes: [Class]
    }

    /// Reads `{"classes": [{"name": …, "version": …, "meaning": …, "extra_hold_days": …, "reserve_bp": …,
    /// "reserve_days": …}]}`.
    public init(json: [UInt8]) throws(RiskClassFault) {
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(json)) } catch {
            throw RiskClassFault(riskClass: "", reason: "\(error)")
        }
        var classes: [RiskClass] = []
        for row in file.classes {
            guard (1...40).contains(row.name.utf8.count), row.version > 0,
                let terms = RiskTerms(
                    extraHoldDays: row.extra_hold_days, reserve: BasisPoints(row.reserve_bp),
                    reserveDays: row.reserve_days)
            else { throw RiskClassFault(riskClass: row.name, reason: "A figure is beyond its bounds.") }
            let made = RiskClass(name: row.name, version: row.version, meaning: row.meaning, terms: terms)
            guard !classes.contains(where: { $0.id == made.id }) else {
                throw RiskClassFault(riskClass: made.id, reason: "It stands there twice.")
            }
            classes.append(made)
        }
        self.classes = classes.sorted { ($0.name, $0.version) < ($1.name, $1.version) }
    }

    /// The class with this id, `name/version`; with a bare name, its newest version.
    public subscript(_ id: String) -> RiskClass? {
        classes.last { $0.id == id || $0.name == id }
    }
}
