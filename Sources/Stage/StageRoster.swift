public import Values

/// Who is in one room: seats, caps and removals.
///
/// ```
///         enter, leave, lose, remove, revoke
///                 ┌──────┐
///                 ▼      │
///   init ──────▶ open ───┘ ──── close ────▶ closed      (nobody enters; there are no seats)
/// ```
///
/// A seat is a connection. Caps count people, by ticket: one ticket that speaks and listens takes one place.
/// What a second entry of a ticket in the same direction does is said by ``sharing``. A person who comes with another
/// ticket into the same speaking role takes over in any case: that ticket was given to that person on purpose.
/// A seat whose connection was lost (``lose(_:)``) keeps its place for its ticket and does not live: an entry of that
/// ticket takes it over, whatever the sharing policy.
/// Removal is by ticket and by holder and stays for the life of the roster, whatever the person buys.
public struct StageRoster: Sendable {
    private enum State {
        case open(SeatTable)
        case closed
    }

    public let room: RoomID
    /// Listeners at one time, at most. Lowering it makes nobody leave.
    public var capacity: Int
    /// Who gives way when a ticket comes in twice. A stricter one makes nobody leave.
    public var sharing: SharingPolicy
    /// Places of a role on stage that people have whose ticket has another role (``StageFloor/granted(_:)``).
    public var granted: [Role: Int] = [:]
    private var state = State.open(SeatTable())
    private var removedTickets: Set<TicketID> = []
    private var removedHolders: Set<Subject> = []

    /// How somebody comes to the door.
    public enum Entry: Hashable, Sendable {
        case new
        /// Takes up the connection of this admission; `nil` if what was shown opens none.
        case resuming(AdmissionID?)
        /// Would take up a connection of this ticket whose place another entry of it has taken since.
        case resumingReplaced
    }

    public init(room: RoomID, capacity: Int, sharing: SharingPolicy = .newestWins) {
        self.sharing = sharing
        self.room = room
        self.capacity = capacity
    }

    /// The seats, oldest first: all are sorted, so nobody who comes in may ask for them.
    public var seats: [Seat] { Self.sorted(table.byAdmission.values) }

    public var isClosed: Bool {
        switch state {
        case .open: false
        case .closed: true
        }
    }

    public subscript(admission: AdmissionID) -> Seat? { table.byAdmission[admission] }

    /// The seats of a ticket; in each direction one, or as many as share it.
    public func seats(of ticket: TicketID) -> [Seat] { Self.sorted(table.seats(of: ticket)) }

    /// The seats of people whose ticket has this role, oldest first. Of the stage's roles these are few.
    public func seats(in role: Role) -> [Seat] { Self.sorted(table.seats(in: role)) }

    /// The seats that send, oldest first.
    public var speakingSeats: [Seat] { Self.sorted(table.speaking.compactMap { table.byAdmission[$0] }) }

    /// How many people have this role now.
    public func count(of role: Role) -> Int { table.people(in: role) }

    /// Whether this person was removed, by this ticket or another.
    public func isRemoved(ticket: TicketID, holder: Subject) -> Bool {
        removedTickets.contains(ticket) || removedHolders.contains(holder)
    }

    /// The seats that an entry would take over, or why it is refused: closed room, removed, nothing to resume (taken
    /// over, or simply over) or ticket in use, role full, room full.
    public func seatsReplaced(by seat: Seat, _ entry: Entry = .new) throws(AdmissionRefusal) -> [Seat] {
        guard case .open(let table) = state else { throw .roomClosed }
        guard !isRemoved(ticket: seat.ticket, holder: seat.holder) else { throw .removedFromRoom }
        let replaced = try seatsTakenOver(by: seat, entry, in: table)
        // Whole places in this role that are given up for the new seat: with one of them nobody is added.
        var freed: [TicketID: Int] = [:]
        for old in replaced where old.role == seat.role { freed[old.ticket, default: 0] += 1 }
        let inheritsPlace = freed.contains { table.seatCount(of: $0.key, in: seat.role) == $0.value }
        let hasPlace = table.seatCount(of: seat.ticket, in: seat.role) > freed[seat.ticket, default: 0]
        if !inheritsPlace, !hasPlace {
            if let cap = seat.role.cap {
                guard table.people(in: seat.role) + granted[seat.role, default: 0] < cap else {
                    throw .roleFull(seat.role, cap: cap)
                }
            } else {
                guard table.people(in: seat.role) < capacity else { throw .roomFull(capacity: capacity) }
            }
        }
        return replaced
    }

    private func seatsTakenOver(
        by seat: Seat, _ entry: Entry, in table: SeatTable
    ) throws(AdmissionRefusal) -> [Seat] {
        let own = Self.sorted(table.seats(of: seat.ticket).filter { $0.direction == seat.direction })
        var taken: [Seat]
        switch entry {
        case .resuming(let admission):
            guard let old = own.first(where: { $0.admission == admission }) else { throw .resumeOver }
            return [old]
        case .resumingReplaced: throw .resumeReplaced
        case .new:
            if let most = sharing.mostSeats(seat.direction) {
                // Whoever proves the key takes over what came in by a copy before the ticket was bound.
                let copies = seat.isBound ? own.filter { !$0.isBound } : []
                let rest = own.filter { !copies.contains($0) }
                let lost = rest.filter { table.lost.contains($0.admission) }
                guard rest.count - lost.count < most else { throw .ticketInUse(most: most) }
                taken = copies + Array(lost.prefix(max(0, rest.count + 1 - most)))
            } else {
                taken = own
            }
        }
        if seat.role != .listener {
            let others = table.tickets(in: seat.role).filter { $0 != seat.ticket }
            let ofPerson = others.flatMap { table.seats(of: $0) }.filter {
                $0.role == seat.role && $0.holder == seat.holder && $0.direction == seat.direction
            }
            taken += ofPerson
        }
        return Self.sorted(taken)
    }

    /// Gives the seat, unless refused.
    /// - Returns: the seats that are now closed with reason ``ReasonCode/replaced``, or ``ReasonCode/resumed``.
    public mutating func enter(_ seat: Seat, _ entry: Entry = .new) throws(AdmissionRefusal) -> [Seat] {
        let replaced = try seatsReplaced(by: seat, entry)
        precondition(self[seat.admission] == nil, "An admission enters once.")
        update { table in
            for old in replaced { _ = table.remove(old.admission) }
            table.insert(seat)
        }
        return replaced
    }

    /// The connection is gone.
    /// - Returns: its seat, or `nil` if it was closed before (replaced, removed, revoked).
    public mutating func leave(_ admission: AdmissionID) -> Seat? {
        var seat: Seat?
        update { seat = $0.remove(admission) }
        return seat
    }

    /// The connection was lost and may come back: the seat stays, and ``leave(_:)`` ends that.
    /// - Returns: whether there is such a seat.
    public mutating func lose(_ admission: AdmissionID) -> Bool {
        var isLost = false
        update { isLost = $0.lose(admission) }
        return isLost
    }

    /// Whether a seat waits for its connection to come back.
    public func isLost(_ admission: AdmissionID) -> Bool { table.lost.contains(admission) }

    /// Removes the person behind an admission for good. The right must hold over every seat of that person: a host who
    /// also listens with a bought ticket can't be removed as a listener.
    /// - Returns: every seat of that person; all are closed now with reason ``ReasonCode/removed``.
    public mutating func remove(_ admission: AdmissionID, by role: Role) throws(StageRefusal) -> [Seat] {
        guard let target = self[admission] else { throw .admissionUnknown }
        let ofPerson = table.byAdmission.values.filter { $0.holder == target.holder }
        guard ofPerson.allSatisfy({ role.may(.remove($0.role)) }) else { throw .notPermitted(role) }
        return markRemoved(ticket: target.ticket, holder: target.holder)
    }

    /// Removal as a fact, without the question of rights: to restore it after a restart, from receipts.
    public mutating func markRemoved(ticket: TicketID, holder: Subject) -> [Seat] {
        removedTickets.insert(ticket)
        removedHolders.insert(holder)
        return close(table.byAdmission.values.filter { $0.ticket == ticket || $0.holder == holder })
    }

    /// Closes the seats of a ticket that was taken back.
    public mutating func revoke(_ ticket: TicketID) -> [Seat] { close(table.seats(of: ticket)) }

    /// Closes the room and every seat.
    public mutating func close() -> [Seat] {
        let all = seats
        state = .closed
        return all
    }

    private var table: SeatTable {
        switch state {
        case .open(let table): table
        case .closed: SeatTable()
        }
    }

    private mutating func close(_ seats: [Seat]) -> [Seat] {
        update { table in
            for seat in seats { _ = table.remove(seat.admission) }
        }
        return Self.sorted(seats)
    }

    private static func sorted(_ seats: some Sequence<Seat>) -> [Seat] {
        seats.sorted { ($0.since, $0.admission) < ($1.since, $1.admission) }
    }

    /// Changes the seats in place, without a copy of the table; a closed room has none.
    private mutating func update(_ change: (inout SeatTable) -> Void) {
        guard case .open(var table) = state else { return }
        state = .closed
        change(&table)
        state = .open(table)
    }
}

extension SharingPolicy {
    /// How many seats of one ticket may live in a direction; `nil` where the newest takes over. A ticket is one voice.
    func mostSeats(_ direction: Seat.Direction) -> Int? {
        switch (self, direction) {
        case (.newestWins, _): nil
        case (.firstWins, _), (.devices, .speaking): 1
        case (.devices(let count), .listening): count
        }
    }
}
