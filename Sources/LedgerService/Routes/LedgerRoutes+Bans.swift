internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewBan: Decodable {
    let holder: HolderID?
    let ticket: TicketID?
    let reason: String?
}

private struct BanLift: Decodable {
    let reason: String?
}

private struct BanList: Encodable {
    let bans: [BanView]
    let next: String?
}

extension LedgerRoutes {
    func addBans(_ router: some RouterMethods<Context>) {
        router.get("/v1/hosts/:host/bans") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let (bans, next) = try await service.bans(
                of: context.identifier("host"), try PageRequest(request, list: "bans"), as: caller)
            return JSON.response(BanList(bans: bans, next: next))
        }
        router.post("/v1/hosts/:host/bans") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewBan.self)
            let person: BannedPerson
            switch (body.holder, body.ticket) {
            case (.some(let holder), nil): person = .holder(holder)
            case (nil, .some(let ticket)): person = .ticket(ticket)
            case (nil, nil), (.some, .some): throw EdgeRefusal.bodyWrongType(path: "holder")
            }
            let ban = try await service.ban(
                person, by: context.identifier("host"), reason: body.reason ?? "", key: key, as: caller)
            return JSON.response(ban, status: .created)
        }
        router.post("/v1/hosts/:host/bans/:holder/lift") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(BanLift.self)
            return JSON.response(
                try await service.ban(
                    .holder(context.identifier("holder")), banned: false, by: context.identifier("host"),
                    reason: body.reason ?? "", key: key, as: caller))
        }
    }
}
