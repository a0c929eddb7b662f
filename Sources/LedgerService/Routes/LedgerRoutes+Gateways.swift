internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Stage
internal import Values

/// A thousand receipts of 700 bytes fit twice.
private let receiptBodyLimit = 2 * 1024 * 1024

private struct GatewayWord: Decodable {
    let url: String
    let takesRooms: Bool?
}

private struct GatewayChoice: Decodable {
    let gateway: GatewayID
}

private struct GatewayList: Encodable {
    let gateways: [GatewayView]
}

extension LedgerRoutes {
    func addGateways(_ router: some RouterMethods<Context>) {
        router.get("/v1/gateway/snapshot") { [service] request, _ in
            let gateway = try gatewayReading(try await caller(request))
            return JSON.response(try await service.snapshot(for: gateway))
        }
        router.get("/v1/gateway/feed") { [service] request, _ in
            let gateway = try gatewayReading(try await caller(request))
            let cursor = try number(request, "after", in: 0...Int64.max) ?? 0
            let wait = try number(request, "wait", in: 0...30) ?? 0
            return JSON.response(try await service.feed(after: cursor, waitSeconds: Int(wait), for: gateway))
        }
        router.post("/v1/gateway/receipts") { [service] request, _ in
            let caller = try await caller(request)
            try requireGateway(caller)
            let batch = try await request.json(ReceiptBatch.self, limit: receiptBodyLimit)
            return JSON.response(try await service.accept(batch, by: caller))
        }
        router.get("/v1/gateways") { [service] request, _ in
            JSON.response(GatewayList(gateways: try await service.gateways(by: try await caller(request))))
        }
        router.put("/v1/gateways/:gateway") { [service] request, context in
            let caller = try await caller(request)
            try requireOperator(caller)
            let body = try await request.json(GatewayWord.self)
            return JSON.response(
                try await service.tell(
                    of: context.identifier("gateway"), at: try GatewayAddress(body.url),
                    takesRooms: body.takesRooms ?? true, by: caller))
        }
        router.put("/v1/rooms/:room/gateway") { [service] request, context in
            let caller = try await caller(request)
            try requireOperator(caller)
            let body = try await request.json(GatewayChoice.self)
            return JSON.response(
                try await service.move(context.identifier("room"), to: body.gateway, by: caller))
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
    /// - Returns: the gateway; `nil` for an auditor.
    func gatewayReading(_ caller: Caller) throws(EdgeRefusal) -> GatewayID? {
        if case .gateway(let id) = caller { return id }
        if !caller.isAuditor { try requireGateway(caller) }
        return nil
    }

    private func number(
        _ request: Request, _ name: String, in range: ClosedRange<Int64>
    ) throws(EdgeRefusal) -> Int64? {
        guard let text = request.query(name) else { return nil }
        guard let value = Int64(text), range.contains(value) else { throw .parameterMalformed(path: name) }
        return value
    }
}
