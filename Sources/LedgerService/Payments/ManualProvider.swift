public import BoxOffice

/// Payments that no machine sees: a bank transfer, a cash desk. An operator says when the money is here or went back.
public struct ManualProvider: PaymentProvider {
    public let name = ProviderName.manual

    public init() {}

    /// Open at once, without a page: the buyer pays by the purchase's name.
    public func createCheckout(_ order: CheckoutOrder) async throws(ProviderFault) -> ProviderReport {
        ProviderReport(charge: order.charge, objects: [], facts: [.opened(url: nil)])
    }

    public func fetch(_ object: String) async throws(ProviderFault) -> ProviderReport? { nil }

    public func object(toAskAfter objects: [String]) -> String? { nil }

    /// Waits for the operator who pays it out.
    public func refund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport {
        ProviderReport(
            charge: order.charge, objects: [],
            facts: [
                .repayment(
                    name: "manual \(order.repayment)", ours: order.repayment, amount: order.amount, .pending)
            ])
    }

    /// Asked twice, the operator is waited for once: a repayment has one name.
    public func findRefund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport? { nil }

    /// Nobody keeps anything.
    public func fetchBalanceTransactions(of objects: [String]) async throws(ProviderFault) -> [ProviderFact]? { [] }
}
