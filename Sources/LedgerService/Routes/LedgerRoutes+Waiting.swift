internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewWaiting: Decodable, OrderBody {
    let count: Int?
    let tier: String?
    /// The highest price of one ticket.
    let most: Money?
    let voucher: String?
    let country: String?

    var channel: String? { nil }

    enum CodingKeys: String, CodingKey { case count, tier, most, voucher, country }

    func order(for room: RoomID) throws(EdgeRefusal) -> WaitingOrder {
        let order = try order(of: room, at: nil)
        return WaitingOrder(
            room: room, count: order.count, tier: order.tier, most: most, voucher: order.voucher,
            country: order.country)
    }
}

private struct NewWaitingCheckout: Decodable {
    let provider: ProviderName
}

extension LedgerRoutes {
    /// Waiting for tickets of a room that has none left.
    func addWaiting(_ router: some RouterMethods<Context>) {
        router.post("/v1/rooms/:room/waiting") { [service] request, context in
            let caller = try await caller(request)
            _ = try service.buyer(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewWaiting.self)
            let order = try body.order(for: context.identifier("room"))
            let view = try await guessing(order.voucher, request, context) {
                try await service.joinWaiting(order, key: key, by: caller)
            }
            return JSON.response(view, status: .created)
        }
        router.get("/v1/rooms/:room/waiting") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(
                try await service.waitingList(
                    of: context.identifier("room"), try PageRequest(request, list: "waiting"), by: caller))
        }
        router.get("/v1/waiting/:waiting") { [service] request, context in
            JSON.response(try await service.waiting(context.identifier("waiting"), by: try await caller(request)))
        }
        router.post("/v1/waiting/:waiting/pay") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            return JSON.response(
                try await service.payWaiting(context.identifier("waiting"), key: key, by: caller), status: .created)
        }
        router.post("/v1/waiting/:waiting/checkout") { [payments] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewWaitingCheckout.self)
            return JSON.response(
                try await payments.checkout(
                    waiting: context.identifier("waiting"), through: body.provider, key: key, by: caller),
                status: .created)
        }
        router.post("/v1/waiting/:waiting/leave") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            return JSON.response(try await service.leaveWaiting(context.identifier("waiting"), key: key, by: caller))
        }
    }
}
