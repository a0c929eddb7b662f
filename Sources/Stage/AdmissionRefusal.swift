public import Values

/// Why a valid ticket does not get a seat now. ``decideAdmission(_:_:room:roster:revocation:heardAt:at:policy:)`` documents the order.
public enum AdmissionRefusal: Refusal, Hashable {
    /// The gateway has not heard from the ledger for too long to know what is still valid.
    case staleSnapshot
    /// No room of this id here.
    case roomUnknown
    /// It is another gateway's.
    case roomElsewhere(url: String)
    case roomCancelled
    /// The room is over.
    case roomClosed
    /// The ticket was taken back.
    case ticketRevoked(reason: ReasonCode)
    /// Host or co-host removed this person; that stays.
    case removedFromRoom
    /// The host lets this person into none of its rooms.
    case bannedByHost
    /// Listeners may come in later.
    case doorsClosed(openAt: Instant)
    /// The host has not opened the room yet.
    case roomNotOpen
    /// The room lets listeners in with tickets that are bound to a key of theirs, and this one is not.
    case holderKeyMissing
    /// The connection that was to be taken up again is over, or the secret is not that of this ticket's connection.
    case resumeOver
    /// The connection that was to be taken up again ended because the same ticket came in somewhere else, and that entry
    /// stays: the newer device is the one that its owner moved to.
    case resumeReplaced
    /// The room's sharing policy lets this ticket be used by so many at one time, and they are there.
    case ticketInUse(most: Int)
    /// As many as may have this role are there.
    case roleFull(Role, cap: Int)
    /// As many listeners as the room holds are there.
    case roomFull(capacity: Int)

    public var code: String {
        switch self {
        case .staleSnapshot: "stale_snapshot"
        case .roomUnknown: "room_unknown"
        case .roomElsewhere: "room_elsewhere"
        case .roomCancelled: "room_cancelled"
        case .roomClosed: "room_closed"
        case .ticketRevoked: "ticket_revoked"
        case .removedFromRoom: "removed_from_room"
        case .bannedByHost: "banned_by_host"
        case .doorsClosed: "doors_closed"
        case .roomNotOpen: "room_not_yet_open"
        case .holderKeyMissing: "holder_key_missing"
        case .resumeOver: "resume_over"
        case .resumeReplaced: "resume_replaced"
        case .ticketInUse: "ticket_in_use"
        case .roleFull: "role_full"
        case .roomFull: "room_full"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .roomElsewhere(let url): ["url": url]
        case .ticketRevoked(let reason): ["reason": reason.text]
        case .doorsClosed(let openAt): ["doors_open_at": openAt.description]
        case .ticketInUse(let most): ["most": String(most)]
        case .roleFull(let role, let cap): ["role": role.rawValue, "cap": String(cap)]
        case .roomFull(let capacity): ["capacity": String(capacity)]
        case .staleSnapshot, .roomUnknown, .roomCancelled, .roomClosed, .removedFromRoom, .bannedByHost,
            .roomNotOpen,
            .holderKeyMissing, .resumeOver, .resumeReplaced:
            [:]
        }
    }
}
