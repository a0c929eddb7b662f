internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewTransfer: Decodable {
    let expiresAt: Instant?
}

private struct TransferCode: Decodable {
    let code: String
}

private struct NewGift: Decodable {
    let room: RoomID
    let price: Money
    let count: Int?
    let tier: String?
    let expiresAt: Instant?
}

extension LedgerRoutes {
    func addTransfers(_ router: some RouterMethods<Context>) {
        router.post("/v1/tickets/:ticket/transfers") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewTransfer.self)
            return JSON.response(
                try await service.offerTransfer(
                    of: context.identifier("ticket"), until: body.expiresAt, key: key, by: caller), status: .created)
        }
        // The code comes in the body: what stands in a path ends up in logs.
        router.post("/v1/transfers/accept") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(TransferCode.self)
            return JSON.response(
                try await service.acceptTransfer(code: body.code, key: key, by: caller), status: .created)
        }
        router.get("/v1/transfers/:transfer") { [service] request, context in
            JSON.response(
                try await service.transfer(context.identifier("transfer"), by: try await caller(request)))
        }
        router.post("/v1/transfers/:transfer/withdraw") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            return JSON.response(
                try await service.withdrawTransfer(context.identifier("transfer"), key: key, by: caller))
        }
        router.post("/v1/gifts") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewGift.self)
            if let tier = body.tier, tier.utf8.count > 32 { throw EdgeRefusal.bodyWrongType(path: "tier") }
            let order = TicketOrder(room: body.room, count: body.count ?? 1, tier: body.tier, price: body.price)
            return JSON.response(
                try await service.gift(order, until: body.expiresAt, key: key, by: caller), status: .created)
        }
    }
}
