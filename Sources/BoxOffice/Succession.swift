public import Values

/// Why one ticket takes the place of another. Also what gateways and the holder of the old ticket are told.
public enum SuccessionCause: String, Hashable, Sendable, CaseIterable {
    /// Somebody else holds it now.
    case transferred
    /// Its room takes place at another time.
    case rescheduled
    /// Its holder bought more time.
    case extended
    /// The dispute that ended it was won.
    case disputeWon = "dispute_won"
}

/// What the next ticket says otherwise than the one before; `nil` leaves it as it is.
public struct TicketChange: Hashable, Sendable {
    public var holder: HolderID?
    public var notBefore: Instant?
    /// Exclusive.
    public var notAfter: Instant?

    public init(holder: HolderID? = nil, notBefore: Instant? = nil, notAfter: Instant? = nil) {
        self.holder = holder
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}

/// A ticket and whether it is the one that counts for its order.
public struct TicketStanding: Hashable, Sendable {
    public let ticket: TicketFacts
    public let isRevoked: Bool
    /// Whether another ticket has taken its place.
    public let isReplaced: Bool

    public init(_ ticket: TicketFacts, isRevoked: Bool, isReplaced: Bool) {
        self.ticket = ticket
        self.isRevoked = isRevoked
        self.isReplaced = isReplaced
    }
}

/// One ticket in the place of another: the same order, seat and policy. The predecessor ends in the same transaction.
public struct Succession: Hashable, Sendable {
    public let predecessor: TicketID
    /// The ticket in force from now on.
    public let ticket: TicketFacts
    public let cause: SuccessionCause
    public let at: Instant

    public init(predecessor: TicketID, ticket: TicketFacts, cause: SuccessionCause, at: Instant) {
        self.predecessor = predecessor
        self.ticket = ticket
        self.cause = cause
        self.at = at
    }
}

/// Why no ticket takes the place of this one.
public enum SuccessionRefusal: Refusal, Hashable {
    /// No such ticket, or one that nobody bought: a pass for the stage has no order.
    case ticketUnknown
    /// Another ticket stands in its place already; that one can be changed.
    case replaced
    /// It was taken back.
    case revoked
    /// The next ticket would be over already.
    case expired(at: Instant)
    /// It would end before it begins.
    case window

    public var code: String {
        switch self {
        case .ticketUnknown: "ticket_unknown"
        case .replaced: "ticket_replaced"
        case .revoked: "ticket_ended"
        case .expired: "ticket_over"
        case .window: "ticket_window"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .ticketUnknown, .replaced, .revoked, .window: [:]
        case .expired(let at): ["expired_at": at.description]
        }
    }
}

/// Puts a ticket in the place of another. Checks in this order: the ticket exists, is not replaced, was not taken back;
/// the new times are in order and not over.
/// - Parameter id: of the next ticket.
public func decideSuccession(
    of standing: TicketStanding?, by id: TicketID, _ change: TicketChange, because cause: SuccessionCause,
    at instant: Instant
) throws(SuccessionRefusal) -> Succession {
    guard let standing else { throw .ticketUnknown }
    guard !standing.isReplaced else { throw .replaced }
    guard !standing.isRevoked else { throw .revoked }
    let old = standing.ticket
    let notBefore = change.notBefore ?? old.notBefore
    let notAfter = change.notAfter ?? old.notAfter
    // Tickets speak in whole seconds.
    guard notBefore.seconds < notAfter.seconds else { throw .window }
    guard instant < notAfter else { throw .expired(at: notAfter) }
    return Succession(
        predecessor: old.id,
        ticket: TicketFacts(
            id: id, order: old.order, holder: change.holder ?? old.holder, room: old.room, seat: old.seat,
            role: old.role, issuedAt: instant, notBefore: notBefore, notAfter: notAfter, policy: old.policy),
        cause: cause, at: instant)
}
