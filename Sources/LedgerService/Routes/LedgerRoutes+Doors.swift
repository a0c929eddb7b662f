internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewSharing: Decodable {
    let sharing: SharingPolicy
}

extension LedgerRoutes {
    func addDoors(_ router: some RouterMethods<Context>) {
        router.put("/v1/rooms/:room/sharing") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewSharing.self)
            let room = try await service.setSharing(
                body.sharing, of: context.identifier("room"), if: try TagCondition(request), by: caller)
            return JSON.response(room).tagged(room.tag)
        }
    }
}
