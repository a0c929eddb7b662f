internal import HTTPEdge
internal import Hummingbird
internal import Stage
internal import Values

/// A thousand receipts of 700 bytes fit twice.
private let receiptBodyLimit = 2 * 1024 * 1024

extension LedgerRoutes {
    func addGateways(_ router: some RouterMethods<Context>) {
        router.get("/v1/gateway/snapshot") { [service] request, _ in
            try requireGatewayReading(try await caller(request))
            return JSON.response(try await service.snapshot())
        }
        router.get("/v1/gateway/feed") { [service] request, _ in
            try requireGatewayReading(try await caller(request))
            let cursor = try number(request, "after", in: 0...Int64.max) ?? 0
            let wait = try number(request, "wait", in: 0...30) ?? 0
            return JSON.response(try await service.feed(after: cursor, waitSeconds: Int(wait)))
        }
        router.post("/v1/gateway/receipts") { [service] request, _ in
            let caller = try await caller(request)
            try requireGateway(caller)
            let batch = try await request.json(ReceiptBatch.self, limit: receiptBodyLimit)
            return JSON.response(try await service.accept(batch, by: caller))
        }
        router.get("/v1/receipts") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let cursor = try number(request, "after", in: 0...Int64.max) ?? 0
            let limit = try number(request, "limit", in: 1...Int64(WireLimits.receipts)) ?? 100
            return JSON.response(try await service.receipts(after: cursor, limit: Int(limit), by: caller))
        }
    }

    func requireGateway(_ caller: Caller) throws(EdgeRefusal) {
        switch caller {
        case .gateway: return
        case .anybody: throw .keyMissing
        case .operator, .host, .moderator, .finance, .auditor, .wallet: throw .keyScope("gateway")
        }
    }

    /// What gateways are told holds no secret, so auditors may read it too.
    func requireGatewayReading(_ caller: Caller) throws(EdgeRefusal) {
        if !caller.isAuditor { try requireGateway(caller) }
    }

    private func number(
        _ request: Request, _ name: String, in range: ClosedRange<Int64>
    ) throws(EdgeRefusal) -> Int64? {
        guard let text = request.query(name) else { return nil }
        guard let value = Int64(text), range.contains(value) else { throw .parameterMalformed(path: name) }
        return value
    }
}
