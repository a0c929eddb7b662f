internal import BoxOffice
internal import HTTPEdge
internal import Store
internal import Values

extension PaymentDesk {
    /// How long a call that moves money is made again under its key. Stripe forgets keys after 24 hours and would then
    /// carry the call out anew.
    static let keySeconds: Int64 = 20 * 3_600

    /// Asks a provider to give money back, or looks whether it did: a call whose answer was lost may have been carried
    /// out. Once its key may be forgotten, nothing is asked for before somebody looked; and a "no" may only say that the
    /// money went with the call before, so it is not believed before somebody looked either.
    func refund(through provider: any PaymentProvider, _ call: ProviderCallRow) async throws -> ProviderReport {
        let (objects, row) = try await service.database.read { transaction in
            (
                try transaction.objects(of: call.charge),
                try call.repayment.flatMap { try transaction.repayment($0) }
            )
        }
        guard let row else { throw StoreFault.corrupt(column: "provider_calls.repayment") }
        // An event was faster than the answer: to ask again, perhaps days later, could give the money back twice.
        guard row.state == .requested else { return ProviderReport(charge: call.charge, objects: [], facts: []) }
        let order = RepaymentOrder(
            repayment: row.id, charge: call.charge, amount: row.amount, objects: objects, idempotencyKey: call.call)
        let isOld = service.clock.now() >= row.createdAt.advanced(bySeconds: Self.keySeconds)
        if isOld, let made = try await provider.findRefund(order) { return made }
        do {
            return try await provider.refund(order)
        } catch {
            guard case .refused = error, let made = try await provider.findRefund(order) else { throw error }
            return made
        }
    }
}
