internal import AudioRelay
internal import HTTPEdge
internal import HTTPTypes
public import Hummingbird
internal import NIOCore
internal import RelayThreads
internal import Stage
internal import Store
internal import Synchronization
internal import Tickets
internal import Values

extension RoomGateway {
    /// Adds the routes under `/rooms` and `GET /metrics`.
    ///
    /// Refusals are answered as problem details here, whatever the router does. Give the router a context that knows
    /// the client's address, such as ``GatewayRequestContext``, so that joins can be limited by network.
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        let room = router.group("rooms/:room")
            .add(middleware: GatewayCORS<Context>(origins: configuration.allowedOrigins))
            .add(
                middleware: ProblemMiddleware<Context> { error in
                    (error as? StoreFault).flatMap {
                        .storage(isFull: $0.isFullDisk, isReadOnly: $0.isReadOnly, isTransient: $0.isTransient)
                    }
                }
            )
            .add(middleware: RefusalCount<Context>(metrics: metrics))
        room.post("whip") { try await self.join($0, $1, .speaking) }
        room.post("whep") { try await self.join($0, $1, .listening) }
        room.delete("sessions/:admission") { try await self.leave($0, $1) }
        room.on("sessions/:admission", method: .patch) { try await self.patch($0, $1) }
        room.get("events") { try await self.events($0, $1) }
        room.get("stage") { try await self.stage($0, $1) }
        room.post("remove") { try await self.remove($0, $1) }
        room.post("mute") { try await self.mute($0, $1) }
        addStageRoutes(to: room)
        addRehearsalRoutes(to: room)
        for path in ["whip", "whep", "sessions/:admission", "events", "stage", "remove", "mute"] + Self.stagePaths
            + Self.rehearsalPaths
        {
            // RFC 9725, section 4.2: a client may ask what can be posted. CORS headers are the middleware's.
            let takesOffers = path.hasSuffix("whip") || path.hasSuffix("whep")
            room.on(RouterPath(path), method: .options) { _, _ in
                var headers: HTTPFields = [.allow: "GET, POST, PATCH, DELETE, OPTIONS"]
                if takesOffers, let name = HTTPField.Name("Accept-Post") { headers[name] = "application/sdp" }
                return Response(status: .noContent, headers: headers)
            }
        }
        router.get("metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await self.metricsPage())))
        }
    }

    /// Adds `GET /healthz`: for a gateway that runs by itself; a ledger in the same process has its own.
    public func addHealth<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.get("healthz") { _, _ in
            let isReady = self.isReady
            return JSON.response(
                ["status": isReady ? "ok" : "waiting_for_ledger", "gateway": self.id.text],
                status: isReady ? .ok : .serviceUnavailable)
        }
    }

    // MARK: - Joining and leaving

    private func join<Context: RequestContext>(
        _ request: Request, _ context: Context, _ direction: Seat.Direction
    ) async throws -> Response {
        let room = try context.identifier("room", as: RoomID.self)
        let network = networkOfClient(request, context)
        let now = clock.now()
        guard network.isEmpty || joinsByNetwork.withLock({ $0.admit(network, at: now) }) else {
            throw GatewayRefusal.tooManyJoins
        }
        // 401 comes before any SDP is read: parsing is for ticket holders.
        let claims = try await claimsAtDoor(request, room: room, direction)
        try checkTypes(request)
        await rooms.expect(room)
        let offer = String(decoding: try await request.bytes(limit: 64 * 1024), as: UTF8.self)
        var generator = SystemRandomNumberGenerator()
        let key: RoomKey
        do { key = try await rooms.key(of: room) } catch {
            throw try await rooms.refused(claims, direction, error)
        }
        let place = media.place(in: key)
        // Until the peer has come, or not.
        defer { withExtendedLifetime(place) {} }
        let negotiation = try place.negotiator.answer(
            to: offer, as: direction == .speaking ? .speaker : .listener, in: key, using: &generator)
        let (admission, secret) = try await rooms.enter(
            claims, direction: direction, negotiated: negotiation.peer, network: network,
            resuming: request.headers[.guichetResume])
        return Response(
            status: .created,
            headers: [
                .contentType: "application/sdp", .location: "/rooms/\(room)/sessions/\(admission)",
                .guichetResume: secret,
                .eTag: "\"\(negotiation.peer.localFragment)\"", .cacheControl: "no-store",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: negotiation.answer)))
    }

    /// The ticket of somebody who wants in. Who came with a good one and is turned away has a receipt of it.
    private func claimsAtDoor(
        _ request: Request, room: RoomID, _ direction: Seat.Direction
    ) async throws -> TicketClaims {
        let (claims, revocation) = try await verified(request, room: room)
        if let revocation {
            throw try await rooms.refused(
                claims, direction, AdmissionRefusal.ticketRevoked(reason: revocation.reason))
        }
        try proveIfBound(request, claims)
        if direction == .speaking, !(await rooms.maySpeak(claims)) {
            throw try await rooms.refused(claims, direction, TicketRefusal.role)
        }
        return claims
    }

    private func leave<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let room = try context.identifier("room", as: RoomID.self)
        let claims = try await claims(of: request, room: room)
        let admission = try context.identifier("admission", as: AdmissionID.self)
        try await rooms.leave(admission, room: room, ticket: claims.ticket)
        return Response(status: .ok)
    }

    /// Content negotiation as WHIP has it: `application/sdp` both ways.
    func checkTypes(_ request: Request) throws {
        func media(_ text: Substring) -> String {
            text.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        }
        guard let type = request.headers[.contentType], media(type[...]) == "application/sdp" else {
            throw GatewayRefusal.offerTypeUnsupported
        }
        guard let accepted = request.headers[.accept] else { return }
        let fitting: Set = ["application/sdp", "application/*", "*/*"]
        guard accepted.split(separator: ",").prefix(20).contains(where: { fitting.contains(media($0)) }) else {
            throw GatewayRefusal.notAcceptable
        }
    }

    // MARK: - The stage

    private func events<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let room = try context.identifier("room", as: RoomID.self)
        let claims = try await claims(of: request, room: room)
        let admission = try request.query("admission").map { text in
            guard let id = AdmissionID(text) else { throw EdgeRefusal.parameterMalformed(path: "admission") }
            return id
        }
        await rooms.expect(room)
        let channel = (context as? GatewayRequestContext)?.channel
        await channel?.endsWhenUnanswered()
        let view = try await rooms.view(
            claims, admission: admission, after: request.lastEventID, in: request.language,
            hangUp: { channel?.close(promise: nil) })
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                for await text in view { try await writer.write(ByteBuffer(string: text)) }
                try await writer.finish(nil)
            })
    }

    private func stage<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let room = try context.identifier("room", as: RoomID.self)
        let claims = try await claims(of: request, room: room)
        await rooms.expect(room)
        return JSON.response(try await rooms.stageView(of: room, for: claims))
    }

    private struct Removal: Decodable {
        let admission: AdmissionID
        /// In the moderator's own words; for the log, not for the person.
        let reason: StageReason?
    }

    private func remove<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let room = try context.identifier("room", as: RoomID.self)
        let claims = try await claims(of: request, room: room)
        let removal = try await request.json(Removal.self)
        try await rooms.checkNotRemoved(claims)
        try await rooms.remove(removal.admission, room: room, by: claims, reason: removal.reason?.text)
        return JSON.response(["removed": removal.admission])
    }

    // MARK: - Who asks

    /// The ticket of a request, valid now for this room and not taken back; a bound one comes with a proof of its key.
    func claims(of request: Request, room: RoomID) async throws -> TicketClaims {
        let (claims, revocation) = try await verified(request, room: room)
        if let revocation { throw AdmissionRefusal.ticketRevoked(reason: revocation.reason) }
        try proveIfBound(request, claims)
        return claims
    }

    /// The ticket of a request, valid now for this room, with what took it back.
    private func verified(
        _ request: Request, room: RoomID
    ) async throws -> (claims: TicketClaims, revocation: RevocationNotice?) {
        guard let token = request.bearer else { throw GatewayRefusal.bearerMissing }
        do {
            return try knowledge.verify(token, room: room, at: clock.now())
        } catch TicketRefusal.keyUnknown {
            // The ledger may sign with a key of which the feed has not told yet.
            await keyFetcher.refresh()
            return try knowledge.verify(token, room: room, at: clock.now())
        }
    }

    /// Whichever token is shown: one that was signed before the ticket was bound says nothing of a key.
    private func proveIfBound(_ request: Request, _ claims: TicketClaims) throws {
        guard let token = request.bearer, let key = knowledge.key(of: claims) else { return }
        try prove(request, token, of: claims.ticket, key)
    }

    /// The client's IPv4 address or IPv6 /64; empty where it is not known.
    func networkOfClient<Context: RequestContext>(_ request: Request, _ context: Context) -> String {
        guard let known = context as? any RemoteAddressRequestContext else { return "" }
        return network(of: known.remoteAddress?.ipAddress ?? "")
    }
}
