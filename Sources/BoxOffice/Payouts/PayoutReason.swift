public import Values

/// What a night left of a host's money in a currency, as its register says it.
public enum NightReason: String, Hashable, Sendable, CaseIterable {
    case paid, nothing, negative, blocked
    case onHold = "on_hold"
    case belowMinimum = "below_minimum"
    case noBatchDay = "no_batch_day"
}

/// Why a host was paid in a night, or why not: one answer for each host, currency and night.
public enum PayoutReason: Hashable, Sendable {
    /// Nothing was owed.
    case nothing
    /// It is not available before a day.
    case onHold
    case belowMinimum(Money)
    case negative
    /// Payouts of the host are stopped, for a reason that finance gave.
    case blocked(String)
    case noBatchDay
    /// The night made a payout; people still have to agree to its batch.
    case awaitingApproval
    /// Nobody has said where the host is to be paid.
    case noPayoutMethod
    /// Where the host is paid was changed, and is too new.
    case coolingOff(until: Instant)
    /// It is on its way.
    case sent
    /// The bank or the provider refused it; finance looks at it.
    case refused
    case arrived
    /// It came back, and is owed again.
    case returned
    /// All of it was kept back for the tax office.
    case withheld

    public static let codes = [
        "nothing", "on_hold", "below_minimum", "negative", "blocked", "no_batch_day", "awaiting_approval",
        "no_payout_method", "cooling_off", "sent", "refused", "arrived", "returned", "withheld",
    ]

    public var code: String {
        switch self {
        case .nothing: "nothing"
        case .onHold: "on_hold"
        case .belowMinimum: "below_minimum"
        case .negative: "negative"
        case .blocked: "blocked"
        case .noBatchDay: "no_batch_day"
        case .awaitingApproval: "awaiting_approval"
        case .noPayoutMethod: "no_payout_method"
        case .coolingOff: "cooling_off"
        case .sent: "sent"
        case .refused: "refused"
        case .arrived: "arrived"
        case .returned: "returned"
        case .withheld: "withheld"
        }
    }

    /// - Parameters:
    ///   - night: what the night's register says.
    ///   - sending: how the payout of the night stands, where it made one.
    ///   - blockedBecause: what finance said, of a host whose payouts are or were stopped.
    public init(
        _ night: NightReason, sending: PayoutSending?, minimum: Money, blockedBecause: String
    ) {
        switch (night, sending) {
        case (.nothing, _): self = .nothing
        case (.onHold, _): self = .onHold
        case (.belowMinimum, _): self = .belowMinimum(minimum)
        case (.negative, _): self = .negative
        case (.blocked, _), (.paid, .blocked): self = .blocked(blockedBecause)
        case (.noBatchDay, _): self = .noBatchDay
        case (.paid, .sent(.requested)): self = .sent
        case (.paid, .sent(.refused)): self = .refused
        case (.paid, .sent(.paid)): self = .arrived
        case (.paid, .sent(.returned)): self = .returned
        case (.paid, .nothing): self = .withheld
        case (.paid, .noDestination), (.paid, .noProvider): self = .noPayoutMethod
        case (.paid, .coolingOff(let until)): self = .coolingOff(until: until)
        // What may be sent and was not waits for people.
        case (.paid, .send), (.paid, nil): self = .awaitingApproval
        }
    }

    /// On which day the host may look again.
    /// - Parameters:
    ///   - day: the business day of the night.
    ///   - heldUntil: from when what is on hold is available.
    ///   - isBatchDay: whether payouts are made on a day.
    /// - Returns: `nil` where a person has to act first, or nothing is to come.
    public func next(
        after day: LocalDay, heldUntil: LocalDay?, calendar: BusinessCalendar, isBatchDay: (LocalDay) -> Bool
    ) -> LocalDay? {
        switch self {
        case .onHold: return heldUntil.flatMap { Self.batchDay(from: $0, isBatchDay) }
        case .belowMinimum, .noBatchDay, .negative:
            return Self.batchDay(from: day.advanced(byDays: 1), isBatchDay)
        case .coolingOff(let until): return calendar.localDay(of: until)
        case .nothing, .arrived, .withheld, .blocked, .awaitingApproval, .noPayoutMethod, .sent, .refused, .returned:
            return heldUntil.flatMap { Self.batchDay(from: $0, isBatchDay) }
        }
    }

    /// The first day with a batch. A calendar of holidays only would have none: a year is looked at.
    private static func batchDay(from day: LocalDay, _ isBatchDay: (LocalDay) -> Bool) -> LocalDay? {
        (0..<366).lazy.map { day.advanced(byDays: $0) }.first(where: isBatchDay)
    }
}
