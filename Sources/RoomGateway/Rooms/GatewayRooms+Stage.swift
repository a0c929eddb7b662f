internal import AudioRelay
internal import HTTPEdge
internal import RelayThreads
internal import Stage
internal import Tickets
internal import Values

extension StagePerson {
    init(_ claims: TicketClaims) { self.init(ticket: claims.ticket, holder: claims.subject, role: claims.role) }
}

/// What the stage's rules have decided is carried out here: in the relay, in the seats, for the windows and the log.
extension GatewayRooms {
    /// Who is there, for those who may know.
    func stageView(of room: RoomID, for claims: TicketClaims) throws -> StageView {
        try checkNotRemoved(claims)
        _ = try key(of: room)
        guard let live = rooms[room] else { throw AdmissionRefusal.roomUnknown }
        let role = live.floor.role(of: StagePerson(claims))
        guard role.may(.seeStage) else { throw StageRefusal.notPermitted(role) }
        return live.stageView
    }

    func checkNotRemoved(_ claims: TicketClaims) throws(AdmissionRefusal) {
        if let notice = knowledge.revocation(of: claims.ticket) { throw .ticketRevoked(reason: notice.reason) }
        if isBanned(claims.subject, from: claims.room) { throw .bannedByHost }
        if rooms[claims.room]?.roster.isRemoved(ticket: claims.ticket, holder: claims.subject) == true {
            throw .removedFromRoom
        }
    }

    // MARK: - At the door

    /// Whether sound may come in with this ticket: it says so, or the stage has granted it.
    func maySpeak(_ claims: TicketClaims) -> Bool {
        // A gateway that has just come back knows of places in rooms that nobody has entered yet.
        if !claims.role.may(.speak) { _ = try? key(of: claims.room) }
        return rooms[claims.room]?.floor.maySpeak(StagePerson(claims)) ?? claims.role.may(.speak)
    }

    /// What the stage asks of an entry, in the same step in which the seat is taken: a right to speak may be over since
    /// the request came, and into a cleared room only those come who can lead it or speak.
    func checkStage(_ seat: Seat, in room: RoomID) throws {
        guard let floor = rooms[room]?.floor else { return }
        if seat.direction == .speaking, !floor.maySpeak(seat.person) { throw TicketRefusal.role }
        if case .cleared = floor.watch.state, !floor.maySpeak(seat.person) { throw StageRefusal.hostAway }
    }

    func noteArrival(_ seat: Seat, in room: RoomID, at now: Instant) {
        rooms[room]?.floor.came(seat.ticket, sends: seat.direction == .speaking)
        look(at: room, now)
    }

    /// A seat is gone. Those who may come back keep hand and place for a while; the others are out for good.
    func noteDeparture(_ seat: Seat, in room: RoomID, _ reason: ReasonCode) {
        // Of a room that is over nobody asks any more.
        guard let live = rooms[room], !live.roster.isClosed else { return }
        let now = clock.now()
        // A seat that is kept for somebody whose line was lost has nobody in it.
        let others = live.roster.seats(of: seat.ticket).filter { !live.roster.isLost($0.admission) }
        // The seat of the same ticket that took over has been noted.
        guard reason != .replaced && reason != .resumed || !others.contains(where: { $0.direction == seat.direction })
        else { return }
        let isLast = others.isEmpty
        if Self.mayComeBack.contains(reason) {
            rooms[room]?.floor.went(
                seat.ticket, sends: seat.direction == .speaking, isLast: isLast, at: now)
        } else if isLast, let changes = rooms[room]?.floor.forget(seat.ticket) {
            carryOut(changes, in: room)
        }
        look(at: room, now)
    }

    private static let mayComeBack: Set<ReasonCode> = [
        .left, .replaced, .resumed, .consentLost, .handshakeTimeout, .gatewayStopped, .steppedDown, .dismissed,
        .roomAbandoned,
        ReasonCode(closing: .handshakeFailed("")),
    ]

    // MARK: - What time does

    /// Ends what has lasted too long, and looks whether somebody leads the room.
    func tend(_ room: RoomID, at now: Instant) {
        if let changes = rooms[room]?.floor.advance(to: now) { carryOut(changes, in: room) }
        look(at: room, now)
    }

    /// Backstage nobody needs a leader, and a room that is over has none.
    private func look(at room: RoomID, _ now: Instant) {
        guard !isClosing, let live = rooms[room], live.brief.state == .open, !live.roster.isClosed else { return }
        let hasHost = live.hasHost
        guard
            let changes = rooms[room]?.floor.look(
                hostIsHere: hasHost, present: hasHost ? [] : live.leaders, at: now)
        else { return }
        carryOut(changes, in: room)
    }

    // MARK: - What follows from a change

    func carryOut(_ changes: [StageChange], in room: RoomID, reason: String? = nil) {
        guard !changes.isEmpty else { return }
        let now = clock.now()
        rooms[room]?.countGrants()
        rooms[room]?.isChanged = true
        for change in changes {
            note(ActRecord(room: room, change, reason: reason, at: now))
            apply(change, in: room)
            guard let person = change.target, let standing = rooms[room]?.standing(of: person) else { continue }
            send(.you(standing), to: room, ticket: person.ticket)
        }
    }

    private func apply(_ change: StageChange, in room: RoomID) {
        switch change.kind {
        case .steppedDown: leaveStage(change.target, in: room, .steppedDown)
        case .dismissed, .placeLapsed: leaveStage(change.target, in: room, .dismissed)
        case .muted, .unmuted: silence(in: room) { $0 == change.target?.ticket }
        case .roomPaused, .roomResumed: silence(in: room) { _ in true }
        case .roomCleared: clearOut(room)
        case .handRaised, .handLowered, .invited, .invitationWithdrawn, .invitationDeclined, .invitationExpired,
            .accepted, .removed, .locked, .unlocked, .modeSet, .successionNamed, .leadPassed, .leadReturned:
            break
        }
    }

    /// Cuts the connection that sends; the one that listens stays as it is.
    private func leaveStage(_ person: StagePerson?, in room: RoomID, _ reason: ReasonCode) {
        guard let person, let live = rooms[room], !live.floor.maySpeak(person) else { return }
        for seat in live.roster.seats(of: person.ticket) where seat.direction == .speaking {
            _ = rooms[room]?.roster.leave(seat.admission)
            cut(seat, in: room, reason)
        }
    }

    /// Brings the relay to what the stage says about the tickets that fit.
    private func silence(in room: RoomID, _ fits: (TicketID) -> Bool) {
        guard let live = rooms[room] else { return }
        for seat in live.roster.speakingSeats where fits(seat.ticket) {
            guard let admission = admissions[seat.admission], admission.isInRelay else { continue }
            media.perform(.setMuted(admission.peer, live.floor.isSilenced(seat.ticket)))
        }
    }

    /// Sends everybody out of a room that nobody leads. Tickets stay valid: who led it comes back, and so do they.
    private func clearOut(_ room: RoomID) {
        let seats = rooms[room]?.roster.seats ?? []
        // All first: what follows from each departure is asked of a room that is empty.
        for seat in seats { _ = rooms[room]?.roster.leave(seat.admission) }
        for seat in seats { cut(seat, in: room, .roomAbandoned) }
    }
}
