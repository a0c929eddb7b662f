internal import HTTPEdge
internal import Hummingbird
internal import Values

extension LedgerRoutes {
    /// Tickets that are given back if they are resold.
    func addResales(_ router: some RouterMethods<Context>) {
        router.post("/v1/tickets/:ticket/resale") { [service] request, context in
            let caller = try await caller(request)
            _ = try service.buyer(caller)
            let key = try request.idempotencyKey()
            return JSON.response(
                try await service.putUp(context.identifier("ticket"), key: key, by: caller), status: .created)
        }
        router.get("/v1/tickets/:ticket/resale") { [service] request, context in
            JSON.response(try await service.resale(of: context.identifier("ticket"), by: try await caller(request)))
        }
        router.post("/v1/tickets/:ticket/resale/keep") { [service] request, context in
            let caller = try await caller(request)
            _ = try service.buyer(caller)
            let key = try request.idempotencyKey()
            return JSON.response(try await service.keep(context.identifier("ticket"), key: key, by: caller))
        }
    }
}
