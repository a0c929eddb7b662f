internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct BatchAgreement: Decodable {
    let digest: String
    let reason: String?
}

private struct BatchRejection: Decodable {
    let digest: String
    let reason: String
}

extension LedgerRoutes {
    /// What happens between the computed batch and its sending, and what a host is told of it.
    func addPayoutApprovals(_ router: some RouterMethods<Context>) {
        router.get("/v1/payout-batches") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let (batches, next) = try await service.payoutBatches(
                try PageRequest(request, list: "payout-batches"), by: caller)
            return JSON.response(PayoutBatchList(batches: batches, next: next))
        }
        router.post("/v1/payout-batches/:day/approvals") { [service, payments] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(BatchAgreement.self)
            let day = try businessDay(context)
            let signatory = try await service.signatory(caller, key: request.bearer)
            try await service.approveBatch(of: day, digest: body.digest, reason: body.reason, key: key, by: signatory)
            return JSON.response(try await payments.payoutBatch(of: day, by: caller))
        }
        router.post("/v1/payout-batches/:day/rejection") { [service, payments] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(BatchRejection.self)
            let day = try businessDay(context)
            let signatory = try await service.signatory(caller, key: request.bearer)
            try await service.rejectBatch(of: day, digest: body.digest, reason: body.reason, key: key, by: signatory)
            return JSON.response(try await payments.payoutBatch(of: day, by: caller))
        }
        router.get("/v1/payout-batches/:day/gates") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(try await service.payoutGates(of: try businessDay(context), by: caller))
        }
        router.get("/v1/hosts/:host/payout-reasons") { [service, payments] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            var day: LocalDay?
            if let text = request.query("day") {
                day = LocalDay(text)
                if day == nil { throw EdgeRefusal.parameterMalformed(path: "day") }
            }
            return JSON.response(
                try await service.payoutReasons(
                    of: context.identifier("host"), on: day, in: request.language, through: payments.payoutNames,
                    by: caller))
        }
    }

    /// The business day in a path.
    func businessDay(_ context: Context) throws(EdgeRefusal) -> LocalDay {
        guard let day = context.parameters.get("day").flatMap({ LocalDay($0) }) else { throw .notFound }
        return day
    }
}
