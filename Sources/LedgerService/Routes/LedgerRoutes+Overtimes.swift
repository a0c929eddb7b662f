internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NoMembers: Decodable {}

private struct NewOvertime: Decodable {
    let until: Instant
    let price: Money
}

/// Either a quote, or the price that was seen.
private struct NewExtension: Decodable {
    let quote: String?
    let price: Money?
}

private struct OvertimeList: Encodable {
    let overtimes: [OvertimeView]
}

private struct ExtensionList: Encodable {
    let extensions: [ExtensionView]
    let next: String?
}

extension LedgerRoutes {
    /// Rooms that go on behind their end, and tickets that go with them.
    func addOvertimes(_ router: some RouterMethods<Context>) {
        router.post("/v1/rooms/:room/overtimes") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewOvertime.self)
            return JSON.response(
                try await service.announceOvertime(
                    of: context.identifier("room"), until: body.until, at: body.price, key: key, by: caller),
                status: .created)
        }
        router.get("/v1/rooms/:room/overtimes") { [service] _, context in
            JSON.response(OvertimeList(overtimes: try await service.overtimes(of: context.identifier("room"))))
        }
        router.get("/v1/rooms/:room/extensions") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let (extensions, next) = try await service.extensions(
                of: context.identifier("room"), try PageRequest(request, list: "extensions"), by: caller)
            return JSON.response(ExtensionList(extensions: extensions, next: next))
        }
        router.get("/v1/tickets/:ticket/extension") { [service] request, context in
            JSON.response(
                try await service.extensionOffer(of: context.identifier("ticket"), by: try await caller(request)))
        }
        router.post("/v1/tickets/:ticket/extension") { [service] request, context in
            let caller = try await caller(request)
            _ = try service.buyer(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewExtension.self)
            let ticket: TicketID = try context.identifier("ticket")
            if let quote = body.quote {
                if body.price != nil { throw EdgeRefusal.unknownMember(path: "price") }
                return JSON.response(
                    try await service.extend(ticket, quote: quote, key: key, by: caller), status: .created)
            }
            guard let price = body.price else { throw EdgeRefusal.bodyWrongType(path: "price") }
            return JSON.response(
                try await service.extend(ticket, at: price, key: key, by: caller), status: .created)
        }
        router.post("/v1/extensions/:extension/refund") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            _ = try await request.json(NoMembers.self)
            return JSON.response(
                try await service.refundExtension(context.identifier("extension"), key: key, by: caller),
                status: .created)
        }
    }
}
