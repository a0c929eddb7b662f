public import BoxOffice
internal import HTTPEdge
internal import Synchronization
public import Values

/// What a buyer or a bank does with a checkout of the sandbox.
public enum SandboxOutcome: String, Sendable, Hashable, Codable, CaseIterable {
    case pay
    /// The same events twice, each under one name and once more under another.
    case payTwice = "pay_twice"
    /// The news of the money overtakes the news of the page.
    case payReordered = "pay_reordered"
    case process
    case expire
    /// Refunds of this checkout that went come back.
    case refundsFail = "refunds_fail"
    /// Somebody gives the money back on the provider's own page.
    case refundElsewhere = "refund_elsewhere"
    /// That refund comes back.
    case refundElsewhereFails = "refund_elsewhere_fails"
    case dispute
    case disputeWon = "dispute_won"
    case disputeLost = "dispute_lost"
}

/// What a buyer sees of a checkout of the sandbox.
public struct SandboxPage: Sendable, Hashable, Encodable {
    public let checkout: String
    public let amount: Money
    /// The room's.
    public let title: String
    /// Where the buyer goes afterwards.
    public let returnTo: String
    /// What can be played.
    public var outcomes: [String] = SandboxOutcome.allCases.map(\.rawValue)
}

/// A provider of test money in memory: deterministic, with faults that a test asks for. Its names and events follow from
/// the charge, so the same story gives the same bytes.
public final class SandboxProvider: PaymentProvider {
    /// How the next call goes wrong.
    public enum CallFault: Sendable, Hashable {
        case unreachable
        /// It answers 500.
        case serverError
        /// It is carried out, and the answer is lost.
        case timeoutAfterSuccess
        /// It says no, for good.
        case refusal
    }

    fileprivate struct Payment {
        let charge: ChargeID
        let amount: Money
        /// What the buyer reads on the page, and where they go afterwards.
        var title = ""
        var returnTo = ""
        var facts: [ProviderFact] = []
        /// In the order of their asking; amounts by our names.
        var refunds: [(id: RepaymentID, amount: Money, event: RepaymentEvent)] = []
        var told: Set<DisputeFact> = []
    }

    struct Memory {
        fileprivate var payments: [String: Payment] = [:]
        var transfers: [PayoutTransferID: ProviderTransfer] = [:]
        fileprivate var faults: [CallFault] = []
        fileprivate var callCount = 0
        /// The statement, oldest line first.
        var lines: [ProviderMovement] = []
        /// Whose time the statement is dated by, and since when; `nil` before the sandbox is of a house.
        fileprivate(set) var clock: WallClock?
        fileprivate(set) var startedAt: Instant?
    }

    public let name = ProviderName.sandbox
    /// Where the page of a checkout is.
    private let publicURL: String
    /// Protects what is remembered of payments and transfers.
    let memory = Mutex(Memory())

    /// 1.4 % and 25 of the minor unit: about what a European card costs.
    static let feeBasisPoints: Int64 = 140
    static let feeFixed: Int64 = 25
    static let disputeFee: Int64 = 1_500

    public init(publicURL: String = "") { self.publicURL = publicURL }

    /// Dates the statement by a clock from now on; the first one that it is given.
    func follow(_ clock: WallClock) {
        memory.withLock { memory in
            guard memory.clock == nil else { return }
            memory.clock = clock
            memory.startedAt = clock.now()
        }
    }

    /// What is kept of a payment.
    static func fee(of amount: Money) -> Money {
        Money(quotientHalfUp(amount.minorUnits, feeBasisPoints, 10_000) + feeFixed, amount.currency)
    }

    /// Lets the next calls go wrong, in this order.
    public func fail(_ faults: CallFault...) { memory.withLock { $0.faults += faults } }

    /// How many calls were made.
    public var callCount: Int { memory.withLock { $0.callCount } }

    public static func checkout(of charge: ChargeID) -> String { "sandbox_\(charge)" }

    public func createCheckout(_ order: CheckoutOrder) async throws(ProviderFault) -> ProviderReport {
        let checkout = Self.checkout(of: order.charge)
        return try call { state in
            if state.payments[checkout] == nil {
                state.payments[checkout] = Payment(
                    charge: order.charge, amount: order.amount, title: order.title, returnTo: order.returnTo,
                    facts: [.opened(url: "\(publicURL)/pay/\(checkout)")])
            }
            return Self.report(state.payments[checkout], checkout)
        }
    }

    public func fetch(_ object: String) async throws(ProviderFault) -> ProviderReport? {
        try call { state in
            if let payment = state.payments[object] { return Self.report(payment, object) }
            for (checkout, payment) in state.payments {
                guard let refund = payment.refunds.first(where: { "refund_\($0.id)" == object }) else { continue }
                let fact = ProviderFact.repayment(
                    name: object, ours: refund.id, amount: refund.amount, refund.event)
                return ProviderReport(charge: payment.charge, objects: [checkout], facts: [fact])
            }
            return nil
        }
    }

    public func object(toAskAfter objects: [String]) -> String? { objects.first }

    public func refund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport {
        let checkout = Self.checkout(of: order.charge)
        return try call { state in
            // A restart forgets payments; what is asked of them is enough to answer.
            var payment = state.payments[checkout] ?? Payment(charge: order.charge, amount: order.amount)
            if !payment.refunds.contains(where: { $0.id == order.repayment }) {
                payment.refunds.append((order.repayment, order.amount, .succeeded))
                state.state(
                    "movement_refund_\(order.repayment)", .refund, of: "refund_\(order.repayment)", related: checkout,
                    ours: order.repayment.text, amount: -order.amount)
            }
            state.payments[checkout] = payment
            return Self.report(of: order, .succeeded)
        }
    }

    public func findRefund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport? {
        try call { state in
            state.payments[Self.checkout(of: order.charge)]?.refunds.first { $0.id == order.repayment }.map {
                Self.report(of: order, $0.event)
            }
        }
    }

    private static func report(of order: RepaymentOrder, _ event: RepaymentEvent) -> ProviderReport {
        ProviderReport(
            charge: order.charge, objects: [checkout(of: order.charge)],
            facts: [
                .repayment(name: "refund_\(order.repayment)", ours: order.repayment, amount: order.amount, event)
            ])
    }

    public func fetchBalanceTransactions(of objects: [String]) async throws(ProviderFault) -> [ProviderFact]? {
        try call { state in
            objects.compactMap { object in
                guard let payment = state.payments[object] else { return nil }
                return .fee(movement: "movement_\(object)", fee: Self.fee(of: payment.amount), of: .charge)
            }
        }
    }

    /// What the page of a checkout shows; `nil` for one that is not known.
    public func page(of checkout: String) -> SandboxPage? {
        memory.withLock { state in
            state.payments[checkout].map {
                SandboxPage(checkout: checkout, amount: $0.amount, title: $0.title, returnTo: $0.returnTo)
            }
        }
    }

    /// Plays an outcome.
    /// - Returns: the events that it sends, in the order of their sending.
    public func play(_ outcome: SandboxOutcome, on checkout: String) throws(ChargeRefusal) -> [ProviderEvent] {
        try memory.withLock { state throws(ChargeRefusal) in
            guard var payment = state.payments[checkout] else { throw .sandboxCheckout }
            let captured = ProviderFact.captured(payment.amount)
            func event(_ kind: String, _ facts: [ProviderFact], copy: String = "") -> ProviderEvent {
                let report = ProviderReport(charge: payment.charge, objects: [checkout], facts: facts)
                return ProviderEvent(
                    id: "evt_\(checkout)_\(kind)\(copy)", kind: kind, object: checkout, report: report,
                    bodyHash: SHA256Digest(of: text(of: report)))
            }
            var events: [ProviderEvent] = []
            switch outcome {
            case .pay: events = [event("captured", [captured])]
            case .payTwice:
                events = [event("captured", [captured]), event("captured", [captured])]
                events.append(event("captured", [captured], copy: "_again"))
            case .payReordered:
                events = [event("captured", [captured]), event("processing", [.processing])]
            case .process: events = [event("processing", [.processing])]
            case .expire: events = [event("ended", [.ended])]
            case .refundsFail:
                for index in payment.refunds.indices {
                    payment.refunds[index].event = .failed
                    let (id, amount, _) = payment.refunds[index]
                    events.append(
                        event(
                            "refund_failed",
                            [.repayment(name: "refund_\(id)", ours: id, amount: amount, .failed)], copy: "_\(id)"))
                }
            case .refundElsewhere, .refundElsewhereFails:
                let told: RepaymentEvent = outcome == .refundElsewhere ? .succeeded : .failed
                events = [
                    event(
                        outcome.rawValue,
                        [.repayment(name: "elsewhere_\(checkout)", ours: nil, amount: payment.amount, told)])
                ]
            case .dispute, .disputeWon, .disputeLost:
                events = Self.dispute(outcome, &payment, checkout).map { event($0.kind, $0.facts) }
            }
            for fact in events.flatMap({ $0.report?.facts ?? [] }) where !payment.facts.contains(fact) {
                payment.facts.append(fact)
                state.state(fact, on: checkout, of: payment.amount)
            }
            state.payments[checkout] = payment
            return events
        }
    }

    private static func dispute(
        _ outcome: SandboxOutcome, _ payment: inout Payment, _ checkout: String
    ) -> [(kind: String, facts: [ProviderFact])] {
        let name = "dispute_\(checkout)"
        func told(_ facts: Set<DisputeFact>) -> ProviderFact {
            payment.told.formUnion(facts)
            return .dispute(name: name, amount: payment.amount, payment.told)
        }
        let fee = Money(disputeFee, payment.amount.currency)
        switch outcome {
        case .dispute:
            return [
                ("dispute_opened", [told([.opened])]),
                ("dispute_withdrawn", [told([.withdrawn]), .fee(movement: "fee_\(name)", fee: fee, of: .dispute)]),
            ]
        case .disputeWon:
            return [
                ("dispute_won", [told([.won])]),
                ("dispute_reinstated", [told([.reinstated]), .fee(movement: "back_\(name)", fee: -fee, of: .dispute)]),
            ]
        case .disputeLost: return [("dispute_lost", [told([.lost])])]
        case .pay, .payTwice, .payReordered, .process, .expire, .refundsFail, .refundElsewhere, .refundElsewhereFails:
            return []
        }
    }

    private static func report(_ payment: Payment?, _ checkout: String) -> ProviderReport {
        ProviderReport(charge: payment?.charge, objects: [checkout], facts: payment?.facts ?? [])
    }

    func call<Answer: Sendable>(
        _ body: (inout sending Memory) -> Answer
    ) throws(ProviderFault) -> Answer {
        try memory.withLock { state throws(ProviderFault) in
            state.callCount += 1
            let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
            switch fault {
            case .unreachable: throw .unreachable
            case .serverError: throw .busy(status: 500)
            case .refusal: throw .refused(code: "sandbox_refusal")
            case .timeoutAfterSuccess:
                _ = body(&state)
                throw .unreachable
            case nil: return body(&state)
            }
        }
    }
}
