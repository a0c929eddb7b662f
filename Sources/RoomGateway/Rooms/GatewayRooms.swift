internal import AudioRelay
internal import Datagrams
internal import HTTPEdge
internal import Logging
internal import Stage
internal import Tickets
internal import Values

/// Everybody who is in a room of this gateway. `Stage` decides; this actor carries out, in the relay and on disk.
///
/// An admission lives so: seat taken → receipt durable → peer in the relay (and 201) → … → cut or closed →
/// the relay's `closed` event with its figures → leaving receipt durable → forgotten. A seat is free for others as
/// soon as it is cut; the entry here stays until the receipt is written. Where the connection was lost, the seat is kept
/// for whoever has the resume secret (``ResumeSecrets``).
actor GatewayRooms {
    /// One connection.
    struct Admission: Sendable {
        let seat: Seat
        let room: RoomID
        let peer: PeerID
        let network: String
        /// In the relay; before that only the seat is reserved.
        var isInRelay = false
        var isConnected = false
        /// What has flowed, as the relay counts it.
        var flow: FlowMeter?
        /// Whether ``flow`` says more than the spool has.
        var isFlowUnsaved = false
        /// The ICE credentials that are in force: our fragment, which is the resource's ETag, and the client's.
        var fragments = (ours: "", theirs: "")
        /// Why it was cut here; what the relay closes by itself brings its own reason.
        var ending: ReasonCode?
    }

    /// Who left, and what the receipt will say.
    private struct Leaving {
        let seat: Seat
        let room: RoomID
        let reason: ReasonCode
        let flow: FlowMeter?
        let at: Instant
    }

    struct Limits: Sendable {
        var peers: Int
        var pendingHandshakesPerNetwork: Int
        /// Windows of one ticket that follow the room.
        var viewsPerTicket = 4
        var views = 20_000
    }

    let media: MediaThread
    let spool: ReceiptSpool
    let knowledge: DoorKnowledge
    let metrics: GatewayMetrics
    let clock: WallClock
    let logger: Logger
    let limits: Limits
    let stagePolicy: StagePolicy
    /// Which run of the gateway this is: events of another one can't be resumed.
    let run: String

    var briefs: [RoomID: RoomBrief] = [:]
    var rooms: [RoomID: LiveRoom] = [:]
    var admissions: [AdmissionID: Admission] = [:]
    var resumes = ResumeSecrets()
    private var departed = Departures()
    /// Leavings that the spool did not take: one for each admission of the time in which its disk was full, 200 bytes.
    private var unwritten: [Leaving] = []
    private var peers: [PeerID: AdmissionID] = [:]
    private var roomsByKey: [RoomKey: RoomID] = [:]
    private var pendingHandshakes: [String: Int] = [:]
    var removals: [RoomID: [ReceiptSpool.Removal]] = [:]
    /// Stages as an earlier run left them, until their rooms are live again.
    private var stages: [RoomID: StageMemory] = [:]
    /// Acts that are not on disk yet (`GatewayRooms+Acts.swift`).
    var acts = UnwrittenActs()
    var actsByTicket = RateLimiter(.acts)
    var refusedActs = RateLimiter(.refusedActs)
    /// Rooms that are over and whose removals still stand in the spool.
    private var roomsOver: Set<RoomID> = []
    var joinsByTicket = RateLimiter(.ticket)
    private var nextPeer: UInt64 = 1
    private var nextRoom: UInt64 = 1
    var nextView: UInt64 = 1
    var viewCount = 0
    var isClosing = false

    init(
        media: MediaThread, spool: ReceiptSpool, removals: [ReceiptSpool.Removal], knowledge: DoorKnowledge,
        metrics: GatewayMetrics, clock: WallClock, logger: Logger, limits: Limits,
        stages: [RoomID: StageMemory] = [:], stagePolicy: StagePolicy = StagePolicy()
    ) {
        self.media = media
        self.spool = spool
        self.knowledge = knowledge
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        self.limits = limits
        self.removals = Dictionary(grouping: removals, by: \.room)
        self.stages = stages
        self.stagePolicy = stagePolicy
        run = String(max(0, clock.now().microseconds), radix: 36)
    }

    // MARK: - Coming in

    /// The room's number in the relay; also makes the room live.
    func key(of room: RoomID) throws(AdmissionRefusal) -> RoomKey {
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
    private func floor(of room: RoomID) -> StageFloor {
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
        guard !isClosing else { throw GatewayRefusal.gatewayClosing }
        guard joinsByTicket.admit(claims.ticket.text, at: now) else { throw GatewayRefusal.tooManyJoins }
        let entry = secret.map { StageRoster.Entry.resuming(resumes.admission(of: $0)) } ?? .new
        // Whoever resumes brings nobody.
        guard entry != .new || admissions.count + resumes.lostCount < limits.peers else {
            throw GatewayRefusal.gatewayFull
        }
        guard pendingHandshakes[network, default: 0] < limits.pendingHandshakesPerNetwork else {
            throw GatewayRefusal.tooManyJoins
        }
        var generator = SystemRandomNumberGenerator()
        let seat = Seat(
            admission: .make(at: now, using: &generator), ticket: claims.ticket, holder: claims.subject,
            role: claims.role, direction: direction, since: now)
        do {
            try take(seat, entry, in: claims.room, at: now)
        } catch let refusal as AdmissionRefusal {
            if let code = ReasonCode(refusal.code) { try await spool.refuse(seat, room: claims.room, code: code) }
            throw refusal
        }
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

    /// Asks the rules, takes the seat and cuts the seats that it takes over.
    private func take(_ seat: Seat, _ entry: StageRoster.Entry, in room: RoomID, at now: Instant) throws {
        freeLostSeats(at: now)
        // What is due is due before somebody comes in: an entry must not be what sends its own seat out.
        tend(room, at: now)
        let replaced = try decideAdmission(
            seat, entry, room: briefs[room], roster: rooms[room]?.roster,
            revocation: knowledge.revocation(of: seat.ticket),
            heardAt: knowledge.heardAt, at: now)
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
    private func letIn(_ seat: Seat, _ claims: TicketClaims, _ negotiated: NegotiatedPeer) async throws {
        guard let admission = admissions[seat.admission], let live = rooms[claims.room], admission.ending == nil,
            !isClosing, live.roster[seat.admission] != nil
        else {
            let reason = admissions[seat.admission]?.ending ?? .gatewayStopped
            await settle(seat.admission, reason: reason)
            throw isClosing ? GatewayRefusal.gatewayClosing : AdmissionRefusal.ticketRevoked(reason: reason)
        }
        let now = clock.now()
        let left = UInt64(max(0, now.microseconds(until: knowledge.end(of: claims)))) * 1_000
        admissions[seat.admission]?.isInRelay = true
        peers[admission.peer] = seat.admission
        let participant = rooms[claims.room]?.participant(of: seat.ticket) ?? 0
        media.perform(
            .addPeer(
                PeerAdmission(
                    peer: admission.peer, room: live.key, negotiated: negotiated, participant: participant,
                    mayPublish: seat.direction == .speaking, speaks: seat.role != .listener,
                    isHost: seat.role == .host,
                    // The wall clock says how long is left; from here on only the monotonic clock counts.
                    expiresAt: MonotonicInstant(nanoseconds: monotonicNanoseconds() + left))))
        if seat.direction == .speaking, rooms[claims.room]?.floor.isSilenced(seat.ticket) == true {
            media.perform(.setMuted(admission.peer, true))
        }
    }

    // MARK: - Going out

    /// Ends an admission on behalf of its own ticket.
    ///
    /// Leaving twice is leaving once: a browser that closes its connection says so over DTLS too, and whichever of the
    /// two arrives first ends the admission.
    func leave(_ id: AdmissionID, room: RoomID, ticket: TicketID) throws {
        if try giveUp(id, room: room, ticket: ticket) { return }
        guard let admission = admissions[id], admission.room == room, admission.ending == nil else {
            guard departed[id] == ticket || admissions[id]?.seat.ticket == ticket else {
                throw StageRefusal.admissionUnknown
            }
            return
        }
        guard admission.seat.ticket == ticket else { throw GatewayRefusal.admissionForeign }
        _ = rooms[room]?.roster.leave(id)
        cut(admission.seat, in: room, .left)
    }

    /// Removes a person from a room for good; durable before anybody is told.
    func remove(
        _ id: AdmissionID, room: RoomID, by claims: TicketClaims, reason: String? = nil
    ) async throws {
        let seat = try await removable(id, room: room, by: claims, reason: reason)
        let removal = ReceiptSpool.Removal(room: room, ticket: seat.ticket, holder: seat.holder)
        try await spool.remove(removal, at: clock.now())
        removals[room, default: []].append(removal)
        let gone = rooms[room]?.roster.markRemoved(ticket: seat.ticket, holder: seat.holder) ?? []
        for seat in gone { cut(seat, in: room, .removed) }
        carryOut(
            [StageChange(.removed, by: StagePerson(claims), to: seat.person)], in: room, reason: reason)
        await writeActs()
        logger.info("removed", metadata: ["room": "\(room)", "admission": "\(id)"])
    }

    /// Cuts everybody who holds a ticket that was taken back.
    func revoke(_ notice: RevocationNotice) {
        for seat in rooms[notice.room]?.roster.revoke(notice.ticket) ?? [] { cut(seat, in: notice.room, notice.reason) }
        end(views: { $0.ticket == notice.ticket }, in: notice.room, notice.reason, admission: nil)
    }

    /// The seat is gone from the roster: silence at once, the receipt when the relay has given its figures.
    func cut(_ seat: Seat, in room: RoomID, _ reason: ReasonCode, replacedBy newer: Seat? = nil) {
        resumes.forget(seat.admission)
        guard let admission = admissions[seat.admission], admission.ending == nil else { return }
        admissions[seat.admission]?.ending = reason
        rooms[room]?.isChanged = true
        if admission.isInRelay { media.perform(.removePeer(admission.peer, code: reason.text)) }
        noteDeparture(seat, in: room, reason)
        tell(seat, in: room, reason, replacedBy: newer)
    }

    /// What the relay says.
    func note(_ event: RelayEvent) async {
        switch event {
        case .connected(let peer):
            guard let id = peers[peer], let admission = admissions[id], !admission.isConnected else { return }
            admissions[id]?.isConnected = true
            admissions[id]?.flow = FlowMeter()
            admissions[id]?.flow?.begin(at: clock.now())
            handshakeIsOver(admission)
        case .closed(let peer, let reason, let flow):
            guard let id = peers.removeValue(forKey: peer), let admission = admissions[id] else { return }
            let code = admission.ending ?? ReasonCode(closing: reason)
            if admission.ending == nil {
                if !keepSeat(of: admission, closedBy: reason) { _ = rooms[admission.room]?.roster.leave(id) }
                admissions[id]?.ending = code
                rooms[admission.room]?.isChanged = true
                noteDeparture(admission.seat, in: admission.room, code)
                tell(admission.seat, in: admission.room, code)
            }
            read(flow, of: id, closing: reason)
            await settle(id, reason: code)
        case .speaking(let key, let participants):
            guard let room = roomsByKey[key] else { return }
            rooms[room]?.speaking = participants
            send(.speaking(participants.map { Int($0) }), to: room)
        case .mediaFlow(let peer, let flow): if let id = peers[peer] { read(flow, of: id) }
        }
    }

    /// Writes the leaving receipt and forgets the admission.
    private func settle(_ id: AdmissionID, reason: ReasonCode) async {
        guard let admission = admissions[id] else { return }
        let now = clock.now()
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        // Four attempts, about two seconds; then the seat is given back, and the receipt is tried again for as long as
        // the gateway runs. Should it stop before, the row is open in the spool and the next start closes it.
        while true {
            do {
                try await spool.leave(
                    admission.seat, room: admission.room, reason: reason, flow: admission.flow, at: now)
                break
            } catch {
                logger.error("leaving not stored", metadata: ["admission": "\(id)", "fault": "\(error)"])
                let pause = backoff.failed(using: &generator)
                guard backoff.failures < 4 else {
                    unwritten.append(
                        Leaving(
                            seat: admission.seat, room: admission.room, reason: reason, flow: admission.flow, at: now))
                    break
                }
                try? await Task.sleep(for: pause)
            }
        }
        metrics.left(reason: reason.text)
        forget(id)
    }

    /// Writes the leavings that could not be stored before, in their order; what fails stays for the next call.
    func writeLeavings() async {
        while let leaving = unwritten.first {
            do {
                try await spool.leave(
                    leaving.seat, room: leaving.room, reason: leaving.reason, flow: leaving.flow, at: leaving.at)
                // Only this call takes any out, and further ones are added at the end.
                unwritten.removeFirst()
            } catch {
                logger.error(
                    "leavings not stored", metadata: ["waiting": "\(unwritten.count)", "fault": "\(error)"])
                return
            }
        }
    }

    private func forget(_ id: AdmissionID) {
        guard let admission = admissions.removeValue(forKey: id) else { return }
        departed.remember(admission.seat.ticket, of: id)
        if !resumes.isLost(id) {
            resumes.forget(id)
            _ = rooms[admission.room]?.roster.leave(id)
        }
        rooms[admission.room]?.isChanged = true
        if !admission.isConnected { handshakeIsOver(admission) }
        clear(admission.room)
    }

    private func handshakeIsOver(_ admission: Admission) {
        guard let count = pendingHandshakes[admission.network] else { return }
        pendingHandshakes[admission.network] = count > 1 ? count - 1 : nil
    }

    /// Forgets a room that is over once nobody is in it.
    func clear(_ room: RoomID) {
        guard let live = rooms[room], live.roster.isClosed, live.views.isEmpty,
            !admissions.values.contains(where: { $0.room == room })
        else { return }
        rooms[room] = nil
        roomsByKey[live.key] = nil
    }

    // MARK: - What the ledger says

    /// Everything is now so; whoever is in and should not be is cut.
    func apply(_ snapshot: GatewaySnapshot) {
        for brief in snapshot.rooms { apply(brief) }
        // A room that the ledger no longer lists is over.
        let listed = Set(snapshot.rooms.map(\.room))
        for (room, brief) in briefs where !listed.contains(room) {
            var over = brief
            over.state = .closed
            apply(over)
            briefs[room] = nil
        }
        roomsOver.formUnion((Array(removals.keys) + Array(stages.keys)).filter { !listed.contains($0) })
        for notice in snapshot.revoked where rooms[notice.room] != nil { revoke(notice) }
        for end in snapshot.ends where rooms[end.room] != nil { apply(end) }
    }

    func apply(_ brief: RoomBrief) {
        briefs[brief.room] = brief
        if brief.state == .closed || brief.state == .cancelled { roomsOver.insert(brief.room) }
        guard let live = rooms[brief.room] else { return }
        rooms[brief.room]?.brief = brief
        rooms[brief.room]?.roster.capacity = brief.capacity
        rooms[brief.room]?.roster.sharing = brief.sharing
        rooms[brief.room]?.isChanged = true
        let reason: ReasonCode
        switch brief.state {
        case .scheduled, .open: return
        case .closed: reason = .roomClosed
        case .cancelled: reason = .roomCancelled
        }
        guard !live.roster.isClosed else { return }
        for seat in rooms[brief.room]?.roster.close() ?? [] { cut(seat, in: brief.room, reason) }
        media.perform(.closeRoom(live.key, code: reason.text))
        end(views: { _ in true }, in: brief.room, reason, admission: nil)
        clear(brief.room)
    }

    /// Deletes what was kept for rooms that are over; what fails is tried again with the next call.
    func forgetRoomsOver() async {
        for room in roomsOver {
            do {
                if removals[room] != nil { try await spool.forgetRemovals(of: room) }
                try await spool.forgetStage(of: room)
                removals[room] = nil
                stages[room] = nil
                roomsOver.remove(room)
            } catch {
                logger.error("removals not forgotten", metadata: ["room": "\(room)", "fault": "\(error)"])
            }
        }
    }

    /// For metrics.
    func liveCounts() -> (admissions: Int, rooms: Int, views: Int) { (admissions.count, rooms.count, viewCount) }

    // MARK: - The end

    /// Takes nobody in any more and cuts everybody; the relay's events bring the receipts.
    func close() {
        isClosing = true
        for admission in admissions.values {
            _ = rooms[admission.room]?.roster.leave(admission.seat.admission)
            cut(admission.seat, in: admission.room, .gatewayStopped)
        }
        for room in rooms.keys { end(views: { _ in true }, in: room, .gatewayStopped, admission: nil) }
    }
}

extension ReasonCode {
    /// The reason of a receipt for what the relay closed by itself.
    init(closing reason: ClosingReason) {
        switch reason {
        case .ticketEnded: self = .ticketExpired
        case .consentLost: self = .consentLost
        case .dtlsClosed: self = .left
        case .handshakeTimeout: self = .handshakeTimeout
        case .handshakeFailed: self = ReasonCode("handshake_failed") ?? .handshakeTimeout
        case .removed(let code): self = ReasonCode(code) ?? .removed
        case .roomClosed(let code): self = ReasonCode(code) ?? .roomClosed
        }
    }
}
