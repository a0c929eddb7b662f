internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewStatement: Decodable {
    let provider: ProviderName
}

/// A line, or a fact with its target.
private struct NewResolution: Decodable {
    let provider: ProviderName
    let line: String?
    let fact: StatedFact?
    let target: String?
    let resolution: StatementResolution
    let reason: String

    func difference() throws(EdgeRefusal) -> ProviderDifference {
        switch (line, fact, target) {
        case (let line?, nil, nil) where isPrintable(line, characters: 1...ProviderMovement.nameLimit):
            return .line(line)
        case (nil, let fact?, let target?) where isPrintable(target, characters: 1...ProviderMovement.nameLimit):
            return .fact(fact, target: target)
        default: throw .bodyWrongType(path: "line")
        }
    }
}

extension LedgerRoutes {
    /// What providers say in their own statements, and what the books do not agree on.
    func addProviderStatements(_ router: some RouterMethods<Context>) {
        router.post("/v1/provider-statements") { [payments, service] request, _ in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewStatement.self)
            return JSON.response(
                try await payments.readStatement(of: body.provider, key: key, by: caller), status: .created)
        }
        router.get("/v1/provider-statements/:provider") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            guard let provider = context.parameters.get("provider").flatMap({ ProviderName(rawValue: $0) }) else {
                throw EdgeRefusal.notFound
            }
            return JSON.response(
                try await service.statements(
                    of: provider, try PageRequest(request, list: "provider-statements"), by: caller))
        }
        router.get("/v1/provider-differences") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(
                try await service.differences(try PageRequest(request, list: "differences"), by: caller))
        }
        router.post("/v1/provider-differences/resolutions") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewResolution.self)
            return JSON.response(
                try await service.resolve(
                    try body.difference(), of: body.provider, body.resolution, reason: body.reason, key: key,
                    by: caller), status: .created)
        }
    }
}
