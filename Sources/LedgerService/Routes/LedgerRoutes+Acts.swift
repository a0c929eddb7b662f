internal import HTTPEdge
internal import Hummingbird
internal import Stage
internal import Values

/// A thousand acts of 1,000 bytes fit twice.
private let actBodyLimit = 2 * 1024 * 1024

private struct ActList: Encodable {
    let acts: [ActView]
    let next: String?
}

extension LedgerRoutes {
    /// Acts on stages: handed in by gateways, read by hosts and staff.
    func addActs(_ router: some RouterMethods<Context>) {
        router.post("/v1/gateway/acts") { [service] request, _ in
            let caller = try await caller(request)
            try requireGateway(caller)
            let batch = try await request.json(ActBatch.self, limit: actBodyLimit)
            return JSON.response(try await service.accept(batch, by: caller))
        }
        router.get("/v1/rooms/:room/acts") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let (acts, next) = try await service.acts(
                of: context.identifier("room"), try PageRequest(request, list: "acts"), by: caller)
            return JSON.response(ActList(acts: acts, next: next))
        }
    }
}
