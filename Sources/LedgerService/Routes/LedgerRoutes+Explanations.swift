internal import HTTPEdge
internal import Hummingbird

extension LedgerRoutes {
    /// What the ledger did with an order, a ticket or a payout.
    func addExplanations(_ router: some RouterMethods<Context>) {
        router.get("/v1/explanations/:subject") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            guard let subject = context.parameters.get("subject"), subject.utf8.count <= 128 else {
                throw ExplainRefusal.subjectMalformed
            }
            return JSON.response(try await service.explain(subject, by: caller))
        }
    }
}
