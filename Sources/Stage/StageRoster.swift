public import Values

/// Who is in one room: seats, caps and removals.
///
/// ```
///            enter, leave, remove, revoke
///                 ┌──────┐
///                 ▼      │
///   init ──────▶ open ───┘ ──── close ────▶ closed      (nobody enters; there are no seats)
/// ```
///
/// A seat is a connection. Caps count people, by ticket: one ticket that speaks and listens takes one place.
/// A second entry of a ticket in the same direction, and of a person in the same speaking role, takes over: the newest
/// wins, because the older is most often a page that was closed or a phone that lost its network.
/// Removal is by ticket and by holder and stays for the life of the roster, whatever the person buys.
public struct StageRoster: Sendable {
    private enum State {
        case open(seats: [AdmissionID: Seat])
        case closed
    }

    public let room: RoomID
    /// Listeners at one time, at most. Lowering it makes nobody leave.
    public var capacity: Int
    private var state = State.open(seats: [:])
    private var removedTickets: Set<TicketID> = []
    private var removedHolders: Set<Subject> = []

    public init(room: RoomID, capacity: Int) {
        self.room = room
        self.capacity = capacity
    }

    /// The seats, oldest first.
    public var seats: [Seat] {
        seatsByAdmission.values.sorted { ($0.since, $0.admission) < ($1.since, $1.admission) }
    }

    public var isClosed: Bool {
        switch state {
        case .open: false
        case .closed: true
        }
    }

    public subscript(admission: AdmissionID) -> Seat? { seatsByAdmission[admission] }

    /// How many people have this role now.
    public func count(of role: Role) -> Int {
        Set(seatsByAdmission.values.lazy.filter { $0.role == role }.map(\.ticket)).count
    }

    /// Whether this person was removed, by this ticket or another.
    public func isRemoved(ticket: TicketID, holder: Subject) -> Bool {
        removedTickets.contains(ticket) || removedHolders.contains(holder)
    }

    /// The seats that an entry would take over, or why it is refused: closed room, removed, role full, room full.
    public func seatsReplaced(by seat: Seat) throws(AdmissionRefusal) -> [Seat] {
        guard case .open(let seats) = state else { throw .roomClosed }
        guard !isRemoved(ticket: seat.ticket, holder: seat.holder) else { throw .removedFromRoom }
        let replaced = seats.values.filter { Self.takesOver(seat, $0) }
        let gone = Set(replaced.map(\.admission))
        let others = Set(
            seats.values.lazy.filter { $0.role == seat.role && !gone.contains($0.admission) }.map(\.ticket))
        if !others.contains(seat.ticket) {
            if let cap = seat.role.cap {
                guard others.count < cap else { throw .roleFull(seat.role, cap: cap) }
            } else {
                guard others.count < capacity else { throw .roomFull(capacity: capacity) }
            }
        }
        return replaced.sorted { $0.admission < $1.admission }
    }

    private static func takesOver(_ new: Seat, _ old: Seat) -> Bool {
        guard new.direction == old.direction else { return false }
        return new.ticket == old.ticket || (new.role != .listener && new.role == old.role && new.holder == old.holder)
    }

    /// Gives the seat, unless refused.
    /// - Returns: the seats that are now closed with reason ``ReasonCode/replaced``.
    public mutating func enter(_ seat: Seat) throws(AdmissionRefusal) -> [Seat] {
        let replaced = try seatsReplaced(by: seat)
        precondition(self[seat.admission] == nil, "An admission enters once.")
        update { seats in
            for old in replaced { seats[old.admission] = nil }
            seats[seat.admission] = seat
        }
        return replaced
    }

    /// The connection is gone.
    /// - Returns: its seat, or `nil` if it was closed before (replaced, removed, revoked).
    public mutating func leave(_ admission: AdmissionID) -> Seat? {
        var seat: Seat?
        update { seat = $0.removeValue(forKey: admission) }
        return seat
    }

    /// Removes the person behind an admission for good.
    /// - Returns: every seat of that person; all are closed now with reason ``ReasonCode/removed``.
    public mutating func remove(_ admission: AdmissionID, by role: Role) throws(StageRefusal) -> [Seat] {
        guard let target = self[admission] else { throw .admissionUnknown }
        guard role.may(.remove(target.role)) else { throw .notPermitted(role) }
        return markRemoved(ticket: target.ticket, holder: target.holder)
    }

    /// Removal as a fact, without the question of rights: to restore it after a restart, from receipts.
    public mutating func markRemoved(ticket: TicketID, holder: Subject) -> [Seat] {
        removedTickets.insert(ticket)
        removedHolders.insert(holder)
        return close { $0.ticket == ticket || $0.holder == holder }
    }

    /// Closes the seats of a ticket that was taken back.
    public mutating func revoke(_ ticket: TicketID) -> [Seat] { close { $0.ticket == ticket } }

    /// Closes the room and every seat.
    public mutating func close() -> [Seat] {
        let all = seats
        state = .closed
        return all
    }

    private var seatsByAdmission: [AdmissionID: Seat] {
        switch state {
        case .open(let seats): seats
        case .closed: [:]
        }
    }

    private mutating func close(where matches: (Seat) -> Bool) -> [Seat] {
        let closed = seats.filter(matches)
        update { seats in
            for seat in closed { seats[seat.admission] = nil }
        }
        return closed
    }

    /// Changes the seats in place; a closed room has none.
    private mutating func update(_ change: (inout [AdmissionID: Seat]) -> Void) {
        guard case .open(var seats) = state else { return }
        state = .closed
        change(&seats)
        state = .open(seats: seats)
    }
}
