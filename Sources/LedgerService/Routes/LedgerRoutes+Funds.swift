internal import HTTPEdge
internal import Hummingbird
internal import Payouts
internal import Values

private struct NewAdjustment: Decodable {
    let amount: Money
    let reason: String
}

private struct AdjustmentList: Encodable {
    let adjustments: [AdjustmentView]
    let next: String?
}

private struct FundList: Encodable {
    let funds: [FundProgram]
}

private struct NewEnrolment: Decodable {
    let host: HostID
    let from: LocalDay
    let to: LocalDay
}

private struct NewAccountLink: Decodable {
    let account: String
    let reason: String
}

private struct NewExclusion: Decodable {
    let reason: String
}

extension LedgerRoutes {
    /// Funds: their terms, who is in them, and what their months gave.
    func addFunds(_ router: some RouterMethods<Context>) {
        addAdjustments(router)
        router.get("/v1/funds") { [service] request, _ in
            JSON.response(FundList(funds: try await service.funds(by: try await caller(request))))
        }
        router.post("/v1/funds") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let terms = try await request.json(FundProgram.self)
            return JSON.response(try await service.setFund(terms, key: key, by: caller), status: .created)
        }
        router.get("/v1/funds/:fund") { [service] request, context in
            let caller = try await caller(request)
            return JSON.response(try await service.fund(fund(context), by: caller))
        }
        router.post("/v1/funds/:fund/enrolments") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewEnrolment.self)
            return JSON.response(
                try await service.enroll(
                    body.host, in: fund(context), from: body.from, to: body.to, key: key, by: caller), status: .created)
        }
        router.post("/v1/hosts/:host/accounts") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewAccountLink.self)
            return JSON.response(
                try await service.link(
                    body.account, to: context.identifier("host"), because: body.reason, key: key, by: caller),
                status: .created)
        }
        router.post("/v1/rooms/:room/fund-exclusion") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewExclusion.self)
            return JSON.response(
                try await service.excludeFromFunds(
                    context.identifier("room"), because: body.reason, key: key, by: caller), status: .created)
        }
    }

    func fund(_ context: Context) throws -> String {
        guard let name = context.parameters.get("fund"), FundProgram.isName(name) else { throw FundRefusal.unknown }
        return name
    }

    /// Corrections of what hosts are owed.
    private func addAdjustments(_ router: some RouterMethods<Context>) {
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
