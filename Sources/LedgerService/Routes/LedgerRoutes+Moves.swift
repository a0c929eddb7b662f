internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NoMembers: Decodable {}

private struct NewMove: Decodable {
    let startsAt: Instant
    let endsAt: Instant
    let doorsOpenAt: Instant?
    let notice: String
}

private struct NewAnswer: Decodable {
    let answer: MoveAnswer
}

private struct MoveList: Encodable {
    let moves: [MoveView]
}

extension LedgerRoutes {
    /// Rooms that take place at another time, and what their holders say.
    func addMoves(_ router: some RouterMethods<Context>) {
        router.post("/v1/rooms/:room/moves") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewMove.self)
            let times = RoomTimes(
                doorsOpenAt: body.doorsOpenAt ?? body.startsAt, startsAt: body.startsAt, endsAt: body.endsAt)
            return JSON.response(
                try await service.moveRoom(
                    context.identifier("room"), to: times, notice: body.notice, key: key, by: caller),
                status: .created)
        }
        router.get("/v1/rooms/:room/moves") { [service] request, context in
            JSON.response(
                MoveList(
                    moves: try await service.moves(of: context.identifier("room"), by: try await caller(request))))
        }
        router.post("/v1/rooms/:room/moves/settle") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            _ = try await request.json(NoMembers.self)
            return JSON.response(try await service.settleMove(of: context.identifier("room"), by: caller))
        }
        router.post("/v1/tickets/:ticket/answer") { [service] request, context in
            let caller = try await caller(request)
            _ = try service.buyer(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewAnswer.self)
            return JSON.response(
                try await service.answerMove(context.identifier("ticket"), body.answer, key: key, by: caller),
                status: .created)
        }
    }
}
