public import Values

/// The life of a room.
///
///     scheduled ──open──▶ open ──close──▶ closed
///         │                │
///         └────cancel──────┴────▶ cancelled
///
/// | state     | sell | enter | reprice | refund to the buyer's wish |
/// | --------- | ---- | ----- | ------- | -------------------------- |
/// | scheduled | yes  | no    | yes     | yes                        |
/// | open      | yes  | yes   | yes     | yes                        |
/// | closed    | no   | no    | no      | no                         |
/// | cancelled | no   | no    | no      | yes, at any time           |
///
/// A room that nobody closes still ends at `endsAt`: selling and entering stop there without an event. Asking for the
/// state in which the room already is changes nothing, so a repeated request is harmless.
public enum RoomState: Hashable, Sendable {
    /// Announced; nobody is inside.
    case scheduled
    /// The host has opened it.
    case open(since: Instant)
    /// The host has closed it: it was delivered.
    case closed(at: Instant)
    /// It will not take place. Every ticket is to be refunded.
    case cancelled(at: Instant)

    public enum Act: Hashable, Sendable, CaseIterable {
        case sell, enter, reprice, refund
    }

    /// The table above.
    public func allows(_ act: Act) -> Bool {
        switch (self, act) {
        case (.scheduled, .sell), (.scheduled, .reprice), (.scheduled, .refund): true
        case (.scheduled, .enter): false
        case (.open, .sell), (.open, .enter), (.open, .reprice), (.open, .refund): true
        case (.closed, .sell), (.closed, .enter), (.closed, .reprice), (.closed, .refund): false
        case (.cancelled, .sell), (.cancelled, .enter), (.cancelled, .reprice): false
        case (.cancelled, .refund): true
        }
    }

    /// `scheduled`, `open`, `closed` or `cancelled`, as stored and shown.
    public var name: String {
        switch self {
        case .scheduled: "scheduled"
        case .open: "open"
        case .closed: "closed"
        case .cancelled: "cancelled"
        }
    }

    /// When this state was entered; `nil` for a scheduled room.
    public var since: Instant? {
        switch self {
        case .scheduled: nil
        case .open(let instant), .closed(let instant), .cancelled(let instant): instant
        }
    }

    /// Reads what ``name`` and ``since`` were stored as; `nil` where they do not fit.
    public init?(name: String, since: Instant?) {
        switch (name, since) {
        case ("scheduled", nil): self = .scheduled
        case ("open", .some(let instant)): self = .open(since: instant)
        case ("closed", .some(let instant)): self = .closed(at: instant)
        case ("cancelled", .some(let instant)): self = .cancelled(at: instant)
        default: return nil
        }
    }
}

/// Why a room's state does not change.
public enum RoomStateRefusal: Refusal, Hashable {
    case cancelled
    case closed
    /// The room's time is over; nothing is left to open or cancel.
    case ended
    /// A room that was never opened is cancelled, not closed.
    case notOpen

    public var code: String {
        switch self {
        case .cancelled: "room_cancelled"
        case .closed: "room_closed"
        case .ended: "room_ended"
        case .notOpen: "room_not_open"
        }
    }
}

extension Room {
    /// Opens the room. Checks: cancelled, closed, ended. An open room stays as it is.
    public func opened(at instant: Instant) throws(RoomStateRefusal) -> Room {
        switch state {
        case .cancelled: throw .cancelled
        case .closed: throw .closed
        case .open: return self
        case .scheduled:
            guard instant < endsAt else { throw .ended }
            return with(.open(since: instant))
        }
    }

    /// Closes the room, early or late. Checks: cancelled, not open. A closed room stays as it is.
    public func closed(at instant: Instant) throws(RoomStateRefusal) -> Room {
        switch state {
        case .cancelled: throw .cancelled
        case .scheduled: throw .notOpen
        case .closed: return self
        case .open: return with(.closed(at: instant))
        }
    }

    /// Cancels the room. Checks: closed, ended. A cancelled room stays as it is.
    public func cancelled(at instant: Instant) throws(RoomStateRefusal) -> Room {
        switch state {
        case .closed: throw .closed
        case .cancelled: return self
        case .scheduled, .open:
            guard instant < endsAt else { throw .ended }
            return with(.cancelled(at: instant))
        }
    }

    private func with(_ state: RoomState) -> Room {
        var room = self
        room.state = state
        return room
    }
}
