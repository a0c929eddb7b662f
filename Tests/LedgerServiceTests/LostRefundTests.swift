import BoxOffice
import Ledger
import Logging
import Store
import Synchronization
import Testing
import Values

@testable import LedgerService

/// Refunds whose answer was lost, at a provider that forgets keys after a day and then carries a call out anew.
@Suite struct LostRefundTests {
    /// Gives money back each time that it is asked, as Stripe does once a key is forgotten.
    private final class Forgetful: PaymentProvider {
        let name = ProviderName.sandbox
        private let inner: SandboxProvider
        private let state = Mutex((answers: true, made: [RepaymentOrder](), looks: 0))

        init(_ inner: SandboxProvider) { self.inner = inner }

        var made: Int { state.withLock { $0.made.count } }
        var looks: Int { state.withLock { $0.looks } }
        func answer(_ answers: Bool) { state.withLock { $0.answers = answers } }

        func createCheckout(_ order: CheckoutOrder) async throws(ProviderFault) -> ProviderReport {
            try await inner.createCheckout(order)
        }

        func fetch(_ object: String) async throws(ProviderFault) -> ProviderReport? { nil }
        func object(toAskAfter objects: [String]) -> String? { nil }

        func refund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport {
            let (number, answers) = state.withLock { state in
                state.made.append(order)
                return (state.made.count, state.answers)
            }
            guard answers else { throw .unreachable }
            return report(of: order, number)
        }

        func findRefund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport? {
            let (found, answers) = state.withLock { state in
                state.looks += 1
                return (state.made.firstIndex { $0.repayment == order.repayment }, state.answers)
            }
            guard answers else { throw .unreachable }
            return found.map { report(of: order, $0 + 1) }
        }

        func fetchBalanceTransactions(of objects: [String]) async throws(ProviderFault) -> [ProviderFact]? { [] }

        private func report(of order: RepaymentOrder, _ number: Int) -> ProviderReport {
            ProviderReport(
                charge: order.charge, objects: [],
                facts: [
                    .repayment(name: "re_\(number)", ours: order.repayment, amount: order.amount, .succeeded)
                ])
        }
    }

    private let payments = PaymentTests()

    @Test(arguments: [true, false])
    func `a refund that may be forgotten is looked for before it is asked for again`(wasMade: Bool) async throws {
        let house = try await House()
        let provider = Forgetful(house.sandbox)
        let desk = PaymentDesk(
            service: house.service, providers: [provider], publicURL: "https://ledger.test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        @Sendable func turns(_ count: Int) async throws {
            for _ in 0..<count {
                house.time.advance(bySeconds: 1)
                _ = try await desk.turn()
            }
        }
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await payments.play("pay", stage, api)
            try await turns(5)
            let hold = try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key)
            let ticket = (hold.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String ?? ""
            #expect(try await api.post("/v1/tickets/\(ticket)/refund", key: stage.wallet.key, once: "r").status == 201)
            // The request itself does not reach the provider.
            house.sandbox.fail(.unreachable)
            let asked = try await api.post(
                "/v1/charges/\(stage.charge)/repayments", key: stage.wallet.key, once: "b")
            #expect(asked.status == 201, "\(asked.json)")
            provider.answer(false)
            if wasMade {
                try await turns(70)
                // Within the day it is asked for again, under its key.
                #expect(provider.made > 1 && provider.looks == 0)
            }
            let before = provider.made
            house.time.advance(bySeconds: 21 * 3_600)
            try await turns(5)
            // Nobody knows what happened: nothing is asked for.
            #expect(provider.made == before && provider.looks > 0)
            provider.answer(true)
            house.time.advance(bySeconds: 3_600)
            try await turns(5)
            #expect(provider.made == max(before, 1))
            #expect(try await payments.balance(.onItsWay, house) == 0)
            let shown = try await api.get("/v1/charges/\(stage.charge)", key: House.operatorKey)
            let states = (shown.json["repayments"] as? [[String: any Sendable]])?.map { $0["state"] as? String }
            #expect(states == ["succeeded"])
            try await payments.isClean(house)
        }
    }

    @Test func `a no to a call that was made before is not believed before somebody looked`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let hold = try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key)
            let ticket = (hold.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String ?? ""
            #expect(try await api.post("/v1/tickets/\(ticket)/refund", key: stage.wallet.key, once: "r").status == 201)
            house.sandbox.fail(.timeoutAfterSuccess, .refusal)
            #expect(
                try await api.post("/v1/charges/\(stage.charge)/repayments", key: stage.wallet.key, once: "b").status
                    == 201)
            for _ in 0..<60 {
                house.time.advance(bySeconds: 1)
                _ = try await house.desk.turn()
            }
            let shown = try await api.get("/v1/charges/\(stage.charge)", key: House.operatorKey)
            let states = (shown.json["repayments"] as? [[String: any Sendable]])?.map { $0["state"] as? String }
            #expect(states == ["succeeded"], "\(shown.json)")
            let holder = try #require(HolderID(stage.wallet.holder))
            #expect(try await payments.balance(.wallet(holder), house) == 0)
            try await payments.isClean(house)
        }
    }
}
