internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewAdjustment: Decodable {
    let amount: Money
    let reason: String
}

private struct AdjustmentList: Encodable {
    let adjustments: [AdjustmentView]
    let next: String?
}

extension LedgerRoutes {
    /// Corrections of what hosts are owed.
    func addFunds(_ router: some RouterMethods<Context>) {
        router.get("/v1/hosts/:host/adjustments") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let (adjustments, next) = try await service.adjustments(
                of: context.identifier("host"), try PageRequest(request, list: "adjustments"), by: caller)
            return JSON.response(AdjustmentList(adjustments: adjustments, next: next))
        }
        router.post("/v1/hosts/:host/adjustments") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewAdjustment.self)
            return JSON.response(
                try await service.adjust(
                    context.identifier("host"), by: body.amount, reason: body.reason, key: key, by: caller),
                status: .created)
        }
    }
}
