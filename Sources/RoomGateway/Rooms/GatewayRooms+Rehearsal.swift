internal import AudioRelay
internal import Datagrams
internal import HTTPEdge
internal import RelayThreads
internal import Stage
internal import Tickets
internal import Values

/// Rehearsals: each is a room of the relay by itself, in which one person hears what they send. None of it is an admission:
/// it takes no seat, writes no receipt, and the ledger never hears of it.
extension GatewayRooms {
    /// One connection of somebody who tests their sound.
    struct Rehearsal: Sendable {
        let claims: TicketClaims
        let direction: Seat.Direction
        let peer: PeerID
    }

    /// The number of a ticket's rehearsal in the relay, if it may rehearse now.
    func rehearsalKey(of claims: TicketClaims) throws -> RoomKey {
        try checkRehearsal(claims)
        if let known = rehearsalKeys[claims.ticket] { return known.key }
        let key = RoomKey(nextRoom)
        nextRoom += 1
        rehearsalKeys[claims.ticket] = (claims.room, key)
        return key
    }

    private func checkRehearsal(_ claims: TicketClaims) throws {
        guard !isClosing else { throw GatewayRefusal.gatewayClosing }
        let removed = removals[claims.room]?.contains { $0.ticket == claims.ticket || $0.holder == claims.subject }
        try decideRehearsal(
            role: claims.role, isBanned: isBanned(claims.subject, from: claims.room), isRemoved: removed ?? false,
            room: briefs[claims.room], revocation: knowledge.revocation(of: claims.ticket),
            heardAt: knowledge.heardAt, at: clock.now(), policy: admissionPolicy)
    }

    /// Connects somebody with themself. A second connection in the same direction takes the place of the first.
    func rehearse(
        _ claims: TicketClaims, direction: Seat.Direction, negotiated: NegotiatedPeer, network: String
    ) throws -> AdmissionID {
        let now = clock.now()
        guard joinsByTicket.admit(claims.ticket.text, at: now) else { throw GatewayRefusal.tooManyJoins }
        let key = try rehearsalKey(of: claims)
        guard admissions.count + resumes.lostCount + rehearsals.count < limits.peers else {
            throw GatewayRefusal.gatewayFull
        }
        guard pendingHandshakes[network, default: 0] < limits.pendingHandshakesPerNetwork else {
            throw GatewayRefusal.tooManyJoins
        }
        var generator = SystemRandomNumberGenerator()
        let id = AdmissionID.make(at: now, using: &generator)
        let peer = PeerID(nextPeer)
        nextPeer += 1
        let earlier = rehearsals.filter { $0.value.claims.ticket == claims.ticket && $0.value.direction == direction }
        rehearsals[id] = Rehearsal(claims: claims, direction: direction, peer: peer)
        for old in earlier.keys { endRehearsal(old, .replaced) }
        media.perform(
            .addPeer(
                PeerAdmission(
                    peer: peer, room: key, negotiated: negotiated,
                    // Nobody hears the own number: here the one who listens is somebody else.
                    participant: direction == .speaking ? 1 : 2, mayPublish: direction == .speaking, speaks: true,
                    isHost: true, expiresAt: rehearsalEnd(of: claims, at: now))))
        return id
    }

    private func rehearsalEnd(of claims: TicketClaims, at now: Instant) -> MonotonicInstant {
        let end = min(knowledge.end(of: claims), briefs[claims.room]?.rehearsalEndsAt ?? now)
        let left = UInt64(max(0, now.microseconds(until: end))) * 1_000
        return MonotonicInstant(nanoseconds: monotonicNanoseconds() + left)
    }

    /// Ends a rehearsal on behalf of its own ticket; one that is over already is fine.
    func leaveRehearsal(_ id: AdmissionID, room: RoomID, ticket: TicketID) throws {
        guard let rehearsal = rehearsals[id] else { return }
        guard rehearsal.claims.ticket == ticket, rehearsal.claims.room == room else {
            throw GatewayRefusal.admissionForeign
        }
        endRehearsal(id, .left)
    }

    func endRehearsal(_ id: AdmissionID, _ reason: ReasonCode) {
        guard let rehearsal = rehearsals.removeValue(forKey: id) else { return }
        media.perform(.removePeer(rehearsal.peer, code: reason.text))
        forgetRehearsal(of: rehearsal.claims.ticket)
    }

    /// The relay has closed a connection by itself.
    /// - Returns: whether it was one of a rehearsal.
    func rehearsalIsOver(_ peer: PeerID) -> Bool {
        guard let found = rehearsals.first(where: { $0.value.peer == peer }) else { return false }
        rehearsals[found.key] = nil
        forgetRehearsal(of: found.value.claims.ticket)
        return true
    }

    /// The relay forgets a room by itself once nobody is in it.
    private func forgetRehearsal(of ticket: TicketID) {
        if !rehearsals.values.contains(where: { $0.claims.ticket == ticket }) { rehearsalKeys[ticket] = nil }
    }

    /// Ends the rehearsals that fit.
    func endRehearsals(_ reason: ReasonCode, where fits: (TicketClaims) -> Bool) {
        for (id, rehearsal) in rehearsals where fits(rehearsal.claims) { endRehearsal(id, reason) }
    }

    /// The ledger said how a room is: one that begins ends its rehearsals, one that was opened or moved sets them an end.
    func tendRehearsals(of brief: RoomBrief) {
        let now = clock.now()
        if brief.elsewhere != nil {
            endRehearsals(.roomMoved) { $0.room == brief.room }
            rehearsalKeys = rehearsalKeys.filter { $0.value.room != brief.room }
            return
        }
        switch brief.state {
        case .closed, .cancelled:
            endRehearsals(brief.state == .closed ? .roomClosed : .roomCancelled) { $0.room == brief.room }
            // Of offers that came to nothing.
            rehearsalKeys = rehearsalKeys.filter { $0.value.room != brief.room }
        case .scheduled, .open:
            for (id, rehearsal) in rehearsals where rehearsal.claims.room == brief.room {
                guard now < brief.rehearsalEndsAt else {
                    endRehearsal(id, .rehearsalOver)
                    continue
                }
                media.perform(.extend(rehearsal.peer, expiresAt: rehearsalEnd(of: rehearsal.claims, at: now)))
            }
        }
    }
}
