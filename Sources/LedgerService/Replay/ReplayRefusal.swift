public import Values

/// Why a list of facts can't be played at all. Nothing of it is in any book then.
public enum ReplayRefusal: Refusal, Hashable {
    /// The configuration can't be read, or breaks a rule of its own.
    case config(reason: String)
    /// A line is not a JSON object with an id, a type, a sequence and a time.
    case line(number: Int, reason: String)
    /// `seq` does not rise, or `posted_at` falls.
    case order(number: Int, field: String)
    /// The database has books already.
    case notEmpty
    /// The file can't be read.
    case unreadable(path: String)
    /// A ledger has no night that is done: there is nothing to compare with.
    case noNights

    public var code: String {
        switch self {
        case .config: "replay_config"
        case .line: "replay_line"
        case .order: "replay_order"
        case .notEmpty: "replay_not_empty"
        case .unreadable: "replay_unreadable"
        case .noNights: "replay_no_nights"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .config(let reason): ["reason": reason]
        case .line(let number, let reason): ["line": String(number), "reason": reason]
        case .order(let number, let field): ["line": String(number), "field": field]
        case .notEmpty, .noNights: [:]
        case .unreadable(let path): ["path": path]
        }
    }
}

/// Why one fact of a list changed nothing; the words of the payout rules.
enum FactRefusal: String, Error, CaseIterable {
    case idConflict = "id_conflict"
    case noRoom = "no_room"
    case roomExists = "room_exists"
    case badTime = "bad_time"
    case badSplit = "bad_split"
    case noOrder = "no_order"
    case orderExists = "order_exists"
    case badAmount = "bad_amount"
    case noTiers = "no_tiers"
    case exceedsOrder = "exceeds_order"
    case noOpenDispute = "no_open_dispute"
    case noSuchPayout = "no_such_payout"
    case noProgram = "no_program"
    case unknownType = "unknown_type"
}
