internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Store
internal import Values

private struct NoMembers: Decodable {}

/// Names a plan as it was shown.
private struct NamedPlan: Decodable {
    let digest: String
    let batches: Int?

    func shown() throws(EdgeRefusal) -> SHA256Digest {
        guard let digest = SHA256Digest(hex: digest) else { throw .bodyWrongType(path: "digest") }
        return digest
    }
}

private struct RecipientList: Encodable {
    let recipients: [RefundRecipient]
    let next: String?
}

extension LedgerRoutes {
    /// Cancelling a room by a plan.
    func addCancellations(_ router: some RouterMethods<Context>) {
        router.post("/v1/rooms/:room/cancellations") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            _ = try await request.json(NoMembers.self)
            let signatory = try await service.signatory(caller, key: request.bearer)
            return JSON.response(
                try await service.planCancellation(of: context.identifier("room"), key: key, by: signatory),
                status: .created)
        }
        router.get("/v1/cancellations/:cancellation") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(
                try await service.cancellation(context.identifier("cancellation"), by: caller))
        }
        router.get("/v1/cancellations/:cancellation/recipients") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let (recipients, next) = try await service.recipients(
                of: context.identifier("cancellation"), try PageRequest(request, list: "recipients"), by: caller)
            return JSON.response(RecipientList(recipients: recipients, next: next))
        }
        router.post("/v1/cancellations/:cancellation/approve") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NamedPlan.self)
            if body.batches != nil { throw EdgeRefusal.unknownMember(path: "batches") }
            let signatory = try await service.signatory(caller, key: request.bearer)
            return JSON.response(
                try await service.approveCancellation(
                    context.identifier("cancellation"), digest: try body.shown(), key: key, by: signatory),
                status: .created)
        }
        router.post("/v1/cancellations/:cancellation/run") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NamedPlan.self)
            if let batches = body.batches, batches < 0 { throw EdgeRefusal.bodyWrongType(path: "batches") }
            return JSON.response(
                try await service.runCancellation(
                    context.identifier("cancellation"), digest: try body.shown(), batches: body.batches, by: caller))
        }
    }
}
