public import Values

/// Whether a room's wish for holder keys changes, and to what. Checks: cancelled, closed, ended; the same again changes
/// nothing.
public func decideHolderKey(
    _ wanted: HolderKeyPolicy, from current: HolderKeyPolicy, of room: Room, at instant: Instant
) throws(RoomStateRefusal) -> HolderKeyPolicy? {
    switch room.state {
    case .cancelled: throw .cancelled
    case .closed: throw .closed
    case .scheduled, .open: break
    }
    guard instant < room.endsAt else { throw .ended }
    return wanted == current ? nil : wanted
}

/// Why a ticket is not bound to a key.
public enum HolderKeyRefusal: Refusal, Hashable {
    /// No such ticket of this holder.
    case ticketUnknown
    case ticketReplaced
    case ticketEnded
    /// Its time is over.
    case ticketOver(at: Instant)
    /// The room lets tickets in as they are.
    case notAsked
    /// Another key has it: who claims first wins.
    case otherKey

    public var code: String {
        switch self {
        case .ticketUnknown: "ticket_unknown"
        case .ticketReplaced: "ticket_replaced"
        case .ticketEnded: "ticket_ended"
        case .ticketOver: "ticket_over"
        case .notAsked: "holder_key_not_asked"
        case .otherKey: "ticket_claimed"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .ticketOver(let at): ["expired_at": at.description]
        case .ticketUnknown, .ticketReplaced, .ticketEnded, .notAsked, .otherKey: [:]
        }
    }
}

/// Binds a ticket to the key of whoever claims it first. Checks in this order: the ticket exists, is not replaced, has not
/// ended, is not over; the room asks for keys; no other key has it.
/// - Parameters:
///   - key: the thumbprint of the key whose owner asks.
///   - bound: of the key to which the ticket is bound already.
/// - Returns: whether there is something to write down: the same key may claim again.
public func decideClaim(
    of standing: TicketStanding?, for key: String, bound: String?, in policy: HolderKeyPolicy, at instant: Instant
) throws(HolderKeyRefusal) -> Bool {
    guard let standing else { throw .ticketUnknown }
    guard !standing.isReplaced else { throw .ticketReplaced }
    guard !standing.isRevoked else { throw .ticketEnded }
    guard instant < standing.ticket.notAfter else { throw .ticketOver(at: standing.ticket.notAfter) }
    if let bound {
        guard bound == key else { throw .otherKey }
        return false
    }
    guard policy == .required else { throw .notAsked }
    return true
}
