internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewRisk: Decodable {
    let `class`: String
    let reason: String
}

private struct RiskClassList: Encodable {
    let classes: [RiskClassView]
}

extension LedgerRoutes {
    func addRisk(_ router: some RouterMethods<Context>) {
        router.get("/v1/risk-classes") { [service] request, _ in
            JSON.response(RiskClassList(classes: try service.riskClasses(by: try await caller(request))))
        }
        router.get("/v1/hosts/:host/risk") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(try await service.reserves(of: context.identifier("host"), by: caller))
        }
        router.post("/v1/hosts/:host/risk") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewRisk.self)
            let risk = try await service.setRisk(
                of: context.identifier("host"), to: body.class, reason: body.reason, key: key, by: caller)
            return JSON.response(risk, status: .created)
        }
    }
}
