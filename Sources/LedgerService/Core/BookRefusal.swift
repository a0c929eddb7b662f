public import Ledger
public import Values

/// What the books refuse: closes, reversals and dates that don't fit.
public enum BookRefusal: Refusal, Hashable {
    case occurredOnFuture
    case entryUnknown
    /// More than the journal depends on the entry; `command` does what a bare mirror can't.
    case entryNotReversible(EntryKind, command: String)
    case entryAlreadyReversed(by: EntryID)
    case reversalReason
    /// What was booked has been spent since.
    case reversalNotCovered(Account)
    case periodNotOver(lastDay: LocalDay)
    case periodClosed(through: LocalDay)
    /// Nights date their entries on their own day, so they come before the close.
    case periodNightMissing(lastDay: LocalDay)
    case periodEmpty(lastDay: LocalDay)

    public var code: String {
        switch self {
        case .occurredOnFuture: "occurred_on_future"
        case .entryUnknown: "entry_unknown"
        case .entryNotReversible: "entry_not_reversible"
        case .entryAlreadyReversed: "entry_already_reversed"
        case .reversalReason: "reversal_reason"
        case .reversalNotCovered: "reversal_not_covered"
        case .periodNotOver: "period_not_over"
        case .periodClosed: "period_closed"
        case .periodNightMissing: "period_night_missing"
        case .periodEmpty: "period_empty"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .occurredOnFuture, .entryUnknown, .reversalReason: [:]
        case .entryNotReversible(let kind, let command): ["kind": kind.rawValue, "command": command]
        case .entryAlreadyReversed(let entry): ["reversal": entry.text]
        case .reversalNotCovered(let account): ["account": account.text]
        case .periodNotOver(let day), .periodNightMissing(let day), .periodEmpty(let day):
            ["last_day": day.description]
        case .periodClosed(let day): ["closed_through": day.description]
        }
    }
}
