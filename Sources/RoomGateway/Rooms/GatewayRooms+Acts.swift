internal import HTTPEdge
internal import Logging
internal import Stage
internal import Tickets
internal import Values

/// Acts on their way to the disk, in the order in which they were done.
struct UnwrittenActs {
    /// A minute of a busy house whose disk is full. Beyond it acts of people are refused.
    static let limit = 10_000

    var waiting: [ActRecord] = []
    /// Rooms whose stage has changed since it was written.
    var rooms: Set<RoomID> = []
    /// How many were ever added, and how many of them are on disk.
    var added = 0
    var written = 0
    var writing: Task<Bool, Never>?
}

/// What people ask for on a stage: decided by ``StageFloor``, told at once, and answered when it is on disk.
extension GatewayRooms {
    typealias StageRule =
        @Sendable (inout StageFloor, _ actor: StagePerson, _ target: StagePerson) throws -> [StageChange]

    /// Asks the rules, carries out what they say, and returns when it is logged. What they refuse is logged as well.
    ///
    /// - Parameters:
    ///   - kind: what is tried; stands in the log if it is refused.
    ///   - id: whom it concerns; the actor, if `nil`.
    func act(
        _ kind: ActKind, _ id: AdmissionID? = nil, room: RoomID, by claims: TicketClaims, reason: String? = nil,
        _ rule: StageRule
    ) async throws -> StageState {
        guard !isClosing else { throw GatewayRefusal.gatewayClosing }
        let now = clock.now()
        guard actsByTicket.admit(claims.ticket.text, at: now) else { throw GatewayRefusal.tooManyActs }
        guard acts.waiting.count < UnwrittenActs.limit else { throw EdgeRefusal.storageFull }
        try checkNotRemoved(claims)
        _ = try key(of: room)
        tend(room, at: now)
        let actor = StagePerson(claims)
        do {
            guard var floor = rooms[room]?.floor, rooms[room]?.roster.isClosed == false else {
                throw AdmissionRefusal.roomClosed
            }
            let target = try id.map { try person($0, in: room) } ?? actor
            let changes = try rule(&floor, actor, target)
            rooms[room]?.floor = floor
            carryOut(changes, in: room, reason: reason)
        } catch let refusal as StageRefusal {
            await noteRefused(kind, id, room: room, by: actor, refusal, reason: reason)
            throw refusal
        }
        // What was done holds; but it is not said to be safe before it is.
        guard await writeActs() else { throw EdgeRefusal.storageFull }
        guard var state = rooms[room]?.state else { throw AdmissionRefusal.roomClosed }
        state.you = rooms[room]?.standing(of: actor)
        return state
    }

    /// How many people have a role by their ticket; for the caps of the stage.
    func seated(_ role: Role, in room: RoomID) -> Int { rooms[room]?.roster.count(of: role) ?? 0 }

    func isHere(_ claims: TicketClaims) -> Bool {
        rooms[claims.room]?.roster.seats(of: claims.ticket).isEmpty == false
    }

    func person(_ id: AdmissionID, in room: RoomID) throws(StageRefusal) -> StagePerson {
        guard let seat = rooms[room]?.roster[id] else { throw .admissionUnknown }
        return seat.person
    }

    /// The seat that somebody wants removed, if they may.
    func removable(
        _ id: AdmissionID, room: RoomID, by claims: TicketClaims, reason: String?
    ) async throws -> Seat {
        let actor = StagePerson(claims)
        guard actsByTicket.admit(claims.ticket.text, at: clock.now()) else { throw GatewayRefusal.tooManyActs }
        do {
            guard let live = rooms[room], let seat = live.roster[id] else { throw StageRefusal.admissionUnknown }
            // A right must hold over every seat of that person, and over what the stage has made of them.
            let ofPerson = live.roster.seats.filter { $0.holder == seat.holder }
            let role = live.floor.role(of: actor)
            guard ofPerson.allSatisfy({ role.may(.remove(live.floor.role(of: $0.person))) }) else {
                throw StageRefusal.notPermitted(role)
            }
            return seat
        } catch let refusal as StageRefusal {
            await noteRefused(.removed, id, room: room, by: actor, refusal, reason: reason)
            throw refusal
        }
    }

    // MARK: - The log

    func note(_ act: ActRecord) {
        acts.waiting.append(act)
        acts.rooms.insert(act.room)
        acts.added += 1
        metrics.acted(act.kind.text)
    }

    private func noteRefused(
        _ kind: ActKind, _ id: AdmissionID?, room: RoomID, by actor: StagePerson, _ refusal: StageRefusal,
        reason: String?
    ) async {
        let now = clock.now()
        guard refusedActs.admit(room.text, at: now), let code = ReasonCode(refusal.code) else { return }
        let target = id.flatMap { try? person($0, in: room) }
        note(
            ActRecord(
                room: room, StageChange(kind, by: actor, to: target), reason: reason, refused: code, at: now))
        await writeActs()
    }

    /// Returns when everything that was done before the call is on disk, or when that failed: then it is tried again
    /// with the next call, and every second.
    /// - Returns: whether it is on disk.
    @discardableResult
    func writeActs() async -> Bool {
        let all = acts.added
        while acts.written < all {
            let writing = acts.writing ?? Task { await writeSomeActs() }
            acts.writing = writing
            guard await writing.value else { return false }
        }
        return true
    }

    /// One group of acts with the stages that they have changed; only one such call runs at a time.
    private func writeSomeActs() async -> Bool {
        let group = Array(acts.waiting.prefix(500))
        let changed = acts.rooms
        acts.rooms = []
        let memories = Dictionary(
            uniqueKeysWithValues: changed.compactMap { room in rooms[room].map { (room, $0.floor.memory) } })
        defer { acts.writing = nil }
        do {
            try await spool.note(group, stages: memories)
            acts.waiting.removeFirst(group.count)
            acts.written += group.count
            return true
        } catch {
            acts.rooms.formUnion(changed)
            logger.error("acts not stored", metadata: ["waiting": "\(acts.waiting.count)", "fault": "\(error)"])
            return false
        }
    }
}

/// Acts whose rules ask who is in the room.
extension GatewayRooms {
    func invite(
        _ id: AdmissionID, to post: StageFloor.Post, room: RoomID, by claims: TicketClaims, reason: String?
    ) async throws -> StageState {
        let now = clock.now()
        let seats = seated(post.role, in: room)
        return try await act(.invited, id, room: room, by: claims, reason: reason) { floor, actor, target in
            try floor.invite(target, to: post, by: actor, seated: seats, at: now)
        }
    }

    func answer(_ accepts: Bool, room: RoomID, by claims: TicketClaims) async throws -> StageState {
        let now = clock.now()
        let seats = Dictionary(
            uniqueKeysWithValues: StageFloor.Post.allCases.map { ($0.role, seated($0.role, in: room)) })
        let isHere = isHere(claims)
        return try await act(
            accepts ? .accepted : .invitationDeclined, room: room, by: claims
        ) { floor, actor, _ in
            try accepts
                ? floor.accept(actor, isHere: isHere, seated: { seats[$0] ?? 0 }, at: now) : floor.decline(actor)
        }
    }

    /// - Parameter ids: the co-hosts, the first in line first.
    func nameSuccession(_ ids: [AdmissionID], room: RoomID, by claims: TicketClaims) async throws -> StageState {
        // One more than there can be is one too many; the rules say so.
        let order = try ids.prefix(3).map { id in
            guard let seat = rooms[room]?.roster[id] else { throw StageRefusal.admissionUnknown }
            return seat.person
        }
        return try await act(.successionNamed, room: room, by: claims) { floor, actor, _ in
            try floor.nameSuccession(order, by: actor)
        }
    }
}
