internal import AudioRelay
internal import Datagrams
internal import HTTPEdge
internal import Logging
internal import RelayThreads
internal import Stage
internal import Tickets
internal import Values

/// Coming in: the seat first, then the receipt, then the relay.
extension GatewayRooms {
    /// The room's number in the relay; also makes the room live.
    func key(of room: RoomID) throws(AdmissionRefusal) -> RoomKey {
        if let url = briefs[room]?.elsewhere { throw .roomElsewhere(url: url) }
        if let live = rooms[room] { return live.key }
        guard let brief = briefs[room] else { throw knowledge.heardAt == nil ? .staleSnapshot : .roomUnknown }
        let key = RoomKey(nextRoom)
        nextRoom += 1
        var live = LiveRoom(brief: brief, key: key, run: run, floor: floor(of: room))
        for removal in removals[room] ?? [] {
            _ = live.roster.markRemoved(ticket: removal.ticket, holder: removal.holder)
        }
        rooms[room] = live
        roomsByKey[key] = room
        return key
    }

    /// The stage of a room that becomes live: as an earlier run left it, or an empty one.
    func floor(of room: RoomID) -> StageFloor {
        guard let memory = stages.removeValue(forKey: room) else { return StageFloor(policy: stagePolicy) }
        return StageFloor(memory, policy: stagePolicy, at: clock.now())
    }

    /// Waits for word of a room that a valid ticket speaks of: a ticket can be faster than the ledger's feed.
    func expect(_ room: RoomID) async {
        for _ in 0..<50 where briefs[room] == nil && !isClosing {
            try? await Task.sleep(for: .milliseconds(40))
        }
    }

    /// Takes a seat, makes the receipt durable, then lets the peer into the relay.
    func enter(
        _ claims: TicketClaims, direction: Seat.Direction, negotiated: NegotiatedPeer, network: String,
        resuming secret: String? = nil
    ) async throws -> (admission: AdmissionID, secret: String) {
        let now = clock.now()
        let entry = secret.map { resumes.entry($0, of: claims.ticket, direction) } ?? .new
        let seat = seat(for: claims, direction, at: now)
        do {
            try checkLimits(seat, entry, network: network, at: now)
            try take(seat, entry, in: claims.room, at: now)
        } catch let refusal as any Refusal {
            try await noteRefused(seat, in: claims.room, refusal)
            throw refusal
        }
        var generator = SystemRandomNumberGenerator()
        let given = resumes.secret(of: seat.admission, using: &generator)
        admissions[seat.admission] = Admission(
            seat: seat, room: claims.room, peer: PeerID(nextPeer), network: network,
            fragments: (negotiated.localFragment, negotiated.remoteFragment))
        nextPeer += 1
        pendingHandshakes[network, default: 0] += 1
        do {
            try await spool.enter(seat, room: claims.room, resuming: entry.admission)
        } catch {
            forget(seat.admission)
            noteDeparture(seat, in: claims.room, .left)
            throw error
        }
        try await letIn(seat, claims, negotiated)
        metrics.admitted(role: claims.role.rawValue)
        return (seat.admission, secret ?? given)
    }

    private func seat(for claims: TicketClaims, _ direction: Seat.Direction, at now: Instant) -> Seat {
        var generator = SystemRandomNumberGenerator()
        return Seat(
            admission: .make(at: now, using: &generator), ticket: claims.ticket, holder: claims.subject,
            role: claims.role, direction: direction, since: now, isBound: knowledge.key(of: claims) != nil)
    }

    /// What this gateway itself can bear, before the room is asked.
    private func checkLimits(
        _ seat: Seat, _ entry: StageRoster.Entry, network: String, at now: Instant
    ) throws(GatewayRefusal) {
        guard !isClosing else { throw .gatewayClosing }
        guard joinsByTicket.admit(seat.ticket.text, at: now) else { throw .tooManyJoins }
        // Whoever resumes brings nobody.
        guard entry != .new || admissions.count + resumes.lostCount < limits.peers else { throw .gatewayFull }
        guard pendingHandshakes[network, default: 0] < limits.pendingHandshakesPerNetwork else { throw .tooManyJoins }
    }

    /// Writes down that somebody with a verified ticket was turned away, and why: so many of each ticket.
    /// - Returns: the refusal, to be thrown.
    func refused<Reason: Refusal>(
        _ claims: TicketClaims, _ direction: Seat.Direction, _ refusal: Reason
    ) async throws -> Reason {
        try await noteRefused(seat(for: claims, direction, at: clock.now()), in: claims.room, refusal)
        return refusal
    }

    private func noteRefused(_ seat: Seat, in room: RoomID, _ refusal: any Refusal) async throws {
        guard let code = ReasonCode(refusal.code), refusedEntries.admit(seat.ticket.text, at: seat.since) else {
            return
        }
        do { try await spool.refuse(seat, room: room, code: code) } catch {
            // While the gateway stops, its spool may be closed already; that changes nothing of the answer.
            guard isClosing else { throw error }
            logger.error("refusal not stored", metadata: ["code": "\(code)", "fault": "\(error)"])
        }
    }

    /// Asks the rules, takes the seat and cuts the seats that it takes over.
    func take(
        _ seat: Seat, _ entry: StageRoster.Entry, in room: RoomID, at now: Instant
    ) throws {
        freeLostSeats(at: now)
        // What is due is due before somebody comes in: an entry must not be what sends its own seat out.
        tend(room, at: now)
        let replaced = try decideAdmission(
            seat, entry, isBanned: isBanned(seat.holder, from: room), room: briefs[room],
            roster: rooms[room]?.roster,
            revocation: knowledge.revocation(of: seat.ticket),
            heardAt: knowledge.heardAt, at: now, policy: admissionPolicy)
        _ = try key(of: room)
        try checkStage(seat, in: room)
        _ = try rooms[room]?.roster.enter(seat, entry)
        if let earlier = entry.admission { resumes.pass(from: earlier, to: seat.admission) }
        noteArrival(seat, in: room, at: now)
        for old in replaced {
            if old.admission == entry.admission {
                cut(old, in: room, .resumed)
            } else {
                cut(old, in: room, .replaced, replacedBy: seat)
            }
        }
        rooms[room]?.isChanged = true
    }

    /// The receipt is durable; while it was written the ticket may have been cut already.
    func letIn(_ seat: Seat, _ claims: TicketClaims, _ negotiated: NegotiatedPeer) async throws {
        // A copy of the room that is alive while it changes would make the change a copy of everybody in it.
        guard let admission = admissions[seat.admission], let key = rooms[claims.room]?.key, admission.ending == nil,
            !isClosing, rooms[claims.room]?.roster[seat.admission] != nil
        else {
            let reason = admissions[seat.admission]?.ending ?? .gatewayStopped
            await settle(seat.admission, reason: reason)
            if isClosing { throw GatewayRefusal.gatewayClosing }
            // Where the room went away meanwhile, the door says so; only what is left is the ticket's own.
            if let url = briefs[claims.room]?.elsewhere { throw AdmissionRefusal.roomElsewhere(url: url) }
            switch reason {
            case .roomClosed: throw AdmissionRefusal.roomClosed
            case .roomCancelled: throw AdmissionRefusal.roomCancelled
            case .replaced: throw AdmissionRefusal.resumeReplaced
            default: throw AdmissionRefusal.ticketRevoked(reason: reason)
            }
        }
        let now = clock.now()
        let left = UInt64(max(0, now.microseconds(until: knowledge.end(of: claims)))) * 1_000
        admissions[seat.admission]?.isInRelay = true
        peers[admission.peer] = seat.admission
        let participant = rooms[claims.room]?.participant(of: seat.ticket) ?? 0
        media.perform(
            .addPeer(
                PeerAdmission(
                    peer: admission.peer, room: key, negotiated: negotiated, participant: participant,
                    mayPublish: seat.direction == .speaking, speaks: seat.role != .listener,
                    isHost: seat.role == .host,
                    // The wall clock says how long is left; from here on only the monotonic clock counts.
                    expiresAt: MonotonicInstant(nanoseconds: monotonicNanoseconds() + left))))
        if seat.direction == .speaking, rooms[claims.room]?.floor.isSilenced(seat.ticket) == true {
            media.perform(.setMuted(admission.peer, true))
        }
    }
}
