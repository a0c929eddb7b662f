internal import HTTPEdge
internal import Hummingbird
internal import Tickets
internal import Values

private struct NewHolderKey: Decodable {
    let holderKey: HolderKeyPolicy
}

extension LedgerRoutes {
    func addHolderKeys(_ router: some RouterMethods<Context>) {
        router.put("/v1/rooms/:room/holder-key") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewHolderKey.self)
            let room = try await service.setHolderKey(
                body.holderKey, of: context.identifier("room"), if: try TagCondition(request), by: caller)
            return JSON.response(room).tagged(room.tag)
        }
        router.post("/v1/tickets/:ticket/claim") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let ticket: TicketID = try context.identifier("ticket")
            guard case .wallet = caller else { throw EdgeRefusal.keyScope("wallet") }
            let proof = try HolderProof(request.holderProof)
            // A proxy in front may have changed `Host`; whoever has the wallet's key needs no proof of anybody else.
            try proof.check(
                key: nil, method: request.method.rawValue,
                address: ProofAddress(
                    bases: [service.settings.issuer], authority: request.head.authority, path: request.uri.path),
                ticket: nil, at: service.clock.now())
            return JSON.response(try await service.claim(ticket, with: proof, key: key, by: caller))
        }
    }
}
