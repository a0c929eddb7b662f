internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewDestination: Decodable {
    let provider: ProviderName
    let destination: String
}

private struct BatchSending: Decodable {
    let digest: String
}

private struct PayoutConfirmation: Decodable {
    let outcome: PayoutTransferEvent
}

extension LedgerRoutes {
    /// Where hosts are paid, and the sending of payout batches.
    func addPayouts(_ router: some RouterMethods<Context>) {
        router.get("/v1/hosts/:host/destination") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(try await service.destination(of: context.identifier("host"), by: caller))
        }
        router.put("/v1/hosts/:host/destination") { [payments] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewDestination.self)
            return JSON.response(
                try await payments.setDestination(
                    body.destination, through: body.provider, of: context.identifier("host"), by: caller))
        }
        router.get("/v1/payout-batches/:day") { [service, payments] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(try await payments.payoutBatch(of: try day(context), by: caller))
        }
        router.post("/v1/payout-batches/:day/send") { [service, payments] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(BatchSending.self)
            return JSON.response(
                try await payments.sendBatch(of: try day(context), digest: body.digest, key: key, by: caller))
        }
        router.post("/v1/payouts/:payout/confirmation") { [service, payments] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let body = try await request.json(PayoutConfirmation.self)
            return JSON.response(
                try await payments.confirmPayout(context.identifier("payout"), body.outcome, by: caller))
        }
    }

    private func day(_ context: Context) throws(EdgeRefusal) -> LocalDay {
        guard let day = context.parameters.get("day").flatMap({ LocalDay($0) }) else { throw .notFound }
        return day
    }
}
