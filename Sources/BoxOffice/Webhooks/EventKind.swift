/// What other systems hear of. The names are part of the interface: they are added to and never change.
public enum EventKind: String, Sendable, Hashable, Codable, CaseIterable {
    case orderSold = "order.sold"
    case orderRefunded = "order.refunded"
    /// A dispute took money of an order back, or, with an amount below zero, gave it back to the room.
    case orderDisputed = "order.disputed"
    case ticketRevoked = "ticket.revoked"
    /// Another ticket stands in its place: given on, moved with its room, made longer.
    case ticketReplaced = "ticket.replaced"
    /// A ticket ends later: its holder has bought time of an overtime.
    case ticketExtended = "ticket.extended"
    /// That time was given back before it began: the ticket ends where it ended before.
    case ticketShortened = "ticket.shortened"
    /// Its holder bound it to a key: from now on it opens doors for that key only.
    case ticketBound = "ticket.bound"
    case tipGiven = "tip.given"
    /// A ticket of every room of a series was sold in one; each of its orders is told by itself as well.
    case passSold = "pass.sold"
    case roomScheduled = "room.scheduled"
    case roomOpened = "room.opened"
    case roomClosed = "room.closed"
    case roomCancelled = "room.cancelled"
    /// It was announced that the room goes on behind its end.
    case roomOvertime = "room.overtime"
    /// Its host said on how many devices a ticket may be used at one time.
    case roomSharing = "room.sharing"
    /// Its host said whether listeners enter with bound tickets only.
    case roomHolderKey = "room.holder_key"
    /// A night has decided how much of the promised time was held, where the terms of the room promise it.
    case roomDelivered = "room.delivered"
    /// A host lets somebody into none of its rooms, or in again.
    case hostBanned = "host.banned"
    case hostUnbanned = "host.unbanned"
    case holdChanged = "hold.changed"
    case waitingJoined = "waiting.joined"
    /// Seats went past a party: what they cost now is not what it wants.
    case waitingPassed = "waiting.passed"
    /// Seats gather for it again.
    case waitingResumed = "waiting.resumed"
    case waitingOffered = "waiting.offered"
    case waitingBought = "waiting.bought"
    case waitingLapsed = "waiting.lapsed"
    case waitingWithdrawn = "waiting.withdrawn"
    case waitingEnded = "waiting.ended"
    case resaleOffered = "resale.offered"
    case resaleKept = "resale.kept"
    /// Somebody else has the seat of a ticket that was put up.
    case resaleSold = "resale.sold"
    case payoutMade = "payout.made"
    /// The money of a payout left for its host.
    case payoutPaid = "payout.paid"
    /// It came back: the host is owed it again, and payouts to the host stop until finance has looked.
    case payoutReturned = "payout.returned"
    /// A host is owed more or less by a correction, or by the fee of a dispute.
    case hostAdjusted = "host.adjusted"
    /// A month of a fund has closed and gives a host something.
    case fundCredited = "fund.credited"
    /// A host wants a place in a fund's cohort.
    case fundApplied = "fund.applied"
    case fundAdmitted = "fund.admitted"
    case fundDeclined = "fund.declined"
    /// The host withdrew its application.
    case fundWithdrawn = "fund.withdrawn"
    /// A place ended before its days, or its last month has closed.
    case fundEnded = "fund.ended"
    case fundCompleted = "fund.completed"
    /// Money was set aside for the hosts of a fund, or taken back.
    case fundEndowed = "fund.endowed"
    /// Finance has set the risk class of a host.
    case hostRisk = "host.risk"
    /// A night has held back a part of what became available.
    case reserveHeld = "reserve.held"
    /// A reserve, or a part of it, is the host's again: its day has come, or it paid for what was taken back.
    case reserveReleased = "reserve.released"
    /// People said what became of a call that its provider never answered.
    case providerAnswered = "provider.answered"
    case suspenseBooked = "suspense.booked"
    case suspenseResolved = "suspense.resolved"
    case nightDone = "night.done"
    /// Sent to one endpoint because somebody asked for it.
    case webhookTest = "webhook.test"

    /// Kinds that an endpoint may ask for.
    public static let offered = allCases.filter { $0 != .webhookTest }

    /// Whether it can be about a host's own rooms or money; the others are the platform's affair.
    public var concernsHosts: Bool {
        switch self {
        case .orderSold, .orderRefunded, .orderDisputed, .ticketRevoked, .ticketReplaced, .ticketExtended,
            .ticketShortened, .tipGiven, .passSold, .roomScheduled, .roomOpened, .roomClosed, .roomCancelled,
            .roomOvertime, .roomSharing, .roomHolderKey, .ticketBound, .roomDelivered,
            .hostBanned, .hostUnbanned, .holdChanged, .waitingJoined,
            .waitingPassed,
            .waitingResumed, .waitingOffered, .waitingBought, .waitingLapsed, .waitingWithdrawn, .waitingEnded,
            .resaleOffered, .resaleKept, .resaleSold, .payoutMade, .payoutPaid, .payoutReturned, .hostAdjusted,
            .fundCredited, .fundApplied, .fundAdmitted, .fundDeclined, .fundWithdrawn, .fundEnded, .fundCompleted,
            .hostRisk, .reserveHeld, .reserveReleased, .webhookTest:
            true
        case .providerAnswered, .suspenseBooked, .suspenseResolved, .nightDone, .fundEndowed: false
        }
    }

    /// The kind that tells of a state of a party on a waiting list.
    public init(_ state: WaitingState, isFirst: Bool) {
        switch state {
        case .waiting: self = isFirst ? .waitingJoined : .waitingResumed
        case .passed: self = .waitingPassed
        case .offered: self = .waitingOffered
        case .bought: self = .waitingBought
        case .lapsed: self = .waitingLapsed
        case .withdrawn: self = .waitingWithdrawn
        case .ended: self = .waitingEnded
        }
    }

    /// The kind that tells of a room's state.
    public init(_ state: RoomState) {
        switch state {
        case .scheduled: self = .roomScheduled
        case .open: self = .roomOpened
        case .closed: self = .roomClosed
        case .cancelled: self = .roomCancelled
        }
    }
}
