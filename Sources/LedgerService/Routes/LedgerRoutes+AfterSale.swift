internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct TermsList: Encodable {
    let terms: [TermsView]
}

extension LedgerRoutes {
    /// What happens between the sale of a ticket and the end of its room.
    func addAfterSale(_ router: some RouterMethods<Context>) {
        router.get("/v1/terms") { [service] _, _ in JSON.response(TermsList(terms: service.termsOnOffer())) }
        router.get("/v1/tickets/:ticket/refund") { [service] request, context in
            JSON.response(
                try await service.refundOffer(of: context.identifier("ticket"), by: try await caller(request)))
        }
    }
}
