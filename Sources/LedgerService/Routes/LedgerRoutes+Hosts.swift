internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewHost: Decodable {
    let name: String
}

private struct NewKey: Decodable {
    let scope: KeyScope
    let gateway: GatewayID?
}

private struct KeyToRevoke: Decodable {
    let key: String?
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
            try require(caller, .operator)
            let body = try await request.json(NewHost.self)
            let made = try await service.createHost(name: body.name, by: caller)
            return JSON.response(
                HostWithKey(host: made.host.host, name: made.host.name, key: made.key.key), status: .created)
        }
        router.get("/v1/hosts/:host") { [service] _, context in
            JSON.response(try await service.host(context.identifier("host")))
        }
        router.get("/v1/hosts/:host/payee") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            return JSON.response(try await service.payee(context.identifier("host"), by: caller))
        }
        router.put("/v1/hosts/:host/payee") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let body = try await request.json(NewPayee.self)
            return JSON.response(
                try await service.setPayee(
                    context.identifier("host"), withholdingBp: body.withholdingBp, blocked: body.blocked,
                    reason: body.reason, by: caller))
        }
        router.post("/v1/keys") { [service] request, _ in
            let caller = try await caller(request)
            try require(caller, .operator)
            let body = try await request.json(NewKey.self)
            return JSON.response(
                try await service.makeKey(body.scope, gateway: body.gateway, by: caller), status: .created)
        }
        router.post("/v1/keys/revoke") { [service] request, _ in
            let caller = try await caller(request)
            try require(caller, .operator)
            let body = try await request.json(KeyToRevoke.self)
            let selection: LedgerService.KeySelection
            switch (body.key, body.subject) {
            case (let key?, nil): selection = .key(key)
            case (nil, let subject?): selection = .subject(subject)
            case (nil, nil), (_?, _?): throw LedgerRefusal.keyToRevoke
            }
            let revoked = try await service.revokeKeys(selection, own: request.bearer, by: caller)
            return JSON.response(RevokedKeys(revoked: revoked))
        }
    }

    /// Asked before the body is read, so that nobody without a key learns what is wrong with it.
    func require(_ caller: Caller, _ needed: Caller) throws(EdgeRefusal) {
        guard caller != .anybody else { throw .keyMissing }
        guard caller == needed else { throw .keyScope(needed.actor) }
    }

    func requireKey(_ caller: Caller) throws(EdgeRefusal) {
        guard caller != .anybody else { throw .keyMissing }
    }
}
