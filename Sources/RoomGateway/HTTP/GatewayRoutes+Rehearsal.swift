internal import AudioRelay
internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import RelayThreads
internal import Stage
internal import Synchronization
internal import Tickets
internal import Values

/// WHIP and WHEP of a rehearsal: what is sent comes back to whoever sends it.
extension RoomGateway {
    static let rehearsalPaths = ["rehearsal/whip", "rehearsal/whep", "rehearsal/sessions/:admission"]

    func addRehearsalRoutes<Context: RequestContext>(to room: some RouterMethods<Context>) {
        room.post("rehearsal/whip") { try await self.rehearse($0, $1, .speaking) }
        room.post("rehearsal/whep") { try await self.rehearse($0, $1, .listening) }
        room.delete("rehearsal/sessions/:admission") { request, context in
            let room = try context.identifier("room", as: RoomID.self)
            let claims = try await self.claims(of: request, room: room)
            let id = try context.identifier("admission", as: AdmissionID.self)
            try await self.rooms.leaveRehearsal(id, room: room, ticket: claims.ticket)
            return Response(status: .ok)
        }
    }

    private func rehearse<Context: RequestContext>(
        _ request: Request, _ context: Context, _ direction: Seat.Direction
    ) async throws -> Response {
        let room = try context.identifier("room", as: RoomID.self)
        let network = networkOfClient(request, context)
        let now = clock.now()
        guard network.isEmpty || joinsByNetwork.withLock({ $0.admit(network, at: now) }) else {
            throw GatewayRefusal.tooManyJoins
        }
        let claims = try await claims(of: request, room: room)
        try checkTypes(request)
        await rooms.expect(room)
        // Who may not rehearse is told so before the offer is read.
        let key = try await rooms.rehearsalKey(of: claims)
        let offer = String(decoding: try await request.bytes(limit: 64 * 1024), as: UTF8.self)
        var generator = SystemRandomNumberGenerator()
        let place = media.place(in: key)
        // Until the peer has come, or not.
        defer { withExtendedLifetime(place) {} }
        let negotiation = try place.negotiator.answer(
            to: offer, as: direction == .speaking ? .speaker : .listener, in: key, using: &generator)
        let id = try await rooms.rehearse(
            claims, direction: direction, negotiated: negotiation.peer, network: network)
        return Response(
            status: .created,
            headers: [
                .contentType: "application/sdp", .location: "/rooms/\(room)/rehearsal/sessions/\(id)",
                .eTag: "\"\(negotiation.peer.localFragment)\"", .cacheControl: "no-store",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: negotiation.answer)))
    }
}
