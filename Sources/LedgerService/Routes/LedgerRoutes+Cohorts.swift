internal import HTTPEdge
internal import Hummingbird
internal import Payouts
internal import Values

private struct NewEndowment: Decodable {
    let amount: Money
    let reason: String
}

private struct NewApplication: Decodable {
    let ageDeclared: Bool?
    let followers: Int64?
    let note: String?
}

private struct NewDecision: Decodable {
    let host: HostID
    let decision: CohortDecision.Kind
    let from: LocalDay?
    let to: LocalDay?
    let followers: Int64?
    let reason: String
}

private struct CandidacyList: Encodable {
    let applications: [CandidacyView]
    let next: String?
}

private struct FundBookPage: Encodable {
    let account: FundAccountView
    let rows: [FundBookView]
    let next: String?
}

extension LedgerRoutes {
    /// Cohorts of funds: applications, selection, and the account that pays.
    func addCohorts(_ router: some RouterMethods<Context>) {
        addProgress(router)
        router.get("/v1/funds/:fund/applications") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let (applications, next) = try await service.candidacies(
                in: fund(context), try PageRequest(request, list: "fund-applications"), by: caller)
            return JSON.response(CandidacyList(applications: applications, next: next))
        }
        router.post("/v1/funds/:fund/applications") { [service] request, context in
            let caller = try await caller(request)
            try requireHost(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewApplication.self)
            // As many as there are people, and then some.
            if let followers = body.followers, !(0...1_000_000_000_000).contains(followers) {
                throw EdgeRefusal.bodyWrongType(path: "followers")
            }
            let declared = CohortDeclaration(age: body.ageDeclared ?? false, followers: body.followers)
            return JSON.response(
                try await service.apply(to: fund(context), declared, note: body.note ?? "", key: key, by: caller),
                status: .created)
        }
        router.get("/v1/funds/:fund/applications/:host") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(
                try await service.candidacy(of: context.identifier("host"), in: fund(context), by: caller))
        }
        router.post("/v1/funds/:fund/leave") { [service] request, context in
            let caller = try await caller(request)
            try requireHost(caller)
            let key = try request.idempotencyKey()
            return JSON.response(try await service.leave(fund(context), key: key, by: caller))
        }
        router.post("/v1/funds/:fund/decisions") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewDecision.self)
            if let followers = body.followers, !(0...1_000_000_000_000).contains(followers) {
                throw EdgeRefusal.bodyWrongType(path: "followers")
            }
            let decision = CohortDecision(
                host: body.host, kind: body.decision, from: body.from, to: body.to, followers: body.followers,
                reason: body.reason)
            return JSON.response(
                try await service.decide(decision, in: fund(context), key: key, by: caller), status: .created)
        }
        router.post("/v1/funds/:fund/endowments") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewEndowment.self)
            return JSON.response(
                try await service.endow(fund(context), by: body.amount, because: body.reason, key: key, by: caller),
                status: .created)
        }
        router.get("/v1/funds/:fund/book") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let (account, rows, next) = try await service.fundBook(
                fund(context), try PageRequest(request, list: "fund-book"), by: caller)
            return JSON.response(FundBookPage(account: account, rows: rows, next: next))
        }
    }

    /// How duties go, and what a month leaves out.
    private func addProgress(_ router: some RouterMethods<Context>) {
        router.get("/v1/funds/:fund/progress/:host") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(
                try await service.fundProgress(of: context.identifier("host"), in: fund(context), by: caller))
        }
        router.get("/v1/funds/:fund/exclusions/:month") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            guard let month = context.parameters.get("month").flatMap({ LocalMonth($0) }) else {
                throw EdgeRefusal.parameterMalformed(path: "month")
            }
            let page = try PageRequest(request, list: "fund-exclusions")
            return JSON.response(
                try await service.fundExclusions(of: fund(context), in: month, page, by: caller))
        }
    }

    private func requireHost(_ caller: Caller) throws {
        switch caller {
        case .host: return
        case .anybody: throw EdgeRefusal.keyMissing
        case .operator, .moderator, .finance, .auditor, .gateway, .wallet: throw EdgeRefusal.keyScope("host")
        }
    }
}
