internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Values

private struct NewTicketKey: Decodable {
    let signsInSeconds: Int64?
}

private struct Retirement: Decodable {
    let compromised: Bool?
}

private struct TicketKeyList: Encodable {
    let keys: [TicketKeyView]
}

extension LedgerRoutes {
    func addTicketKeys(_ router: some RouterMethods<Context>) {
        router.get("/v1/ticket-keys") { [service] request, _ in
            JSON.response(TicketKeyList(keys: try service.ticketKeyViews(by: try await caller(request))))
        }
        router.post("/v1/ticket-keys") { [service] request, _ in
            let caller = try await caller(request)
            try requireOperator(caller)
            let key = try request.optionalIdempotencyKey()
            let body = try await request.json(NewTicketKey.self)
            let made = try await service.rotateTicketKey(
                signsInSeconds: body.signsInSeconds, key: key, by: caller)
            return JSON.response(made, status: .created)
        }
        router.post("/v1/ticket-keys/:kid/retire") { [service] request, context in
            let caller = try await caller(request)
            try requireOperator(caller)
            let key = try request.optionalIdempotencyKey()
            let body = try await request.json(Retirement.self)
            // A name is 43 characters; a longer text needs no look-up.
            guard let kid = context.parameters.get("kid"), kid.utf8.count <= 64 else { throw EdgeRefusal.notFound }
            return JSON.response(
                try await service.retireTicketKey(
                    kid, compromised: body.compromised ?? false, key: key, by: caller))
        }
        router.get("/v1/gateway/snapshot.jws") { [service] request, _ in
            _ = try gatewayReading(try await caller(request))
            return Response(
                status: .ok, headers: [.contentType: "application/jose", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: try await service.signedSnapshot())))
        }
    }
}
