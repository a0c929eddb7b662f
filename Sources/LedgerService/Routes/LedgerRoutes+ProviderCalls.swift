internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird

private struct NewHandAnswer: Decodable {
    let outcome: HandOutcome
    let reason: String
}

extension LedgerRoutes {
    /// Calls that providers have not answered, and people who answer in their place.
    func addProviderCalls(_ router: some RouterMethods<Context>) {
        router.get("/v1/provider-calls") { [payments, service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(
                try await payments.unansweredCalls(try PageRequest(request, list: "provider-calls"), by: caller))
        }
        router.post("/v1/provider-calls/:call/answers") { [payments, service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewHandAnswer.self)
            let signatory = try await service.signatory(caller, key: request.bearer)
            let call = context.parameters.get("call") ?? ""
            guard isPrintable(call, characters: 1...100) else { throw HandAnswerRefusal.unknown }
            return JSON.response(
                try await payments.answerByHand(
                    call, body.outcome, reason: body.reason, key: key, by: signatory),
                status: .created)
        }
    }
}
