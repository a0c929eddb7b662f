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
}

extension LedgerRoutes {
    func addRooms(_ router: some RouterMethods<Context>) {
        router.post("/v1/rooms") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewRoom.self)
            let draft = RoomDraft(
                title: body.title, language: body.language ?? "en", doorsOpenAt: body.doorsOpenAt ?? body.startsAt,
                startsAt: body.startsAt, endsAt: body.endsAt, capacity: body.capacity, saleOpensAt: body.saleOpensAt,
                cohosts: body.cohosts ?? [])
            let room = try await service.createRoom(draft, price: body.price, policy: body.policy, by: caller)
            return JSON.response(room, status: .created)
        }
        router.get("/v1/rooms") { [service] request, _ in
            JSON.response(RoomList(rooms: try await service.rooms(by: try await caller(request))))
        }
        router.get("/v1/rooms/:room") { [service] _, context in
            JSON.response(try await service.room(context.identifier("room")))
        }
        router.put("/v1/rooms/:room/price") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewPrice.self)
            return JSON.response(try await service.setPrice(body.price, of: context.identifier("room"), by: caller))
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
            let body = try await request.json(NewPass.self)
            let pass = try await service.issuePass(
                for: context.identifier("room"), role: body.role, name: body.name, by: caller)
            return JSON.response(pass, status: .created)
        }
    }
}
