internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Stage
internal import Tickets
internal import Values

/// What a moderator says about an act, in own words: a line that is not empty, bounded by ``StageLimits/reasonBytes``.
struct StageReason: Decodable {
    let text: String

    private static let unseen: Set<Unicode.GeneralCategory> = [
        .control, .format, .lineSeparator, .paragraphSeparator,
    ]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        text = try container.decode(String.self)
        guard (1...StageLimits.reasonBytes).contains(text.utf8.count),
            // It is shown on pages and in terminals: nothing in it moves a cursor or turns the text around.
            !text.unicodeScalars.contains(where: { Self.unseen.contains($0.properties.generalCategory) })
        else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "A reason is one line.")
        }
    }
}

extension Request {
    /// The last event that a reader has seen, as `EventSource` says it when it comes back, or as `?after=` for readers
    /// that can't send headers of their own.
    var lastEventID: String? {
        (HTTPField.Name("Last-Event-ID").flatMap { headers[$0] } ?? query("after")).flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Commands of people on a stage. Each is answered by the stage as it is then, with what the asker is on it.
extension RoomGateway {
    static let stagePaths = [
        "stage/hand", "stage/invite", "stage/withdraw", "stage/answer", "stage/step-down", "stage/dismiss",
        "stage/lock", "stage/mode", "stage/succession",
    ]

    func addStageRoutes<Context: RequestContext>(to room: some RouterMethods<Context>) {
        room.post("stage/hand") { try await self.hand($0, $1) }
        room.post("stage/invite") { try await self.invite($0, $1) }
        room.post("stage/withdraw") { request, context in
            try await self.concerning(request, context, .invitationWithdrawn) { try $0.withdraw($2, by: $1) }
        }
        room.post("stage/answer") { try await self.answer($0, $1) }
        room.post("stage/step-down") { request, context in
            let (room, claims) = try await self.asker(request, context)
            return JSON.response(
                try await self.rooms.act(.steppedDown, room: room, by: claims) { floor, actor, _ in
                    try floor.stepDown(actor)
                })
        }
        room.post("stage/dismiss") { request, context in
            try await self.concerning(request, context, .dismissed) { try $0.dismiss($2, by: $1) }
        }
        room.post("stage/lock") { try await self.lock($0, $1) }
        room.post("stage/mode") { try await self.mode($0, $1) }
        room.post("stage/succession") { try await self.succession($0, $1) }
    }

    private func asker<Context: RequestContext>(
        _ request: Request, _ context: Context
    ) async throws -> (RoomID, TicketClaims) {
        let room = try context.identifier("room", as: RoomID.self)
        let claims = try await claims(of: request, room: room)
        await rooms.expect(room)
        return (room, claims)
    }

    private struct Concerning: Decodable {
        let admission: AdmissionID
        let reason: StageReason?
    }

    /// A command of a moderator that concerns one person.
    private func concerning<Context: RequestContext>(
        _ request: Request, _ context: Context, _ kind: ActKind, _ rule: GatewayRooms.StageRule
    ) async throws -> Response {
        let (room, claims) = try await asker(request, context)
        let body = try await request.json(Concerning.self)
        return JSON.response(
            try await rooms.act(
                kind, body.admission, room: room, by: claims, reason: body.reason?.text, rule))
    }

    private struct Hand: Decodable {
        let raised: Bool
        /// Somebody else's: only down, and only by a moderator.
        let admission: AdmissionID?
    }

    private func hand<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let (room, claims) = try await asker(request, context)
        let body = try await request.json(Hand.self)
        let now = clock.now()
        let isHere = await rooms.isHere(claims)
        if let other = body.admission {
            guard !body.raised else { throw EdgeRefusal.bodyWrongType(path: "raised") }
            return JSON.response(
                try await rooms.act(.handLowered, other, room: room, by: claims) { try $0.lowerHand(of: $2, by: $1) })
        }
        return JSON.response(
            try await rooms.act(body.raised ? .handRaised : .handLowered, room: room, by: claims) { floor, actor, _ in
                body.raised ? try floor.raiseHand(actor, isHere: isHere, at: now) : floor.lowerHand(actor)
            })
    }

    private struct Invitation: Decodable {
        let admission: AdmissionID
        let post: StageFloor.Post?
        let reason: StageReason?
    }

    private func invite<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let (room, claims) = try await asker(request, context)
        let body = try await request.json(Invitation.self)
        return JSON.response(
            try await rooms.invite(
                body.admission, to: body.post ?? .speaker, room: room, by: claims, reason: body.reason?.text))
    }

    private struct Answer: Decodable { let accept: Bool }

    private func answer<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let (room, claims) = try await asker(request, context)
        let body = try await request.json(Answer.self)
        return JSON.response(try await rooms.answer(body.accept, room: room, by: claims))
    }

    private struct Locking: Decodable {
        let locked: Bool
        let reason: StageReason?
    }

    private func lock<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let (room, claims) = try await asker(request, context)
        let body = try await request.json(Locking.self)
        return JSON.response(
            try await rooms.act(
                body.locked ? .locked : .unlocked, room: room, by: claims, reason: body.reason?.text
            ) { floor, actor, _ in try floor.setLocked(body.locked, by: actor) })
    }

    private struct Mode: Decodable { let mode: SpeakingMode }

    private func mode<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let (room, claims) = try await asker(request, context)
        let body = try await request.json(Mode.self)
        return JSON.response(
            try await rooms.act(.modeSet, room: room, by: claims) { floor, actor, _ in
                try floor.setMode(body.mode, by: actor)
            })
    }

    private struct Succession: Decodable { let admissions: [AdmissionID] }

    private func succession<Context: RequestContext>(
        _ request: Request, _ context: Context
    ) async throws -> Response {
        let (room, claims) = try await asker(request, context)
        let body = try await request.json(Succession.self)
        return JSON.response(try await rooms.nameSuccession(body.admissions, room: room, by: claims))
    }

    private struct Muting: Decodable {
        let admission: AdmissionID
        let muted: Bool
        let reason: StageReason?
    }

    func mute<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let (room, claims) = try await asker(request, context)
        let body = try await request.json(Muting.self)
        _ = try await rooms.act(
            body.muted ? .muted : .unmuted, body.admission, room: room, by: claims, reason: body.reason?.text
        ) { floor, actor, target in try floor.setMuted(body.muted, target, by: actor) }
        return JSON.response(["muted": body.muted])
    }
}
