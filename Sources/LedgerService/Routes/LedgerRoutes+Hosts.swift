internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewHost: Decodable {
    let name: String
}

private struct NewKey: Decodable {
    let scope: KeyScope
    let host: HostID?
    let gateway: GatewayID?
    let name: String?
    let expiresAt: Instant?
}

private struct KeyList: Encodable {
    let keys: [KeyView]
    let next: String?
}

private struct KeyToRevoke: Decodable {
    let key: String?
    let id: APIKeyID?
    let subject: String?
}

private struct RevokedKeys: Encodable {
    let revoked: Int
}

private struct NewPayee: Decodable {
    let withholdingBp: Int64?
    let blocked: Bool?
    let reason: String
}

private struct HostWithKey: Encodable {
    let host: HostID
    let name: String
    let key: String
}

extension LedgerRoutes {
    func addHosts(_ router: some RouterMethods<Context>) {
        router.post("/v1/hosts") { [service] request, _ in
            let caller = try await caller(request)
            try requireOperator(caller)
            let body = try await request.json(NewHost.self)
            let made = try await service.createHost(
                name: body.name, idempotency: try request.optionalIdempotencyKey(), secret: request.bearer, by: caller)
            return JSON.response(
                HostWithKey(host: made.host.host, name: made.host.name, key: made.key.key), status: .created)
        }
        router.get("/v1/hosts/:host") { [service] _, context in
            JSON.response(try await service.host(context.identifier("host")))
        }
        router.get("/v1/hosts/:host/payee") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let payee = try await service.payee(context.identifier("host"), by: caller)
            return JSON.response(payee).tagged(payee.tag)
        }
        router.put("/v1/hosts/:host/payee") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let body = try await request.json(NewPayee.self)
            let payee = try await service.setPayee(
                context.identifier("host"), withholdingBp: body.withholdingBp, blocked: body.blocked,
                reason: body.reason, if: try TagCondition(request), by: caller)
            return JSON.response(payee).tagged(payee.tag)
        }
        router.post("/v1/keys") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.optionalIdempotencyKey()
            let body = try await request.json(NewKey.self)
            let draft = KeyDraft(
                body.scope, host: body.host, gateway: body.gateway, name: body.name, expiresAt: body.expiresAt)
            return JSON.response(
                try await service.makeKey(draft, key: key, secret: request.bearer, by: caller), status: .created)
        }
        router.get("/v1/keys") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let (keys, next) = try await service.keys(try PageRequest(request, list: "keys"), by: caller)
            return JSON.response(KeyList(keys: keys, next: next))
        }
        router.post("/v1/keys/revoke") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.optionalIdempotencyKey()
            let body = try await request.json(KeyToRevoke.self)
            let selection: LedgerService.KeySelection
            switch (body.key, body.id, body.subject) {
            case (let key?, nil, nil): selection = .key(key)
            case (nil, let id?, nil): selection = .id(id)
            case (nil, nil, let subject?): selection = .subject(subject)
            case (_, _, _): throw AccessRefusal.keyToRevoke
            }
            let revoked = try await service.revokeKeys(selection, own: request.bearer, key: key, by: caller)
            return JSON.response(RevokedKeys(revoked: revoked))
        }
    }

    /// Asked before the body is read, so that nobody without a key learns what is wrong with it.
    func requireOperator(_ caller: Caller) throws(EdgeRefusal) {
        guard caller != .anybody else { throw .keyMissing }
        guard caller.isOperator else { throw .keyScope("operator") }
    }

    func requireKey(_ caller: Caller) throws(EdgeRefusal) {
        guard caller != .anybody else { throw .keyMissing }
    }
}
