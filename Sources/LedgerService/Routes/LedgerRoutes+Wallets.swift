internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NoMembers: Decodable {}

private struct NewWallet: Encodable {
    let holder: HolderID
    let key: String
}

private struct TicketList: Encodable {
    let tickets: [TicketView]
    let next: String?
}

private struct NewTopup: Decodable {
    let amount: Money
}

extension LedgerRoutes {
    func addWallets(_ router: some RouterMethods<Context>) {
        router.post("/v1/wallets") { [service, walletLimiter] request, context in
            try walletLimiter?.check(context, at: service.clock.now())
            _ = try await request.json(NoMembers.self)
            let made = try await service.createWallet(key: try request.optionalIdempotencyKey())
            return JSON.response(NewWallet(holder: made.holder, key: made.key.key), status: .created)
        }
        router.get("/v1/wallets/:holder") { [service] request, context in
            JSON.response(try await service.wallet(context.identifier("holder"), by: try await caller(request)))
        }
        router.get("/v1/wallets/:holder/tickets") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let (tickets, next) = try await service.tickets(
                of: context.identifier("holder"), try PageRequest(request, list: "tickets"), by: caller)
            return JSON.response(TicketList(tickets: tickets, next: next))
        }
        router.post("/v1/wallets/:holder/topups") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewTopup.self)
            let topup = try await service.topUp(context.identifier("holder"), body.amount, key: key, by: caller)
            return JSON.response(topup, status: .created)
        }
    }
}
