internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewRoom: Decodable {
    let title: String
    let startsAt: Instant
    let endsAt: Instant
    let doorsOpenAt: Instant?
    let saleOpensAt: Instant?
    let capacity: Int
    let price: Money
    let language: String?
    let policy: String?
    let terms: String?
    let sharing: SharingPolicy?
    let holderKey: HolderKeyPolicy?
    let cohosts: [CohostShare]?
}

private struct NewPrice: Decodable {
    let price: Money
}

private struct NewPass: Decodable {
    let role: Role
    let name: String?
}

private struct RoomList: Encodable {
    let rooms: [RoomView]
    let next: String?
}

extension LedgerRoutes {
    func addRooms(_ router: some RouterMethods<Context>) {
        router.post("/v1/rooms") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.optionalIdempotencyKey()
            let body = try await request.json(NewRoom.self)
            let draft = RoomDraft(
                title: body.title, language: body.language ?? "en", doorsOpenAt: body.doorsOpenAt ?? body.startsAt,
                startsAt: body.startsAt, endsAt: body.endsAt, capacity: body.capacity, saleOpensAt: body.saleOpensAt,
                cohosts: body.cohosts ?? [])
            let room = try await service.createRoom(
                draft, price: body.price, policy: body.policy, terms: body.terms, sharing: body.sharing,
                holderKey: body.holderKey, key: key,
                by: caller)
            return JSON.response(room, status: .created)
        }
        router.get("/v1/rooms") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let (rooms, next) = try await service.rooms(try PageRequest(request, list: "rooms"), by: caller)
            return JSON.response(RoomList(rooms: rooms, next: next))
        }
        router.get("/v1/rooms/:room") { [service] _, context in
            let room = try await service.room(context.identifier("room"))
            return JSON.response(room).tagged(room.tag)
        }
        router.put("/v1/rooms/:room/price") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewPrice.self)
            let room = try await service.setPrice(
                body.price, of: context.identifier("room"), if: try TagCondition(request), by: caller)
            return JSON.response(room).tagged(room.tag)
        }
        router.post("/v1/rooms/:room/open") { [service] request, context in
            JSON.response(
                try await service.openRoom(context.identifier("room"), by: try await caller(request)))
        }
        router.post("/v1/rooms/:room/close") { [service] request, context in
            JSON.response(
                try await service.closeRoom(context.identifier("room"), by: try await caller(request)))
        }
        router.post("/v1/rooms/:room/cancel") { [service] request, context in
            JSON.response(
                try await service.cancelRoom(context.identifier("room"), by: try await caller(request)))
        }
        router.post("/v1/rooms/:room/passes") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.optionalIdempotencyKey()
            let body = try await request.json(NewPass.self)
            let pass = try await service.issuePass(
                for: context.identifier("room"), role: body.role, name: body.name, key: key, by: caller)
            return JSON.response(pass, status: .created)
        }
    }
}
